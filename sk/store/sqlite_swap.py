"""Another SQLite store in the place of the one that is there, which is kept aside."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sk.errors import Invalid, Unavailable

MAGIC = b"SQLite format 3\0"
LET_GO_SECONDS = 20
"""What the platform promises to need for its end, however that came about."""
BESIDE = ("-wal", "-shm")
"""What belongs to a store and lies beside it: the log of what is not in its file yet would spoil another file."""


@contextmanager
def fresh_beside(present: Path, at: datetime) -> Iterator[Path]:
    """Yield the path of a store that is not there yet; when the block ends well, it takes the present one's place."""
    wait_until_unused(present)
    fresh = present.with_name(f"{present.name}.restoring")
    _remove(fresh)
    try:
        yield fresh
        _put_in_place(fresh, present, present.with_name(f"{present.name}.before-{at:%Y%m%dT%H%M%S.%fZ}"))
    finally:
        _remove(fresh)


def wait_until_unused(store: Path, seconds: float = LET_GO_SECONDS) -> None:
    """Return when no process has a store open any more, with all that it holds in its one file.

    Processes of a platform whose parent was killed take a moment to end. SQLite leaves its WAL mode for who is alone.
    """
    until = time.monotonic() + seconds
    while store.exists() and _is_sqlite(store):
        try:
            with closing(sqlite3.connect(store, timeout=1)) as db:
                db.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return  # it is no store any more, which may be why another one is wanted
        else:
            return
        if time.monotonic() > until:
            raise Invalid(f"a process still uses {store}; end it first")
        time.sleep(0.1)


def _is_sqlite(store: Path) -> bool:
    """Tell whether a file begins like a store. Of what does not, SQLite would clear away what lies beside it."""
    with store.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _put_in_place(fresh: Path, present: Path, aside: Path) -> None:
    """Keep the present store under another name and put the fresh one in its place, so that there is always one."""
    if fresh.with_name(f"{fresh.name}-wal").exists():
        raise Unavailable("the restored store could not be closed; the one that was there is untouched")
    if present.exists():
        os.link(present, aside)
    for end in BESIDE:
        if (beside := present.with_name(present.name + end)).exists():
            beside.rename(aside.with_name(aside.name + end))
    fresh.rename(present)
    handle = os.open(present.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(store: Path) -> None:
    for end in ("", *BESIDE, "-turn"):
        store.with_name(store.name + end).unlink(missing_ok=True)
