"""An authority's notices in the browser of its people: the list, a search, each of them, evidence, withdrawal."""

import logging

from aiohttp import web

from sk.auth.authorities import posting
from sk.auth.authority import AuthorityCard
from sk.auth.members import memberships_of
from sk.errors import NotFound
from sk.evidence.spelling import read_moment
from sk.postbox.cases import Case, case_of, cases_of, steps_of
from sk.postbox.evidence import send_evidence, send_printed
from sk.postbox.intake import case_index, reference_index
from sk.postbox.notice import Notice
from sk.postbox.posted import own_notice, withdraw
from sk.services import Services
from sk.web.cursor import first_of, read_cursor
from sk.web.desk import desk_of
from sk.web.forms import fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 15
FOUND_MAX = 50
HERE = "/behoerde/{client_id}"
log = logging.getLogger(__name__)


@routes.get("/behoerde", allow=CITIZEN)
async def choose(request: web.Request) -> web.Response:
    """Lead to the one authority for which somebody may act, let them choose, or say how one comes to that."""
    authorities = await _authorities(request)
    if len(authorities) == 1:
        return see_other(f"/behoerde/{authorities[0].authority}")
    return page(request, "behoerde.html", authorities=authorities)


@routes.get(HERE, allow=CITIZEN)
async def show_list(request: web.Request) -> web.Response:
    """Show the newest notices of an authority, and the way to older ones."""
    services, desk = request.app[SERVICES], await desk_of(request)
    id_, after = desk.authority.authority, read_cursor(request.query.get("vor", ""))
    found = await services.store.find(Notice, "authority", id_, after=after, limit=PAGE_LENGTH + 1, newest_first=True)
    shown, older = first_of(found, PAGE_LENGTH, "authority")
    return page(
        request,
        "behoerde_list.html",
        desk=desk,
        cases=await cases_of(shown, id_, services),
        older=older,
        is_alone=len(await _authorities(request)) == 1,
    )


@routes.get(f"{HERE}/suche", allow=CITIZEN)
async def lead_to_list(request: web.Request) -> web.Response:
    """Lead whoever loads a search anew to the list: what was searched for stands in no address, and in no log."""
    return see_other(f"/behoerde/{request.match_info['client_id']}")


@routes.post(f"{HERE}/suche", allow=CITIZEN)
async def find(request: web.Request) -> web.Response:
    """Find notices by their Aktenzeichen or reference, exactly as it was given."""
    services, desk, words = request.app[SERVICES], await desk_of(request), (await fields_of(request))["suche"].strip()
    if not words:
        return see_other(f"/behoerde/{desk.authority.authority}")
    found = await _named(words, desk.authority.authority, services)
    return page(request, "behoerde_search.html", desk=desk, words=words, cases=found, most=FOUND_MAX)


@routes.get(f"{HERE}/bescheide/{{id}}", allow=CITIZEN)
async def show_notice(request: web.Request) -> web.Response:
    """Show what happened to a notice, its days with their reasoning, its evidence and the replies to it."""
    services, desk = request.app[SERVICES], await desk_of(request)
    notice, history = await own_notice(request.match_info["id"], desk.authority, services)
    return page(
        request,
        "behoerde_notice.html",
        desk=desk,
        case=await case_of(notice, history, services),
        steps=steps_of(history, services.keys.signers),
        replies=[(read_moment(says["at"]), len(says["contents"]["attachments"])) for says in history.replies],
        may_withdraw="post" in desk.member.roles and _may_be_withdrawn(notice, services),
        said=request.query.get("gesagt", ""),
    )


@routes.get(f"{HERE}/bescheide/{{id}}/evidence.json", allow=CITIZEN)
async def save_evidence(request: web.Request) -> web.Response:
    """Send the bundle of evidence to keep, as the API does."""
    return await send_evidence(request, (await desk_of(request)).authority)


@routes.get(f"{HERE}/bescheide/{{id}}/evidence.pdf", allow=CITIZEN)
async def print_evidence(request: web.Request) -> web.Response:
    """Send the same to print."""
    return await send_printed(request, (await desk_of(request)).authority)


@routes.get(f"{HERE}/bescheide/{{id}}/zurueckziehen", allow=CITIZEN)
async def ask_once_more(request: web.Request) -> web.Response:
    """Say what a withdrawal does, and ask; where it can be had no more, say why."""
    services, desk = request.app[SERVICES], await desk_of(request, "post")
    notice, history = await own_notice(request.match_info["id"], desk.authority, services)
    if not notice.withdrawn_at and (stays := notice.stays_because(services.clock.now())):
        raise stays
    return page(request, "behoerde_withdraw.html", desk=desk, case=await case_of(notice, history, services))


@routes.post(f"{HERE}/bescheide/{{id}}/zurueckziehen", allow=CITIZEN)
async def take_back(request: web.Request) -> web.Response:
    """Withdraw a notice, by the rules of the API."""
    services, desk, notice_id = request.app[SERVICES], await desk_of(request, "post"), request.match_info["id"]
    await withdraw(notice_id, desk.authority, services)
    log.info("withdrawn-by-hand", extra={"notice_id": notice_id, "account_id": desk.member.account})
    return see_other(f"/behoerde/{desk.authority.authority}/bescheide/{notice_id}?gesagt=zurueckgezogen")


async def _authorities(request: web.Request) -> list[AuthorityCard]:
    """Return the authorities for which whoever is logged in may act."""
    services, found = request.app[SERVICES], list[AuthorityCard]()
    for member in await memberships_of(request[LOG_IN].account_id, services):
        try:
            found.append(await posting(member.authority, services))
        except NotFound:
            continue  # it posts here no more
    return sorted(found, key=lambda authority: authority.name)


async def _named(words: str, authority_id: str, services: Services) -> list[Case]:
    """Return the notices with a reference or an Aktenzeichen, the newest first."""
    by_reference = await services.store.find(
        Notice, "reference", reference_index(words, authority_id, services), limit=1
    )
    by_case = await services.store.find(
        Notice, "case", case_index(words, authority_id, services), limit=FOUND_MAX, newest_first=True
    )
    return await cases_of(list({one.id: one for one in (*by_reference, *by_case)}.values()), authority_id, services)


def _may_be_withdrawn(notice: Notice, services: Services) -> bool:
    return not notice.withdrawn_at and notice.stays_because(services.clock.now()) is None
