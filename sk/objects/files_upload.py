"""An object that is written into a folder: in a part file, synced, renamed to its name, and its folder synced."""

import itertools
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sk.disk import sync_folder

FLUSH_BYTES = 1024 * 1024
Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs blocking work in a thread."""


class Folder:
    """A folder in which many threads publish. One sync is enough for all names that were there when it began."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing to sync."""
        self._path = path
        self._turn = threading.Lock()
        self._tickets = itertools.count(1)
        self._last = 0
        self._synced = 0

    def sync(self) -> None:
        """Return when a sync has begun and ended since this was called."""
        self._last = ticket = next(self._tickets)
        with self._turn:
            if self._synced >= ticket:
                return
            last = self._last
            sync_folder(self._path)
            self._synced = last


class FileUpload:
    """`Upload` into a folder. Small objects take one trip to a thread, large ones one for every mebibyte.

    A task that is cancelled leaves its thread running. The lock has `discard` wait for it, lest it close a file that is
    being written, and a thread that comes later finds that there is nothing left to do.
    """

    def __init__(self, run: Run, part: Path, target: Path) -> None:
        """Begin to write a part file, which is created with the first bytes that leave memory."""
        self._run = run
        self._part = part
        self._busy = threading.Lock()
        self.target = target
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._file: int | None = None
        self._discarded = False
        self.written = 0

    async def write(self, data: bytes) -> None:
        """See `Upload.write`."""
        self._buffer.append(data)
        self._buffered += len(data)
        self.written += len(data)
        if self._buffered >= FLUSH_BYTES:
            await self._run(self._flush)

    def publish(self, folder: Folder) -> None:
        """Write what is left, make it durable, and give it its name."""
        with self._busy:
            if self._discarded:
                return
            file = self._write_out()
            os.fsync(file)
            self._part.rename(self.target)
            folder.sync()
            os.close(file)
            self._file = None

    def discard(self) -> None:
        """Forget all of it, under either name."""
        with self._busy:
            self._discarded = True
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._part.unlink(missing_ok=True)
            self.target.unlink(missing_ok=True)

    def _flush(self) -> None:
        with self._busy:
            if not self._discarded:
                self._write_out()

    def _write_out(self) -> int:
        if self._file is None:
            self._file = _create(self._part)
        _write(self._file, b"".join(self._buffer))
        self._buffer.clear()
        self._buffered = 0
        return self._file


def write_whole(data: bytes, part: Path, target: Path, folder: Folder) -> None:
    """Write bytes, make them durable, and give them their name; what a failure leaves is cleared away."""
    try:
        file = _create(part)
        try:
            _write(file, data)
            os.fsync(file)
        finally:
            os.close(file)
        part.rename(target)
        folder.sync()
    finally:
        part.unlink(missing_ok=True)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
