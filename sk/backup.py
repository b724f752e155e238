"""`sk backup`: all of an installation but its own keys, as of one moment, while it runs.

The store comes first and the objects after it: an object is there before the store names it, and is never written
again. So every object that the copy of the store names can be copied afterwards. The keys of accounts are not among the
rows: they come last, in a file of their own that is not to be kept as long as the rest.
"""

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from sk.account_keys import collect
from sk.auth.account import AccountKey
from sk.backup_files import (
    ACCOUNT_KEYS,
    OBJECTS,
    ROWS,
    About,
    Bar,
    digest,
    no_bar,
    object_line,
    write,
    write_rows,
)
from sk.clock import local_day
from sk.crypto.sign import encode
from sk.disk import sync_file, sync_folder
from sk.errors import Conflict, Damaged, Invalid, NotFound, Unavailable
from sk.evidence.anchor import BEGIN, drop_anchors, is_anchor, place_of
from sk.evidence.sequence import LogHead, SignedHead
from sk.installation import Installation
from sk.objects.port import OBJECT_NAME, ObjectStore
from sk.owners import OWNERS
from sk.postbox.notice import Notice
from sk.services import Services
from sk.store.port import Row, StoredAggregate

ANCHORS_KEPT = timedelta(days=35)
"""For so long a restore can name what came after a backup: a month, and some days to notice that it is needed."""


@dataclass
class Tally:
    """What the rows of a copy say that is needed beside them."""

    aggregates: int = 0
    events: int = 0
    installation: Installation | None = None
    head: LogHead = field(default_factory=lambda: LogHead(id="log"))
    notes: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)

    async def passing(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        """Hand rows on, and keep what they say; keys of accounts stay behind."""
        async for row in rows:
            if isinstance(row, StoredAggregate) and row.kind == AccountKey.kind:
                continue
            if isinstance(row, StoredAggregate):
                self.aggregates += 1
                self._read(row)
            else:
                self.events += 1
            yield row

    def _read(self, row: StoredAggregate) -> None:
        if row.kind == Installation.kind:
            self.installation = Installation.stored(*row[1:])
        elif row.kind == LogHead.kind:
            self.head = LogHead.stored(*row[1:])
        elif row.kind == SignedHead.kind:
            self.notes.append(SignedHead.stored(*row[1:]).note)
        elif row.kind in OWNERS:
            self.objects += owned_by(row)


def owned_by(row: StoredAggregate) -> list[str]:
    """Return the objects of what has some; of one that was changed, only what can be the name of an object.

    When its account was erased they are deleted, and it has none.
    """
    try:
        owner = OWNERS[row.kind].stored(row.id, row.version, row.body)
    except Damaged:
        return []
    is_closed = isinstance(owner, Notice) and owner.closed
    return [] if is_closed else [name for name in owner.objects if OBJECT_NAME.fullmatch(name)]


async def back_up(services: Services, folder: Path, *, with_objects: bool = True, bar: Bar = no_bar) -> About:
    """Write a backup into a folder that is new or empty: whole or not at all."""
    with _made_whole(folder) as part:
        at, tally = services.clock.now(), Tally()
        await write_rows(part / ROWS, tally.passing(services.store.everything()))
        if tally.installation is None:
            raise Conflict("there is no installation in this store, and so nothing to be backed up")
        keys = await collect(services, tally.installation, part / ACCOUNT_KEYS)
        names = sorted(set(tally.objects))
        missing = await _copy_objects(names, part, services.objects, bar) if with_objects else []
        origin = tally.installation.log_origin
        about = About(
            v="sk-backup/2",
            made_at=at,
            trial=tally.installation.trial,
            origin=origin,
            log_number=tally.head.number,
            size=tally.head.size,
            root=encode(tally.head.root),
            checkpoint=next((note for note in tally.notes if note.partition("\n")[0] == origin), ""),
            aggregates=tally.aggregates,
            events=tally.events,
            rows_sha256=digest(part / ROWS),
            account_keys=keys.keys,
            account_keys_sha256=digest(part / ACCOUNT_KEYS),
            objects=len(names) - len(missing) if with_objects else None,
            objects_sha256=digest(part / OBJECTS) if with_objects else None,
            missing=missing,
        )
        about.write(part)
    await _drop_old_anchors(services.objects, local_day(at) - ANCHORS_KEPT, about)
    return about


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the one that is wanted; it takes that one's place when the block ends well."""
    folder, part = folder.resolve(), folder.resolve().with_name(folder.resolve().name + ".part")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is there already, and not empty")
    try:
        part.mkdir(mode=0o700)
    except FileExistsError:
        raise Invalid(f"{part} is there: another backup runs, or one was killed, and then it can be deleted") from None
    try:
        yield part
        sync_folder(part)
        part.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


async def _copy_objects(names: Sequence[str], part: Path, objects: ObjectStore, bar: Bar) -> list[str]:
    """Copy objects and write down their digests. Return the names of those that are not there."""
    lines, missing = [], []
    with bar(names, "objects") as going:
        for name in going:
            try:
                lines.append(object_line(name, await _copy(name, part / "objects" / name, objects)))
            except NotFound:
                missing.append(name)
    write(part / OBJECTS, lines)
    return missing


async def _copy(name: str, path: Path, objects: ObjectStore) -> str:
    """Copy an object, and return the SHA-256 of what was read."""
    size, copied = await objects.size(name), sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        async for block in objects.read(name):
            file.write(block)
            copied.update(block)
        if file.tell() != size:
            raise Unavailable(f"the object {name} has {size} bytes, and {file.tell()} could be read")
        sync_file(file)
    return copied.hexdigest()


async def _drop_old_anchors(objects: ObjectStore, before: date, about: About) -> int:
    """Delete the anchors that name nothing but what came before this backup and before a day; return how many."""
    days = [day for day in await objects.days() if day < before]
    names = [name for day in days async for name in objects.names(day, BEGIN)]
    places = [place_of(name) for name in names if is_anchor(name)]
    old = [size for log_number, size in places if log_number == about.log_number]
    return await drop_anchors(objects, about.log_number, min(about.size, max(old, default=0)))
