"""Where a portal that speaks OpenID Connect sends somebody's browser: its request is checked, and kept."""

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from multidict import MultiMapping

from sk.auth.authorization import PUSHED, REQUEST_URI, Asked, read_asked, with_query
from sk.auth.errands import Errand, open_errand
from sk.auth.oauth import OAuthError
from sk.auth.portal import PortalCard
from sk.auth.portal_pages import begin_request, portal_named
from sk.auth.portal_tokens import expecting
from sk.errors import Invalid, NotFound
from sk.services import Services
from sk.web.keys import SERVICES
from sk.web.render import see_other
from sk.web.routes import ANYBODY, FROM_ELSEWHERE, RouteTable

routes = RouteTable()


@routes.get("/oauth/authorize", allow=ANYBODY)
async def authorize(request: web.Request) -> web.Response:
    """Take the request of a portal from somebody's browser."""
    return await _begin(request, request.query)


@routes.post("/oauth/authorize", allow=FROM_ELSEWHERE)
async def authorize_by_form(request: web.Request) -> web.Response:
    """Take it from a form of the portal's page."""
    return await _begin(request, await request.post())  # type: ignore[arg-type]


async def _begin(request: web.Request, parameters: MultiMapping[str]) -> web.Response:
    """Check a request and keep it; what is wrong with it is told to the portal, unless it is not sure who that is."""
    services, said = request.app[SERVICES], {name: str(value) for name, value in parameters.items()}
    now = services.clock.now()
    portal = await portal_named(said.get("client_id", ""), services)
    if portal.saml:
        raise Invalid("this portal speaks SAML", problem="portal-unknown")
    pushed: Errand[Asked] | None = None
    if "request_uri" in said:
        pushed = await _pushed(said["request_uri"], portal, services)
        asked = pushed.content
    elif said.get("redirect_uri") not in portal.redirect_uris:
        raise Invalid("redirect_uri is not registered for this client", problem="portal-address")
    else:
        try:
            asked = expecting(_read(said, portal, now, is_twice=len(parameters) != len(said)), said, services)
        except OAuthError as refused:
            told = {"error": refused.error, "error_description": str(refused), "iss": services.base_url}
            state = {"state": said["state"]} if said.get("state") else {}
            return see_other(with_query(said["redirect_uri"], {**told, **state}))
    return await begin_request(request, asked, portal, [pushed.stored] if pushed else [])


def _read(said: Mapping[str, str], portal: PortalCard, now: datetime, *, is_twice: bool) -> Asked:
    if is_twice:
        raise OAuthError("invalid_request", "a parameter stands there twice")
    if portal.is_strict:
        raise OAuthError("invalid_request", "this client must push its requests: /oauth/par")
    return read_asked(said, portal, now)


async def _pushed(request_uri: str, portal: PortalCard, services: Services) -> Errand[Asked]:
    """Return a request that was pushed, once: it is removed in the write of what it leads to."""
    token = request_uri.removeprefix(REQUEST_URI)
    try:
        errand = await open_errand(PUSHED, Asked, token, services)
    except NotFound:
        raise NotFound("this request is over", problem="portal-over") from None
    if token == request_uri or errand.content.portal != portal.portal:
        raise NotFound("this request is over", problem="portal-over")
    return errand
