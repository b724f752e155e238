"""What an account does with its safe: documents come, are renamed, moved and thrown away; each is one write."""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from sk.config import Settings
from sk.errors import Invalid, NotFound
from sk.events import PictureDue, TrashEnded
from sk.postbox.notice_in import FILE_NAME, NAME_MAX
from sk.safe.document import VERSIONS_MAX, Content, Document, Version
from sk.safe.entries import Entry
from sk.safe.leaving import left
from sk.safe.safe import ROOT, Contents, Opened, find_safe, open_safe
from sk.services import Services
from sk.store.port import Aggregate
from sk.store.races import looking_again

TRASH_KEPT: Final = timedelta(days=30)
LABELS_MAX = 10
LABEL_MAX = 50


def checked_name(name: str, field: str = "name") -> str:
    """Return a name for a document, a folder or a label, without blanks around it, or raise `Invalid`."""
    name = name.strip()
    if not name:
        raise Invalid("this needs a name", field=field, problem="field-missing")
    if len(name) > NAME_MAX or re.search(FILE_NAME.pattern, name):
        if field == "files":
            raise Invalid(FILE_NAME.words, field=field, problem="attachment-name")
        raise Invalid(FILE_NAME.words, field=field, problem="name-unusable")
    return name


def expect_room(contents: Contents, size: int, settings: Settings) -> None:
    """Raise `Invalid` unless so many bytes more may be kept."""
    most = settings.safe_max_bytes
    if most and contents.used + size > most:
        raise Invalid(f"this safe holds at most {most} bytes", field="files", problem="safe-full")


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, with a number in it if it is taken, whatever its case: two alike cannot be told apart."""
    stem, ending = in_two(name)
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        count = f" ({number})"
        free = stem[: NAME_MAX - len(count) - len(ending)] + count + ending
    return free


def in_two(name: str) -> tuple[str, str]:
    """Return what a name is before its ending, and the ending with its dot."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem else (name, "")


def put_new(opened: Opened, folder: str, version: Version, document_id: str, services: Services) -> Document:
    """Enter a new document into a safe, and return it; both are to be saved."""
    contents = opened.contents
    folder = folder if folder in contents.folders else ROOT  # it may have been deleted meanwhile
    document = Document.new(document_id, opened.account_id, services)
    document.keep(opened.account_id, Content(versions=(version,)), opened.own)
    name = free_name(version.name, contents.names_in(folder))
    contents.put(
        Entry(
            id=document_id,
            name=name,
            folder=folder,
            type=version.type,
            size=version.size,
            total=version.size,
            versions=1,
            changed_at=version.added_at,
        )
    )
    _have_drawn(document, version, opened.account_id, services)
    return document


async def put_version(opened: Opened, document_id: str, version: Version, services: Services) -> Document:
    """Add a version to a document, and return that; both are to be saved. The name of the document stays."""
    contents = opened.contents
    entry, document = contents.entry(document_id), await services.store.get(Document, document_id)
    versions = (*document.open(opened.account_id, opened.own).versions, version)
    if len(versions) > VERSIONS_MAX:
        raise Invalid(f"a document has at most {VERSIONS_MAX} versions", field="files", problem="versions-many")
    document.keep(opened.account_id, Content(versions=versions), opened.own)
    document.picture = b""
    contents.put(
        entry._replace(
            type=version.type,
            size=version.size,
            total=entry.total + version.size,
            versions=len(versions),
            changed_at=version.added_at,
            trashed_at=None,
            issued_by="",  # which was said of the version before
            has_picture=False,
        )
    )
    _have_drawn(document, version, opened.account_id, services)
    return document


@looking_again
async def rename(account_id: str, document_id: str, name: str, services: Services) -> None:
    """Call a document something else."""
    opened = await open_safe(account_id, services)
    entry, name = opened.contents.entry(document_id), checked_name(name)
    opened.contents.put(entry._replace(name=free_name(name, opened.contents.names_in(entry.folder, but=document_id))))
    await services.store.save(opened.kept())


