"""One file after the other out of an archive and into the safe: scanned, checked, and entered in one write."""

from typing import Literal, NamedTuple

from sk.archive import Archive, Broken
from sk.errors import Invalid
from sk.safe.document import Origin, Version
from sk.safe.import_plan import BUNDLES_MAX_BYTES, Incoming, Plan, small
from sk.safe.importing import Opened, find_import
from sk.safe.restoring import document_id, have_folder, is_there, put
from sk.safe.safe import open_safe
from sk.safe.steps import expect_room
from sk.safe.upload_steps import file_max_bytes, taken_in
from sk.services import Services
from sk.store.races import looking_again

Why = Literal["size", "digest", "there"]


class At(NamedTuple):
    """How far whose import is."""

    account_id: str
    import_id: str
    done: int


class Elsewhere(Exception):
    """Somebody else goes on with this import, or it was ended: events may come twice."""


async def take_next(incoming: Incoming, archive: Archive, at: At, services: Services) -> bool:
    """Take a file into the safe, or say why not; tell whether another one can be unpacked now."""
    try:
        await _take(incoming, archive, at, services)
    except Invalid as refused:
        await _pass_over(incoming, refused.problem, at, services)
        return not (isinstance(refused, Broken) and refused.is_end)
    return True


@looking_again
async def begin_with(plan: Plan, at: At, services: Services) -> None:
    """Say how much there is to do, and have the folders that there are to be."""
    found = await _current(at, services)
    if found.progress.of:
        return
    opened = await open_safe(at.account_id, services)
    for path in plan.folders:
        try:
            have_folder(opened.contents, path)
        except Invalid:
            break  # what is to lie there is told of by itself
    facts = {"of": len(plan.incoming), "beside": plan.beside, "unread": plan.unread}
    await services.store.save(opened.kept(), found.kept(found.progress.model_copy(update=facts)))


async def _take(incoming: Incoming, archive: Archive, at: At, services: Services) -> None:
    if incoming.why:
        raise Invalid(problem=incoming.why)
    if archive.files[incoming.file].size > file_max_bytes(services):
        raise _refused("size")
    id_ = document_id(at.import_id, incoming.document, services)
    if incoming.packed:
        opened, newest = await open_safe(at.account_id, services), incoming.packed.versions[-1]
        if await is_there(opened, incoming, newest, id_, services):
            raise _refused("there")
    origin = await _origin(incoming, archive)
    async with taken_in(incoming.name, archive.read(incoming.file), services) as version:
        if incoming.version and incoming.version.sha256 != version.sha256:
            raise _refused("digest")
        await _enter(version.model_copy(update={"origin": origin}), incoming, id_, at, services)


@looking_again
async def _enter(version: Version, incoming: Incoming, id_: str, at: At, services: Services) -> None:
    """Put what has come into the safe, and the import one file further."""
    found, opened = await _current(at, services), await open_safe(at.account_id, services)
    if not incoming.packed and await is_there(opened, incoming, version, id_, services):
        raise _refused("there")
    expect_room(opened.contents, version.size, services.settings)
    is_new = id_ not in opened.contents.entries
    document = await put(opened, incoming, version, id_, services)
    await services.store.save(opened.kept(), document, found.kept(found.progress.step(taken=int(is_new))))


@looking_again
async def _pass_over(incoming: Incoming, why: str, at: At, services: Services) -> None:
    found = await _current(at, services)
    if why == "there":
        is_whole = incoming.packed is None or incoming.version == incoming.packed.versions[-1]
        progress = found.progress.step(there=int(is_whole))
    else:
        progress = found.progress.without(incoming.path, why)
    await services.store.save(found.kept(progress))


async def _current(at: At, services: Services) -> Opened:
    found = await find_import(at.import_id, at.account_id, services)
    if found is None or found.progress.ended or found.progress.done != at.done:
        raise Elsewhere
    return found


async def _origin(incoming: Incoming, archive: Archive) -> Origin | None:
    """Return where a version comes from, if evidence came along. What that is worth is seen when it is verified."""
    said = incoming.version.origin if incoming.version else None
    if said is None or incoming.bundle is None:
        return None
    raw = await small(archive, incoming.bundle, BUNDLES_MAX_BYTES)
    try:
        return Origin(notice=said.notice, number=said.number, bundle=raw.decode()) if raw else None
    except UnicodeDecodeError:
        return None


def _refused(why: Why) -> Invalid:
    return Invalid(problem=why)
