"""The bundle of a notice, put together from the store: what `sk verify` takes (docs/formats/bundle.md)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sk.errors import NotFound, Unavailable
from sk.evidence.bundle import ABOUT_VOLLMACHT_MAX, Bundle, BundledVollmacht, vollmachten_hash
from sk.evidence.opening import NoticeOpening, ReplyOpening, VollmachtOpening
from sk.evidence.statement import Place, Statement, verified
from sk.postbox.history import History
from sk.postbox.in_log import as_of, in_log
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services


async def bundle_of(notice: Notice, history: History, services: Services, since: datetime) -> Bundle:
    """Return the evidence about a notice that was read `since` a moment, as it stood shortly before that.

    Until all its statements stand in a signed log, it is `Unavailable`. One that the log has refused is no history.
    """
    vollmachten = await _vollmachten(history, services)
    beside = [one for about in vollmachten.values() for one in about]
    found = await in_log(history.statements, services, beside)
    openings = await _openings(notice, history, services)
    bundled = [
        BundledVollmacht(statements=found.of(about), opening=openings.vollmachten.get(id_))
        for id_, about in vollmachten.items()
    ]
    facts = found.facts | ({"vollmachten": vollmachten_hash(bundled)} if bundled else {})
    place = Place(notice.authority_id, notice.id, notice.statements, notice.last_hash)
    return Bundle(
        v="sk-bundle/1",
        vkey=found.vkey,
        checkpoint=found.checkpoint,
        keys=found.keys,
        statements=found.of(history.statements),
        opening=openings.opening,
        replies=openings.replies,
        vollmachten=bundled,
        stamps=found.stamps,
        as_of=as_of(place, notice.last_statement_at, facts, services, since),
    )


class Openings(NamedTuple):
    """What opens all commitments, as far as it is there."""

    opening: NoticeOpening | None = None
    replies: list[ReplyOpening | None] = []
    vollmachten: Mapping[str, VollmachtOpening] = {}


async def _openings(notice: Notice, history: History, services: Services) -> Openings:
    """Return the openings of all commitments; after their deletion there are none, and the proof is mute."""
    try:
        receipt = await services.store.get(Receipt, notice.id)
    except NotFound:
        return Openings()
    kept = receipt.open(services.keys.lock_key("records"))
    replies = [kept.replies.get(says["reply"]) for says in history.replies]
    return Openings(kept.opening, replies, kept.vollmachten)


async def _vollmachten(history: History, services: Services) -> dict[str, Sequence[Statement]]:
    """Return what was stated about each Vollmacht by which somebody has acted, in order, by its id."""
    ids = dict.fromkeys(says["vollmacht"] for says in history.acts if says.get("vollmacht"))
    found: dict[str, Sequence[Statement]] = {
        id_: await services.store.find(Statement, "vollmacht", id_, limit=ABOUT_VOLLMACHT_MAX) for id_ in ids
    }
    for about in found.values():
        said = [verified(one, services.keys.signers, one.step)["step"] for one in about]
        if said[:2] != ["vollmacht-granted", "vollmacht-accepted"]:
            missing = "what was stated about the Vollmacht by which somebody has acted is not all there"
            raise Unavailable(missing, problem="not-logged-yet")
    return found
