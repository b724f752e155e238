"""The trash of a safe: what lies in it until when, taken back, and deleted for good."""

from aiohttp import web

from sk.errors import NotFound
from sk.safe.found import own_entry
from sk.safe.listing import page_of
from sk.safe.safe import open_safe
from sk.safe.steps import TRASH_KEPT, bring_back, delete
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
HERE = "/safe/papierkorb"


@routes.get(HERE, allow=CITIZEN)
async def show(request: web.Request) -> web.Response:
    """Show what lies in the trash, and until when."""
    services, query = request.app[SERVICES], request.query
    contents = (await open_safe(request[LOG_IN].account_id, services)).contents
    listed = page_of(contents.entries, (), contents.trashed(), "", query.get("seite", ""))
    return page(request, "safe_trash.html", listed=listed, kept=TRASH_KEPT, said=query.get("gesagt", ""))


@routes.post("/safe/dokumente/{id}/zurueckholen", allow=CITIZEN)
async def take_back(request: web.Request) -> web.Response:
    """Take a document out of the trash."""
    entry = await own_entry(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    await bring_back(request[LOG_IN].account_id, entry.id, request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=zurueckgeholt")


@routes.get("/safe/dokumente/{id}/endgueltig", allow=CITIZEN)
async def ask(request: web.Request) -> web.Response:
    """Ask whether a document is really to be deleted for good."""
    entry = await own_entry(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    if not entry.trashed_at:
        raise NotFound("there is no such document in the trash")
    return page(request, "safe_delete.html", entry=entry)


@routes.post("/safe/dokumente/{id}/endgueltig", allow=CITIZEN)
async def delete_for_good(request: web.Request) -> web.Response:
    """Delete a document in the trash for good."""
    entry = await own_entry(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    await delete(request[LOG_IN].account_id, entry.id, request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=geloescht")
