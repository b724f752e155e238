"""The list of a postbox in the browser: by shelf, by authority, and what a search finds."""

from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from sk.auth.vollmacht import held_by
from sk.clock import local_day
from sk.postbox.lines import lines_of
from sk.postbox.notice import Notice, from_one, shelf_of
from sk.postbox.search import search
from sk.services import Services
from sk.web.cursor import first_of, read_cursor, spelled
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, OPEN_PAGE, RouteTable

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
    shown, older = first_of(found, PAGE_LENGTH, key)
    lines = await lines_of(shown, log_in.account_id, services)
    account = await own_account(request)
    return page(
        request,
        "postbox.html",
        lines=lines,
        authority=authority,
        archive=archive,
        older=older,
        represented=await held_by(log_in.account_id, services),
        state="" if authority or archive or after else _state_of(found, services),
        mail=account.open_mail(services.keys.lock_key("mail")),
        has_agreed=bool(account.standing(services.keys.signers).einwilligung),
    )


@routes.get("/postfach/stand", allow=OPEN_PAGE)
async def show_news(request: web.Request) -> web.StreamResponse:
    """Answer an open list that asks by itself: with nothing while it is what it was, else with what it is now."""
    services, shelf = request.app[SERVICES], shelf_of(request[LOG_IN].account_id, "current")
    found = await services.store.find(Notice, "shelf", shelf, limit=PAGE_LENGTH + 1, newest_first=True)
    if _state_of(found, services) == request.query.get("stand"):
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return await show_list(request)


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
    lines = await lines_of(found.notices, request[LOG_IN].account_id, services)
    return page(request, "search.html", words=words, lines=lines, after=spelled(found.after), back_to=found.back_to)


def _state_of(notices: Sequence[Notice], services: Services) -> str:
    """Return what is another one whenever the list may be: after each step of one of them, and on another day."""
    parts = [str(local_day(services.clock.now())), *(f"{notice.id}.{notice.version}" for notice in notices)]
    return sha256(" ".join(parts).encode()).hexdigest()[:16]
