"""The log as it gets long: what it takes to append to it, and to prove that a leaf is in it.

Nobody has stated what is in this log: its leaves are hashes of numbers, so that a million of them is there soon.
"""

import random
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.load import Failed
from sk.evidence.sequence import BATCH, HEAD_ID, LogHead, Tile, tile_id, tiles_of
from sk.evidence.tiles import edge, grown, hash_over, tiles_for
from sk.evidence.tree import inclusion_ranges, root_by_inclusion
from sk.store.port import Store
from sk.store.sqlite import open_sqlite

AT_ONCE = 50_000
PROOFS = 200


class Costs(NamedTuple):
    """What is done with a log of a size takes so many milliseconds: a batch appended and saved, one proof."""

    log_append_ms: float
    log_proof_ms: float


async def measure_log(sizes: Sequence[int], rounds: int, place: Path) -> dict[int, Costs]:
    """Let a log in a store grow and measure at each of the sizes."""
    costs: dict[int, Costs] = {}
    async with open_sqlite(place / "store.db") as store:
        head = LogHead(id=HEAD_ID)
        for size in sizes:
            while head.size < size:
                await _append(head, min(AT_ONCE, size - head.size), store)
            proofs = [await _prove(head, store) for _ in range(PROOFS)]
            appends = [await _append(head, BATCH, store) for _ in range(rounds)]
            costs[size] = Costs(median(appends), median(proofs))
    return costs


async def _append(head: LogHead, count: int, store: Store) -> float:
    """Append leaves as the sequencer does, and return in how many milliseconds they were on disk."""
    leaves = [_leaf_hash(number) for number in range(head.size, head.size + count)]
    began = time.perf_counter()
    kept = await tiles_of(store, edge(head.size))
    rows = {place: tile.hashes for place, tile in kept.items()}
    changed = grown(rows, head.size, leaves)
    for place, row in changed.items():
        kept.setdefault(place, Tile(id=tile_id(place))).hashes = row
    head.size += count
    head.root = hash_over((0, head.size), rows | changed)
    await store.save(head, *(kept[place] for place in changed))
    return _milliseconds_since(began)


async def _prove(head: LogHead, store: Store) -> float:
    """Prove that some leaf is in the log, and return in how many milliseconds the proof was made."""
    index = random.randrange(head.size)  # noqa: S311 - any will do
    began = time.perf_counter()
    ranges = inclusion_ranges(index, head.size)
    tiles = await tiles_of(store, sorted(tiles_for(ranges)))
    rows = {place: tile.hashes for place, tile in tiles.items()}
    proof = [hash_over(found, rows) for found in ranges]
    took = _milliseconds_since(began)
    if root_by_inclusion(_leaf_hash(index), index, head.size, proof) != head.root:
        raise Failed(f"the proof of leaf {index} of {head.size} does not hold")
    return took


def _leaf_hash(number: int) -> bytes:
    return sha256(number.to_bytes(8)).digest()


def _milliseconds_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
