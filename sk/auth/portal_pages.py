"""The way of somebody who comes from a portal: logged in, surely enough, asked whether they agree, and led back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from aiohttp import web
from multidict import MultiMapping

from sk.auth.authorities import registered
from sk.auth.authorization import ABOUT, LASTS, PUSHED, REQUEST_URI, Asked, read_asked, with_query
from sk.auth.claims import CLAIMS, ClaimName, Person
from sk.auth.consent import agreed_to, with_consent
from sk.auth.errands import Errand, begin_errand, open_errand
from sk.auth.journal import StoredEntry, entry
from sk.auth.oauth import OAuthError
from sk.auth.portal import PortalCard, open_portal
from sk.auth.portal_log_in import begin_code, pairwise_sub, person_towards
from sk.auth.portal_tokens import expecting
from sk.auth.profile import NAMES, Datum, FieldName
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.errors import Conflict, Invalid, NotFound
from sk.safe.picking import Picked, offered, share_picked
from sk.services import Services
from sk.store.port import Aggregate
from sk.web.back import by_way_of
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, CITIZEN, FROM_ELSEWHERE, RouteTable

routes = RouteTable()
HERE = "/portal"
Missing = Literal["log-in", "level", "consent", ""]


class Line(NamedTuple):
    """A datum that a portal would be told."""

    name: FieldName
    datum: Datum


class Told(NamedTuple):
    """All that it would be told, in the order of forms; the address of the postbox is told if its authority asks."""

    lines: Sequence[Line]
    email: str
    has_handle: bool


@routes.get("/oauth/authorize", allow=ANYBODY)
async def authorize(request: web.Request) -> web.Response:
    """Take the request of a portal from somebody's browser."""
    return await _begin(request, request.query)


@routes.post("/oauth/authorize", allow=FROM_ELSEWHERE)
async def authorize_by_form(request: web.Request) -> web.Response:
    """Take it from a form of the portal's page."""
    return await _begin(request, await request.post())  # type: ignore[arg-type]


