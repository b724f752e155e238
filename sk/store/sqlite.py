"""The store on SQLite: one file in WAL mode.

Reads run on a connection of the event loop's own: a look-up by key takes some ten microseconds, less than handing it
to a thread would. Writes go to the writer thread, which commits them in groups.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sk.clock import microseconds, moment
from sk.errors import Conflict, NotFound, Unavailable
from sk.events import Event
from sk.store.port import A, Aggregate, Cursor, Due, Key, Row, Write, event_of, in_turn
from sk.store.sqlite_copy import everything, load
from sk.store.sqlite_writer import Writer, connect

DUE_LANES = """
WITH RECURSIVE lanes (lane) AS (
  SELECT min(lane) FROM event WHERE NOT aside
  UNION ALL
  SELECT (SELECT min(lane) FROM event WHERE NOT aside AND lane > lanes.lane) FROM lanes WHERE lane IS NOT NULL
)
SELECT lane FROM lanes WHERE EXISTS
  (SELECT 1 FROM event WHERE NOT aside AND event.lane = lanes.lane AND due <= ?1 AND leased_until <= ?1)
"""
OLDEST_DUE = (
    "SELECT id, name, body FROM event WHERE NOT aside AND lane = ? AND due <= ? AND leased_until <= ? "
    "ORDER BY due LIMIT ?"
)
DUE = "SELECT id, name, body, due, lane, tries, error, aside FROM event "


class SqliteStore:
    """`Store` on one SQLite file. Made by `open_sqlite`."""

    def __init__(self, path: Path, wake: Callable[[], None]) -> None:
        """Open the file, creating it if it is missing; `wake` is called after a commit that left events."""
        self._path = path
        self._wake = wake
        self._last_lane = ""
        self._writer = Writer(path)
        self._reader = connect(path)

    def close(self) -> None:
        """Finish what was handed in, then let go of the file."""
        self._writer.close()
        self._reader.close()

    async def get(self, kind: type[A], id: str) -> A:
        """See `Store.get`."""
        rows = self._read("SELECT id, version, body FROM document WHERE kind = ? AND id = ?", kind.kind, id)
        if not rows:
            raise NotFound(f"there is no {kind.kind} {id}")
        return kind.stored(*rows[0])

    async def get_many(self, kind: type[A], ids: Sequence[str]) -> dict[str, A]:
        """See `Store.get_many`."""
        sql = "SELECT id, version, body FROM document WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
        found = [kind.stored(*row) for row in self._read(sql, kind.kind, json.dumps(list(ids)))]
        return {aggregate.id: aggregate for aggregate in found}

    async def find(
        self,
        kind: type[A],
        index: str,
        key: str,
        *,
        after: Cursor | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[A]:
        """See `Store.find`."""
        beyond, direction, end = ("<", "DESC", 2**62) if newest_first else (">", "ASC", -(2**62))
        rows = self._read(
            "SELECT id, version, body FROM entry JOIN document USING (kind, id) "  # noqa: S608 - no value is spliced in
            f"WHERE kind = ? AND name = ? AND key = ? AND (place, id) {beyond} (?, ?) "
            f"ORDER BY place {direction}, id {direction} LIMIT ?",
            *(kind.kind, index, key, *(after or Cursor(end, "")), limit),
        )
        return [kind.stored(*row) for row in rows]

    async def scan(self, kind: type[Aggregate], *, after: str = "", limit: int = 1000) -> list[str]:
        """See `Store.scan`."""
        sql = "SELECT id FROM document WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
        return [id for (id,) in self._read(sql, kind.kind, after, limit)]

    async def save(self, *aggregates: Aggregate, done: Event | None = None, remove: Sequence[Aggregate] = ()) -> None:
        """See `Store.save`."""
        write = Write.of(aggregates, done, remove)
        await self._writer.submit(lambda db: _apply(db, write), leaves_no_trace=write.leaves_no_trace)
        write.settle()
        if write.due:
            self._wake()

    async def take_due(self, holder: str, now: datetime, *, limit: int, lease: timedelta) -> list[Event]:
        """See `Store.take_due`."""
        at, until = microseconds(now), microseconds(now + lease)
        turn = in_turn([lane for (lane,) in self._read(DUE_LANES, at)], limit, self._last_lane)
        if not turn:
            return []
        self._last_lane = turn[-1][0]
        return await self._writer.submit(lambda db: _take(db, turn, holder, at, until))

    async def held(self, holder: str, now: datetime) -> int:
        """See `Store.held`."""
        sql = "SELECT count(*) FROM event WHERE holder = ? AND leased_until > ?"
        return int(self._read(sql, holder, microseconds(now))[0][0])

    async def release(self, holder: str) -> None:
        """See `Store.release`."""
        sql = "UPDATE event SET leased_until = 0 WHERE holder = ?"
        await self._writer.submit(lambda db: db.execute(sql, (holder,)))

    async def due(self, event_id: str) -> Due | None:
        """See `Store.due`."""
        rows = self._read(DUE + "WHERE id = ?", event_id)
        return _due(*rows[0]) if rows else None

    async def retry(self, event: Event, *, at: datetime, error: str) -> None:
        """See `Store.retry`."""
        sql = "UPDATE event SET due = ?, tries = tries + 1, error = ?, aside = 0, leased_until = 0 WHERE id = ?"
        await self._writer.submit(lambda db: db.execute(sql, (microseconds(at), error, event.id)))

    async def set_aside(self, event: Event, *, error: str) -> None:
        """See `Store.set_aside`."""
        sql = "UPDATE event SET aside = 1, tries = tries + 1, error = ?, leased_until = 0 WHERE id = ?"
        await self._writer.submit(lambda db: db.execute(sql, (error, event.id)))

    async def aside(self, *, limit: int = 1000) -> list[Due]:
        """See `Store.aside`."""
        return [_due(*row) for row in self._read(DUE + "WHERE aside ORDER BY due LIMIT ?", limit)]

    def everything(self) -> AsyncIterator[Row]:
        """See `Store.everything`. It is one read transaction of a connection of its own, which keeps no writer waiting.

        As long as it lasts the write-ahead log only grows; the next write after it shrinks it again.
        """
        return everything(self._path)

    async def load(self, rows: AsyncIterator[Row]) -> list[str]:
        """See `Store.load`. It is one transaction: what fails has brought nothing back."""
        return await load(self._path, rows)

    async def now(self) -> datetime:
        """See `Store.now`. SQLite has no clock of its own; reading is the proof that it answers."""
        self._read("SELECT 1 FROM document LIMIT 1")
        return datetime.now(UTC)

    async def check(self) -> None:
        """See `Store.check`."""
        await self._writer.check()

    async def about(self) -> str:
        """See `Store.about`."""
        return f"the store is SQLite {sqlite3.sqlite_version}"

    def _read(self, sql: str, *values: Any) -> list[Any]:
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise Unavailable(f"the store cannot be read: {error}") from error


@asynccontextmanager
async def open_sqlite(path: Path, wake: Callable[[], None] = lambda: None) -> AsyncIterator[SqliteStore]:
    """Open a store on a file and close it at the end."""
    try:
        store = SqliteStore(path, wake)
    except sqlite3.Error as error:
        raise Unavailable(f"the store {path} cannot be opened: {error}") from error
    try:
        yield store
    finally:
        await asyncio.to_thread(store.close)


def _apply(db: sqlite3.Connection, write: Write) -> None:
    if write.done:
        ended = db.execute("DELETE FROM event WHERE id = ?", (write.done.id,))
        _expect_one(ended, f"the event {write.done.id} was ended already")
    for old in write.removed:
        gone = db.execute(
            "DELETE FROM document WHERE kind = ? AND id = ? AND version = ?", (old.kind, old.id, old.version)
        )
        _expect_one(gone, f"{old.kind} {old.id} was changed meanwhile")
        _enter(db, old, out=old.stored_keys, into=[])
    for change in write.updated:
        changed = change.aggregate
        saved = db.execute(
            "UPDATE document SET version = version + 1, body = ? WHERE kind = ? AND id = ? AND version = ?",
            (change.body, changed.kind, changed.id, changed.version),
        )
        _expect_one(saved, f"{changed.kind} {changed.id} was changed meanwhile")
        _enter(db, changed, change.out, change.into)
    for new, body, keys in write.inserted:
        db.execute("INSERT INTO document VALUES (?, ?, 1, ?)", (new.kind, new.id, body))
        _enter(db, new, out=[], into=keys)
    db.executemany(
        "INSERT INTO event (id, name, body, lane, due) VALUES (?, ?, ?, ?, ?)",
        (
            (due.event.id, type(due.event).__name__, due.event.model_dump_json(), due.lane, microseconds(due.at))
            for due in write.due
        ),
    )


def _expect_one(cursor: sqlite3.Cursor, otherwise: str) -> None:
    if cursor.rowcount != 1:
        raise Conflict(otherwise)


def _enter(db: sqlite3.Connection, aggregate: Aggregate, out: Iterable[Key], into: Iterable[Key]) -> None:
    where = "kind = ? AND name = ? AND key = ? AND place = ? AND id = ?"
    for index, key, order, _ in out:
        db.execute(f"DELETE FROM entry WHERE {where}", (aggregate.kind, index, key, order, aggregate.id))  # noqa: S608
    for index, key, order, unique in into:
        values = (aggregate.kind, index, key, order, aggregate.id, unique)
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", values)


def _take(db: sqlite3.Connection, turn: list[tuple[str, int]], holder: str, at: int, until: int) -> list[Event]:
    taken = [row for lane, share in turn for row in db.execute(OLDEST_DUE, (lane, at, at, share)).fetchall()]
    lease = "UPDATE event SET holder = ?, leased_until = ? WHERE id = ?"
    db.executemany(lease, ((holder, until, id_) for id_, _, _ in taken))
    return [event_of(*row) for row in taken]


def _due(id: str, name: str, body: str, due: int, lane: str, tries: int, error: str, aside: int) -> Due:
    return Due(event_of(id, name, body), moment(due), lane, tries, error, bool(aside))
