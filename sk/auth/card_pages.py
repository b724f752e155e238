"""The pages on the way to the ID card and back: for registering, for logging in, for raising the trust level.

The way to BundID is another one (`sk/auth/bundid_pages.py`), and goes on here.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from sk.auth.account import Account
from sk.auth.cards import (
    CardRead,
    CardUse,
    Purpose,
    begin_card_use,
    bind_card,
    differences,
    fetch_token,
    forget_unconfirmed,
    holder_of,
    own_card_use,
    read_result,
    refuse_other_way_back,
    taken_over,
    token_address,
)
from sk.auth.eid.server import CardRefused, CardUseOver, EidServer, NoResultYet
from sk.auth.eid.tctoken import MEDIA_TYPE, client_links
from sk.auth.enter import enter
from sk.auth.errands import Errand, StoredErrand
from sk.auth.own_key import own_lock
from sk.auth.sessions import is_fresh
from sk.auth.trust import TrustLevel, lower, reaches
from sk.errors import Forbidden, Invalid, NotFound, Unavailable
from sk.services import Services
from sk.web.back import HOME, by_way_of, safe_back
from sk.web.card_words import card_words
from sk.web.cookies import delete_cookie, read_cookie, set_cookie
from sk.web.forms import Fields, errors_of, fields_of, refuse_stale
from sk.web.keys import EID, LOG_IN, SERVICES, SIMULATOR
from sk.web.own import own_credentials
from sk.web.problems import PROBLEMS
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, RouteTable
from sk.web.visits import let_in, visit_of

routes = RouteTable()
COOKIE = "card"
ACCOUNT = "/konto"
WITH_A_NEW_CARD: Mapping[Purpose, str] = {
    "account": "/ausweis/abgleich",
    "register": "/registrieren/ausweis",
    "log-in": "/ausweis/neu",
}
"""Where it goes on with a card that nobody here is known by."""
CANCELLED = "cancellationByUser"
"""What eID-Clients end the reason with when their owner has broken off."""
REFUSALS = {"getResult#invalidDocument": "card-refused", "getResult#deniedDocument": "card-denied"}


@routes.post("/ausweis", allow=ANYBODY)
async def begin(request: web.Request) -> web.Response:
    """Begin a way to the card."""
    form = await fields_of(request)
    refuse_stale(request, form)
    _server(request)
    return await begin_way(request, form, lambda _: see_other("/ausweis"))


async def begin_way(
    request: web.Request,
    form: Fields,
    lead: Callable[[CardUse], web.Response],
    at_least: TrustLevel | None = None,
) -> web.Response:
    """Begin what a form asks for, and lead there; before a card is bound, its owner has logged in just now.

    `at_least` is the level that BundID is asked for; for a log-in any will do.
    """
    purpose: Purpose = next((known for known in WITH_A_NEW_CARD if known == form["purpose"]), "log-in")
    back = safe_back(form["weiter"], ACCOUNT if purpose == "account" else HOME)
    log_in = request.get(LOG_IN)
    if purpose == "account" and (log_in is None or not await _may_bind(request)):
        return see_other(by_way_of("/anmelden/erneut" if log_in else "/anmelden", back))
    asked: TrustLevel | None = "low" if at_least and purpose == "log-in" else at_least
    errand = await begin_card_use(purpose, back, log_in, request.app[SERVICES], asked=asked)
    response = lead(errand.content)
    set_cookie(request, response, COOKIE, errand.token)
    return response


@routes.get("/ausweis", allow=ANYBODY)
async def show_way(request: web.Request) -> web.Response:
    """Show the link that starts the eID-Client, and how it goes on."""
    services = request.app[SERVICES]
    use = (await own_errand(request)).content
    address = token_address(use, services)
    simulator = f"/dev/ausweis?{urlencode({'tcTokenURL': address})}" if SIMULATOR in request.app else ""
    return form_page(request, "card.html", links=client_links(address), simulator=simulator, use=use)


@routes.get("/ausweis/token/{reference}", allow=ANYBODY)
async def give_token(request: web.Request) -> web.Response:
    """Give the eID-Client its token. It has no cookies; what it has is an address that nobody guesses, once."""
    raw = await fetch_token(request.match_info["reference"], _server(request), request.app[SERVICES])
    return web.Response(body=raw, content_type=MEDIA_TYPE, charset="utf-8")


@routes.get("/ausweis/zurueck/{way_back}", allow=ANYBODY)
async def come_back(request: web.Request) -> web.Response:
    """Take what the card said, for the browser that has begun, and go on to what it was for."""
    services = request.app[SERVICES]
    errand = await own_errand(request)
    refuse_other_way_back(errand.content, request.match_info["way_back"])
    came_to_nothing = "error" in request.query.get("ResultMajor", "").lower()
    if came_to_nothing and request.query.get("ResultMinor", "").endswith(CANCELLED):
        return failed(request, errand.content, "card-cancelled")
    try:
        read = await read_result(errand, _server(request), services)
    except NoResultYet:
        if not came_to_nothing:
            return page(request, "card_wait.html")
    except CardRefused as refused:
        return failed(request, errand.content, REFUSALS.get(refused.minor, "card-not-read"))
    except (CardUseOver, Forbidden, Unavailable) as trouble:
        return failed(request, errand.content, trouble.problem)
    else:
        if not came_to_nothing:
            return await go_on(request, errand, read)
    # The eID-Server may know nothing of it, or know better: the client has told its owner that nothing was read.
    return failed(request, errand.content, "card-not-read")


async def go_on(request: web.Request, errand: Errand[CardUse], read: CardRead) -> web.Response:
    """Let in whoever is known by a card, and lead others to what a new card is for.

    A log-in is worth no more than the card was when it was bound, until its level is raised.
    """
    services, use = request.app[SERVICES], errand.content
    holder = await holder_of(read.card, services)
    if holder and use.purpose == "register" and holder.account.standing(services.keys.signers).state == "pending":
        await forget_unconfirmed(holder, services)
        holder = None
    if holder is None:
        return see_other(WITH_A_NEW_CARD[use.purpose])
    if use.purpose == "account" and holder.account.id != use.account_id:
        return failed(request, use, "card-of-another-account")
    if not holder.account.standing(services.keys.signers).may_log_in:
        return failed(request, use, "card-not-usable")
    [bound] = [card.level for card in holder.credentials.cards if card.index == read.card.index]
    is_raised = not reaches(bound, read.card.level)
    if use.purpose == "account" and (is_raised or await _brings_news(holder.account, use, read, services)):
        return see_other(WITH_A_NEW_CARD[use.purpose])
    # The errand is over with the log-in, so that it lets in once.
    level = lower(bound, read.card.level)
    return await _let_in(request, errand, holder.account.id, read, level, spent=errand.stored)


@routes.get("/ausweis/neu", allow=ANYBODY)
async def show_unknown(request: web.Request) -> web.Response:
    """Say that no account is known by this card, and which ways there are."""
    read = was_read(await own_errand(request))
    return form_page(request, "card_unknown.html", card=read.card)


@routes.get("/ausweis/abgleich", allow=ANYBODY)
async def show_differences(request: web.Request) -> web.Response:
    """Show what was read, and what of it replaces what the citizen has said, before anything changes."""
    return await _comparison(request, None)


@routes.post("/ausweis/abgleich", allow=ANYBODY)
async def take_over(request: web.Request) -> web.Response:
    """Bind the card to the account and go back, at its level, to where the person was."""
    services = request.app[SERVICES]
    try:
        refuse_stale(request, await fields_of(request))
    except Invalid as refused:
        return await _comparison(request, refused)
    errand = await own_errand(request)
    read = was_read(errand)
    account = await services.store.get(Account, errand.content.account_id)
    held = account.open_credentials(services.keys.lock_key("vault")).cards
    if not (errand.content.fresh or read.card.index in [card.index for card in held]):
        return see_other(by_way_of("/anmelden/erneut", ACCOUNT))
    try:
        await bind_card(account, errand, read, services)
    except Forbidden as refused:
        return failed(request, errand.content, refused.problem)
    return await _let_in(request, errand, account.id, read, read.card.level)


async def own_errand(request: web.Request) -> Errand[CardUse]:
    """Return the way to the card that this browser has begun, or raise `Forbidden`."""
    return await own_card_use(read_cookie(request, COOKIE), request.get(LOG_IN), request.app[SERVICES])


def was_read(errand: Errand[CardUse]) -> CardRead:
    """Return what was read on a way to the card, or raise `Forbidden`."""
    if errand.content.read is None:
        raise Forbidden("no card was read", problem="card-foreign-session")
    return errand.content.read


async def _let_in(
    request: web.Request,
    errand: Errand[CardUse],
    account_id: str,
    read: CardRead,
    level: TrustLevel,
    *,
    spent: StoredErrand | None = None,
) -> web.Response:
    """Put the browser under a fresh session at a level, and lead it to where the person was."""
    services, means = request.app[SERVICES], read.card.means
    entered = await enter(account_id, means, visit_of(request), services, errand=spent, level=level)
    response = let_in(request, entered, errand.content.back)
    delete_cookie(request, response, COOKIE)
    return response


async def _brings_news(account: Account, use: CardUse, read: CardRead, services: Services) -> bool:
    """Tell whether somebody has come from the page of their account to have their data read anew, and some are new."""
    if use.back != ACCOUNT:
        return False
    return bool(differences(account.open_profile(await own_lock(account.id, services)), read))


async def _may_bind(request: web.Request) -> bool:
    """Tell whether somebody may go to the card: a new way into the account asks for a log-in of just now.

    Whoever has found a session that was left open must not put their own card beside its owner's.
    """
    cards = (await own_credentials(request)).cards
    return bool(cards) or is_fresh(request[LOG_IN], request.app[SERVICES].clock.now())


def _server(request: web.Request) -> EidServer:
    server = request.app.get(EID)
    if server is None:
        raise NotFound("this installation reads no ID cards")
    return server


def failed(request: web.Request, use: CardUse, why: str) -> web.Response:
    """Return the page that says why it does not go on, and what can be done."""
    status = PROBLEMS[why].status if why in PROBLEMS else HTTPStatus.FORBIDDEN
    words = card_words(why, by_bundid=use.asked is not None)
    return form_page(request, "card_failed.html", status=status, words=words, use=use)


async def _comparison(request: web.Request, refused: Invalid | None) -> web.Response:
    services, errand = request.app[SERVICES], await own_errand(request)
    read = was_read(errand)
    account = await services.store.get(Account, errand.content.account_id)
    profile = account.open_profile(await own_lock(account.id, services))
    lines = [(name, before, after) for name, (before, after) in differences(profile, read).items()]
    held = account.open_credentials(services.keys.lock_key("vault")).cards
    return form_page(
        request,
        "card_compare.html",
        errors=errors_of(refused),
        lines=lines,
        card=read.card,
        is_held=any(card.index == read.card.index for card in held),
        keeps=not taken_over(profile, read),
    )
