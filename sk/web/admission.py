"""Who may call a route: checked in one place, for every route, before its handler runs."""

from urllib.parse import urlsplit

from aiohttp import web

from sk.auth.sessions import csrf_matches, current_log_in
from sk.auth.tokens import authorize
from sk.errors import Forbidden, NotFound
from sk.web.cookies import read_session_cookie
from sk.web.keys import AUTHORITY, LOG_IN, SERVICES
from sk.web.routes import Handler, Route

LOOPBACK = ("127.0.0.1", "::1")


def guarded(route: Route) -> Handler:
    """Return the handler of a route behind its check."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            refuse_foreign_page(request)
        match route.allow.who:
            case "machine":
                header = request.headers.get("Authorization")
                request[AUTHORITY] = await authorize(header, route.allow.scope, request.app[SERVICES])
            case "citizen":
                await _admit_citizen(request)
            case "loopback":
                if request.remote not in LOOPBACK or "X-Forwarded-For" in request.headers:
                    raise NotFound
            case "anybody":
                pass
        return await route.handler(request)

    return serve


def refuse_foreign_page(request: web.Request) -> None:
    """Refuse a form that another site's page has sent off in this browser."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in ("same-origin", "none") if site else origin is None or urlsplit(origin).netloc == request.host
    if not ours:
        raise Forbidden("this form was sent from another site", problem="foreign-page")


async def _admit_citizen(request: web.Request) -> None:
    services = request.app[SERVICES]
    log_in = await current_log_in(read_session_cookie(request), services)
    if log_in is None:
        raise web.HTTPSeeOther("/anmelden")
    request[LOG_IN] = log_in
    if request.method == "POST":
        form = await request.post()
        if not csrf_matches(log_in, str(form.get("csrf", ""))):
            raise Forbidden(
                "this form is too old; please go back, load the page anew and try again", problem="stale-form"
            )
