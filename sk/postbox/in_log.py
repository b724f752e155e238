"""What every bundle holds beside what it is about: the head of the log, its keys, time stamps, and proofs for all.

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
from sk.evidence.bundle import Logged, Stamp, stamps_hash
from sk.evidence.keys import key_statements
from sk.evidence.sequence import signed_head, tiles_of
from sk.evidence.spelling import moment_text
from sk.evidence.stamped import StampedCheckpoint
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.evidence.tiles import hash_over, tiles_for
from sk.evidence.tree import Range, consistency_ranges, inclusion_ranges
from sk.installation import ensure_installation
from sk.services import Services
from sk.store.port import Cursor

IN_FLIGHT = timedelta(seconds=COMMIT_SECONDS) + SKEW
"""How old the moment of a statement can be when it appears: so long may its write take, by a clock that is behind."""
log = logging.getLogger(__name__)


class InLog(NamedTuple):
    """What a bundle holds beside what it is about, and the statements that it is about as they stand in the log."""

    vkey: str
    checkpoint: str
    keys: list[Logged]
    stamps: list[Stamp]
    entries: Mapping[str, Logged]

    def of(self, statements: Sequence[Statement]) -> list[Logged]:
        """Return statements as a bundle holds them."""
        return [self.entries[one.id] for one in statements]

    @property
    def facts(self) -> dict[str, object]:
        """Return what `as-of` says about it."""
        return {"keys": len(self.keys), "stamps": stamps_hash(self.stamps)}


async def in_log(statements: Sequence[Statement], services: Services, beside: Sequence[Statement] = ()) -> InLog:
    """Return what a bundle holds about statements, and about others `beside` them that need no time stamps.

    Until all of them stand in a signed log, it is `Unavailable`.
    """
    signed, all_of_it = await signed_head(services.store), [*statements, *beside]
    if any(one.position is None or one.position >= signed.size for one in all_of_it):
        raise Unavailable("not all that was stated is in the log yet; try again", problem="not-logged-yet")
    installation = await ensure_installation(services)
    keys = [one for one in await key_statements(services.store) if _position(one) < signed.size]
    _expect_key(keys, services)
    stamps = await _stamps_around(statements, signed.size, installation.log_number, services)
    proofs = await _proofs(
        {
            **{("in", one.id): inclusion_ranges(_position(one), signed.size) for one in (*keys, *all_of_it)},
            **{("on", stamp.id): consistency_ranges(stamp.size, signed.size) for stamp in stamps},
        },
        services,
    )
    return InLog(
        vkey=str(installation.log_vkey(services.keys.signers)),
        checkpoint=signed.note,
        keys=[_logged(one, proofs["in", one.id]) for one in keys],
        stamps=[
            Stamp(checkpoint=stamp.note, proof=proofs["on", stamp.id], token=encode(stamp.token)) for stamp in stamps
        ],
        entries={one.id: _logged(one, proofs["in", one.id]) for one in all_of_it},
    )


def as_of(
    place: Place, last_at: datetime | None, facts: Mapping[str, object], services: Services, since: datetime
) -> str:
    """Sign up to when nothing is missing: a step that was being committed while it was read is a later one."""
    at = since - IN_FLIGHT
    if last_at:
        at = max(at, last_at)
    return make_statement(services.keys.signer("sign-web"), "as-of", at, facts, place).jws


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
