"""The sequencer: gives every statement its place in the one log, after the commit, once and for ever.

One sequencer at a time: the head is saved by version together with the statements that it counts and the tiles that
they change, so that of two the slower one changes nothing. Only what was saved is signed (`publish`), so that there is
one checkpoint for each size, whoever signs it.

What may not be in the log is refused and stands apart; it keeps nothing else waiting but what was stated of the same
notice, since a notice's statements in the log are never with a gap.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from pydantic import AwareDatetime

from sk.clock import SKEW, microseconds, moment_to_sign
from sk.errors import Conflict, Damaged, NotFound, Unavailable
from sk.evidence.admit import before_these, sorted_out
from sk.evidence.log import Log, Memory
from sk.evidence.statement import Statement
from sk.evidence.tiles import Place, edge, grown, hash_over, tiles_for, width_of
from sk.evidence.tree import EMPTY_ROOT, HASH_BYTES, leaf_hash
from sk.store.port import Aggregate, Store

BATCH = 500
log = logging.getLogger(__name__)


class LogHead(Aggregate):
    """How many statements stand in the log, the root over them, and when the last one came.

    Its number is read and saved with the size, so that what is signed for one log is never the head of another.
    """

    kind: ClassVar[str] = "log_head"

    number: int = 1
    size: int = 0
    root: bytes = EMPTY_ROOT
    logged_at: AwareDatetime | None = None


class Tile(Aggregate):
    """A tile of the log: hashes side by side. Its id is its level and its number."""

    kind: ClassVar[str] = "tile"

    hashes: bytes = b""


class SignedHead(Aggregate):
    """The newest checkpoint of one log: a head, signed after it was saved."""

    kind: ClassVar[str] = "checkpoint"

    size: int = 0
    note: str = ""


HEAD_ID = "log"


async def log_head(store: Store) -> LogHead:
    """Return the head of the log; before the first statement it is empty."""
    try:
        return await store.get(LogHead, HEAD_ID)
    except NotFound:
        return LogHead(id=HEAD_ID)


async def sequence(into: Log, memory: Memory) -> int:
    """Put the next statements that wait into the log, or refuse them, and return how many they were."""
    head = await log_head(into.store)
    waiting = await into.store.find(Statement, "unsequenced", "", limit=BATCH)
    if not waiting:
        return 0
    if head.number != into.number:
        raise Unavailable("the log goes on under another name since just now")
    await memory.keys.read_on(into.store, into.signers, head.size)
    before = await before_these(waiting, memory.hashes, into.store)
    fit, unfit = await sorted_out(waiting, before, memory.keys.copy(), into)
    try:
        await into.store.save(*await appended(head, fit, into.clock.now(), into.store), *unfit)
    except Conflict:
        return 0  # another sequencer was quicker; what it left is found the next time
    for statement in unfit:
        log.critical("statement-refused", extra={"statement_id": statement.id})
    memory.remember(fit, before.hashes)
    return sum(not (one.position is None and not one.refused) for one in waiting)


async def introduce_signers(into: Log, memory: Memory) -> int:
    """Have a log that has begun name the keys that it does not know yet, and return how many they were.

    A fresh one learns them as they come. But after a rotation nothing may have been stated yet with the new key of
    web, and `as-of`, which is never logged, cannot bring its key along.
    """
    if memory.has_introduced:
        return 0
    head = await log_head(into.store)
    if not head.size or head.number != into.number:
        return 0
    await memory.keys.read_on(into.store, into.signers, head.size)
    made = memory.keys.copy().introduce_all(into.signers, into.sign, await moment_to_sign(into.clock))
    try:
        await into.store.save(*await appended(head, made, into.clock.now(), into.store))
    except Conflict:
        return 0  # another sequencer was quicker, perhaps with the same
    memory.has_introduced = True
    return len(made)


async def appended(head: LogHead, statements: Sequence[Statement], at: datetime, store: Store) -> list[Aggregate]:
    """Give statements the next places in the log; return them with all else that is to be saved in the same write."""
    if not statements:
        return []
    head.logged_at = max(at, head.logged_at or at)
    if head.logged_at > at + SKEW:  # waiting for that moment would be worse than saying it of some more leaves
        log.critical("log-clock-ahead", extra={"logged_at": str(head.logged_at)})
    for position, statement in enumerate(statements, head.size):
        statement.position, statement.logged_at = position, head.logged_at
    kept = await tiles_of(store, edge(head.size))
    hashes = {place: tile.hashes for place, tile in kept.items()}
    if any(len(hashes.get(place, b"")) != width_of(place, head.size) * HASH_BYTES for place in edge(head.size)):
        # They are read after the head. If it has moved on, another sequencer was quicker; else they were tampered with.
        raise Damaged if (await log_head(store)).version == head.version else Conflict
    changed = grown(hashes, head.size, [leaf_hash(leaf_of(statement)) for statement in statements])
    for place, row in changed.items():
        kept.setdefault(place, Tile(id=tile_id(place))).hashes = row
    head.size += len(statements)
    head.root = hash_over((0, head.size), hashes | changed)
    return [head, *(kept[place] for place in changed), *statements]


async def refused(store: Store, limit: int = 1000) -> list[Statement]:
    """Return the statements that may not be in the log, in order of time."""
    return await store.find(Statement, "refused", "", limit=limit)


async def reconsider(store: Store, statement: Statement) -> None:
    """Have a statement that was refused wait once more: its key may be trusted now that was not known then."""
    statement.refused = False
    await store.save(statement)


async def signed_head(store: Store) -> SignedHead:
    """Return the newest checkpoint of the log as it is now; before the first statement its note is empty.

    Each log has its own, so that after a restore none of the log before is found, whoever saves it late.
    """
    number = (await log_head(store)).number
    id_ = HEAD_ID if number == 1 else f"{HEAD_ID}-{number}"
    try:
        return await store.get(SignedHead, id_)
    except NotFound:
        return SignedHead(id=id_)


async def root_at(store: Store, size: int) -> bytes:
    """Return the root over the first leaves of the log, which has as many, as its tiles have it."""
    if not size:
        return EMPTY_ROOT
    tiles = await tiles_of(store, sorted(tiles_for([(0, size)])))
    try:
        return hash_over((0, size), {place: tile.hashes for place, tile in tiles.items()})
    except (KeyError, IndexError, ValueError) as error:
        raise Damaged from error


async def tiles_of(store: Store, places: Sequence[Place]) -> dict[Place, Tile]:
    """Return those of the tiles that there are."""
    found = await store.get_many(Tile, [tile_id(place) for place in places])
    return {place: found[id_] for place in places if (id_ := tile_id(place)) in found}


def tile_id(place: Place) -> str:
    """Return the id under which a tile is kept."""
    level, number = place
    return f"{level}.{number}"


def leaf_of(statement: Statement) -> bytes:
    """Return the leaf of a statement in the log: when it was logged, as u64 of microseconds, ‖ SHA-256 of its bytes."""
    if statement.logged_at is None:
        raise NotFound(f"the statement {statement.id} is not in the log yet")
    return microseconds(statement.logged_at).to_bytes(8) + sha256(statement.jws.encode()).digest()
