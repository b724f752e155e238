"""Previews of the attachments of a notice."""

from functools import partial

from aiohttp import web

from sk.postbox.envelope import numbered
from sk.postbox.history import alarm
from sk.postbox.release import release
from sk.postbox.stored import open_or_alarm
from sk.web.keys import LOG_IN, SERVICES
from sk.web.language import N_
from sk.web.previews import View, show_pages, show_picture
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.get("/postfach/{id}/dateien/{number}/ansehen", allow=CITIZEN)
async def preview(request: web.Request) -> web.Response:
    """Show some pages of an attachment."""
    return await show_pages(request, await _released(request))


@routes.get("/postfach/{id}/dateien/{number}/seite/{page}.png", allow=CITIZEN)
async def picture_of_page(request: web.Request) -> web.Response:
    """Send the picture of a page."""
    return await show_picture(request, await _released(request))


async def _released(request: web.Request) -> View:
    services, number = request.app[SERVICES], request.match_info["number"]
    notice, envelope = await release(request.match_info["id"], request[LOG_IN], services, by_post=False)
    attachment, back = numbered(envelope.attachments, number), f"/postfach/{notice.id}"
    file = f"{back}/dateien/{number}"
    return View(
        name=attachment.name,
        type=attachment.type,
        read=partial(open_or_alarm, notice, attachment, services),
        damaged=partial(alarm, notice),
        file=file,
        place=file,
        back=back,
        back_words=N_("Zurück zur Nachricht"),
    )
