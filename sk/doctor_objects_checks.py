"""What an object store has to keep: each check returns a sentence that says so, or raises one that says why not."""

import asyncio
import hashlib
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from sk.errors import NotFound, Unavailable
from sk.ids import new_id
from sk.objects.port import BLOCK_BYTES, ObjectStore

FOLDER = "check/objects-"


@dataclass(frozen=True)
class Sizes:
    """How much is written. As it stands some 400 MB, most of which are read again, with some 2,500 requests."""

    part: int = 5 * 2**20  # what the S3 adapter sends at a time; up to it, an object is one request
    large: int = 200_000_000
    at_once: int = 16
    listed: int = 1100  # more than the 1,000 that S3 lists in one answer


@dataclass(frozen=True)
class Trial:
    """One check of a store, and the names under which it has written."""

    objects: ObjectStore
    today: date
    sizes: Sizes
    id: str = field(default_factory=new_id)
    names: list[str] = field(default_factory=list)

    @property
    def begin(self) -> str:
        """Return how all of its names begin."""
        return f"{FOLDER}{self.today}-{self.id}-"

    def name(self) -> str:
        """Return a fresh name, to be removed at the end."""
        self.names.append(f"{self.begin}{new_id()}")
        return self.names[-1]

    async def listed(self) -> list[str]:
        """Return the names of this check that the store lists."""
        return [name async for name in self.objects.listed(self.begin)]


class Broken(Exception):
    """The store does not keep something that it has to."""


class BrokeOff(Exception):
    """A writer gives up half-way, as the check wants it."""


SIZES = Sizes()
Check = Callable[[Trial], Awaitable[str]]


def checks(sizes: Sizes) -> dict[str, Check]:
    """Return what is asked, in this order, by what it is about."""
    return {
        "an earlier check": _tidied,
        "an empty object": partial(_whole, size=0),
        "a small object": partial(_whole, size=1000),
        "an object of one part": partial(_whole, size=sizes.part),
        "an object of two parts": partial(_whole, size=sizes.part + 1),
        "an object of four parts": partial(_whole, size=3 * sizes.part + 1),
        "the same name twice": _put_twice,
        "ranges": _ranges,
        "a wrong length": _wrong_length,
        "an upload that breaks off": _break_off,
        "what was never there": _never_there,
        "deleting": _deleted,
        f"{sizes.at_once} at once": _at_once,
        f"a large object of {sizes.large / 1e6:,.0f} MB": _large,
        f"a list of {sizes.listed:,}": _many,
    }


async def _written(trial: Trial, size: int, announced: int | None) -> tuple[str, bytes]:
    """Write random bytes as a stream; return the name and the SHA-256."""
    name, digest = trial.name(), hashlib.sha256()
    async with trial.objects.upload(name, announced) as upload:
        for start in range(0, size, BLOCK_BYTES):
            block = os.urandom(min(BLOCK_BYTES, size - start))
            digest.update(block)
            await upload.write(block)
    return name, digest.digest()


async def _read_back(trial: Trial, name: str, size: int, expected: bytes) -> None:
    """Read an object as a stream, or raise `Broken` unless it is what was written."""
    there = await trial.objects.size(name)
    if there != size:
        raise Broken(f"{size:,} bytes were written, and the store says that there are {there:,}")
    digest = hashlib.sha256()
    async for block in trial.objects.read(name):
        digest.update(block)
    if digest.digest() != expected:
        raise Broken(f"{size:,} bytes were written, and others come back: their SHA-256 is not the same")


async def _expect_nothing(trial: Trial, name: str, what: str) -> None:
    with suppress(NotFound):
        size = await trial.objects.size(name)
        raise Broken(f"{what} can be seen, with {size:,} bytes: half a file could be taken for all of it")
    if name in await trial.listed():
        raise Broken(f"{what} is listed: half a file could be taken for all of it")
    if [left for left in await trial.objects.unfinished() if left.endswith(name.rpartition("/")[2])]:
        raise Broken(f"{what} leaves its bytes behind: they fill the store")


