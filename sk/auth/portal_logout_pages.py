"""Logging out at a portal's request (OpenID Connect RP-Initiated Logout 1.0): nobody is logged out unasked."""

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web

from sk.auth.authorization import with_query
from sk.auth.portal import PortalCard, open_portal
from sk.auth.portal_log_in import end
from sk.auth.portal_pages import leave
from sk.auth.portal_tokens import read_hint
from sk.auth.sessions import end_session
from sk.errors import NotFound
from sk.services import Services
from sk.web.cookies import delete_cookie
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, CITIZEN, FROM_ELSEWHERE, RouteTable

routes = RouteTable()
STATE_MAX = 2000


class Leaving(NamedTuple):
    """What a portal asks for: which one it is, if it says so truly, where it has somebody led, and its own log-in."""

    portal: PortalCard | None = None
    address: str = ""
    sid: str = ""


@routes.get("/oauth/logout", allow=ANYBODY)
async def ask(request: web.Request) -> web.Response:
    """Ask whoever has logged out of a portal whether they want to log out here as well."""
    return await _ask(request, request.query)


@routes.post("/oauth/logout", allow=FROM_ELSEWHERE)
async def ask_by_form(request: web.Request) -> web.Response:
    """Do the same for a form of the portal's page."""
    return await _ask(request, {name: str(value) for name, value in (await request.post()).items()})


@routes.post("/portal-abmelden", allow=CITIZEN)
async def log_out(request: web.Request) -> web.Response:
    """Log out here, and of all portals; or of the one that asked alone. Then lead back to it."""
    services, form = request.app[SERVICES], await fields_of(request)
    asked = await _read(form, services)
    if form["antwort"] == "alles":
        await end_session(request[LOG_IN].session_id, services)
        del request[LOG_IN]
    elif asked.sid:
        await end(asked.sid, services)
    response = _gone(request, asked)
    if form["antwort"] == "alles":
        delete_cookie(request, response, "session")
    return response


async def _ask(request: web.Request, said: Mapping[str, str]) -> web.Response:
    asked = await _read(said, request.app[SERVICES])
    if LOG_IN not in request:
        return _gone(request, asked)
    names = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
    kept = {name: said[name] for name in names if said.get(name)}
    return page(request, "portal_logout.html", portal=asked.portal, kept=kept, here="")


async def _read(said: Mapping[str, str], services: Services) -> Leaving:
    """Return what is asked for. An address that the portal has not registered is left out: nobody is led there."""
    hint, client_id, sid = said.get("id_token_hint", ""), said.get("client_id", ""), ""
    try:
        if hint:
            claims = read_hint(hint, services)
            if client_id not in ("", claims["aud"]):
                return Leaving()
            client_id, sid = claims["aud"], claims["sid"]
        portal = await open_portal(client_id, services)
    except NotFound:
        return Leaving()
    wanted, state = said.get("post_logout_redirect_uri", ""), said.get("state", "")[:STATE_MAX]
    if wanted not in portal.logout_uris:
        return Leaving(portal, "", sid)
    return Leaving(portal, with_query(wanted, {"state": state} if state else {}), sid)


def _gone(request: web.Request, asked: Leaving) -> web.Response:
    """Lead back to the portal, or home if it has not said where to."""
    if asked.portal and asked.address:
        return leave(request, asked.address, asked.portal.name)
    return see_other("/")
