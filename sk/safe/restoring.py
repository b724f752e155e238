"""Putting what was in an archive into the safe: in its folder, and with all that `safe.json` says of it.

What that says was perhaps written by somebody else. So it changes names and days, and proves nothing: who has issued a
document is what its evidence says, which is verified, now and each time it is shown.
"""

from collections.abc import Sequence

from sk.errors import Damaged, NotFound
from sk.events import TrashEnded
from sk.safe.document import Document, Version
from sk.safe.entries import Entry
from sk.safe.expiry import remind_in_time
from sk.safe.folder_steps import put_folder
from sk.safe.import_plan import Incoming
from sk.safe.manifest import PackedDocument, PackedVersion
from sk.safe.provenance import provenance_of
from sk.safe.safe import ROOT, Contents, Opened
from sk.safe.steps import TRASH_KEPT, checked_name, free_name, put_new, put_version
from sk.services import Services


def document_id(import_id: str, number: int, services: Services) -> str:
    """Return the id of the document that follows from an import, so that each version of it finds it again."""
    return services.keys.index.blind_id("imported", f"{import_id} {number}")


def find_folder(contents: Contents, path: str) -> str | None:
    """Return the folder to which names lead, or None if there is none yet."""
    found = ROOT
    for name in _names(path):
        below = _below(contents, found, name.strip())
        if below is None:
            return None
        found = below
    return found


def have_folder(contents: Contents, path: str) -> str:
    """Return the folder to which names lead; what there is not of it is there from now on."""
    found = ROOT
    for name in map(checked_name, _names(path)):
        found = _below(contents, found, name) or put_folder(contents, name, found)
    return found


async def is_there(
    opened: Opened, incoming: Incoming, newest: Version | PackedVersion, id_: str, services: Services
) -> bool:
    """Tell whether the same document lies there already, from an import before perhaps: in place, name and bytes."""
    contents, packed = opened.contents, incoming.packed
    name = (packed or incoming).name.strip()
    folder, is_trashed = find_folder(contents, incoming.folder), bool(packed and packed.trashed_at)
    if id_ in contents.entries:
        return False
    for entry in contents.entries.values():
        is_like = (entry.folder, entry.name, entry.size) == (folder, name, newest.size)
        if is_like and (is_trashed or not entry.trashed_at) and await _digest(opened, entry, services) == newest.sha256:
            return True
    return False


async def put(opened: Opened, incoming: Incoming, version: Version, id_: str, services: Services) -> Document:
    """Enter a version into the safe, and what is known of its document; both are to be saved."""
    contents, packed, facts = opened.contents, incoming.packed, incoming.version
    if facts:
        version = version.model_copy(update={"added_at": min(facts.added_at, services.clock.now())})
    issued_by = await _issued_by(version, services)
    known = contents.entries.get(id_)
    if known:
        document = await put_version(opened, id_, version, services)
        entry = contents.entry(id_)
        contents.put(entry._replace(trashed_at=known.trashed_at, issued_by=issued_by))
        return document
    folder = have_folder(contents, incoming.folder)
    document = put_new(opened, folder, version, id_, services)
    contents.put(contents.entry(id_)._replace(issued_by=issued_by))
    if packed:
        await _restore(opened, packed, id_, services)
    return document


async def _restore(opened: Opened, packed: PackedDocument, id_: str, services: Services) -> None:
    """Enter what `safe.json` says of a document that has just come. In the trash it has its thirty days anew."""
    contents, now = opened.contents, services.clock.now()
    entry = contents.entry(id_)
    contents.put(
        entry._replace(
            name=free_name(checked_name(packed.name), contents.names_in(entry.folder, but=id_)),
            labels=packed.labels,
            expires_on=packed.expires_on,
            level=packed.level,
            trashed_at=now if packed.trashed_at else None,
        )
    )
    if packed.trashed_at:
        event = TrashEnded(account_id=opened.account_id, document_id=id_)
        opened.safe.emit(event, due=now + TRASH_KEPT)
    if packed.expires_on:
        await remind_in_time(opened, id_, packed.expires_on, services)


async def _issued_by(version: Version, services: Services) -> str:
    """Return who has issued a version, if that is proven."""
    provenance = await provenance_of(version, services)
    return provenance.authority if provenance else ""


async def _digest(opened: Opened, entry: Entry, services: Services) -> str:
    """Return the SHA-256 of the newest version of a document; of one that does not open, nothing."""
    try:
        document = await services.store.get(Document, entry.id)
        return document.open(opened.account_id, opened.own).versions[-1].sha256
    except (Damaged, NotFound):
        return ""


def _names(path: str) -> Sequence[str]:
    return path.split("/") if path else ()


def _below(contents: Contents, parent: str, name: str) -> str | None:
    return next((one.id for one in contents.within(parent) if one.name.casefold() == name.casefold()), None)
