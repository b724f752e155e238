"""Tiles: a log that grows in any steps has the root of all its leaves, and reads little to grow and to prove."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.evidence.tiles import WIDTH, Place, edge, grown, hash_over, path_of, tiles_for
from sk.evidence.tree import EMPTY_ROOT, HASH_BYTES, inclusion_ranges, leaf_hash, root_by_inclusion
from tests.vectors.evidence import root as mth

LEAVES = [leaf_hash(str(number).encode()) for number in range(70_000)]
STEPS = st.lists(st.sampled_from([1, 2, 255, 256, 257, 511, 1000]), min_size=1, max_size=12)


def grow(steps: list[int]) -> tuple[dict[Place, bytes], int]:
    """Grow a log in steps, each of which sees no more than the edge, and return all its tiles and its size."""
    tiles: dict[Place, bytes] = {}
    size = 0
    for step in steps:
        seen = {place: tiles[place] for place in edge(size) if place in tiles}
        tiles |= grown(seen, size, LEAVES[size : size + step])
        size += step
    return tiles, size


@given(STEPS)
def test_the_edge_is_enough_to_know_the_root(steps: list[int]) -> None:
    tiles, size = grow(steps)
    seen = {place: tiles[place] for place in edge(size) if place in tiles}

    assert hash_over((0, size), seen) == mth(LEAVES[:size])


@given(STEPS)
def test_how_a_log_grew_does_not_show(steps: list[int]) -> None:
    tiles, size = grow(steps)

    assert tiles == grow([size])[0]


def test_every_tile_is_full_but_the_last_of_its_level() -> None:
    tiles, size = grow([70_000])

    widths = {place: len(tile) // HASH_BYTES for place, tile in tiles.items()}
    assert {place for place, width in widths.items() if width < WIDTH} == {(0, 273), (1, 1), (2, 0)}
    assert [widths[place] for place in ((0, 273), (1, 1), (2, 0))] == [size % 256, size // 256 % 256, size // 256**2]


def test_a_proof_reads_a_few_tiles_of_a_large_log() -> None:
    tiles, size = grow([70_000])
    root, random = hash_over((0, size), tiles), Random(4711)  # noqa: S311 - to be repeated, not a secret
    for _ in range(50):
        index = random.randrange(size)
        ranges = inclusion_ranges(index, size)
        seen = {place: tiles[place] for place in tiles_for(ranges)}

        assert len(seen) <= 6
        assert root_by_inclusion(LEAVES[index], index, size, [hash_over(found, seen) for found in ranges]) == root


def test_an_empty_log_has_no_tiles_and_the_root_of_nothing() -> None:
    assert (edge(0), grown({}, 0, [])) == ([], {})
    assert hash_over((0, 0), {}) == EMPTY_ROOT


@pytest.mark.parametrize(
    ("place", "width", "path"),
    [
        ((0, 0), 256, "0/000"),
        ((0, 1234067), 256, "0/x001/x234/067"),  # the example of the specification
        ((1, 3), 17, "1/003.p/17"),
        ((2, 1000), 256, "2/x001/000"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(place: Place, width: int, path: str) -> None:
    assert path_of(place, width) == path
