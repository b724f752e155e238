"""Another process at the same store, which a test may kill: `python -m tests.contract.peer save|take URL`.

`save` writes one thing after the other and prints the name of each one that was acknowledged. `take` leases what is
due, prints the ids, and then waits to be killed.
"""

import asyncio
import itertools
import sys
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

from sk.objects.files import open_files
from sk.objects.port import ObjectStore
from sk.objects.s3 import open_s3
from sk.store.mongo import open_mongo
from sk.store.port import Store
from sk.store.sqlite import open_sqlite
from tests.contract.things import NOON, thing_with_event

AT_ONCE = 8
LEASE = timedelta(minutes=1)


def open_store(url: str) -> AbstractAsyncContextManager[Store]:
    """Open either store by its URL."""
    if url.startswith("sqlite://"):
        return open_sqlite(Path(url.removeprefix("sqlite://")))
    return open_mongo(url)


def open_objects(url: str) -> AbstractAsyncContextManager[ObjectStore]:
    """Open either object store by its URL."""
    return open_files(Path(url.removeprefix("file://"))) if url.startswith("file://") else open_s3(url)


def say(line: str) -> None:
    """Print a line that is out even if the next instruction is the last."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def save(store: Store, who: str) -> None:
    """Save as quickly as it goes, several at once."""
    numbers = itertools.count()

    async def one_after_the_other() -> None:
        for number in numbers:
            new, event = thing_with_event(f"{who}-{number}", place=number)
            new.also_in.append(event.id)
            await store.save(new)
            say(new.id)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


async def take(store: Store, who: str) -> None:
    """Lease everything that is due, a few at a time."""
    while taken := await store.take_due(who, NOON, limit=7, lease=LEASE):
        for event in taken:
            say(event.id)
    say("done")
    await asyncio.sleep(3600)


async def main(what: str, url: str, who: str) -> None:
    """Do one of the two."""
    async with open_store(url) as store:
        await {"save": save, "take": take}[what](store, who)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
