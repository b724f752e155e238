"""Where a portal that speaks SAML 2.0 sends somebody's browser, and what it reads of us beforehand."""

from aiohttp import web

from sk.auth.oauth import OAuthError
from sk.auth.portal import portal_of_entity
from sk.auth.portal_pages import begin_request, leave, refused
from sk.auth.saml_portal import ENTITY, SIGN_ON, Identity, take
from sk.errors import Damaged, Invalid, NotFound
from sk.saml.bindings import Received, from_form, from_redirect
from sk.saml.messages import read_request
from sk.saml.metadata import provider_metadata
from sk.web.keys import SAML, SERVICES
from sk.web.routes import ANYBODY, FROM_ELSEWHERE, RouteTable

routes = RouteTable()


@routes.get(ENTITY, allow=ANYBODY)
async def show_metadata(request: web.Request) -> web.Response:
    """Return what portals have to know of us."""
    base = request.app[SERVICES].base_url
    raw = provider_metadata(base + ENTITY, base + SIGN_ON, [_identity(request).certificate])
    return web.Response(body=raw, content_type="application/samlmetadata+xml")


@routes.get(SIGN_ON, allow=ANYBODY)
async def sign_on(request: web.Request) -> web.Response:
    """Take a request out of the address, as it stands there: its very spelling is signed."""
    _identity(request)
    try:
        received = from_redirect(request.raw_path.partition("?")[2])
    except Damaged:
        raise _unread() from None
    return await _begin(request, received, is_form=False)


@routes.post(SIGN_ON, allow=FROM_ELSEWHERE)
async def sign_on_by_form(request: web.Request) -> web.Response:
    """Take a request out of a form of the portal's page."""
    _identity(request)
    form = await request.post()
    try:
        message = from_form(str(form.get("SAMLRequest", "")))
    except Damaged:
        raise _unread() from None
    return await _begin(request, Received(message, str(form.get("RelayState", ""))), is_form=True)


async def _begin(request: web.Request, received: Received, *, is_form: bool) -> web.Response:
    services = request.app[SERVICES]
    try:
        issuer = read_request(received.message).issuer
    except Damaged:
        raise _unread() from None
    try:
        portal = await portal_of_entity(issuer, services)
    except NotFound:
        raise Invalid("there is no such portal", problem="portal-unknown") from None
    try:
        asked, is_unmet = await take(received, portal, services, is_form=is_form)
    except Damaged:
        raise _unread() from None
    if is_unmet:
        error = OAuthError("unmet_authentication_requirements", "none of these levels is known here")
        return leave(request, refused(request, asked, error), portal.name)
    return await begin_request(request, asked, portal)


def _identity(request: web.Request) -> Identity:
    """Return by what portals know us, or raise `NotFound` where no SAML is spoken."""
    if SAML not in request.app:
        raise NotFound("no SAML is spoken here")
    return request.app[SAML]


def _unread() -> Invalid:
    """Return the one answer to what is not the word of a portal, whatever is wrong with it."""
    return Invalid("this is no request of a portal, or not a fresh one", problem="portal-request")