async def _all(works: Iterable[Coroutine[object, object, None]]) -> None:
    """Do many things at once, and wait for all of them, also where one fails."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _tidied(trial: Trial) -> str:
    # A check takes less than a day, so what is older is of one that was killed.
    yesterday = f"{FOLDER}{trial.today - timedelta(days=1)}"
    left = [name async for name in trial.objects.listed(FOLDER) if name < yesterday]
    await trial.objects.delete(*left)
    return f"what it has left behind is removed ({len(left):,})" if left else "has left nothing behind"


async def _whole(trial: Trial, size: int) -> str:
    for announced in (size, None):
        name, digest = await _written(trial, size, announced)
        await _read_back(trial, name, size, digest)
    return f"{size:,} bytes come back as they were written, whether their number was announced or not"


async def _put_twice(trial: Trial) -> str:
    name, data = trial.name(), os.urandom(1000)
    for _ in range(2):
        await trial.objects.put(name, data)
        await _read_back(trial, name, len(data), hashlib.sha256(data).digest())
    return "the same bytes may be written again under it"


async def _ranges(trial: Trial) -> str:
    name, data = trial.name(), os.urandom(2 * trial.sizes.part + 1000)
    async with trial.objects.upload(name, None) as upload:
        for start in range(0, len(data), BLOCK_BYTES):
            await upload.write(data[start : start + BLOCK_BYTES])
    middle, end = trial.sizes.part - 500, len(data)
    for first, last in ((1000, 2000), (middle, middle + 1000), (end - 1, None), (end - 100, end + 100), (end, None)):
        found = b"".join([block async for block in trial.objects.read(name, first, last)])
        if found != data[first:last]:
            asked = f"bytes {first:,} to {end if last is None else last:,} of {end:,}"
            raise Broken(f"{asked} were asked for, and {len(found):,} others came: no part of a file could be shown")
    return "are read from the middle, across parts, at the end and beyond it"


async def _wrong_length(trial: Trial) -> str:
    for more in (-1, 1):
        size = 2 * trial.sizes.part
        with suppress(Unavailable):
            await _written(trial, size + more, announced=size)
        await _expect_nothing(trial, trial.names[-1], f"an object with {size + more:,} bytes of {size:,}")
    return "leaves nothing behind"


async def _break_off(trial: Trial) -> str:
    name = trial.name()
    with suppress(BrokeOff):
        async with trial.objects.upload(name, None) as upload:
            for _ in range(0, 3 * trial.sizes.part, BLOCK_BYTES):
                await upload.write(bytes(BLOCK_BYTES))
            with suppress(NotFound):
                await trial.objects.size(name)
                raise Broken("it can be seen while it goes on: half a file could be taken for all of it")
            raise BrokeOff
    await _expect_nothing(trial, name, "an object whose upload broke off")
    return "is not seen while it goes on, and leaves nothing behind"


async def _never_there(trial: Trial) -> str:
    await _expect_nothing(trial, name := trial.name(), "what nobody has written")
    with suppress(NotFound):
        _ = [block async for block in trial.objects.read(name)]
        raise Broken("it can be read: an object that is lost would look like an empty one")
    return "is said to be missing (404)"


async def _deleted(trial: Trial) -> str:
    name, _ = await _written(trial, 1000, announced=1000)
    await trial.objects.delete(name)
    await _expect_nothing(trial, name, "what was deleted")
    await trial.objects.delete(name)
    return "what was deleted is gone, and may be deleted again"


async def _at_once(trial: Trial) -> str:
    async def one() -> None:
        name, digest = await _written(trial, size, announced=size)
        await _read_back(trial, name, size, digest)

    size = trial.sizes.part + 1
    await _all(one() for _ in range(trial.sizes.at_once))
    return f"as many objects of {size:,} bytes are written and read at the same time"


async def _large(trial: Trial) -> str:
    size, began = trial.sizes.large, time.monotonic()
    name, digest = await _written(trial, size, announced=size)
    written = time.monotonic()
    await _read_back(trial, name, size, digest)
    return f"were written in {written - began:.1f} s and read in {time.monotonic() - written:.1f} s, and are the same"


async def _many(trial: Trial) -> str:
    before = await trial.listed()
    names = [trial.name() for _ in range(trial.sizes.listed)]
    await _all(trial.objects.put(name, b"x") for name in names)
    listed, there = await trial.listed(), {*before, *names}
    if missing := len(there.difference(listed)):
        raise Broken(f"{missing:,} of {len(there):,} objects are not listed: backups would lack such ones")
    if len(listed) > len(there):
        raise Broken("it has names twice, or names that nobody has written")
    return "is complete, however many answers it takes"


async def is_removed(trial: Trial) -> str:
    """Check that nothing is left of all of it."""
    if left := await trial.listed():
        raise Broken(f"{len(left):,} objects that were deleted are still listed under {FOLDER}…")
    return "all that was written is removed"
