"""What every object store promises: bytes under names of their day, written once, whole or not at all."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import NamedTuple, Protocol

from sk.errors import Unavailable

BLOCK_BYTES = 256 * 1024
OBJECT_NAME = re.compile(r"(\d{4})/(\d\d)/(\d\d)/[0-9a-f]{32}", re.ASCII)
"""What `new_object_name` gives. A name from elsewhere is held to it before it becomes a path."""


def new_object_name(day: date) -> str:
    """Return a fresh name: a day, so that what nobody owns is found day by day, and 128 random bits."""
    return f"{day:%Y/%m/%d}/{secrets.token_hex(16)}"


def expect_size(written: int, size: int | None) -> None:
    """Raise `Unavailable` unless as many bytes came as were announced, if any were."""
    if size not in (None, written):
        raise Unavailable(f"{written} bytes were written where {size} were announced")


class Upload(Protocol):
    """An object that is being written."""

    async def write(self, data: bytes) -> None:
        """Add bytes. Waits while the store is slower than the writer, so that memory stays flat."""
        ...


class Remark(NamedTuple):
    """What a store was found to be like: what was looked at, a colon, and the answer; and whether that does harm."""

    sentence: str
    is_harmful: bool = False


class ObjectStore(Protocol):
    """Bytes: encrypted ones, and anchors of the log. What cannot be reached raises `Unavailable`."""

    def upload(self, name: str, size: int | None) -> AbstractAsyncContextManager[Upload]:
        """Write an object of exactly `size` bytes under a new name, or, where nobody knows it before, of any size.

        When the block ends, the object is durable and visible. If it ends with an exception, or with another number
        of bytes, nothing is visible under the name.
        """
        ...

    async def put(self, name: str, data: bytes) -> None:
        """Write a small object under a name that says what it is, so that whoever writes it again says the same.

        When this returns, the object is durable. If it raises, the object is there whole or not at all: it is not taken
        back, since another writer may have been told that it is there.
        """
        ...

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`, in blocks; or raise `NotFound`."""
        ...

    async def size(self, name: str) -> int:
        """Return how many bytes an object has, or raise `NotFound`."""
        ...

    async def delete(self, *names: str) -> None:
        """Remove objects. One that is not there is removed already."""
        ...

    async def days(self) -> list[date]:
        """Return the days for which there are objects."""
        ...

    def names(self, day: date, begin: str = "") -> AsyncIterator[str]:
        """Yield the names of a day; only those, if wanted, that begin so behind the day."""
        ...

    def listed(self, begin: str) -> AsyncIterator[str]:
        """Yield the names that begin so. What that says up to its last slash is the one folder that is looked at."""
        ...

    async def unfinished(self, before: date | None = None) -> list[str]:
        """Return what killed uploads have left, by names for `delete`; if a day is given, only from before it.

        A store that clears such things away by itself has none.
        """
        ...

    async def check(self) -> None:
        """Raise `Unavailable`, saying why, unless objects can be written and read."""
        ...

    def examine(self, begin: str) -> AsyncIterator[Remark]:
        """Say what this kind of store alone can be asked. What that writes has names that begin so, and is removed."""
        ...


class StoredObject(NamedTuple):
    """An object as a source of which any part can be read."""

    name: str
    size: int
    objects: ObjectStore

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`."""
        return self.objects.read(self.name, start, end)
