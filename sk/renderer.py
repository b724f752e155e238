"""The renderer: `sk render` or none, spoken to over a Unix socket; it makes pictures of what strangers have sent.

How the two talk stands in `sk/render/job.py`. What comes back was made by a process that a document may have taken
over, and is held to what a picture can be.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from sk.errors import NotFound, Unavailable
from sk.sockets import address_of

DRAWN_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff"})
WIDTH = 1000
"""Pixels: enough to read an A4 page by, on a phone as well as on a desk."""
PATIENCE_SECONDS = 30
CHECK_SECONDS = 15
"""The jobs before may take so long."""
PICTURE_MAX_BYTES = 20_000_000
PNG = b"\x89PNG\r\n\x1a\n"
GO, BUSY = b"go\n", b"busy\n"
PICTURE, ARCHIVE = b"p", b"z"
"""What is to be done: the first byte that we say."""
Why = Literal["off", "too-large", "too-slow", "unreadable", "no-page"]


class NoPicture(NotFound):
    """There is no picture of this."""

    def __init__(self, why: Why) -> None:
        """Say why."""
        super().__init__()
        self.why = why


class Picture(NamedTuple):
    """A page as a PNG, and how many there are."""

    pages: int
    width: int
    height: int
    png: bytes


class _Drawn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pages: int = Field(ge=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    length: int = Field(ge=1, le=PICTURE_MAX_BYTES)


class _Refused(BaseModel):
    model_config = ConfigDict(extra="forbid")

    error: Literal["too-large", "too-slow", "unreadable", "no-page"]


ANSWER: TypeAdapter[_Drawn | _Refused] = TypeAdapter(_Drawn | _Refused)


class Renderer(NamedTuple):
    """Where `sk render` listens, or nowhere, and then there are no pictures; and how large a document may be."""

    socket: str = ""
    most_bytes: int = 0
    patience: float = PATIENCE_SECONDS

    @property
    def draws(self) -> frozenset[str]:
        """Return the types of files of which pictures can be had."""
        return DRAWN_TYPES if self.socket else frozenset()

    async def picture(
        self, media_type: str, page: int, size: int, blocks: AsyncIterator[bytes], width: int = WIDTH
    ) -> Picture:
        """Return a page of a document that has so many bytes; pages count from 1, and an image has one.

        `NoPicture` is the document's fault. A renderer that is busy, silent or talks nonsense is `Unavailable`.
        """
        if media_type not in self.draws:
            raise NoPicture("off")
        if size > self.most_bytes:
            raise NoPicture("too-large")
        wanted = {"type": media_type, "page": page, "width": width, "length": size}
        async with self.turn() as (reader, writer):
            writer.write(json.dumps(wanted).encode() + b"\n")
            async for block in blocks:
                writer.write(block)
                await writer.drain()
            answer = ANSWER.validate_json(await reader.readline())
            if isinstance(answer, _Refused):
                raise NoPicture(answer.error)
            png = await reader.readexactly(answer.length)
        if not png.startswith(PNG):
            raise Unavailable("the renderer has sent what is no picture")
        return Picture(answer.pages, answer.width, answer.height, png)

    async def check(self) -> None:
        """Raise `Unavailable` unless a job is begun soon."""
        async with self._replace(patience=min(self.patience, CHECK_SECONDS)).turn():
            pass

    @asynccontextmanager
    async def turn(
        self, kind: bytes = PICTURE, lasts: float = 0
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Wait until it is our turn; that, and what is done then, takes no longer than our patience or what is said."""
        try:
            async with asyncio.timeout(self.patience) as limit:
                with address_of(Path(self.socket)) as address:
                    reader, writer = await asyncio.open_unix_connection(address)
                try:
                    writer.write(kind)
                    if (said := await reader.readline()) != GO:
                        raise Unavailable("the renderer is busy" if said == BUSY else "the renderer cannot begin")
                    if lasts:
                        limit.reschedule(asyncio.get_running_loop().time() + lasts)
                    yield reader, writer
                finally:
                    writer.close()
        except (OSError, EOFError, ValueError) as error:  # a timeout is an OSError
            raise Unavailable("the renderer does not answer") from error


def renderer_of(setting: str, most_bytes: int) -> Renderer:
    """Return the renderer that a setting names."""
    return Renderer("" if setting == "off" else setting, most_bytes)


def socket_beside(data: Path) -> Path:
    """Return where the renderer of `sk up` listens: in the folder of everything else."""
    return data.resolve() / "render.sock"