@routes.get(f"{HERE}/{{id}}", allow=CITIZEN)
async def go_on(request: web.Request) -> web.Response:
    """Ask for what is still missing, or lead back to the portal."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    errand = await _errand(request)
    asked, portal = errand.content, await _portal(errand.content.portal, services)
    if asked.sub and asked.sub != pairwise_sub(log_in.account_id, portal, services):
        return await _refuse(request, errand, OAuthError("login_required", "somebody else is logged in"))
    match await _missing(asked, log_in, services):
        case "log-in":
            return see_other(by_way_of("/anmelden/erneut", request.path))
        case "level":
            authority = await registered(portal.authority, services)
            return page(request, "portal_level.html", portal=portal, authority=authority, asked=asked)
        case "consent":
            return await _show_consent(request, asked, portal)
        case "":
            return await _lead_back(request, errand, portal)


@routes.post(f"{HERE}/{{id}}", allow=CITIZEN)
async def decide(request: web.Request) -> web.Response:
    """Take the answer of whoever was asked: agreed, refused, or as surely logged in as they can be."""
    services, log_in, form = request.app[SERVICES], request[LOG_IN], await fields_of(request)
    errand = await _errand(request)
    asked, portal = errand.content, await _portal(errand.content.portal, services)
    match form["antwort"]:
        case "ja" if await _missing(asked, log_in, services) == "consent":
            numbered = {kind: form[f"dokument-{number}"] for number, kind in enumerate(asked.kinds, 1)}
            picked = {kind: document for kind, document in numbered.items() if document}
            token = request.match_info["id"]
            documents = await share_picked(picked, portal, token, log_in, services)
            return await _lead_back(request, errand, portal, documents, agreed=True)
        case "ohne":
            errand.content = asked.model_copy(update={"wished": "low"})
            await services.store.save(errand.to_save(services))
            return see_other(request.path)
        case "nein":
            return await _refuse(request, errand, OAuthError("access_denied", "the citizen has not agreed"))
        case _:
            return see_other(request.path)


def leave(request: web.Request, address: str, name: str) -> web.Response:
    """Lead somebody to a portal by a page of its own: browsers let no form of ours end on another site."""
    return page(request, "portal_leave.html", address=address, portal_name=name, here="")


async def _begin(request: web.Request, parameters: MultiMapping[str]) -> web.Response:
    """Check a request and keep it; what is wrong with it is told to the portal, unless it is not sure who that is."""
    services, said = request.app[SERVICES], {name: str(value) for name, value in parameters.items()}
    now = services.clock.now()
    portal = await _portal(said.get("client_id", ""), services)
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
    gone = [pushed.stored] if pushed else []
    if "none" in asked.prompts:
        return await _silently(asked, portal, request.get(LOG_IN), gone, services)
    errand = begin_errand(ABOUT, asked, services, lasts=LASTS)
    await services.store.save(errand.to_save(services), remove=gone)
    return see_other(f"{HERE}/{errand.token}")


def _read(said: Mapping[str, str], portal: PortalCard, now: datetime, *, is_twice: bool) -> Asked:
    if is_twice:
        raise OAuthError("invalid_request", "a parameter stands there twice")
    if portal.is_strict:
        raise OAuthError("invalid_request", "this client must push its requests: /oauth/par")
    return read_asked(said, portal, now)


async def _portal(portal_id: str, services: Services) -> PortalCard:
    try:
        return await open_portal(portal_id, services)
    except NotFound as error:
        raise Invalid(str(error), problem="portal-unknown") from None


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


async def _errand(request: web.Request) -> Errand[Asked]:
    try:
        return await open_errand(ABOUT, Asked, request.match_info["id"], request.app[SERVICES])
    except NotFound:
        raise NotFound("this request is over", problem="portal-over") from None


async def _missing(asked: Asked, log_in: LogIn, services: Services) -> Missing:
    """Return what is to be done next, or nothing."""
    age = (services.clock.now() - log_in.since).total_seconds()
    is_old = "login" in asked.prompts or (asked.max_age is not None and age > asked.max_age)
    if is_old and log_in.since < asked.at:
        return "log-in"
    if not reaches(log_in.level, asked.demanded) or not reaches(log_in.level, asked.wished):
        return "level"
    agreed = await agreed_to(log_in.account_id, asked.portal, services)
    asks = "consent" in asked.prompts or "select_account" in asked.prompts
    has_agreed = agreed is not None and set(asked.wish.names) <= set(agreed)
    return "" if has_agreed and not asks and not asked.kinds else "consent"


async def _silently(
    asked: Asked, portal: PortalCard, log_in: LogIn | None, gone: Sequence[Aggregate], services: Services
) -> web.Response:
    """Answer a portal that wants nobody to be asked."""
    base = services.base_url
    missing = await _missing(asked, log_in, services) if log_in else "log-in"
    errors = {"log-in": "login_required", "level": "unmet_authentication_requirements", "consent": "consent_required"}
    if log_in and asked.sub and asked.sub != pairwise_sub(log_in.account_id, portal, services):
        missing = "log-in"
    if log_in is None or missing:
        await services.store.save(remove=gone)
        return see_other(asked.answer(base, error=errors[missing or "log-in"]))
    code = begin_code(asked, log_in, services)
    await services.store.save(code.to_save(services), _told(log_in, portal, services), remove=gone)
    return see_other(asked.answer(base, code=code.token))


async def _lead_back(
    request: web.Request,
    errand: Errand[Asked],
    portal: PortalCard,
    documents: tuple[Picked, ...] = (),
    *,
    agreed: bool = False,
) -> web.Response:
    """Give a code, in one write with the consent if it was given just now; the request is over."""
    services, log_in, asked = request.app[SERVICES], request[LOG_IN], errand.content
    code = begin_code(asked, log_in, services, documents)
    saved: list[Aggregate] = [code.to_save(services), _told(log_in, portal, services)]
    if agreed:
        consent, _ = await with_consent(log_in.account_id, portal.portal, asked.wish.names, services)
        now = services.clock.now()
        saved += [consent, entry(log_in.account_id, "portal-consent-given", now, services, portal=portal.name)]
    try:
        await services.store.save(*saved, remove=[errand.stored])
    except Conflict:  # another window of the same browser was quicker
        raise NotFound("this request is over", problem="portal-over") from None
    return leave(request, asked.answer(services.base_url, code=code.token), portal.name)


def _told(log_in: LogIn, portal: PortalCard, services: Services) -> StoredEntry:
    """Have somebody read in their journal to which portals they have logged in."""
    now = services.clock.now()
    return entry(log_in.account_id, "logged-in-to-portal", now, services, portal=portal.name)


async def _refuse(request: web.Request, errand: Errand[Asked], refused: OAuthError) -> web.Response:
    services, asked = request.app[SERVICES], errand.content
    await services.store.save(remove=[errand.stored])
    address = asked.answer(services.base_url, error=refused.error, error_description=str(refused))
    return leave(request, address, (await _portal(asked.portal, services)).name)


async def _show_consent(request: web.Request, asked: Asked, portal: PortalCard) -> web.Response:
    services, account = request.app[SERVICES], await own_account(request)
    person = await person_towards(account, portal, services)
    authority = await registered(portal.authority, services)
    told = told_lines(asked.wish.names, person)
    kinds = await offered(asked.kinds, portal, request[LOG_IN], services)
    return page(request, "portal_consent.html", portal=portal, authority=authority, told=told, kinds=kinds)


def told_lines(names: Sequence[ClaimName], person: Person) -> Told:
    """Return the data behind some claims, each once, in the order of forms."""
    fields = {field for name in names if name in CLAIMS for field in CLAIMS[name].made_of}
    lines = [Line(name, person.profile.data[name]) for name in NAMES if name in fields & person.profile.data.keys()]
    return Told(lines, person.email if "email" in names else "", "postbox_handle" in names)
