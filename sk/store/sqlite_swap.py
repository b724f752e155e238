"""Another SQLite store in the place of the one that is there, which is kept aside."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from errno import EMLINK, ENOTSUP, EPERM
from pathlib import Path

from sk.disk import sync_file, sync_folder
from sk.errors import Invalid, Unavailable
from sk.store.sqlite_use import USE, held_alone

MAGIC = b"SQLite format 3\0"
LET_GO_SECONDS = 20
"""What the platform promises to need for its end, however that came about."""
BESIDE = ("-wal", "-shm", "-journal")
"""What belongs to a store and lies beside it: the log of what is not in its file yet would spoil another file."""
NO_STORE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
NO_LINKS = (EPERM, ENOTSUP, EMLINK)


@contextmanager
def fresh_beside(present: Path, at: datetime, seconds: float = LET_GO_SECONDS) -> Iterator[Path]:
    """Yield the path of a store that is not there yet; when the block ends well, it takes the present one's place.

    Meanwhile nothing of the platform can open the present one: what is acknowledged would be lost with it. Of other
    programs, which know nothing of that, none may have it open when its place is taken.
    """
    with held_alone(present, seconds):
        wait_until_unused(present, seconds)
        fresh = present.with_name(f"{present.name}.restoring")
        _remove(fresh)
        try:
            yield fresh
            wait_until_unused(present, seconds)
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
            if error.sqlite_errorcode & 0xFF in NO_STORE:
                return  # it is no store any more, which may be why another one is wanted
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise Unavailable(f"the store {store} cannot be closed whole: {error}") from error
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
    """Keep the present store under another name too, then put the fresh one in its place, so that there is always one.

    Something lies beside the present one only if it is no store any more. It is taken away when its copy is whole.
    """
    if fresh.with_name(f"{fresh.name}-wal").exists():
        raise Unavailable("the restored store could not be closed; the one that was there is untouched")
    beside = [end for end in BESIDE if present.with_name(present.name + end).exists()]
    if present.exists():
        _keep(present, aside)
    for end in beside:
        _copy(present.with_name(present.name + end), aside.with_name(aside.name + end))
    sync_folder(present.parent)
    for end in beside:
        present.with_name(present.name + end).unlink()
    sync_folder(present.parent)  # the log of another store must not come back beside the fresh one
    fresh.rename(present)
    sync_folder(present.parent)


def _keep(present: Path, aside: Path) -> None:
    """Give a file a second name, or make a copy of it where a disk has no such thing."""
    try:
        os.link(present, aside)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        _copy(present, aside)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("xb") as written:
        shutil.copyfileobj(read, written)
        sync_file(written)


def _remove(store: Path) -> None:
    for end in ("", *BESIDE, "-turn", USE):
        store.with_name(store.name + end).unlink(missing_ok=True)
