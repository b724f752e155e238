"""The whole log, leaf by leaf: the hashes that proofs are made of are those over the leaves that are served."""

import asyncio
from collections.abc import Callable

from sk.evidence.note import Checkpoint
from sk.evidence.remote import LEAF_BYTES, LENGTH_BYTES
from sk.evidence.tiles import WIDTH, Place, edge, grown, hash_over, path_of
from sk.evidence.tree import leaf_hash
from sk.evidence.watch import Contradiction, Fetch, read_tile, unreadable, width_of

FRAME = LENGTH_BYTES + LEAF_BYTES
MOMENT_BYTES = 8


async def audit(newest: Checkpoint, fetch: Fetch, told: Callable[[int], None]) -> None:
    """Download all leaves and hash them anew, up to the root; `told` hears how many more were checked."""
    tiles: dict[Place, bytes] = {}
    size = logged_at = 0
    while size < newest.size:
        place = (0, size // WIDTH)
        row, leaves = await asyncio.gather(
            read_tile(place, newest.size, fetch), _leaves(place, width_of(place, newest.size), fetch)
        )
        hashes = [leaf_hash(leaf) for leaf in leaves]
        if b"".join(hashes) != row:
            raise _refused(newest, f"its leaves from {size} on are not those that its hashes are over", "leaves")
        moments = [logged_at, *(int.from_bytes(leaf[:MOMENT_BYTES]) for leaf in leaves)]
        if moments != sorted(moments):
            raise _refused(
                newest, f"of its leaves from {size} on one was logged before the one that it follows", "order"
            )
        logged_at = moments[-1]
        tiles |= grown(tiles, size, hashes)
        size += len(hashes)
        told(len(hashes))
        tiles = {place: tiles[place] for place in edge(size) if place in tiles}  # a log is longer than memory
    if hash_over((0, size), tiles) != newest.root:
        raise _refused(newest, f"the root over its {size} leaves is not the one that it has signed", "root")


async def _leaves(place: Place, width: int, fetch: Fetch) -> list[bytes]:
    path = f"tile/entries/{path_of(place, width).partition('/')[2]}"
    raw = await fetch(path)
    frames = [raw[at : at + FRAME] for at in range(0, len(raw), FRAME)]
    if len(raw) != width * FRAME or any(int.from_bytes(frame[:LENGTH_BYTES]) != LEAF_BYTES for frame in frames):
        raise unreadable(f"the log does not serve {width} leaves of {LEAF_BYTES} bytes as {path}")
    return [frame[LENGTH_BYTES:] for frame in frames]


def _refused(newest: Checkpoint, what: str, problem: str) -> Contradiction:
    return Contradiction(f"the log {newest.origin} contradicts itself: {what}", problem=problem)
