"""The list of a postbox in the browser: by shelf, by authority, and what a search finds."""

from aiohttp import web

from sk.postbox.lines import lines_of
from sk.postbox.notice import Notice, from_one, shelf_of
from sk.postbox.search import search
from sk.store.port import cursor_of
from sk.web.cursor import read_cursor, spelled
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 15


@routes.get("/postfach", allow=CITIZEN)
async def show_list(request: web.Request) -> web.Response:
    """Show the newest notices of the postbox, of the archive or of one authority, and the way to older ones."""
    services, log_in, query = request.app[SERVICES], request[LOG_IN], request.query
    authority, archive = query.get("von", ""), query.get("ablage") == "archiv"
    if authority:
        key, value = "sender", from_one(log_in.account_id, authority)
    else:
        key, value = "shelf", shelf_of(log_in.account_id, "archive" if archive else "current")
    after = read_cursor(query.get("vor", ""))
    found = await services.store.find(Notice, key, value, after=after, limit=PAGE_LENGTH + 1, newest_first=True)
    shown = found[:PAGE_LENGTH]
    older = cursor_of(shown[-1], key) if len(found) > PAGE_LENGTH else None
    lines = await lines_of(shown, log_in, services)
    account = await own_account(request)
    return page(
        request,
        "postbox.html",
        lines=lines,
        authority=authority,
        archive=archive,
        older=spelled(older),
        mail=account.open_mail(services.keys.lock_key("mail")),
        has_agreed=bool(account.standing(services.keys.signers).einwilligung),
    )


@routes.get("/postfach/suche", allow=CITIZEN)
async def lead_to_list(_: web.Request) -> web.Response:
    """Lead whoever loads a search anew to the list: what was searched for stands in no address, and in no log."""
    return see_other("/postfach")


@routes.post("/postfach/suche", allow=CITIZEN)
async def find(request: web.Request) -> web.Response:
    """Search one's own notices. What takes long is told in parts, each with a button to go on."""
    services, form = request.app[SERVICES], await fields_of(request)
    words = form["suche"].strip()
    if not words:
        return see_other("/postfach")
    found = await search(words, read_cursor(form["vor"]), request[LOG_IN], services)
    lines = await lines_of(found.notices, request[LOG_IN], services)
    return page(request, "search.html", words=words, lines=lines, after=spelled(found.after), back_to=found.back_to)
