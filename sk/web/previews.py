"""Previews: a file as pictures of its pages, for whoever would rather look than download.

The pictures are made by `sk render` each time they are asked for, and nothing of them is kept.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web

from sk.errors import Damaged, NotFound, Unavailable
from sk.renderer import NoPicture, Picture
from sk.services import Services
from sk.web.downloads import Readable, picture_headers
from sk.web.keys import SERVICES
from sk.web.language import N_
from sk.web.render import page

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
    """A file to look at: how its bytes are read, its address, that under which its pages lie, and what it belongs to.

    `damaged` makes what is raised if the bytes are not what was stored.
    """

    name: str
    type: str
    read: Callable[[], Awaitable[Readable]]
    damaged: Callable[[], Exception]
    file: str
    place: str
    back: str
    back_words: str


async def show_pages(request: web.Request, view: View) -> web.Response:
    """Show some pages of a file, or say that there is no preview, and that it can be downloaded."""
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


async def _picture(view: View, number: int, services: Services) -> Picture:
    file = await view.read()
    try:
        return await services.renderer.picture(view.type, number, file.size, file.read())
    except Damaged as error:
        raise view.damaged() from error


def _page_number(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= PAGE_DIGITS and int(said)):
        raise NotFound("there is no such page")
    return int(said)
