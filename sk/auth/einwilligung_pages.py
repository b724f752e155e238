"""The pages on which a citizen chooses authorities: by which address each finds the postbox, and if it may post."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from sk.auth.account import EVERY_AUTHORITY, Account
from sk.auth.authorities import all_registered, is_asked_for, posting, registered
from sk.auth.authority import AuthorityCard
from sk.auth.einwilligung import change_einwilligung
from sk.auth.handles import PostboxAddress, handle_towards
from sk.auth.own_key import own_lock
from sk.qr import qr_svg
from sk.services import Services
from sk.web.downloads import saved
from sk.web.keys import LOG_IN, PRINTER, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
HERE = "/konto/einwilligungen"
ASKED_MAX = 200


class Line(NamedTuple):
    """An authority in a list: since when it is there, and whether it may still post here."""

    authority_id: str
    name: str
    since: datetime
    posts: bool


@routes.get(HERE, allow=CITIZEN)
async def show_einwilligungen(request: web.Request) -> web.Response:
    """Show which Einwilligungen hold, and the authorities that somebody looks for."""
    services, account = request.app[SERVICES], await own_account(request)
    standing, known = account.standing(services.keys.signers), await all_registered(services)
    return page(
        request,
        "einwilligungen.html",
        general=standing.einwilligung.get(EVERY_AUTHORITY),
        given=_lines(standing.einwilligung, known),
        excepted=_lines(standing.excepted, known),
        asked=request.query.get("suche", "")[:ASKED_MAX],
        found=_found(request.query.get("suche"), known.values()),
        said=request.query.get("gesagt", ""),
    )


@routes.get(f"{HERE}/{{id}}", allow=CITIZEN)
async def show_authority(request: web.Request) -> web.Response:
    """Show by which address an authority finds the postbox, and whether it may post into it."""
    services, account = request.app[SERVICES], await own_account(request)
    card = await posting(request.match_info["id"], services)
    handle, standing = handle_towards(account, card.authority, services), account.standing(services.keys.signers)
    return page(
        request,
        "einwilligung.html",
        authority=card,
        handle=handle,
        picture=qr_svg(handle),
        standing=standing,
        holds=standing.has_einwilligung(card.authority),
        general=standing.einwilligung.get(EVERY_AUTHORITY),
        said=request.query.get("gesagt", ""),
    )


@routes.get(f"{HERE}/{{id}}/adresse.pdf", allow=CITIZEN)
async def print_address(request: web.Request) -> web.Response:
    """Send the address for one authority to print."""
    services, account = request.app[SERVICES], await own_account(request)
    card = await posting(request.match_info["id"], services)
    pdf = await request.app[PRINTER].run(_typeset, await _address(account, card, services), services.settings.is_trial)
    return saved(pdf, "application/pdf", "postfach-adresse.pdf")


@routes.post(f"{HERE}/geben", allow=CITIZEN)
async def give_in_general(request: web.Request) -> web.Response:
    """Agree to electronic Bekanntgabe by every authority."""
    await change_einwilligung(request[LOG_IN].account_id, None, request.app[SERVICES], given=True)
    return see_other(f"{HERE}?gesagt=gegeben")


@routes.post(f"{HERE}/widerrufen", allow=CITIZEN)
async def withdraw_in_general(request: web.Request) -> web.Response:
    """Agree no longer in general; what was given to single authorities stays."""
    await change_einwilligung(request[LOG_IN].account_id, None, request.app[SERVICES], given=False)
    return see_other(f"{HERE}?gesagt=widerrufen")


@routes.post(f"{HERE}/{{id}}/geben", allow=CITIZEN)
async def give(request: web.Request) -> web.Response:
    """Agree to electronic Bekanntgabe by one authority, on whose page somebody is."""
    services = request.app[SERVICES]
    card = await posting(request.match_info["id"], services)
    await change_einwilligung(request[LOG_IN].account_id, card, services, given=True)
    return see_other(f"{HERE}/{card.authority}?gesagt=gegeben")


@routes.post(f"{HERE}/{{id}}/widerrufen", allow=CITIZEN)
async def withdraw(request: web.Request) -> web.Response:
    """Agree no longer, also to one that posts here no more: it might come back."""
    services = request.app[SERVICES]
    card = await registered(request.match_info["id"], services)
    await change_einwilligung(request[LOG_IN].account_id, card, services, given=False)
    return see_other(f"{HERE}?gesagt=widerrufen")


def _lines(since: Mapping[str, datetime], known: Mapping[str, AuthorityCard]) -> list[Line]:
    """Return the authorities of a list by their names; one that nobody vouches for has none, and goes by its id."""
    there = [
        Line(card.authority, card.name, since[card.authority], not card.disabled)
        for card in known.values()
        if card.authority in since
    ]
    nameless = sorted(since.keys() - known.keys() - {EVERY_AUTHORITY})
    return there + [Line(id_, id_, since[id_], posts=False) for id_ in nameless]


def _found(asked: str | None, cards: Iterable[AuthorityCard]) -> list[AuthorityCard] | None:
    """Return the authorities that somebody looks for, all of them if for nothing, or None if nobody has looked."""
    if asked is None:
        return None
    return [card for card in cards if not card.disabled and is_asked_for(card.name, asked[:ASKED_MAX])]


async def _address(account: Account, card: AuthorityCard, services: Services) -> PostboxAddress:
    profile = account.open_profile(await own_lock(account.id, services))
    return PostboxAddress(
        handle=handle_towards(account, card.authority, services),
        citizen=f"{profile.value('given_names')} {profile.value('family_names')}".strip(),
        authority=card.name,
        operator=services.settings.operator,
        page=services.base_url + HERE,
        made_at=services.clock.now(),
    )


def _typeset(address: PostboxAddress, is_trial: bool) -> bytes:  # noqa: FBT001 - a thread is given no names
    """Return an address as PDF. It takes a third of a second, so that this is for a thread of its own."""
    # The typesetter takes as long to load as all else together, and every start of the platform would wait for it.
    from sk.auth.address_pdf import typeset_address  # noqa: PLC0415 - see above

    return typeset_address(address, is_trial=is_trial)
