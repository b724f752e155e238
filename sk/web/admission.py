"""Who may call a route: checked in one place, for every route, before its handler runs."""

from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import web

from sk.auth.sessions import current_log_in, is_fresh
from sk.auth.tokens import authorize
from sk.errors import Forbidden, NotFound, Unavailable
from sk.web.back import by_way_of
from sk.web.body import read_form, read_parts
from sk.web.cookies import read_session_cookie
from sk.web.forms import fields, fields_of, refuse_stale, refuse_stale_parts
from sk.web.keys import AUTHORITY, LOG_IN, PARTS, SERVICES
from sk.web.routes import Handler, Multipart, Route, dialect_of

LOOPBACK = ("127.0.0.1", "::1")
LOOPBACK_NAMES = ("localhost", *LOOPBACK)
PROXY_HEADERS = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def guarded(route: Route) -> Handler:
    """Return the handler of a route behind its check."""

    async def serve(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        if request.method not in ("GET", "HEAD") and not route.allow.from_elsewhere:
            refuse_foreign_page(request)
        if request.method == "POST" and not (route.allow.by_script or isinstance(route.body, Multipart)):
            await read_form(request, services.settings)
        match route.allow.who:
            case "machine":
                header = request.headers.get("Authorization")
                request[AUTHORITY] = await authorize(header, route.allow.scope, services)
            case "citizen":
                await _admit_citizen(request, route)
            case "loopback":
                if not is_local(request):
                    raise NotFound
            case "anybody" | "trial" if dialect_of(route.path) == "pages":
                await _recognise(request)
        return await route.handler(request)

    return serve


def is_local(request: web.Request) -> bool:
    """Tell whether somebody on this machine asks, in person: no proxy for others, no page under a name of its own."""
    return (
        request.remote in LOOPBACK
        and _host_of(f"//{request.host}", port=False) in LOOPBACK_NAMES
        and not any(name in request.headers for name in PROXY_HEADERS)
    )


def refuse_foreign_page(request: web.Request) -> None:
    """Refuse a form that another site's page has sent off in this browser."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in ("same-origin", "none") if site else origin is None or _host_of(origin) == request.host
    if not ours:
        raise Forbidden("this form was sent from another site", problem="foreign-page")


def _host_of(origin: str, *, port: bool = True) -> str:
    try:
        url = urlsplit(origin)
    except ValueError:
        return ""
    return url.netloc if port else url.hostname or ""


async def _recognise(request: web.Request) -> None:
    """Find out who looks at a page that is for anybody. If the store does not say, it is a stranger: the page is shown.

    Machine routes have no visitors: whether a process is alive, or ready, depends on no cookie.
    """
    with suppress(Unavailable):
        if (token := read_session_cookie(request)) and (log_in := await current_log_in(token, request.app[SERVICES])):
            request[LOG_IN] = log_in


async def _admit_citizen(request: web.Request, route: Route) -> None:
    """Find out who asks; who is not logged in, or not just now, does that first and is led back to where they were."""
    services = request.app[SERVICES]
    log_in = await current_log_in(read_session_cookie(request), services, by_itself=route.allow.by_itself)
    if log_in is None and route.allow.by_script:
        raise Forbidden("whoever does this is logged in", problem="not-logged-in")
    if log_in is None:
        raise web.HTTPSeeOther(by_way_of("/anmelden", request.path_qs))
    request[LOG_IN] = log_in
    if route.allow.by_script and request.method not in ("GET", "HEAD", "OPTIONS"):
        refuse_stale(request, fields({"csrf": request.headers.get("X-CSRF-Token", "")}))
    elif request.method == "POST" and isinstance(route.body, Multipart):
        request[PARTS] = read_parts(request, services.settings)
        await refuse_stale_parts(request, request[PARTS])
    elif request.method == "POST":
        refuse_stale(request, await fields_of(request))
    if route.allow.fresh and not is_fresh(log_in, services.clock.now()):
        raise web.HTTPSeeOther(by_way_of("/anmelden/erneut", request.path_qs))
