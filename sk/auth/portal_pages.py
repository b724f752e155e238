"""The way of somebody who comes from a portal: logged in, surely enough, asked whether they agree, and led back."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from sk.auth.authorities import registered
from sk.auth.authorization import ABOUT, LASTS, Asked
from sk.auth.claims import CLAIMS, ClaimName, Person
from sk.auth.consent import agreed_to, with_consent
from sk.auth.errands import Errand, begin_errand, open_errand
from sk.auth.journal import entry
from sk.auth.oauth import OAuthCode, OAuthError
from sk.auth.portal import PortalCard, open_portal
from sk.auth.portal_log_in import begin_code, pairwise_sub, person_towards
from sk.auth.profile import NAMES, Datum, FieldName
from sk.auth.saml_portal import Answer, answer, refusal
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.errors import Conflict, Invalid, NotFound
from sk.safe.picking import Picked, offered, share_picked
from sk.services import Services
from sk.store.port import Aggregate
from sk.web.answer import HEADERS
from sk.web.back import by_way_of
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SAML, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, CITIZEN, RouteTable

routes = RouteTable()
HERE = "/portal"
SILENTLY = "/still"
Missing = Literal["log-in", "level", "consent", ""]
ERRORS: Mapping[str, OAuthCode] = {
    "log-in": "login_required",
    "level": "unmet_authentication_requirements",
    "consent": "consent_required",
}
"""What a portal is told that wants nobody to be asked for what is missing."""


class Line(NamedTuple):
    """A datum that a portal would be told."""

    name: FieldName
    datum: Datum


class Told(NamedTuple):
    """All that it would be told, in the order of forms; the address of the postbox is told if its authority asks."""

    lines: Sequence[Line]
    email: str
    has_handle: bool


@routes.get(f"{HERE}/{{id}}", allow=CITIZEN)
async def go_on(request: web.Request) -> web.Response:
    """Ask for what is still missing, or lead back to the portal."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    errand = await _errand(request)
    asked, portal = errand.content, await portal_named(errand.content.portal, services)
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
    asked, portal = errand.content, await portal_named(errand.content.portal, services)
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


def leave(request: web.Request, back: str | Answer, name: str) -> web.Response:
    """Lead somebody to a portal by a page of its own: browsers let no form of ours end on another site.

    What goes there in a form is sent by a script, or by whoever presses the button.
    """
    if isinstance(back, str):
        return page(request, "portal_leave.html", address=back, fields={}, portal_name=name, here="")
    response = page(request, "portal_leave.html", address=back.address, fields=back.fields, portal_name=name, here="")
    there = "{0.scheme}://{0.netloc} https:".format(urlsplit(back.address))  # it may lead on, which is held to this too
    policy = HEADERS["Content-Security-Policy"].replace("form-action 'self'", f"form-action 'self' {there}")
    response.headers["Content-Security-Policy"] = policy
    return response


async def begin_request(
    request: web.Request, asked: Asked, portal: PortalCard, gone: Sequence[Aggregate] = ()
) -> web.Response:
    """Keep a request that was checked, and lead to what is asked of somebody; or answer at once, if nobody may be."""
    services = request.app[SERVICES]
    is_silent = "none" in asked.prompts
    if is_silent and request.method == "GET":
        return await _silently(request, asked, portal, gone)
    errand = begin_errand(ABOUT, asked, services, lasts=LASTS)
    await services.store.save(errand.to_save(services), remove=gone)
    return see_other(f"{HERE}/{errand.token}{SILENTLY if is_silent else ''}")


@routes.get(f"{HERE}/{{id}}{SILENTLY}", allow=ANYBODY)
async def answer_silently(request: web.Request) -> web.Response:
    """Answer a portal that has sent a form and wants nobody to be asked: browsers show no session with such a form."""
    errand = await _errand(request)
    portal = await portal_named(errand.content.portal, request.app[SERVICES])
    return await _silently(request, errand.content, portal, [errand.stored])


async def portal_named(portal_id: str, services: Services) -> PortalCard:
    """Return a portal to which people can log in, or raise `Invalid`."""
    try:
        return await open_portal(portal_id, services)
    except NotFound as error:
        raise Invalid(str(error), problem="portal-unknown") from None


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


async def _silently(request: web.Request, asked: Asked, portal: PortalCard, gone: Sequence[Aggregate]) -> web.Response:
    """Answer a portal that wants nobody to be asked."""
    services, log_in = request.app[SERVICES], request.get(LOG_IN)
    missing = await _missing(asked, log_in, services) if log_in else "log-in"
    if log_in and asked.sub and asked.sub != pairwise_sub(log_in.account_id, portal, services):
        missing = "log-in"
    if log_in is None or missing:
        await services.store.save(remove=gone)
        back = refused(request, asked, OAuthError(ERRORS[missing or "log-in"], "nobody is to be asked"))
    else:
        answer, saved = await _answer(request, asked, portal, ())
        await services.store.save(*saved, remove=gone)
        back = answer
    return see_other(back) if isinstance(back, str) else leave(request, back, portal.name)


async def _answer(
    request: web.Request, asked: Asked, portal: PortalCard, documents: tuple[Picked, ...]
) -> tuple[str | Answer, list[Aggregate]]:
    """Return what goes back to the portal about whoever has logged in, and what is to be saved with it."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    told = entry(log_in.account_id, "logged-in-to-portal", services.clock.now(), services, portal=portal.name)
    if asked.saml:
        person = await person_towards(await own_account(request), portal, services)
        return answer(asked, portal, log_in, person, request.app[SAML], services), [told]
    code = begin_code(asked, log_in, services, documents)
    return asked.answer(services.base_url, code=code.token), [told, code.to_save(services)]


def refused(request: web.Request, asked: Asked, error: OAuthError) -> str | Answer:
    """Return what goes back to the portal when nobody has logged in."""
    services = request.app[SERVICES]
    if asked.saml:
        return refusal(asked, error.error, request.app[SAML], services)
    return asked.answer(services.base_url, error=error.error, error_description=str(error))


async def _lead_back(
    request: web.Request,
    errand: Errand[Asked],
    portal: PortalCard,
    documents: tuple[Picked, ...] = (),
    *,
    agreed: bool = False,
) -> web.Response:
    """Answer the portal, in one write with the consent if it was given just now; the request is over."""
    services, log_in, asked = request.app[SERVICES], request[LOG_IN], errand.content
    back, saved = await _answer(request, asked, portal, documents)
    if agreed:
        consent = await with_consent(log_in.account_id, portal.portal, asked.wish.names, services)
        now = services.clock.now()
        saved += [consent, entry(log_in.account_id, "portal-consent-given", now, services, portal=portal.name)]
    try:
        await services.store.save(*saved, remove=[errand.stored])
    except Conflict:  # another window of the same browser was quicker
        raise NotFound("this request is over", problem="portal-over") from None
    return leave(request, back, portal.name)


async def _refuse(request: web.Request, errand: Errand[Asked], error: OAuthError) -> web.Response:
    services, asked = request.app[SERVICES], errand.content
    await services.store.save(remove=[errand.stored])
    return leave(request, refused(request, asked, error), (await portal_named(asked.portal, services)).name)


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
