"""The bytes of documents: encrypted while they stream in, read back in any part.

A document's version is a list of streams under one random key. One that comes in one go is one stream; where an upload
broke off, the next stream begins, with a salt of its own, so that no chunk is ever encrypted twice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from sk.clock import local_day
from sk.crypto.context import Context
from sk.crypto.stream import Encryptor, Reader, open_stream
from sk.errors import Damaged, Invalid, NotFound
from sk.objects.port import StoredObject, new_object_name
from sk.safe.look import Look
from sk.services import Services

GENERATION = 1
"""A version's key has one generation only: it is random and used for that version alone."""


class Stream(BaseModel):
    """A piece of a version: where it lies, and how many bytes it holds in the clear."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: str
    size: int


def stream_context(object_name: str) -> bytes:
    """Return what a stream is bound to. It names no account: whoever a document is shared with learns the context."""
    return Context("safe-stream", "", object_name).bound(GENERATION)


async def take(chunks: AsyncIterator[bytes], key: bytes, look: Look, services: Services) -> Stream:
    """Store what streams in and return where, once it is durable. If this raises, nothing is left of it."""
    name, size = new_object_name(local_day(services.clock.now())), 0
    encryptor = Encryptor(key, stream_context(name))
    async with services.objects.upload(name, None) as upload:
        async for chunk in chunks:
            size += len(chunk)
            await look.feed(chunk)
            await upload.write(encryptor.update(chunk))
        await upload.write(encryptor.finish())
    return Stream(object=name, size=size)


async def at_most(most: int, chunks: AsyncIterator[bytes], too_much: Invalid) -> AsyncIterator[bytes]:
    """Yield what comes, and raise what is wrong when it is more than it may be."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise too_much
        yield chunk


async def forget(streams: Sequence[Stream], services: Services) -> None:
    """Delete streams that belong to nothing, also when we are told to stop."""
    await asyncio.shield(services.objects.delete(*(stream.object for stream in streams)))


class Source(NamedTuple):
    """The streams of a version, read as one file."""

    streams: Sequence[Stream]
    key: bytes
    services: Services

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(stream.size for stream in self.streams)

    async def read(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`, reading only what holds them.

        What is missing, or is not as long as it should be, is `Damaged` as well.
        """
        end, at = self.size if end is None else end, 0
        for stream in self.streams:
            begin, stop = max(start - at, 0), min(end - at, stream.size)
            if begin < stop:
                reader = await self._open(stream)
                async for block in reader.read(begin, stop):
                    yield block
            at += stream.size

    async def _open(self, stream: Stream) -> Reader:
        objects = self.services.objects
        try:
            stored = StoredObject(stream.object, await objects.size(stream.object), objects)
            reader = await open_stream(stored, self.key, stream_context(stream.object))
        except NotFound as error:
            raise Damaged from error
        if reader.size != stream.size:
            raise Damaged
        return reader
