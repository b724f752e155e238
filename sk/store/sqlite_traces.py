"""What was removed from a SQLite store and must not be left in its files.

`secure_delete` overwrites a row where it stands. Two things are left then: the write-ahead log, in which the row still
is, and what the row has left behind where it stood before SQLite moved it from one page to another, which happens to
one in some hundred. The first ends when the log is written back and cut off, the second when the file is written anew.
"""

import sqlite3
import time

BUSY_MILLISECONDS = 100
RETRY_SECONDS = 5
"""Whoever reads for long, a backup perhaps, must not keep others from writing by that."""
ANEW_EVERY_SECONDS = 60
"""Many may be removed one after the other, and writing all anew once is enough for them."""
ANEW_MAX_BYTES = 256 * 1024 * 1024
"""Up to here that takes a second, for which all writers wait. A larger file is for its operator to write anew."""


class Traces:
    """Which traces are left, and how they are wiped away."""

    def __init__(self) -> None:
        """Begin with none."""
        self._in_log = False
        self._in_pages = False
        self._written_anew_at = -float(ANEW_EVERY_SECONDS)
        self._tried_at = -float(RETRY_SECONDS)

    @property
    def are_left(self) -> bool:
        """Tell whether there is something to wipe away."""
        return self._in_log or self._in_pages

    def add(self) -> None:
        """Take note that something was removed."""
        self._in_log = self._in_pages = True

    def seconds_to_wait(self) -> float:
        """Return after how long it is worth while to try again; nothing, or less, if that is now."""
        at = self._tried_at + RETRY_SECONDS
        if not self._in_log:
            at = max(at, self._written_anew_at + ANEW_EVERY_SECONDS)
        return at - time.monotonic()

    def wipe(self, db: sqlite3.Connection) -> None:
        """Wipe away what can be now. Somebody who reads, a backup perhaps, still needs what the log holds."""
        self._tried_at = time.monotonic()
        [(patience,)] = db.execute("PRAGMA busy_timeout").fetchall()
        db.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        try:
            if self._in_pages and time.monotonic() - self._written_anew_at >= ANEW_EVERY_SECONDS:
                self._write_anew(db)
            if self._in_log:
                [(is_busy, *_)] = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._in_log = bool(is_busy)
        except sqlite3.Error:
            pass  # the disk is full, or somebody else has the file: later
        finally:
            db.execute(f"PRAGMA busy_timeout = {patience}")

    def _write_anew(self, db: sqlite3.Connection) -> None:
        [(pages,)], [(page_bytes,)] = (
            db.execute("PRAGMA page_count").fetchall(),
            db.execute("PRAGMA page_size").fetchall(),
        )
        if pages * page_bytes <= ANEW_MAX_BYTES:
            db.execute("VACUUM")
            self._written_anew_at, self._in_log = time.monotonic(), True
        self._in_pages = False
