"""The sequencer: gives every statement its place in the one log, after the commit, once and for ever.

One sequencer at a time: the head is saved by version together with the statements that it counts and the tiles that
they change, so that of two the slower one changes nothing. Only what was saved is signed, so that there is one
checkpoint for each size, whoever signs it.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AwareDatetime

from sk.clock import microseconds
from sk.crypto.sign import Signers
from sk.errors import Conflict, NotFound
from sk.evidence.note import Checkpoint, sign_note
from sk.evidence.statement import Statement, verified
from sk.evidence.tiles import Place, edge, grown, hash_over
from sk.evidence.tree import EMPTY_ROOT, leaf_hash
from sk.store.port import Aggregate, Store

BATCH = 500


class LogHead(Aggregate):
    """How many statements stand in the log, the root over them, and when the last one came."""

    kind: ClassVar[str] = "log_head"

    size: int = 0
    root: bytes = EMPTY_ROOT
    logged_at: AwareDatetime | None = None


class Tile(Aggregate):
    """A tile of the log: hashes side by side. Its id is its level and its number."""

    kind: ClassVar[str] = "tile"

    hashes: bytes = b""


class SignedHead(Aggregate):
    """The newest checkpoint: a head of the log, signed after it was saved."""

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


async def sequence(store: Store, signers: Signers, at: datetime) -> int:
    """Put the next statements that wait into the log and return how many they were.

    One that is not signed by who may state it is `Damaged`, and nothing behind it is passed on.
    """
    head = await log_head(store)
    waiting = await store.find(Statement, "unsequenced", "", limit=BATCH)
    if not waiting:
        return 0
    head.logged_at = max(at, head.logged_at or at)
    for position, statement in enumerate(waiting, head.size):
        verified(statement, signers, statement.step)
        statement.position, statement.logged_at = position, head.logged_at
    tiles = await _grow(head, waiting, store)
    try:
        await store.save(head, *tiles, *waiting)
    except Conflict:
        return 0  # another sequencer was quicker; what it left is found the next time
    return len(waiting)


async def _grow(head: LogHead, statements: Sequence[Statement], store: Store) -> list[Tile]:
    """Count statements in, and return the tiles that they change."""
    kept = await tiles_of(store, edge(head.size))
    hashes = {place: tile.hashes for place, tile in kept.items()}
    changed = grown(hashes, head.size, [leaf_hash(leaf_of(statement)) for statement in statements])
    for place, row in changed.items():
        kept.setdefault(place, Tile(id=tile_id(place))).hashes = row
    head.size += len(statements)
    head.root = hash_over((0, head.size), hashes | changed)
    return [kept[place] for place in changed]


async def sign_head(store: Store, origin: str, key: Ed25519PrivateKey) -> None:
    """Sign the head of the log as it stands in the store, unless that was done."""
    head, signed = await log_head(store), await signed_head(store)
    if head.size <= signed.size:  # smaller, if another one has signed since the head was read
        return
    signed.size, signed.note = head.size, sign_note(Checkpoint(origin, head.size, head.root).text(), origin, key)
    try:
        await store.save(signed)
    except Conflict:
        return  # another sequencer has signed, the same or more


async def signed_head(store: Store) -> SignedHead:
    """Return the newest checkpoint; before the first statement its note is empty."""
    try:
        return await store.get(SignedHead, HEAD_ID)
    except NotFound:
        return SignedHead(id=HEAD_ID)


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
