"""What citizens wrote back, for their authority: the list of replies, each of them, and its files."""

from datetime import datetime
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from sk.auth.trust import TrustLevel
from sk.errors import NotFound
from sk.evidence.spelling import read_moment
from sk.evidence.statement import Statement, verified
from sk.installation import ensure_installation
from sk.postbox.envelope import numbered
from sk.postbox.feed import LIMIT, LIMIT_MAX, cursor_at, number_in, position_after, published, references_of
from sk.postbox.history import Says
from sk.postbox.notice import Notice
from sk.postbox.posted import own_notice
from sk.postbox.receipt import reference_of
from sk.postbox.reply import Content, Reply, open_reply
from sk.services import Services
from sk.web.downloads import send_attachment
from sk.web.keys import AUTHORITY, SERVICES
from sk.web.routes import Answer, Query, RouteTable, scope

routes = RouteTable()
BYTES = "application/octet-stream"
SAVED = {"Content-Disposition": "the file's name"}
GONE = "false: its text and files are gone, because its account was erased, or a restore has not brought them back"


class ReplyLine(BaseModel):
    """A reply as the list has it."""

    id: str
    at: datetime
    notice_id: str
    reference: str
    available: bool = Field(description=GONE)


class RepliesOut(BaseModel):
    """A page of the list, and where the next one begins."""

    replies: list[ReplyLine]
    cursor: str


class FileOut(BaseModel):
    """A file of a reply."""

    name: str
    type: str
    size: int
    sha256: str


class ReplyOut(BaseModel):
    """A reply."""

    id: str
    at: datetime
    notice_id: str
    reference: str
    trust: TrustLevel = Field(description="the trust level of the log-in by which it was sent")
    by: Literal["account", "representative"] = Field(
        description="who has sent it: the citizen, or a person with a Vollmacht"
    )
    text: str
    attachments: list[FileOut]


@routes.get(
    "/api/v1/replies",
    allow=scope("replies:read"),
    query=(
        Query("after", {"type": "string"}, about="the cursor of the page before; without it from the first reply"),
        Query("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}),
    ),
    answers={200: Answer(RepliesOut)},
    problems=("cursor-gone",),
)
async def list_replies(request: web.Request) -> web.Response:
    """Return the replies to this authority's notices since a cursor, in the order of the log, none missing."""
    services, authority = request.app[SERVICES], request[AUTHORITY].authority
    limit = number_in(request, "limit", LIMIT, 1, LIMIT_MAX)
    installation = await ensure_installation(services)
    after = await position_after(request.query.get("after"), installation, services)
    found = await published(services, "replies", authority, after, limit)
    cursor = cursor_at(found[-1].position if found else after, installation.log_number)
    answer = RepliesOut(replies=await _lines(found, services), cursor=cursor)
    return web.json_response(text=answer.model_dump_json())


@routes.get(
    "/api/v1/replies/{id}",
    allow=scope("replies:read"),
    answers={200: Answer(ReplyOut)},
    problems=("notice-damaged",),
)
async def show_reply(request: web.Request) -> web.Response:
    """Return a reply to a notice of this authority."""
    notice, says, content = await _own_reply(request)
    answer = ReplyOut(
        id=says["reply"],
        at=read_moment(says["at"]),
        notice_id=notice.id,
        reference=await reference_of(notice.id, request.app[SERVICES]),
        trust=says["level"],
        by=says["by"],
        text=content.text,
        attachments=[
            FileOut(name=one.name, type=one.type, size=one.size, sha256=one.sha256) for one in content.attachments
        ],
    )
    return web.json_response(text=answer.model_dump_json())


@routes.get(
    "/api/v1/replies/{id}/attachments/{number}",
    allow=scope("replies:read"),
    answers={200: Answer(BYTES, "the bytes that the citizen has sent; their type stands in the reply", SAVED)},
    problems=("notice-damaged",),
)
async def download_attachment(request: web.Request) -> web.StreamResponse:
    """Return a file of a reply; they are numbered from 1 on, in the order in which the reply names them."""
    notice, _, content = await _own_reply(request)
    attachment = numbered(content.attachments, request.match_info["number"])
    return await send_attachment(request, notice, attachment, BYTES)


async def _lines(statements: list[Statement], services: Services) -> list[ReplyLine]:
    """Return the lines about replies that were stated."""
    said = [(one, verified(one, services.keys.signers, "replied")) for one in statements]
    kept = await services.store.get_many(Reply, [says["reply"] for _, says in said])
    references = await references_of(statements, services)
    return [
        ReplyLine(
            id=says["reply"],
            at=one.at,
            notice_id=one.notice_id,
            reference=references[one.notice_id],
            available=says["reply"] in kept,
        )
        for one, says in said
    ]


async def _own_reply(request: web.Request) -> tuple[Notice, Says, Content]:
    """Return a reply to a notice of the authority that asks; to another one it is unknown."""
    services, reply_id = request.app[SERVICES], request.match_info["id"]
    unknown = NotFound(f"there is no reply {reply_id}")
    try:
        reply = await services.store.get(Reply, reply_id)
        notice, history = await own_notice(reply.notice_id, request[AUTHORITY], services)
    except NotFound:
        raise unknown from None
    says = next((says for says in history.replies if says["reply"] == reply_id), None)
    if says is None:
        raise unknown
    return notice, says, await open_reply(says, notice, services)
