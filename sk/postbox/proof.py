"""The bundle of a notice, put together from the store: what `sk verify` takes (docs/formats/bundle.md).

Nothing of it is kept. All but `as-of` was signed before; `as-of` is signed each time, and says up to when it is whole.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sk.clock import COMMIT_SECONDS, SKEW
from sk.crypto.sign import encode
from sk.errors import NotFound, Unavailable
from sk.evidence.bundle import (
    ABOUT_VOLLMACHT_MAX,
    Bundle,
    BundledVollmacht,
    Logged,
    Stamp,
    stamps_hash,
    vollmachten_hash,
)
from sk.evidence.keys import key_statements
from sk.evidence.opening import NoticeOpening, ReplyOpening, VollmachtOpening
from sk.evidence.sequence import signed_head, tiles_of
from sk.evidence.spelling import moment_text
from sk.evidence.stamped import StampedCheckpoint
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.evidence.tiles import hash_over, tiles_for
from sk.evidence.tree import Range, consistency_ranges, inclusion_ranges
from sk.installation import ensure_installation
from sk.postbox.history import History
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.store.port import Cursor

IN_FLIGHT = timedelta(seconds=COMMIT_SECONDS) + SKEW
"""How old the moment of a statement can be when it appears: so long may its write take, by a clock that is behind."""
log = logging.getLogger(__name__)


async def bundle_of(notice: Notice, history: History, services: Services, since: datetime) -> Bundle:
    """Return the evidence about a notice that was read `since` a moment, as it stood shortly before that.

    Until all its statements stand in a signed log, it is `Unavailable`. One that the log has refused is no history.
    """
    signed = await signed_head(services.store)
    vollmachten = await _vollmachten(history, services)
    all_of_it = [*history.statements, *(one for about in vollmachten.values() for one in about)]
    if any(one.position is None or one.position >= signed.size for one in all_of_it):
        raise Unavailable("not all statements of this notice are in the log yet; try again", problem="not-logged-yet")
    installation = await ensure_installation(services)
    keys = [one for one in await key_statements(services.store) if _position(one) < signed.size]
    _expect_key(keys, services)
    stamps = await _stamps_around(history.statements, signed.size, installation.log_number, services)
    proofs = await _proofs(
        {
            **{("in", one.id): inclusion_ranges(_position(one), signed.size) for one in (*keys, *all_of_it)},
            **{("on", stamp.id): consistency_ranges(stamp.size, signed.size) for stamp in stamps},
        },
        services,
    )
    bundled = [
        Stamp(checkpoint=stamp.note, proof=proofs["on", stamp.id], token=encode(stamp.token)) for stamp in stamps
    ]
    openings = await _openings(notice, history, services)
    bundled_vollmachten = [
        BundledVollmacht(
            statements=[_logged(one, proofs["in", one.id]) for one in about], opening=openings.vollmachten.get(id_)
        )
        for id_, about in vollmachten.items()
    ]
    facts = {"keys": len(keys), "stamps": stamps_hash(bundled)}
    if bundled_vollmachten:
        facts["vollmachten"] = vollmachten_hash(bundled_vollmachten)
    return Bundle(
        v="sk-bundle/1",
        vkey=str(installation.log_vkey(services.keys.signers)),
        checkpoint=signed.note,
        keys=[_logged(one, proofs["in", one.id]) for one in keys],
        statements=[_logged(one, proofs["in", one.id]) for one in history.statements],
        opening=openings.opening,
        replies=openings.replies,
        vollmachten=bundled_vollmachten,
        stamps=bundled,
        as_of=_as_of(notice, facts, services, since),
    )


def _expect_key(keys: Sequence[Statement], services: Services) -> None:
    """Raise `Unavailable` unless our own key may state `as-of`: the log names it for that, and has not revoked it."""
    kid = services.keys.signer("sign-web").kid
    said = [verified(one, services.keys.signers, one.step) for one in keys]
    about = [one for one in said if one["kid"] == kid]
    if not about:
        raise Unavailable("a key of this installation is not in the log yet; try again", problem="not-logged-yet")
    is_revoked = any(one["step"] == "key-revoked" for one in about)
    if is_revoked or not any("as-of" in one.get("steps", ()) for one in about):
        why = "it was revoked" if is_revoked else "the log does not name it for as-of"
        log.error("no-evidence-by-this-key", extra={"kid": kid, "error": f"{why}; web needs another sign-web key"})
        raise Unavailable("this installation has no key to sign evidence with; the operator was told", problem="no-key")


async def _stamps_around(
    statements: Sequence[Statement], size: int, log_number: int, services: Services
) -> list[StampedCheckpoint]:
    """Return, for every statement, the last time stamp before it stood in the log and the first one after."""
    find = partial(services.store.find, StampedCheckpoint, "stamps", str(log_number), limit=1)
    found: dict[int, StampedCheckpoint] = {}
    for position in map(_position, statements):
        before = await find(after=Cursor(position + 1, ""), newest_first=True)
        since = await find(after=Cursor.behind(position))
        found |= {one.size: one for one in (*before, *since)}
    return [found[at] for at in sorted(found) if at <= size]


async def _proofs(asked: Mapping[tuple[str, str], list[Range]], services: Services) -> dict[tuple[str, str], list[str]]:
    """Return the hashes over ranges of the log, all of their tiles read at once."""
    places = sorted(tiles_for(found for ranges in asked.values() for found in ranges))
    tiles = {place: tile.hashes for place, tile in (await tiles_of(services.store, places)).items()}
    return {key: [encode(hash_over(found, tiles)) for found in ranges] for key, ranges in asked.items()}


def _logged(statement: Statement, proof: list[str]) -> Logged:
    if statement.logged_at is None:
        raise NotFound(f"the statement {statement.id} is not in the log yet")
    return Logged(
        index=_position(statement), logged_at=moment_text(statement.logged_at), proof=proof, statement=statement.jws
    )


def _position(statement: Statement) -> int:
    if statement.position is None:
        raise NotFound(f"the statement {statement.id} is not in the log yet")
    return statement.position


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


def _as_of(notice: Notice, facts: Mapping[str, object], services: Services, since: datetime) -> str:
    """Sign up to when nothing is missing: a step that was being committed while the notice was read is a later one."""
    at = since - IN_FLIGHT
    if notice.last_statement_at:
        at = max(at, notice.last_statement_at)
    place = Place(notice.authority_id, notice.id, notice.statements, notice.last_hash)
    return make_statement(services.keys.signer("sign-web"), "as-of", at, facts, place).jws
