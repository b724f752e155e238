"""Tiles: the hashes of the tree as the log keeps and serves them (C2SP tlog-tiles; docs/formats/log.md).

A tile at level L holds, side by side, up to 256 hashes of complete subtrees at level 8·L of the tree. A full one never
changes. All that a new leaf touches is the last tile of each level.
"""

from collections.abc import Iterable, Mapping, Sequence

from sk.evidence.tree import HASH_BYTES, Range, node_hash, range_hash, subtrees

WIDTH = 256
HEIGHT = 8  # levels of the tree in one level of tiles: 2 ** 8 is the width
Place = tuple[int, int]
"""A tile: its level, and its number from the left."""
Tiles = Mapping[Place, bytes]


def edge(size: int) -> list[Place]:
    """Return the last tile of each level of a log of a size, full or not: all that growing it and its root ask for."""
    found: list[Place] = []
    level, hashes = 0, size
    while hashes:
        found.append((level, (hashes - 1) // WIDTH))
        if not hashes % WIDTH:  # the next leaf begins a new tile
            found.append((level, hashes // WIDTH))
        level, hashes = level + 1, hashes // WIDTH
    return found


def width_of(place: Place, size: int) -> int:
    """Return how many hashes a tile has in a log of a size."""
    level, number = place
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def grown(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """Return the tiles that change when hashes of leaves are added to a log of a size, of which the edge is given."""
    changed: dict[Place, bytes] = {}
    level, begin, hashes = 0, size, list(leaves)
    while hashes:
        for number, hash_ in enumerate(hashes, begin):
            place = (level, number // WIDTH)
            changed[place] = changed.get(place, tiles.get(place, b"")) + hash_
        end = begin + len(hashes)
        full = range(begin // WIDTH, end // WIDTH)
        hashes = [_top(changed[level, number]) for number in full]
        level, begin = level + 1, begin // WIDTH
    return changed


def hash_over(found: Range, tiles: Tiles) -> bytes:
    """Return the hash over a range of leaves from the tiles that hold it; `tiles_for` says which."""
    return range_hash(*found, lambda level, number: _complete(tiles, level, number))


def tiles_for(ranges: Iterable[Range]) -> set[Place]:
    """Return the tiles that hold the hashes over ranges of leaves."""
    return {_place(level, number) for found in ranges for level, number in subtrees(*found)}


def path_of(place: Place, width: int = WIDTH) -> str:
    """Return the path of a tile below `/log/tile/`: its number in groups of three digits, all but the last after an x.

    A tile that is not full says its width behind it.
    """
    level, number = place
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"{level}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


def _place(level: int, number: int) -> Place:
    return level // HEIGHT, (number << level % HEIGHT) // WIDTH


def _complete(tiles: Tiles, level: int, number: int) -> bytes:
    """Return the hash of a complete subtree from the tile that holds it or the hashes below it."""
    tile = tiles[_place(level, number)]
    first = (number << level % HEIGHT) % WIDTH
    return _top(tile[first * HASH_BYTES : (first + (1 << level % HEIGHT)) * HASH_BYTES])


def _top(row: bytes) -> bytes:
    """Return the hash over a row of hashes, whose number is a power of two."""
    hashes = [row[at : at + HASH_BYTES] for at in range(0, len(row), HASH_BYTES)]
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
