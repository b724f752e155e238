"""The bytes of a document: saved, whole or in part, looked at page by page, and as a small picture."""

from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus

from aiohttp import web

from sk.errors import Damaged, NotFound
from sk.postbox.attachment_types import MAGIC
from sk.safe.document import Version
from sk.safe.document_pages import HERE, PLACE
from sk.safe.found import Found, alarm, find_document
from sk.safe.streams import Source
from sk.safe.types import UNKNOWN
from sk.web.downloads import file_headers, picture_headers, streamed
from sk.web.keys import LOG_IN, SERVICES
from sk.web.language import N_
from sk.web.previews import View, show_pages, show_picture
from sk.web.ranges import part_wanted
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.get(f"{HERE}/datei", allow=CITIZEN)
async def download(request: web.Request) -> web.StreamResponse:
    """Send the newest version."""
    found = await _found(request)
    return await _send(request, found, found.newest)


@routes.get(f"{HERE}/fassungen/{{number}}", allow=CITIZEN)
async def download_version(request: web.Request) -> web.StreamResponse:
    """Send one of the versions, which are numbered from 1 on."""
    found = await _found(request)
    return await _send(request, found, found.content.version(request.match_info["number"]))


@routes.get(f"{HERE}/ansehen", allow=CITIZEN)
async def preview(request: web.Request) -> web.Response:
    """Show some pages of the newest version."""
    return await show_pages(request, await _view(request))


@routes.get(f"{HERE}/seite/{{page}}.png", allow=CITIZEN)
async def picture_of_page(request: web.Request) -> web.Response:
    """Send the picture of a page."""
    return await show_picture(request, await _view(request))


@routes.get(f"{HERE}/bild.png", allow=CITIZEN)
async def small_picture(request: web.Request) -> web.Response:
    """Send the small picture of the first page that was made when the document came."""
    found = await _found(request)
    if not found.document.picture:
        raise NotFound("there is no picture of this document")
    try:
        png = found.document.open_picture(request[LOG_IN].account_id, found.opened.own)
    except Damaged as error:
        raise alarm(found.document.id) from error
    return web.Response(body=png, content_type="image/png", headers=picture_headers())


async def _found(request: web.Request) -> Found:
    return await find_document(request.match_info["id"], request[LOG_IN], request.app[SERVICES])


async def _view(request: web.Request) -> View:
    found, services = await _found(request), request.app[SERVICES]
    here = f"{PLACE}/{found.entry.id}"

    async def read() -> Source:
        return Source(found.newest.streams, found.newest.key, services)

    return View(
        name=found.entry.name,
        type=found.newest.type,
        read=read,
        damaged=partial(alarm, found.document.id),
        file=f"{here}/datei",
        place=here,
        back=here,
        back_words=N_("Zurück zum Dokument"),
    )


async def _send(request: web.Request, found: Found, version: Version) -> web.StreamResponse:
    """Send a version, or the part of it that is wanted: only what holds that is read.

    The first bytes are read before the answer begins, so that what is damaged there is told in words. What is damaged
    later breaks off.
    """
    services, source = request.app[SERVICES], Source(version.streams, version.key, request.app[SERVICES])
    etag = f'"{services.keys.index.blind("etag", version.streams[0].object)}"'
    headers = {**file_headers(found.entry.name), "Accept-Ranges": "bytes", "ETag": etag}
    part = part_wanted(request, source.size, etag)
    if part is not None and not part:
        nothing = {"Content-Range": f"bytes */{source.size}", "Accept-Ranges": "bytes"}
        return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=nothing)
    status = HTTPStatus.OK
    if part:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{source.size}"
    wanted = part or range(source.size)
    damaged, blocks = partial(alarm, found.document.id), source.read(wanted.start, wanted.stop)
    try:
        first = await anext(blocks)
    except Damaged as error:
        raise damaged() from error
    media_type = version.type if version.type in MAGIC else UNKNOWN
    sent = _beginning_with(first, blocks)
    return await streamed(request, sent, media_type, headers, status=status, length=len(wanted), damaged=damaged)


async def _beginning_with(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in others:
        yield block
