"""The bundle of a notice, put together from the store: what `sk verify` takes (docs/formats/bundle.md).

Nothing of it is kept. All but `as-of` was signed before; `as-of` is signed each time, and says up to when it is whole.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from sk.clock import moment_to_sign
from sk.crypto.sign import encode
from sk.errors import NotFound, Unavailable
from sk.evidence.bundle import Bundle, Logged, Stamp, stamps_hash
from sk.evidence.form import NoticeOpening, moment_text
from sk.evidence.keys import BEHIND_ALL, key_statements
from sk.evidence.note import VKey
from sk.evidence.sequence import signed_head, tiles_of
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


async def bundle_of(notice: Notice, history: History, services: Services) -> Bundle:
    """Return the evidence about a notice; until all its statements stand in a signed log, `Unavailable`."""
    signed = await signed_head(services.store)
    if any(one.position is None or one.position >= signed.size for one in history.statements):
        raise Unavailable("not all statements of this notice are in the log yet; try again", problem="not-logged-yet")
    installation = await ensure_installation(services)
    keys = [one for one in await key_statements(services.store) if _position(one) < signed.size]
    if services.keys.signer("sign-web").kid not in _introduced(keys, services):
        raise Unavailable("a key of this installation is not in the log yet; try again", problem="not-logged-yet")
    stamps = await _stamps_around(history.statements, signed.size, installation.log_number, services)
    proofs = await _proofs(
        {
            **{("in", one.id): inclusion_ranges(_position(one), signed.size) for one in (*keys, *history.statements)},
            **{("on", stamp.id): consistency_ranges(stamp.size, signed.size) for stamp in stamps},
        },
        services,
    )
    bundled = [
        Stamp(checkpoint=stamp.note, proof=proofs["on", stamp.id], token=encode(stamp.token)) for stamp in stamps
    ]
    return Bundle(
        v="sk-bundle/1",
        vkey=str(VKey(installation.log_origin, services.keys.signers.public("log"))),
        checkpoint=signed.note,
        keys=[_logged(one, proofs["in", one.id]) for one in keys],
        statements=[_logged(one, proofs["in", one.id]) for one in history.statements],
        opening=await _opening(notice, services),
        stamps=bundled,
        as_of=await _as_of(notice, {"keys": len(keys), "stamps": stamps_hash(bundled)}, services),
    )


def _introduced(keys: Sequence[Statement], services: Services) -> set[str]:
    """Return the keys that the log names; a new one may not state anything before, and so not `as-of`."""
    return {str(verified(one, services.keys.signers, one.step)["kid"]) for one in keys if one.step == "key"}


async def _stamps_around(
    statements: Sequence[Statement], size: int, log_number: int, services: Services
) -> list[StampedCheckpoint]:
    """Return, for every statement, the last time stamp before it stood in the log and the first one after."""
    find = partial(services.store.find, StampedCheckpoint, "stamps", str(log_number), limit=1)
    found: dict[int, StampedCheckpoint] = {}
    for position in map(_position, statements):
        before = await find(after=Cursor(position + 1, ""), newest_first=True)
        since = await find(after=Cursor(position, BEHIND_ALL))
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


async def _opening(notice: Notice, services: Services) -> NoticeOpening | None:
    """Return the openings of the notice's commitments; after their deletion there are none, and its proof is mute."""
    try:
        receipt = await services.store.get(Receipt, notice.id)
    except NotFound:
        return None
    return receipt.open(services.keys.lock_key("records")).opening


async def _as_of(notice: Notice, facts: Mapping[str, object], services: Services) -> str:
    at = await moment_to_sign(services.clock)
    if notice.last_statement_at:
        at = max(at, notice.last_statement_at)
    place = Place(notice.authority_id, notice.id, notice.statements, notice.last_hash)
    return make_statement(services.keys.signer("sign-web"), "as-of", at, facts, place).jws
