"""Previews: an attachment as pictures of its pages, for whoever would rather look than download.

The pictures are made by `sk render` each time they are asked for, and nothing of them is kept.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web

from sk.crypto.stream import Reader
from sk.errors import Damaged, NotFound, Unavailable
from sk.postbox.envelope import SealedAttachment, numbered
from sk.postbox.history import alarm
from sk.postbox.release import release
from sk.postbox.stored import open_or_alarm
from sk.renderer import NoPicture, Picture
from sk.services import Services
from sk.web.downloads import picture_headers
from sk.web.keys import LOG_IN, SERVICES
from sk.web.language import N_
from sk.web.render import page
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
AT_ONCE = 5
"""Pages on one page of ours."""
PAGE_DIGITS = 6
NO_PREVIEW: Mapping[str, str] = {
    "off": N_("Von dieser Datei gibt es hier keine Vorschau."),
    "too-large": N_("Diese Datei ist zu groß für eine Vorschau."),
    "too-slow": N_("Diese Datei anzuzeigen dauert zu lange."),
    "unreadable": N_("Diese Datei lässt sich hier nicht anzeigen. Vielleicht ist sie mit einem Passwort geschützt."),
    "unavailable": N_("Die Vorschau geht gerade nicht. Bitte versuchen Sie es in ein paar Minuten noch einmal."),
}


class View(NamedTuple):
    """A file to look at: how its bytes are read, where it lies, and the page that it belongs to.

    `damaged` makes what is raised if they are not what was stored.
    """

    attachment: SealedAttachment
    read: Callable[[], Awaitable[Reader]]
    damaged: Callable[[], Exception]
    file: str
    back: str
    back_words: str


@routes.get("/postfach/{id}/dateien/{number}/ansehen", allow=CITIZEN)
async def preview(request: web.Request) -> web.Response:
    """Show some pages of an attachment, or say that there is no preview, and that it can be downloaded."""
    return await show_pages(request, await _released(request))


@routes.get("/postfach/{id}/dateien/{number}/seite/{page}.png", allow=CITIZEN)
async def picture_of_page(request: web.Request) -> web.Response:
    """Send the picture of a page."""
    return await show_picture(request, await _released(request))


async def show_pages(request: web.Request, view: View) -> web.Response:
    """Show some pages of a file."""
    first = _page_number(request.query.get("ab", "1"))
    why, picture, status = "", None, HTTPStatus.OK
    try:
        # The first picture is made twice: here to learn how many pages there are, and that they can be shown.
        picture = await _picture(view, first, request.app[SERVICES])
    except NoPicture as none:
        if none.why == "no-page":
            raise
        why = none.why
    except Unavailable:
        why, status = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE
    return page(
        request,
        "preview.html",
        status=status,
        view=view,
        picture=picture,
        first=first,
        last=min(first + AT_ONCE - 1, picture.pages if picture else first),
        at_once=AT_ONCE,
        sorry=NO_PREVIEW.get(why, ""),
    )


async def show_picture(request: web.Request, view: View) -> web.Response:
    """Send the picture of a page of a file."""
    picture = await _picture(view, _page_number(request.match_info["page"]), request.app[SERVICES])
    return web.Response(body=picture.png, content_type="image/png", headers=picture_headers())


async def _released(request: web.Request) -> View:
    services, number = request.app[SERVICES], request.match_info["number"]
    notice, envelope = await release(request.match_info["id"], request[LOG_IN], services, by_post=False)
    attachment, back = numbered(envelope.attachments, number), f"/postfach/{notice.id}"
    return View(
        attachment,
        partial(open_or_alarm, notice, attachment, services),
        partial(alarm, notice),
        f"{back}/dateien/{number}",
        back,
        N_("Zurück zur Nachricht"),
    )


async def _picture(view: View, number: int, services: Services) -> Picture:
    reader = await view.read()
    try:
        return await services.renderer.picture(view.attachment.type, number, reader.size, reader.read())
    except Damaged as error:
        raise view.damaged() from error


def _page_number(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= PAGE_DIGITS and int(said)):
        raise NotFound("there is no such page")
    return int(said)
