"""ZIP files that somebody else has made, unpacked by `sk render`; how the two talk stands in `sk/render/unpack.py`.

The process there may be in the hands of the archive. So it gets bytes of that archive and no others, and what it says
is held to what a file can be. All that it hands over comes from a stranger: names as well as bytes.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sk.errors import Invalid, Unavailable
from sk.renderer import ARCHIVE, Renderer

LASTS_SECONDS = 600
BLOCK_MAX_BYTES = 256 * 1024
FILES_MAX = 20_000
Why = Literal["too-many", "bomb", "unreadable", "too-slow"]


class NoArchive(Invalid):
    """An archive that cannot be unpacked."""

    def __init__(self, why: Why) -> None:
        """Say why."""
        super().__init__()
        self.why = why


class Broken(Invalid):
    """A file in an archive cannot be unpacked; if that was the end of the job, nothing else can be now."""

    def __init__(self, why: Literal["damaged", "unreadable", "too-slow"]) -> None:
        """Say why."""
        super().__init__(problem=why)
        self.is_end = why != "damaged"


class Busy(Unavailable):
    """The renderer has no time for this yet, or there is none right now."""


class File(BaseModel):
    """A file in an archive: its path, how large it is said to be, and why it cannot be had, if so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    size: int = Field(ge=0)
    why: Literal["", "name", "twice", "encrypted", "method", "no-file"]


class Source(Protocol):
    """The bytes of an archive, of which any part can be read."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield those from `start` up to, not including, `end`."""
        ...


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Read(_Model):
    read: tuple[int, int]


class _Listed(_Model):
    files: int


class _Bytes(_Model):
    bytes: int = Field(ge=1, le=BLOCK_MAX_BYTES)


class _End(_Model):
    end: Literal[True]


class _Refused(_Model):
    error: Literal["too-many", "bomb", "unreadable", "too-slow", "damaged"]


_Line = _Read | File | _Listed | _Bytes | _End | _Refused
LINE: TypeAdapter[_Line] = TypeAdapter(_Line)


class Archive(NamedTuple):
    """An archive that is open: what is in it, and how any of that is had."""

    source: Source
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    files: Sequence[File]

    async def read(self, number: int) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a file, or raise `Broken`. Until the last has come nobody knows that they are right."""
        left = self.files[number].size
        self.writer.write(json.dumps({"file": number}).encode() + b"\n")
        while not isinstance(line := await self.line(), _End):
            if isinstance(line, _Refused):
                raise Broken("damaged" if line.error == "damaged" else _of_job(line.error))
            if not isinstance(line, _Bytes) or line.bytes > left:
                raise Unavailable("the renderer has sent what is no file")
            left -= line.bytes
            yield await self.reader.readexactly(line.bytes)
        if left:
            raise Broken("damaged")

    async def line(self) -> File | _Listed | _Bytes | _End | _Refused:
        """Return what is said next; until then bytes of the archive are sent as they are asked for."""
        while isinstance(line := LINE.validate_json(await self.reader.readline()), _Read):
            start, end = line.read
            if not 0 <= start < end <= self.source.size:
                raise Unavailable("the renderer has asked for what is not in the archive")
            async for block in self.source.read(start, end):
                self.writer.write(block)
                await self.writer.drain()
        return line


@asynccontextmanager
async def unpacking(source: Source, renderer: Renderer) -> AsyncIterator[Archive]:
    """Open an archive when it is our turn. `NoArchive` is its fault; a renderer that falls silent is `Unavailable`."""
    begun = False
    try:
        async with renderer.turn(ARCHIVE, LASTS_SECONDS) as (reader, writer):
            begun = True
            writer.write(json.dumps({"length": source.size}).encode() + b"\n")
            archive = Archive(source, reader, writer, [])
            yield archive._replace(files=await _listed(archive))
    except Unavailable as error:
        if begun:
            raise
        raise Busy(str(error)) from error


async def _listed(archive: Archive) -> Sequence[File]:
    files = list[File]()
    while isinstance(line := await archive.line(), File):
        files.append(line)
        if len(files) > FILES_MAX:
            raise Unavailable("the renderer has sent more files than there can be")
    if isinstance(line, _Refused) and line.error != "damaged":
        raise NoArchive(line.error)
    if not isinstance(line, _Listed) or line.files != len(files):
        raise Unavailable("the renderer has sent what is no list")
    return files


def _of_job(error: str) -> Literal["unreadable", "too-slow"]:
    return "too-slow" if error == "too-slow" else "unreadable"
