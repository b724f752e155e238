"""What citizens wrote back, in the browser of an authority's people: the list, each reply, its files.

Reading it changes nothing for the citizen, and is stated nowhere.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from sk.errors import NotFound
from sk.evidence.form import REPRESENTATIVE
from sk.evidence.spelling import read_moment
from sk.evidence.statement import Statement, verified
from sk.postbox.cases import Case, case_of, cases_of
from sk.postbox.envelope import numbered
from sk.postbox.feed import last_published
from sk.postbox.history import Says
from sk.postbox.notice import Notice
from sk.postbox.posted import own_notice
from sk.postbox.reply import Reply, numbered_reply, open_reply
from sk.services import Services
from sk.web.cursor import first_of, read_cursor
from sk.web.desk import Desk, desk_of
from sk.web.downloads import send_attachment
from sk.web.keys import SERVICES
from sk.web.render import page
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 15
HERE = "/behoerde/{client_id}"
log = logging.getLogger(__name__)


class ReplyLine(NamedTuple):
    """A reply as the list shows it. `available` is false once it was erased with its account."""

    case: Case
    number: int
    at: datetime
    files: int
    available: bool


@routes.get(f"{HERE}/antworten", allow=CITIZEN)
async def show_replies(request: web.Request) -> web.Response:
    """Show the newest replies, and the way to older ones."""
    services, desk = request.app[SERVICES], await desk_of(request, "replies")
    id_, before = desk.authority.authority, read_cursor(request.query.get("vor", ""))
    found = await last_published(services, "replies", id_, before, PAGE_LENGTH + 1)
    shown, older = first_of(found, PAGE_LENGTH, "replies")
    lines = await _lines(shown, id_, services)
    return page(request, "behoerde_replies.html", desk=desk, lines=lines, older=older)


@routes.get(f"{HERE}/bescheide/{{id}}/antworten/{{number}}", allow=CITIZEN)
async def show_reply(request: web.Request) -> web.Response:
    """Show a reply; of one that is gone, that it is."""
    services, desk, case, says = request.app[SERVICES], *await _stated(request)
    try:
        content = await open_reply(says, case.notice, services)
    except NotFound:
        content = None
    number, sent_at = request.match_info["number"], read_moment(says["at"])
    return page(
        request,
        "behoerde_reply.html",
        desk=desk,
        case=case,
        number=number,
        sent_at=sent_at,
        level=says["level"],
        by_representative=says["by"] == REPRESENTATIVE,
        content=content,
    )


@routes.get(f"{HERE}/bescheide/{{id}}/antworten/{{number}}/dateien/{{file}}", allow=CITIZEN)
async def download(request: web.Request) -> web.StreamResponse:
    """Send a file of a reply as the bytes that the citizen has sent."""
    _, case, says = await _stated(request)
    content = await open_reply(says, case.notice, request.app[SERVICES])
    attachment = numbered(content.attachments, request.match_info["file"])
    return await send_attachment(request, case.notice, attachment, attachment.type)


async def _stated(request: web.Request) -> tuple[Desk, Case, Says]:
    """Return a notice of this authority, and what was stated about a reply to it."""
    services, desk = request.app[SERVICES], await desk_of(request, "replies")
    notice, history = await own_notice(request.match_info["id"], desk.authority, services)
    says = numbered_reply(history, request.match_info["number"])
    return desk, await case_of(notice, history, services), says


async def _lines(statements: Sequence[Statement], authority_id: str, services: Services) -> list[ReplyLine]:
    """Return the lines about replies that were stated."""
    said = [verified(one, services.keys.signers, "replied") for one in statements]
    kept = await services.store.get_many(Reply, [says["reply"] for says in said])
    notices = await services.store.get_many(Notice, sorted({says["notice"] for says in said}))
    cases = await cases_of(list(notices.values()), authority_id, services)
    by_notice = {case.notice.id: case for case in cases}
    for gone in {says["notice"] for says in said} - by_notice.keys():
        log.critical("notice-missing", extra={"notice_id": gone})
    return [
        _line(by_notice[says["notice"]], says, available=says["reply"] in kept)
        for says in said
        if says["notice"] in by_notice
    ]


def _line(case: Case, says: Says, *, available: bool) -> ReplyLine:
    ids = [one["reply"] for one in case.history.replies] if case.history else []
    number = ids.index(says["reply"]) + 1 if says["reply"] in ids else 0
    return ReplyLine(case, number, read_moment(says["at"]), len(says["contents"]["attachments"]), available)
