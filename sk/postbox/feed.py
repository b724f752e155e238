"""The event feed: everything that was stated about an authority's notices, in the order that the log gave."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel, Field

from sk.errors import Damaged, Invalid
from sk.evidence.sequence import signed_head
from sk.evidence.statement import Statement, verified
from sk.installation import Installation, ensure_installation
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.store.port import Cursor
from sk.web.keys import AUTHORITY, SERVICES, STOPPING
from sk.web.routes import Answer, Query, RouteTable, scope

routes = RouteTable()
LIMIT_MAX = 1000
LIMIT = 100
WAIT_MAX_SECONDS = 60
POLL_SECONDS = 0.25
FROM_THE_FIRST = "-1"
CURSOR = re.compile(r"(?:([2-9]|[1-9]\d{1,3})\.)?(\d{1,18})", re.ASCII)


class EventOut(BaseModel):
    """One step of one notice."""

    id: str
    at: datetime
    notice_id: str
    reference: str
    step: str
    evidence: str


class EventsOut(BaseModel):
    """A page of the feed, and where the next one begins."""

    events: list[EventOut]
    cursor: str
    checkpoint: str | None = Field(description="the log as it stands, signed; it never gets smaller, and only grows")


@routes.get(
    "/api/v1/events",
    allow=scope("notices:read"),
    query=(
        Query("after", {"type": "string"}, about="the cursor of the page before; without it from the first event"),
        Query("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}),
        Query(
            "wait",
            {"type": "integer", "minimum": 0, "maximum": WAIT_MAX_SECONDS, "default": 0},
            about="seconds to wait for a first event",
        ),
    ),
    answers={200: Answer(EventsOut)},
    problems=("cursor-gone",),
)
async def show_events(request: web.Request) -> web.Response:
    """Return what happened to this authority's notices since a cursor, in order, none missing."""
    services, authority = request.app[SERVICES], request[AUTHORITY].authority
    limit = number_in(request, "limit", LIMIT, 1, LIMIT_MAX)
    wait = number_in(request, "wait", 0, 0, WAIT_MAX_SECONDS)
    installation = await ensure_installation(services)
    after = await position_after(request.query.get("after"), installation, services)
    deadline = asyncio.get_running_loop().time() + wait
    while not (found := await published(services, "feed", authority, after, limit)):
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0 or request.app[STOPPING].is_set():
            break
        await asyncio.sleep(min(left, POLL_SECONDS))
    cursor = cursor_at(found[-1].position if found else after, installation.log_number)
    note = (await signed_head(services.store)).note
    page = EventsOut(events=await _told(found, services), cursor=cursor, checkpoint=note or None)
    return web.json_response(text=page.model_dump_json())


async def position_after(text: str | None, installation: Installation, services: Services) -> int:
    """Return the position that a cursor names; one from beyond what a restore has left of its log is gone."""
    if text is None or text == FROM_THE_FIRST:
        return -1
    found = CURSOR.fullmatch(text)
    if not found:
        raise Invalid("after is no cursor of this feed; leave it out to begin with the first event", field="after")
    log_number, position = int(found[1] or 1), int(found[2])
    size = installation.kept_of(log_number)
    if size is None:
        size = max((await signed_head(services.store)).size, installation.log_began_at_size)
    if position >= size or log_number > installation.log_number:
        go_on = {"cursor": cursor_at(size - 1, installation.log_number)}
        said = "the log ends before this cursor; go on from the cursor named here"
        raise Invalid(said, field="after", problem="cursor-gone", more=go_on)
    return position


def cursor_at(position: int | None, log_number: int) -> str:
    """Return the cursor behind a position: of the first log the number alone, of a later one its own before it."""
    return f"{position}" if log_number == 1 or position == -1 else f"{log_number}.{position}"


async def published(services: Services, index: str, authority: str, after: int, limit: int) -> list[Statement]:
    """Return what comes next and was published: a restore would not even know that there was more."""
    found = await services.store.find(Statement, index, authority, after=Cursor.behind(after), limit=limit)
    _refuse_others(found, authority, services)
    size = (await signed_head(services.store)).size if found else 0
    return [statement for statement in found if statement.position is not None and statement.position < size]


async def last_published(
    services: Services, index: str, authority: str, before: Cursor | None, limit: int
) -> list[Statement]:
    """Return what was published last, the newest first, from a place on."""
    end = Cursor((await signed_head(services.store)).size, "")
    found = await services.store.find(
        Statement, index, authority, after=min(before or end, end), limit=limit, newest_first=True
    )
    _refuse_others(found, authority, services)
    return found


def _refuse_others(found: Sequence[Statement], authority: str, services: Services) -> None:
    """Raise `Damaged` if the index leads to what was stated about notices of another authority."""
    for statement in found:
        if verified(statement, services.keys.signers, statement.step)["authority"] != authority:
            raise Damaged


async def _told(statements: list[Statement], services: Services) -> list[EventOut]:
    references = await references_of(statements, services)
    return [
        EventOut(
            id=statement.id,
            at=statement.at,
            notice_id=statement.notice_id,
            reference=references[statement.notice_id],
            step=statement.step,
            evidence=statement.jws,
        )
        for statement in statements
    ]


async def references_of(statements: Sequence[Statement], services: Services) -> dict[str, str]:
    """Return what the authority calls the notices that statements are about, by their ids."""
    records = services.keys.lock_key("records")
    ids = sorted({statement.notice_id for statement in statements})
    receipts = await services.store.get_many(Receipt, ids)
    references = {id_: receipt.open(records).reference for id_, receipt in receipts.items()}
    if missing := [id_ for id_ in ids if id_ not in receipts]:
        references |= await _without_openings(missing, services)
    return references


async def _without_openings(ids: list[str], services: Services) -> dict[str, str]:
    """Return no references for notices whose openings were deleted after their accounts; others have to have one."""
    notices = await services.store.get_many(Notice, ids)
    if not all(id_ in notices and notices[id_].closed for id_ in ids):
        raise Damaged
    return dict.fromkeys(ids, "")


def number_in(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """Return a whole number that was asked for, or the default."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(high)) and low <= int(text) <= high):
        raise Invalid(f"{name} must be a whole number from {low} to {high}", field=name)
    return int(text)
