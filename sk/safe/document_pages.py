"""The page of one document in the safe, and its forms: called otherwise, moved, labelled, replaced, thrown away."""

from collections import defaultdict
from collections.abc import Awaitable, Iterator, Mapping

from aiohttp import web
from pydantic import BaseModel

from sk.errors import Forbidden, Invalid
from sk.safe.document import Version
from sk.safe.expiry import expires
from sk.safe.found import open_document, own_entry
from sk.safe.listing import natural
from sk.safe.provenance import provenance_of
from sk.safe.safe import ROOT, Contents, Folder, open_safe
from sk.safe.steps import TRASH_KEPT, label, move, rename, throw_away
from sk.safe.upload import Wanted
from sk.safe.upload_steps import add_file
from sk.web.body import Malformed
from sk.web.forms import NO_ERRORS, Errors, Fields, entered_day, errors_of, fields, fields_of
from sk.web.keys import LOG_IN, PARTS, SERVICES
from sk.web.problems import PROBLEMS
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, Multipart, RouteTable

routes = RouteTable()
PLACE = "/safe/dokumente"
HERE = f"{PLACE}/{{id}}"
IN_NO_FOLDER = "safe"
"""What stands in the form for the place of documents that lie in no folder: an empty choice is none."""
INDENT = "\N{EM SPACE}"
ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"
"""Within a choice no element can keep the direction of a name to itself."""


class NewVersion(BaseModel):
    """What comes with a new version: nothing but the file."""


@routes.get(HERE, allow=CITIZEN)
async def show(request: web.Request) -> web.Response:
    """Show a document; of one in the trash only until when it is there."""
    return await _page(request)


@routes.post(f"{HERE}/name", allow=CITIZEN)
async def take_name(request: web.Request) -> web.Response:
    """Call a document something else."""
    form = await fields_of(request)
    return await _taken(request, form, rename(*await _which(request), form["name"], request.app[SERVICES]))


@routes.post(f"{HERE}/ordner", allow=CITIZEN)
async def take_folder(request: web.Request) -> web.Response:
    """Put a document into another folder."""
    form = await fields_of(request)
    folder = ROOT if form["folder"] == IN_NO_FOLDER else form["folder"]
    return await _taken(request, form, move(*await _which(request), folder, request.app[SERVICES]))


@routes.post(f"{HERE}/stichworte", allow=CITIZEN)
async def take_labels(request: web.Request) -> web.Response:
    """Give a document other labels."""
    form = await fields_of(request)
    return await _taken(request, form, label(*await _which(request), form["labels"], request.app[SERVICES]))


@routes.post(f"{HERE}/gueltig-bis", allow=CITIZEN)
async def take_day(request: web.Request) -> web.Response:
    """Enter until when a document is valid."""
    form, which = await fields_of(request), await _which(request)

    async def enter() -> None:
        on = entered_day(form["expires_on"], "expires_on") if form["expires_on"].strip() else None
        await expires(*which, on, request.app[SERVICES])

    return await _taken(request, form, enter())


@routes.post(f"{HERE}/fassung", allow=CITIZEN, body=Multipart("files", NewVersion, "files", ()))
async def take_version(request: web.Request) -> web.Response:
    """Take in a new version; the older ones stay."""
    try:
        document_id = await _new_version(request)
    except Malformed:
        raise
    except Invalid as refused:
        return await _page(request, errors_of(refused))
    return see_other(f"{PLACE}/{document_id}?gesagt=fassung")


@routes.post(f"{HERE}/wegwerfen", allow=CITIZEN)
async def take_away(request: web.Request) -> web.Response:
    """Put a document into the trash; its page then says how it comes back."""
    account_id, document_id = await _which(request)
    await throw_away(account_id, document_id, request.app[SERVICES])
    return see_other(f"{PLACE}/{document_id}")


async def _which(request: web.Request) -> tuple[str, str]:
    """Return whose document is to be changed, and which, if whoever asks may do that."""
    entry = await own_entry(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    return request[LOG_IN].account_id, entry.id


async def _new_version(request: web.Request) -> str:
    """Take in the file of a form, and return of which document it is a version now."""
    account_id, document_id = await _which(request)
    taken = ""
    async for part in request[PARTS]:
        if part.name == "files" and part.filename and not taken:
            wanted = Wanted(part.filename, 0, document=document_id)
            taken = await add_file(wanted, part.chunks, account_id, request.app[SERVICES])
    if not taken:
        raise Invalid("no file was chosen", field="files", problem="files-missing")
    return taken


async def _taken(request: web.Request, form: Fields, step: Awaitable[None]) -> web.Response:
    """Take a step and lead back to the page, or show on it what was refused."""
    try:
        await step
    except Invalid as refused:
        return await _page(request, errors_of(refused), form)
    return see_other(f"{PLACE}/{request.match_info['id']}?gesagt=gespeichert")


async def _page(
    request: web.Request, errors: Errors = NO_ERRORS, form: Mapping[str, str] | None = None
) -> web.Response:
    services, log_in = request.app[SERVICES], request[LOG_IN]
    opened = await open_safe(log_in.account_id, services)
    entry = opened.contents.entry(request.match_info["id"])
    if entry.trashed_at:
        return page(request, "safe_trashed.html", entry=entry, ends_at=entry.trashed_at + TRASH_KEPT)
    refused, versions, provenance = "", tuple[Version, ...](), None
    try:
        versions = (await open_document(opened, entry, log_in.level, services)).content.versions
        provenance = await provenance_of(versions[-1], services)
    except Forbidden as why:
        refused = why.problem
    known = {
        "name": entry.name,
        "folder": entry.folder or IN_NO_FOLDER,
        "labels": ", ".join(entry.labels),
        "expires_on": str(entry.expires_on or ""),
    }
    return page(
        request,
        "safe_document.html",
        status=PROBLEMS[refused].status if refused else None,
        errors=errors,
        entry=entry,
        refused=refused,
        provenance=provenance,
        older=[*enumerate(versions, 1)][-2::-1],
        trail=opened.contents.path(entry.folder),
        folders=dict(_folders(opened.contents)),
        form=fields({**known, **(form or {})}),
        is_previewed=entry.type in services.renderer.draws,
        file_max_bytes=services.settings.largest(services.settings.safe_file_max_bytes),
        said=request.query.get("gesagt", ""),
    )


def _folders(contents: Contents) -> Iterator[tuple[str, str]]:
    """Yield the folders with their names, each behind the one in which it lies, and further in."""
    within = defaultdict[str, list[Folder]](list)
    for folder in sorted(contents.folders.values(), key=lambda folder: natural(folder.name)):
        within[folder.parent].append(folder)

    def below(folder_id: str, depth: int) -> Iterator[tuple[str, str]]:
        for folder in within[folder_id]:
            yield folder.id, INDENT * depth + ISOLATED.format(folder.name)
            yield from below(folder.id, depth + 1)

    return below(ROOT, 0)
