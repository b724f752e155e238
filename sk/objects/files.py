"""The object store in a folder.

An object is written under `incoming/`, synced, renamed to its name, and its folder synced: it is visible whole or not
at all. What a crash leaves in `incoming/` is nobody's and removed by `sk doctor`.
"""

import asyncio
import itertools
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from sk.clock import local_day
from sk.errors import NotFound, Unavailable
from sk.ids import new_id
from sk.objects.port import BLOCK_BYTES, expect_size

INCOMING = "incoming"
FLUSH_BYTES = 1024 * 1024
THREADS = 16  # waiting for the disk, not computing: as many syncs as it can combine into one
T = TypeVar("T")


class FileObjects:
    """`ObjectStore` on a folder. Made by `open_files`."""

    def __init__(self, root: Path) -> None:
        """Use a folder, creating it if it is missing."""
        self._root = root
        self._incoming = root / INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._threads = ThreadPoolExecutor(THREADS, "objects")
        self._days: dict[Path, _Folder] = {}

    def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown()

    @asynccontextmanager
    async def upload(self, name: str, size: int) -> AsyncIterator["FileUpload"]:
        """See `ObjectStore.upload`."""
        upload = FileUpload(self, self._incoming / name.rpartition("/")[2], self._root / name)
        try:
            yield upload
            expect_size(upload.written, size)
            await self.run(lambda: self._publish(upload))
        except BaseException:
            await asyncio.shield(self.run(upload.discard))
            raise

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        file = await self.run(lambda: _open(self._root / name))
        try:
            file.seek(start)
            while wanted := BLOCK_BYTES if end is None else max(0, min(BLOCK_BYTES, end - start)):
                block = await self.run(lambda wanted=wanted: file.read(wanted))  # type: ignore[misc]
                if not block:
                    break
                start += len(block)
                yield block
        finally:
            file.close()

    async def size(self, name: str) -> int:
        """See `ObjectStore.size`."""
        return await self.run(lambda: _size(self._root / name))

    async def delete(self, *names: str) -> None:
        """See `ObjectStore.delete`."""
        for name in names:
            await self.run(lambda name=name: (self._root / name).unlink(missing_ok=True))  # type: ignore[misc]

    async def days(self) -> list[date]:
        """See `ObjectStore.days`."""
        folders = self._root.glob("[0-9]*/[0-9]*/[0-9]*")
        filled = await self.run(lambda: sorted(folder for folder in folders if any(folder.iterdir())))
        return [date(*map(int, folder.parts[-3:])) for folder in filled]

    async def names(self, day: date) -> AsyncIterator[str]:
        """See `ObjectStore.names`."""
        folder = f"{day:%Y/%m/%d}"
        for file in await self.run(lambda: _listed(self._root / folder)):
            yield f"{folder}/{file}"

    async def unfinished(self, before: date | None = None) -> list[str]:
        """See `ObjectStore.unfinished`."""
        return [f"{INCOMING}/{file}" for file in await self.run(lambda: _begun(self._incoming, before))]

    async def check(self) -> None:
        """See `ObjectStore.check`."""
        probe = self._incoming / f"check-{new_id()}"  # of its own: many may ask at once
        await self.run(lambda: _probe(probe))

    def _publish(self, upload: "FileUpload") -> None:
        day = upload.target.parent
        if day not in self._days:  # a process may find the folder that another has made and not yet synced
            day.mkdir(parents=True, exist_ok=True)
            for folder in (day.parent, day.parent.parent, self._root):
                _sync_folder(folder)
            self._days.setdefault(day, _Folder(day))
        upload.publish(self._days[day])

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread; what the disk refuses is `Unavailable`."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise Unavailable(f"the object store's folder refuses: {error.strerror}") from error


class FileUpload:
    """`Upload` into a folder. Small objects take one trip to a thread, large ones one for every mebibyte.

    A task that is cancelled leaves its thread running. The lock has `discard` wait for it, lest it close a file that is
    being written, and a thread that comes later finds that there is nothing left to do.
    """

    def __init__(self, objects: FileObjects, part: Path, target: Path) -> None:
        """Begin to write a part file, which is created with the first bytes that leave memory."""
        self._objects = objects
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
            await self._objects.run(self._flush)

    def publish(self, folder: "_Folder") -> None:
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
            self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        data = memoryview(b"".join(self._buffer))
        while data:
            data = data[os.write(self._file, data) :]
        self._buffer.clear()
        self._buffered = 0
        return self._file


@asynccontextmanager
async def open_files(root: Path) -> AsyncIterator[FileObjects]:
    """Open a folder of objects and close it at the end."""
    objects = FileObjects(root)
    try:
        yield objects
    finally:
        await asyncio.to_thread(objects.close)


class _Folder:
    """A folder in which many threads publish. One sync is enough for all names that were there when it began."""

    def __init__(self, path: Path) -> None:
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
            _sync_folder(self._path)
            self._synced = last


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise NotFound("there is no such object") from error


def _size(path: Path) -> int:
    with _open(path) as file:
        return os.fstat(file.fileno()).st_size


def _listed(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def _begun(folder: Path, before: date | None) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if before is None or _was_left(file, before))


def _was_left(file: Path, before: date) -> bool:
    """Tell whether a file was last touched before a day. One that has just got its name, or is discarded, is gone."""
    try:
        touched_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return local_day(touched_at) < before


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _probe(path: Path) -> None:
    path.write_bytes(b"x" * 4096)
    path.unlink()
