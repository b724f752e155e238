"""Previews: an attachment as pictures of its pages, for whoever would rather look than download.

The pictures are made by `sk render` each time they are asked for, and nothing of them is kept.
"""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from sk.errors import Damaged, NotFound, Unavailable
from sk.postbox.envelope import SealedAttachment, numbered
from sk.postbox.history import alarm
from sk.postbox.notice import Notice
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


@routes.get("/postfach/{id}/dateien/{number}/ansehen", allow=CITIZEN)
async def preview(request: web.Request) -> web.Response:
    """Show some pages of an attachment, or say that there is no preview, and that it can be downloaded."""
    notice, attachment = await _released(request)
    first = _page_number(request.query.get("ab", "1"))
    why, picture, status = "", None, HTTPStatus.OK
    try:
        # The first picture is made twice: here to learn how many pages there are, and that they can be shown.
        picture = await _picture(notice, attachment, first, request.app[SERVICES])
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
        notice=notice,
        attachment=attachment,
        number=request.match_info["number"],
        picture=picture,
        first=first,
        last=min(first + AT_ONCE - 1, picture.pages if picture else first),
        at_once=AT_ONCE,
        sorry=NO_PREVIEW.get(why, ""),
    )


@routes.get("/postfach/{id}/dateien/{number}/seite/{page}.png", allow=CITIZEN)
async def picture_of_page(request: web.Request) -> web.Response:
    """Send the picture of a page."""
    notice, attachment = await _released(request)
    number = _page_number(request.match_info["page"])
    picture = await _picture(notice, attachment, number, request.app[SERVICES])
    return web.Response(body=picture.png, content_type="image/png", headers=picture_headers())


async def _released(request: web.Request) -> tuple[Notice, SealedAttachment]:
    notice, envelope = await release(request.match_info["id"], request[LOG_IN], request.app[SERVICES], by_post=False)
    return notice, numbered(envelope.attachments, request.match_info["number"])


async def _picture(notice: Notice, attachment: SealedAttachment, number: int, services: Services) -> Picture:
    reader = await open_or_alarm(notice, attachment, services)
    try:
        return await services.renderer.picture(attachment.type, number, reader.size, reader.read())
    except Damaged as error:
        raise alarm(notice) from error


def _page_number(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= PAGE_DIGITS and int(said)):
        raise NotFound("there is no such page")
    return int(said)
