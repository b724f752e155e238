"""The object store in a folder.

An object is written under `incoming/`, synced, renamed to its name, and its folder synced: it is visible whole or not
at all. What a crash leaves in `incoming/` is nobody's and removed by `sk doctor`.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from sk.clock import local_day
from sk.disk import sync_file, sync_folder
from sk.errors import NotFound, Unavailable
from sk.ids import new_id
from sk.objects.files_upload import FileUpload, Folder, write_whole
from sk.objects.port import BLOCK_BYTES, Remark, expect_size

INCOMING = "incoming"
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
        self._days: dict[Path, Folder] = {}

    def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown()

    @asynccontextmanager
    async def upload(self, name: str, size: int | None) -> AsyncIterator[FileUpload]:
        """See `ObjectStore.upload`."""
        upload = FileUpload(self.run, self._incoming / name.rpartition("/")[2], self._root / name)
        try:
            yield upload
            expect_size(upload.written, size)
            await self.run(lambda: upload.publish(self._day(name)))
        except BaseException:
            await asyncio.shield(self.run(upload.discard))
            raise

    async def put(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put`."""
        part = self._incoming / f"{name.rpartition('/')[2]}-{new_id()}"  # of its own: two may write the same
        await self.run(lambda: write_whole(data, part, self._root / name, self._day(name)))

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
        return await self.run(lambda: sorted(_days(self._root)))

    def names(self, day: date, begin: str = "") -> AsyncIterator[str]:
        """See `ObjectStore.names`."""
        return self.listed(f"{day:%Y/%m/%d}/{begin}")

    async def listed(self, begin: str) -> AsyncIterator[str]:
        """See `ObjectStore.listed`."""
        folder, _, first = begin.rpartition("/")
        for file in await self.run(lambda: _listed(self._root / folder)):
            if file.startswith(first):
                yield f"{folder}/{file}"

    async def unfinished(self, before: date | None = None) -> list[str]:
        """See `ObjectStore.unfinished`."""
        return [f"{INCOMING}/{file}" for file in await self.run(lambda: _begun(self._incoming, before))]

    async def check(self) -> None:
        """See `ObjectStore.check`."""
        probe = self._incoming / f"check-{new_id()}"  # of its own: many may ask at once
        await self.run(lambda: _probe(probe))

    async def examine(self, begin: str) -> AsyncIterator[Remark]:  # noqa: ARG002 - the port's
        """See `ObjectStore.examine`."""
        probe = self._incoming / f"check-{new_id()}"
        for question in (_rename, _sync, _room):
            yield await self.run(lambda question=question: question(self._root, probe))  # type: ignore[misc]

    def _day(self, name: str) -> Folder:
        """Return the folder of an object's day; the first time, it is made and durable before anything is in it."""
        day = (self._root / name).parent
        if day not in self._days:  # a process may find the folder that another has made and not yet synced
            day.mkdir(parents=True, exist_ok=True)
            for folder in day.parents[: len(day.relative_to(self._root).parts)]:
                sync_folder(folder)
            self._days.setdefault(day, Folder(day))
        return self._days[day]

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread; what the disk refuses is `Unavailable`."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise Unavailable(f"the object store's folder refuses: {error.strerror}") from error


@asynccontextmanager
async def open_files(root: Path) -> AsyncIterator[FileObjects]:
    """Open a folder of objects and close it at the end."""
    objects = FileObjects(root)
    try:
        yield objects
    finally:
        await asyncio.to_thread(objects.close)


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


def _days(root: Path) -> Iterator[date]:
    """Yield the days that have objects. A folder that is named like none is nobody's, and no day."""
    for folder in root.glob("[0-9]*/[0-9]*/[0-9]*"):
        try:
            day = date(*map(int, folder.parts[-3:]))
        except ValueError:
            continue
        if folder == root / f"{day:%Y/%m/%d}" and folder.is_dir() and any(folder.iterdir()):
            yield day


def _begun(folder: Path, before: date | None) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if before is None or _was_left(file, before))


def _was_left(file: Path, before: date) -> bool:
    """Tell whether a file was last touched before a day. One that has just got its name, or is discarded, is gone."""
    try:
        touched_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return local_day(touched_at) < before


def _probe(path: Path) -> None:
    path.write_bytes(b"x" * 4096)
    path.unlink()


def _rename(root: Path, probe: Path) -> Remark:
    if root.stat().st_dev == probe.parent.stat().st_dev:
        return Remark("names: an object gets its own at once, since incoming/ lies on the same file system")
    said = f"names: {root} and its folder {INCOMING}/ lie on two file systems, between which nothing can be renamed"
    return Remark(f"{said}: put both on one", is_harmful=True)


def _sync(root: Path, probe: Path) -> Remark:
    began = time.monotonic()
    try:
        with probe.open("wb") as file:
            file.write(b"x" * 4096)
            sync_file(file)
    finally:
        probe.unlink(missing_ok=True)
    sync_folder(root)
    milliseconds = (time.monotonic() - began) * 1000
    return Remark(f"syncing: the disk said after {milliseconds:.1f} ms that it has a file and the name of it")


def _room(root: Path, _: Path) -> Remark:
    disk = shutil.disk_usage(root)
    return Remark(f"room: {disk.free / 1e9:.1f} of {disk.total / 1e9:.1f} GB are free")
