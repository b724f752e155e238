"""Who uses a SQLite store: many at a time, or one alone, who is about to put another store in its place.

It is a lock on a file beside the store, which dies with its holder. SQLite's own locks are on the file of the store,
and whoever waits for them has opened that one and not the one that comes in its place.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sk.errors import Invalid, Unavailable

USE = "-use"


@contextmanager
def used(store: Path) -> Iterator[None]:
    """Use a store as long as the block lasts, or raise `Unavailable` if somebody has it alone."""
    with store.with_name(store.name + USE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(f"another store is being put in the place of {store}: a restore is under way") from None
        yield


@contextmanager
def held_alone(store: Path, seconds: float) -> Iterator[None]:
    """Keep everybody from using a store as long as the block lasts; wait so long for those who do."""
    until = time.monotonic() + seconds
    with store.with_name(store.name + USE).open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Invalid(f"a process still uses {store}; end it first") from None
            time.sleep(0.1)
        yield
