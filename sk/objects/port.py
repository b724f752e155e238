"""What every object store promises: bytes under names of their day, written once, whole or not at all."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Protocol

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

    async def unfinished(self, before: date | None = None) -> list[str]:
        """Return what killed uploads have left, by names for `delete`; if a day is given, only from before it.

        A store that clears such things away by itself has none.
        """
        ...

    async def check(self) -> None:
        """Raise `Unavailable`, saying why, unless objects can be written and read."""
        ...