@looking_again
async def move(account_id: str, document_id: str, folder_id: str, services: Services) -> None:
    """Put a document into another folder."""
    opened = await open_safe(account_id, services)
    contents = opened.contents
    entry = contents.entry(document_id)
    if folder_id and folder_id not in contents.folders:
        raise Invalid("there is no such folder in this safe", field="folder", problem="choice-missing")
    name = free_name(entry.name, contents.names_in(folder_id, but=document_id))
    contents.put(entry._replace(folder=folder_id, name=name))
    await services.store.save(opened.kept())


@looking_again
async def label(account_id: str, document_id: str, labels: str, services: Services) -> None:
    """Give a document labels, which are written with commas between them, in place of those that it had."""
    said = [checked_name(one, "labels") for one in labels.split(",") if one.strip()]
    found = tuple({one.casefold(): one for one in said}.values())
    if len(found) > LABELS_MAX or any(len(one) > LABEL_MAX for one in found):
        most = f"a document has at most {LABELS_MAX} labels of {LABEL_MAX} characters each"
        raise Invalid(most, field="labels", problem="labels-many")
    opened = await open_safe(account_id, services)
    opened.contents.put(opened.contents.entry(document_id)._replace(labels=found))
    await services.store.save(opened.kept())


@looking_again
async def throw_away(account_id: str, document_id: str, services: Services) -> None:
    """Put a document into the trash, from where it comes back for thirty days."""
    opened = await open_safe(account_id, services)
    entry, now = opened.contents.entry(document_id), services.clock.now()
    if entry.trashed_at:
        return
    opened.contents.put(entry._replace(trashed_at=now))
    safe = opened.kept()
    safe.emit(TrashEnded(account_id=account_id, document_id=document_id), due=now + TRASH_KEPT)
    await services.store.save(safe)


@looking_again
async def bring_back(account_id: str, document_id: str, services: Services) -> None:
    """Take a document out of the trash, to where it was."""
    opened = await open_safe(account_id, services)
    contents = opened.contents
    entry = contents.entry(document_id)
    folder = entry.folder if entry.folder in contents.folders else ROOT
    name = free_name(entry.name, contents.names_in(folder, but=document_id))
    contents.put(entry._replace(trashed_at=None, folder=folder, name=name))
    await services.store.save(opened.kept())


@looking_again
async def delete(account_id: str, document_id: str, services: Services) -> None:
    """Delete a document in the trash for good."""
    opened = await open_safe(account_id, services)
    if not opened.contents.entry(document_id).trashed_at:
        raise NotFound("there is no such document in the trash")
    removed = await taken_out(opened, [document_id], services)
    await services.store.save(opened.kept(), remove=removed)


async def end_trash(event: TrashEnded, services: Services) -> None:
    """Delete a document that has been in the trash for thirty days, unless it was taken out or deleted meanwhile."""
    opened, now = await find_safe(event.account_id, services), services.clock.now()
    entry = opened.contents.entries.get(event.document_id) if opened else None
    if opened is None or entry is None or entry.trashed_at is None or entry.trashed_at + TRASH_KEPT > now:
        await services.store.save(done=event)
        return
    removed = await taken_out(opened, [event.document_id], services)
    await services.store.save(opened.kept(), done=event, remove=removed)


async def taken_out(opened: Opened, document_ids: Iterable[str], services: Services) -> list[Aggregate]:
    """Take documents out of a safe, and return what is to be removed in the write that keeps it; objects follow."""
    ids = [*document_ids]
    found = await services.store.get_many(Document, ids)
    for id_ in ids:
        opened.contents.entries.pop(id_, None)
    objects = [name for document in found.values() for name in document.objects]
    if objects:
        opened.safe.emit(left(objects, services), due=services.clock.now())
    return [*found.values()]


def _have_drawn(document: Document, version: Version, account_id: str, services: Services) -> None:
    """Have a small picture be made of a version, if there are any of its type."""
    if version.type in services.renderer.draws:
        event = PictureDue(account_id=account_id, document_id=document.id)
        document.emit(event, due=services.clock.now())
