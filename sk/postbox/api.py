"""What an authority asks of the postbox: post a notice, look one up, look up a handle."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from sk.auth.authority import AuthorityCard
from sk.auth.handles import account_behind
from sk.auth.trust import TrustLevel
from sk.errors import Invalid, NotFound
from sk.postbox.attachment_types import MAGIC
from sk.postbox.intake import accept, reference_index
from sk.postbox.notice import Notice
from sk.postbox.notice_in import NoticeIn, read_notice
from sk.postbox.notice_out import AcceptedOut, NoticeOut
from sk.postbox.posted import own_notice, withdraw
from sk.postbox.receipt import reference_of
from sk.services import Services
from sk.web.body import Part, read_json, read_parts
from sk.web.keys import AUTHORITY, SERVICES
from sk.web.routes import Answer, Multipart, Query, RouteTable, scope

routes = RouteTable()
NOTICE_PART_MAX_BYTES = 1024 * 1024
LOCATION = {"Location": "path of the notice"}


class PostboxOut(BaseModel):
    """What an authority may know of a postbox."""

    handle: str
    open: bool
    einwilligung: bool
    trust: TrustLevel


@routes.get(
    "/api/v1/postboxes/{handle}",
    allow=scope("notices:write"),
    answers={200: Answer(PostboxOut)},
)
async def show_postbox(request: web.Request) -> web.Response:
    """Tell whether a postbox takes notices of this authority."""
    services, authority, handle = request.app[SERVICES], request[AUTHORITY].authority, request.match_info["handle"]
    standing = (await account_behind(handle, authority, services)).standing(services.keys.signers)
    postbox = PostboxOut(
        handle=handle,
        open=standing.is_open,
        einwilligung=standing.has_einwilligung(authority),
        trust=standing.trust,
    )
    return web.json_response(postbox.model_dump())


@routes.post(
    "/api/v1/notices",
    allow=scope("notices:write"),
    body=Multipart("notice", NoticeIn, "attachment", tuple(MAGIC)),
    query=(Query("batch", {"type": "string"}, about="not built yet: refused by name"),),
    answers={
        202: Answer(AcceptedOut, "accepted: it will be delivered", LOCATION),
        200: Answer(AcceptedOut, "accepted before: the first answer to this reference, byte for byte", LOCATION),
    },
    problems=(
        *("not-built-yet", "law-not-posted", "law-not-allowed", "zustellung-needed"),
        *("reference-taken", "notice-damaged"),
        *("unknown-handle", "postbox-closed", "no-einwilligung", "unreachable"),
        *("attachment-missing", "attachment-surplus", "attachment-out-of-order", "attachment-size"),
        *("attachment-digest", "attachment-type", "attachment-malware", "scanner-silent"),
    ),
)
async def submit_notice(request: web.Request) -> web.Response:
    """Accept a notice. Sending the same reference with the same content again returns the first answer."""
    services, authority = request.app[SERVICES], request[AUTHORITY]
    if "batch" in request.query:
        raise Invalid("batches are not built yet; leave it out", field="batch", problem="not-built-yet")
    parts = read_parts(request, services.settings)
    draft = read_notice(await _first_part(parts), authority, services.settings)
    taken = await accept(draft, parts, authority, services)
    return web.Response(
        text=taken.answer,
        content_type="application/json",
        status=202 if taken.is_new else 200,
        headers={"Location": f"/api/v1/notices/{taken.notice_id}"},
    )


@routes.get(
    "/api/v1/notices",
    allow=scope("notices:read"),
    query=(Query("reference", {"type": "string"}, required=True, about="the authority's own reference"),),
    answers={200: Answer(NoticeOut)},
    problems=("not-found", "notice-damaged"),
)
async def find_notice(request: web.Request) -> web.Response:
    """Return the notice that has a reference of this authority."""
    services, authority = request.app[SERVICES], request[AUTHORITY]
    if "reference" not in request.query:
        raise Invalid("the parameter reference is needed", field="reference")
    index = reference_index(request.query["reference"], authority.authority, services)
    found = await services.store.find(Notice, "reference", index, limit=1)
    if not found:
        raise NotFound("no notice has this reference")
    return await _shown(found[0].id, authority, services)


@routes.get(
    "/api/v1/notices/{id}",
    allow=scope("notices:read"),
    answers={200: Answer(NoticeOut)},
    problems=("notice-damaged",),
)
async def show_notice(request: web.Request) -> web.Response:
    """Return a notice of this authority."""
    services, authority = request.app[SERVICES], request[AUTHORITY]
    return await _shown(request.match_info["id"], authority, services)


@routes.post(
    "/api/v1/notices/{id}/withdraw",
    allow=scope("notices:write"),
    answers={200: Answer(NoticeOut, "withdrawn, now or before")},
    problems=("already-fetched", "already-bekanntgegeben", "already-ended", "notice-damaged"),
)
async def withdraw_notice(request: web.Request) -> web.Response:
    """Take a notice back, before the citizen has fetched it and before it counts as announced.

    Where the law is open, the earlier of the two days ends this. If the notice is in the postbox already, the citizen
    keeps an entry that says that it was withdrawn. Withdrawing it again changes nothing.
    """
    services, authority, id_ = request.app[SERVICES], request[AUTHORITY], request.match_info["id"]
    await withdraw(id_, authority, services)
    return await _shown(id_, authority, services)


async def _first_part(parts: AsyncIterator[Part]) -> dict[str, Any]:
    part = await anext(parts, None)
    if part is None or part.name != "notice":
        came = f"the part {part.name} came first" if part else "no part came"
        raise Invalid(f"the first part must be notice; {came}", field="notice", problem="attachment-out-of-order")
    return read_json(await part.whole(NOTICE_PART_MAX_BYTES), "notice")


async def _shown(notice_id: str, authority: AuthorityCard, services: Services) -> web.Response:
    notice, history = await own_notice(notice_id, authority, services)
    statements = {statement.id: statement for statement in history.statements}
    reference = await reference_of(notice.id, services)
    return web.json_response(text=NoticeOut.of(notice, reference, statements).model_dump_json())
