"""All of a SQLite store: read as of one moment, and brought back into an empty one."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sk.errors import Conflict, Unavailable
from sk.store.port import Aggregate, Row, StoredAggregate, StoredEvent, declared_kinds, keys_of
from sk.store.sqlite_writer import connect

BATCH = 250
# Whatever somebody else has written into the file, it is no reason for a backup to fail: it comes along as text.
AGGREGATES = "SELECT CAST(kind AS TEXT), CAST(id AS TEXT), CAST(version AS INTEGER), CAST(body AS TEXT) FROM document"
EVENTS = (
    "SELECT CAST(id AS TEXT), CAST(name AS TEXT), CAST(body AS TEXT), CAST(due AS INTEGER), CAST(lane AS TEXT), "
    "CAST(tries AS INTEGER), CAST(error AS TEXT), aside != 0 FROM event"
)
INTO_DOCUMENT = "INSERT INTO document VALUES (?, ?, ?, ?)"
INTO_ENTRY = "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?)"
INTO_EVENT = "INSERT INTO event (id, name, body, due, lane, tries, error, aside) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
T = TypeVar("T")


async def everything(path: Path) -> AsyncIterator[Row]:
    """See `Store.everything`."""
    db = await _run(lambda: connect(path))
    with closing(db):
        db.text_factory = lambda raw: raw.decode(errors="replace")
        await _run(lambda: db.execute("BEGIN"))
        found = await _run(lambda: db.execute(AGGREGATES))
        while batch := await _run(lambda: found.fetchmany(BATCH)):
            for values in batch:
                yield StoredAggregate(*values)
        found = await _run(lambda: db.execute(EVENTS))
        while batch := await _run(lambda: found.fetchmany(BATCH)):
            for values in batch:
                yield StoredEvent._make((*values[:-1], bool(values[-1])))


async def load(path: Path, rows: AsyncIterator[Row]) -> list[str]:
    """See `Store.load`."""
    kinds, odd = declared_kinds(), list[str]()
    db = await _run(lambda: connect(path))
    with closing(db):
        await _run(lambda: _begin(db))
        batch: list[Row] = []
        async for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                odd += await _run(lambda: _insert(db, batch, kinds))
                batch.clear()
        odd += await _run(lambda: _insert(db, batch, kinds))
        await _run(lambda: db.execute("COMMIT"))
    return odd


def _begin(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    if db.execute("SELECT 1 FROM document UNION ALL SELECT 1 FROM event LIMIT 1").fetchone():
        raise Conflict("the store is not empty, and nothing is brought back into one that holds something")


def _insert(db: sqlite3.Connection, rows: Sequence[Row], kinds: Mapping[str, type[Aggregate]]) -> list[str]:
    """Insert rows, and return the names of those that do not get all their entries."""
    odd = []
    for row in rows:
        if isinstance(row, StoredEvent):
            db.execute(INTO_EVENT, row)
            continue
        db.execute(INTO_DOCUMENT, row)
        keys = keys_of(row, kinds)
        entries = [(row.kind, key.index, key.key, key.order, row.id, key.unique) for key in keys or ()]
        if keys is None or db.executemany(INTO_ENTRY, entries).rowcount < len(entries):
            odd.append(row.name)
    return odd


async def _run(step: Callable[[], T]) -> T:
    """Run a step in a thread: it may take longer than others on this loop can wait."""
    try:
        return await asyncio.to_thread(step)
    except sqlite3.Error as error:
        raise Unavailable(f"the store cannot be read or brought back: {error}") from error
