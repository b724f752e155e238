"""What citizens have shared with an authority, for its software: what is in a share, and each of its documents."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from sk.auth.account import Account
from sk.auth.handles import handle_towards
from sk.crypto.sign import encode
from sk.evidence.bundle import ShareBundle
from sk.safe.found import alarm
from sk.safe.share import Opened, Opens, received
from sk.safe.share_fetch import Attached, attached_to, fetch, refuse_ended, still_there
from sk.safe.share_proof import share_evidence
from sk.web.downloads import saved, send_file
from sk.web.keys import AUTHORITY, SERVICES
from sk.web.routes import Answer, RouteTable, scope

routes = RouteTable()
BYTES, JSON = "application/octet-stream", "application/json"
SAVED = {"Content-Disposition": "the file's name"}
EVIDENCE_SAVED = {"Content-Disposition": "a file to keep, with a name that says which share it is about"}
ENDED = ("share-over", "share-revoked")


class StreamOut(BaseModel):
    """A piece of the ciphertext, and how many bytes it holds in the clear."""

    object: str
    size: int


class SharedOut(BaseModel):
    """A document of a share."""

    name: str
    type: str
    size: int
    sha256: str
    fetched: int = Field(description="how often it was fetched")
    issued_by: str | None = Field(description="the authority that the evidence beside it names")
    evidence: dict[str, Any] | None = Field(description="a bundle about the notice that it came with, for `sk verify`")
    sealed_key: str | None = Field(description="the key sealed to that of the authority: then the bytes are ciphertext")
    streams: list[StreamOut] | None = Field(description="the pieces of the ciphertext, in their order")


class ShareOut(BaseModel):
    """A share."""

    id: str
    from_: str = Field(serialization_alias="from", description="the handle of the citizen's postbox")
    purpose: str
    granted_at: datetime
    until: datetime
    fetches: int = Field(description="how often each document can be fetched")
    documents: list[SharedOut]


@routes.get(
    "/api/v1/shares/{id}",
    allow=scope("safe:read"),
    answers={200: Answer(ShareOut)},
    problems=ENDED,
)
async def show_share(request: web.Request) -> web.Response:
    """Return what a citizen has shared with this authority. That is no fetch."""
    services, share_id = request.app[SERVICES], request.match_info["id"]
    one, access = await received(share_id, request[AUTHORITY].authority, services)
    refuse_ended(one, services.clock.now())
    account = await services.store.get(Account, one.account_id)
    there = await still_there(one, access, services)
    attached = {number: await attached_to(document, one, number, services) for number, document in there.items()}
    answer = ShareOut(
        id=one.id,
        from_=handle_towards(account, one.stored.authority_id, services),
        purpose=one.terms.opening.purpose,
        granted_at=one.granted_at,
        until=one.until,
        fetches=one.fetches,
        documents=[
            _described(one, number, opens, attached.get(number)) for number, opens in enumerate(access.documents, 1)
        ],
    )
    return web.json_response(text=answer.model_dump_json(by_alias=True))


@routes.get(
    "/api/v1/shares/{id}/evidence.json",
    allow=scope("safe:read"),
    answers={200: Answer(ShareBundle, "the bundle, to be kept byte for byte: `sk verify` takes it", EVIDENCE_SAVED)},
    problems=("not-logged-yet", "no-key"),
)
async def show_share_evidence(request: web.Request) -> web.Response:
    """Return the evidence about a share, also of one that has ended, as a bundle that can be verified offline."""
    services = request.app[SERVICES]
    one, _ = await received(request.match_info["id"], request[AUTHORITY].authority, services)
    return saved((await share_evidence(one, services)).encode(), JSON, f"evidence-{one.id}.json")


@routes.get(
    "/api/v1/shares/{id}/{number}",
    allow=scope("safe:read"),
    answers={200: Answer(BYTES, "the bytes of the document or, where its key is sealed, their ciphertext", SAVED)},
    problems=(*ENDED, "share-used-up", "document-gone", "document-damaged"),
)
async def fetch_document(request: web.Request) -> web.StreamResponse:
    """Fetch a document of a share; they are numbered from 1 on.

    It counts, also if the answer breaks off. A HEAD does not count, and there are no ranges.
    """
    services, number = request.app[SERVICES], request.match_info["number"]
    counts = request.method == "GET"
    shared, file = await fetch(request.match_info["id"], number, request[AUTHORITY], services, counts=counts)
    return await send_file(request, file, shared.name, BYTES, partial(alarm, shared.document))


def _described(one: Opened, number: int, opens: Opens, attached: Attached | None) -> SharedOut:
    shared, is_sealed = one.terms.documents[number - 1], bool(opens.sealed_key)
    streams = [StreamOut(object=stream.object, size=stream.size) for stream in opens.streams]
    return SharedOut(
        name=shared.name,
        type=shared.type,
        size=shared.size,
        sha256=one.sha256(number),
        fetched=len(one.fetched(number)),
        issued_by=attached.issued_by if attached else None,
        evidence=json.loads(attached.bundle) if attached else None,
        sealed_key=encode(opens.sealed_key) if is_sealed else None,
        streams=streams if is_sealed else None,
    )
