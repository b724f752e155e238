"""Objects written and read as the tests of them do it: piece by piece."""

from datetime import date

import pytest

from sk.errors import NotFound
from sk.objects.port import ObjectStore, Upload

DAY = date(2026, 11, 23)
PIECE = 100_000


async def write(objects: ObjectStore, name: str, data: bytes, *, is_known: bool = True) -> None:
    """Write an object whose size was announced, or was not."""
    await write_as(objects, name, len(data) if is_known else None, data)


async def write_as(
    objects: ObjectStore, name: str, size: int | None, data: bytes, error: Exception | None = None
) -> None:
    """Write an object that was announced with a size, or with none, and raise an error at its end if one is given."""
    async with objects.upload(name, size) as upload:
        await write_on(upload, data)
        if error:
            raise error


async def write_on(upload: Upload, data: bytes) -> None:
    """Write bytes into an object that was begun."""
    for start in range(0, len(data), PIECE):
        await upload.write(data[start : start + PIECE])


async def read(objects: ObjectStore, name: str, start: int = 0, end: int | None = None) -> bytes:
    """Return the bytes of an object, or of a part of it."""
    return b"".join([block async for block in objects.read(name, start, end)])


async def names(objects: ObjectStore, day: date = DAY) -> list[str]:
    """Return the names of a day."""
    return [name async for name in objects.names(day)]


async def assert_nothing_there(objects: ObjectStore, name: str) -> None:
    """Check that nothing is visible under a name, nor under another one, nor left to be cleared away."""
    with pytest.raises(NotFound):
        await objects.size(name)
    with pytest.raises(NotFound):
        await read(objects, name)
    assert await names(objects) == []
    assert await objects.unfinished() == []
