"""What must be true of a log and its anchors, whatever happened to those who kept it."""

from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

from sk.crypto.sign import Signers, kid_in
from sk.evidence.anchor import Anchor, Logged, anchored_since, newest_anchor, read_anchor
from sk.evidence.note import Checkpoint, VKey, open_note
from sk.evidence.sequence import leaf_of, log_head, refused, root_at, signed_head
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Statement, verified
from sk.evidence.tree import EMPTY_ROOT, leaf_hash, node_hash
from sk.objects.port import ObjectStore
from sk.store.port import Cursor, Store, all_of


class Roots:
    """The Merkle Tree Hash over the first leaves, by the words of RFC 9162 section 2.1.1."""

    def __init__(self, leaves: list[bytes]) -> None:
        """Take all leaves that there are."""
        self._hashes = [leaf_hash(leaf) for leaf in leaves]
        self._over = lru_cache(maxsize=None)(self._hash)

    def at(self, size: int) -> bytes:
        """Return the root of a size."""
        return self._over(0, size) if size else EMPTY_ROOT

    def _hash(self, begin: int, end: int) -> bytes:
        if end - begin == 1:
            return self._hashes[begin]
        middle = begin + (1 << (end - begin - 1).bit_length() - 1)
        return node_hash(self._over(begin, middle), self._over(middle, end))


async def in_the_log(store: Store) -> list[Statement]:
    """Return all statements of the log in their order."""
    found: list[Statement] = []
    while page := await store.find(Statement, "log", "", after=Cursor.behind(len(found) - 1), limit=1000):
        found += page
    return found


async def anchors_of(objects: ObjectStore, log_number: int = 1) -> list[Anchor]:
    """Return all anchors of a log, by size."""
    names = [name for day in await objects.days() for name in [one async for one in objects.names(day, "log-")]]
    found = [await read_anchor(objects, name) for name in names]
    return sorted(anchor for anchor in found if anchor.log_number == log_number)


async def check_whole_log(store: Store, objects: ObjectStore, signers: Signers) -> None:
    """Check that each statement has one place, without a gap, and that tiles, checkpoint and anchors say the same."""
    statements, head = await in_the_log(store), await log_head(store)
    everything = [statement async for statement in all_of(store, Statement)]
    assert [statement.position for statement in statements] == [*range(head.size)]
    assert sorted(statement.id for statement in statements) == sorted(statement.id for statement in everything)
    assert await refused(store) == []
    logged_at = [statement.logged_at for statement in statements if statement.logged_at]
    assert logged_at == sorted(logged_at)
    check_order(statements, signers)
    check_keys(statements, signers)
    roots = Roots([leaf_of(statement) for statement in statements])
    assert head.root == roots.at(head.size) == await root_at(store, head.size)
    await _check_anchors(statements, roots, store, objects, signers)


def check_order(statements: list[Statement], signers: Signers) -> None:
    """Check that what was stated about one notice or share stands in its order, each behind the one that it names."""
    by_chain: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.chain_id:
            by_chain[statement.chain_id].append(statement)
    for chain in by_chain.values():
        assert [statement.number for statement in chain] == [*range(1, len(chain) + 1)]
        for before, after in pairwise(chain):
            assert verified(after, signers, after.step)["previous"] == hash_of(before.jws)


def check_keys(statements: list[Statement], signers: Signers) -> None:
    """Check that every key was introduced once, before its first statement."""
    may: dict[str, list[str]] = {}
    for statement in statements:
        kid = kid_in(statement.jws)
        if statement.step == "key":
            says = verified(statement, signers, "key")
            assert says["kid"] not in may
            may[says["kid"]] = says["steps"]
        assert statement.step in may[kid]


async def _check_anchors(
    statements: list[Statement], roots: Roots, store: Store, objects: ObjectStore, signers: Signers
) -> None:
    """Check that anchors hold what was logged, and that nothing was shown that none of them holds."""
    anchors = await anchors_of(objects)
    for anchor in anchors:
        assert anchor.checkpoint(signers).root == roots.at(anchor.size)
    expected = [Logged(one.position or 0, one.logged_at, one.jws) for one in statements if one.logged_at]
    held = [logged async for logged in anchored_since(objects, 1, 0)]
    assert held == expected[: anchors[-1].size]
    newest, signed = await newest_anchor(objects), await signed_head(store)
    assert newest == anchors[-1]
    assert signed.size <= newest.size
    origin = signed.note.partition("\n")[0]
    shown = Checkpoint.read(open_note(signed.note, [VKey(origin, signers.public("log"))])[0])
    assert (shown.size, shown.root) == (signed.size, roots.at(signed.size))
