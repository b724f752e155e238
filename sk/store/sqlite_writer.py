"""The one thread of a process that writes to SQLite.

Writes wait in a queue; the thread takes all that wait, gives each a savepoint of its own and commits them with a
single sync to disk. Processes that share the file take turns by a lock on a file beside it, which is fair and dies
with its holder, where SQLite's own busy handler would sleep and try again.
"""

import asyncio
import fcntl
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sk.errors import Conflict, Unavailable
from sk.store.sqlite_traces import Traces
from sk.store.sqlite_use import used

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE document (
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE UNIQUE INDEX document_id ON document (kind, id);
CREATE TABLE entry (
  kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL,
  single INTEGER NOT NULL, PRIMARY KEY (kind, name, key, place, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX entry_single ON entry (kind, name, key) WHERE single;
CREATE TABLE event (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, body TEXT NOT NULL, lane TEXT NOT NULL, due INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', aside INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '', leased_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX event_due ON event (lane, due) WHERE NOT aside;
CREATE INDEX event_held ON event (holder, leased_until) WHERE holder != '';
CREATE INDEX event_aside ON event (due) WHERE aside;
"""
GROUP = 256
GATHER_SECONDS = 0.008
"""How long a commit waits for others to join while several write at a time; that costs less than a sync for each."""
PATIENCE_SECONDS = 8
"""A write that has waited so long is refused: it must be on disk within ten seconds of the moment that it states."""
T = TypeVar("T")
Step = Callable[[sqlite3.Connection], T]


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection on which an acknowledged commit is on disk and a deleted row is overwritten."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        db.execute("PRAGMA page_size = 8192")  # of a new file; a notice with its days does not fit into the usual 4096
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA cache_size = -65536")  # kibibytes; the default of two megabytes reads all the time
        db.execute("PRAGMA wal_autocheckpoint = 8000")  # pages, 64 MB: a page that changes often is copied less often
    except sqlite3.Error:
        db.close()
        raise
    return db


class Job(NamedTuple):
    """A write that waits, and who waits for it."""

    step: Step[Any]
    outcome: asyncio.Future[Any]
    handed_in: float
    leaves_no_trace: bool = False


class Writer:
    """The queue and its thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it if it is missing, and start the thread."""
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._last = 0
        self._traces = Traces()
        with ExitStack() as opened:
            opened.enter_context(used(path))
            self._turn = opened.enter_context(path.with_name(path.name + "-turn").open("w"))
            self._db = opened.enter_context(closing(connect(path)))
            self._create()
            self._opened = opened.pop_all()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def submit(self, step: Step[T], *, leaves_no_trace: bool = False) -> T:
        """Run a step in a transaction and return what it returned, once that is on disk.

        If it is to leave no trace of what it removes, that is seen to as well, now or when nobody keeps us from it.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(Job(step, outcome, time.monotonic(), leaves_no_trace))
        return await outcome

    async def check(self) -> None:
        """Raise `Unavailable` unless a page can be written: this one says again which schema it is."""
        await self.submit(lambda db: db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}"))

    def close(self) -> None:
        """Write what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join()
        self._opened.close()

    def _create(self) -> None:
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in SCHEMA.split(";")[:-1]:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise Unavailable(f"the store has schema {version}, this program knows {SCHEMA_VERSION}")

    def _run(self) -> None:
        while (job := self._next_or_wiped()) is not None:
            jobs = [job]
            until = time.monotonic() + GATHER_SECONDS
            while len(jobs) < GROUP and (job := self._next(until if len(jobs) < self._last else 0)):
                jobs.append(job)
            self._last = len(jobs)
            self._commit(jobs)

    def _next_or_wiped(self) -> Job | None:
        """Return the next job, or None at the end; from time to time, wipe away the traces that are left."""
        while self._traces.are_left:
            if (seconds := self._traces.seconds_to_wait()) > 0:
                with suppress(queue.Empty):
                    return self._queue.get(timeout=seconds)
            self._wipe()
        return self._queue.get()

    def _wipe(self) -> None:
        """Wipe traces away, while no other writer is at it; one that cannot be now waits."""
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            self._traces.wipe(self._db)
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _next(self, until: float) -> Job | None:
        """Return the next job, if there is one by then."""
        try:
            job = self._queue.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            return None
        if job is None:  # the end, which is for `_run`
            self._queue.put(None)
        return job

    def _commit(self, jobs: list[Job]) -> None:
        try:
            with self._transaction():
                outcomes = [self._attempt(job) for job in jobs]
        except (sqlite3.Error, OSError) as error:
            outcomes = [Unavailable(f"the store cannot be written: {error}")] * len(jobs)
        if any(job.leaves_no_trace for job in jobs):
            self._traces.add()
            self._wipe()
        loop = jobs[0].outcome.get_loop()
        loop.call_soon_threadsafe(_tell, jobs, outcomes)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _attempt(self, job: Job) -> Any:  # noqa: ANN401 - a step's result, or the error that ended it alone
        if time.monotonic() - job.handed_in > PATIENCE_SECONDS:
            return Unavailable("the store was busy for too long; nothing was written")
        self._db.execute("SAVEPOINT one")
        try:
            outcome = job.step(self._db)
        except sqlite3.IntegrityError:
            outcome = Conflict("this exists already, or something with the same unique key")
        except sqlite3.DatabaseError:  # the disk or the file: no matter of this step alone
            raise
        except Exception as error:  # noqa: BLE001 - whatever a step raises is for its caller, and must not end the thread
            outcome = error
        if isinstance(outcome, Exception):
            self._db.execute("ROLLBACK TO one")
        self._db.execute("RELEASE one")
        return outcome


def _tell(jobs: list[Job], outcomes: list[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.outcome.cancelled():
            continue
        if isinstance(outcome, Exception):
            job.outcome.set_exception(outcome)
        else:
            job.outcome.set_result(outcome)
