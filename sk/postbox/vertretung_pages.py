"""The postbox of somebody else, for whoever may act there by a Vollmacht: its list. Each notice has its usual page."""

from aiohttp import web

from sk.auth.vollmacht import holds, own_vollmacht
from sk.errors import NotFound
from sk.postbox.lines import lines_of
from sk.postbox.notice import Notice, from_one
from sk.web.cursor import first_of, read_cursor
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 15


@routes.get("/vertretung/{id}", allow=CITIZEN)
async def show_list(request: web.Request) -> web.Response:
    """Show the newest notices that a Vollmacht covers, and the way to older ones."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    vollmacht = await own_vollmacht(request.match_info["id"], log_in.account_id, services)
    terms = vollmacht.terms
    if terms.representative != log_in.account_id or not await holds(vollmacht, services):
        raise NotFound("nobody acts by this Vollmacht now")
    key, value = "postbox", terms.principal
    if terms.authority:
        key, value = "sender", from_one(terms.principal, terms.authority)
    after = read_cursor(request.query.get("vor", ""))
    found = await services.store.find(Notice, key, value, after=after, limit=PAGE_LENGTH + 1, newest_first=True)
    shown, older = first_of(found, PAGE_LENGTH, key)
    return page(
        request,
        "vertretung.html",
        vollmacht=vollmacht,
        lines=await lines_of(shown, terms.principal, services),
        older=older,
    )
