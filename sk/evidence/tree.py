"""The Merkle tree of the log: hashing and proofs of RFC 9162 section 2.1, over hashes that somebody else keeps.

A *complete* subtree covers 2^level leaves from a multiple of that on, and never changes. Everything here is computed
from such subtrees, which a caller hands in as a function, so that a proof reads as many hashes as the tree is high.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from sk.errors import Damaged

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()
Complete = Callable[[int, int], bytes]
"""The hash of the complete subtree at a level, by its number from the left."""
Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the complete subtrees, as level and number, of which a range that begins at a subtree's border consists."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def range_hash(begin: int, end: int, complete: Complete) -> bytes:
    """Return the hash over a range of leaves; that of the whole tree is its root."""
    if begin == end:
        return EMPTY_ROOT
    hashes = [complete(level, number) for level, number in subtrees(begin, end)]
    total = hashes.pop()
    while hashes:
        total = node_hash(hashes.pop(), total)
    return total


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that a leaf is in the tree of a size, from the bottom to the top."""
    begin, end = 0, size
    found: list[Range] = []
    while end - begin > 1:
        middle = begin + _left(end - begin)
        found.append((middle, end) if index < middle else (begin, middle))
        begin, end = (begin, middle) if index < middle else (middle, end)
    return found[::-1]


def consistency_ranges(old: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that a tree of a size continues the one of an old size."""
    begin, end = 0, size
    found: list[Range] = []
    while old < end:
        middle = begin + _left(end - begin)
        found.append((middle, end) if old <= middle else (begin, middle))
        begin, end = (begin, middle) if old <= middle else (middle, end)
    return ([(begin, end)] if begin else []) + found[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that follows from the hash of a leaf and its proof, or raise `Damaged` if it is no proof."""
    ranges = inclusion_ranges(index, size) if 0 <= index < size else None
    if ranges is None or len(ranges) != len(proof):
        raise Damaged
    total = leaf
    for (begin, _), sibling in zip(ranges, proof, strict=True):
        total = node_hash(total, sibling) if begin > index else node_hash(sibling, total)
    return total


def roots_by_consistency(old: int, size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the old and the new root that follow from a proof; whoever trusts the old one compares both.

    An empty tree is continued by every other, so that nothing is proven by it; what is no proof is `Damaged`.
    """
    if not 0 < old <= size or len(ranges := consistency_ranges(old, size)) != len(proof):
        raise Damaged
    own = 1 if ranges and ranges[0][1] == old else 0  # the last part of the old tree, unless that is one subtree itself
    before = after = proof[0] if own else old_root
    for (_, end), sibling in zip(ranges[own:], proof[own:], strict=True):
        if end <= old:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
        else:
            after = node_hash(after, sibling)
    return before, after


def _left(size: int) -> int:
    """Return how many leaves the left side of a tree has: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1
