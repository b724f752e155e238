"""The Merkle tree: roots of the published examples, and proofs that hold for their tree and for no other."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.errors import Damaged
from sk.evidence.tree import (
    EMPTY_ROOT,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    range_hash,
    root_by_inclusion,
    roots_by_consistency,
)
from tests.vectors.evidence import root as mth

# The leaves and roots with which implementations of RFC 6962 and RFC 9162 are compared.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(str(number).encode()) for number in range(300)]
SIZES = st.integers(1, len(HASHES))


def complete(level: int, number: int) -> bytes:
    return mth(HASHES[number << level : (number + 1) << level])


def inclusion(index: int, size: int) -> list[bytes]:
    return [range_hash(*found, complete) for found in inclusion_ranges(index, size)]


def consistency(old: int, size: int) -> list[bytes]:
    return [range_hash(*found, complete) for found in consistency_ranges(old, size)]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_roots_are_those_of_the_published_examples(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]

    assert (
        range_hash(0, size, lambda level, number: mth(hashes[number << level : (number + 1) << level])).hex()
        == (ROOTS[size])
    )


@given(SIZES, st.data())
def test_every_leaf_is_proven_to_be_in_its_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))

    assert root_by_inclusion(HASHES[index], index, size, inclusion(index, size)) == mth(HASHES[:size])


@given(SIZES, st.data())
def test_every_tree_is_proven_to_continue_every_smaller_one(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))

    roots = roots_by_consistency(old, size, mth(HASHES[:old]), consistency(old, size))
    assert roots == (mth(HASHES[:old]), mth(HASHES[:size]))


@given(SIZES, st.data())
def test_a_proof_holds_for_no_other_leaf_and_no_other_place(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof, root = inclusion(index, size), mth(HASHES[:size])
    if other == index:
        return
    assert root_by_inclusion(HASHES[other], index, size, proof) != root
    try:
        assert root_by_inclusion(HASHES[index], other, size, proof) != root
    except Damaged:
        assert len(inclusion(other, size)) != len(proof)


@given(st.integers(2, len(HASHES)), st.data())
def test_a_tree_in_which_one_leaf_was_rewritten_continues_none_that_had_the_leaf(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size - 1))
    rewritten = data.draw(st.integers(0, old - 1))
    forged = [*HASHES[:size]]
    forged[rewritten] = leaf_hash(b"rewritten")
    proof = [
        range_hash(*found, lambda level, number: mth(forged[number << level : (number + 1) << level]))
        for found in consistency_ranges(old, size)
    ]

    roots = roots_by_consistency(old, size, mth(HASHES[:old]), proof)
    assert roots != (mth(HASHES[:old]), mth(forged))


@pytest.mark.parametrize("size", [1, 2, 7, 64, 65, 300])
def test_a_changed_a_missing_and_a_surplus_hash_spoil_a_proof(size: int) -> None:
    random = Random(size)  # noqa: S311 - to be repeated, not a secret
    index = random.randrange(size)
    proof, root = inclusion(index, size), mth(HASHES[:size])

    for place in range(len(proof)):
        changed = [*proof]
        changed[place] = random.randbytes(32)
        assert root_by_inclusion(HASHES[index], index, size, changed) != root
    for wrong in (proof[:-1] if proof else [root], [*proof, root]):
        with pytest.raises(Damaged):
            root_by_inclusion(HASHES[index], index, size, wrong)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(Damaged):
        root_by_inclusion(HASHES[0], index, size, [])


@pytest.mark.parametrize(("old", "size"), [(0, 5), (6, 5), (-1, 5), (3, 0)])
def test_nothing_is_proven_about_an_empty_or_a_larger_tree(old: int, size: int) -> None:
    with pytest.raises(Damaged):
        roots_by_consistency(old, size, EMPTY_ROOT, [])


def test_a_tree_continues_itself_without_a_proof() -> None:
    assert roots_by_consistency(7, 7, mth(HASHES[:7]), []) == (mth(HASHES[:7]), mth(HASHES[:7]))


def test_a_proof_is_as_long_as_the_tree_is_high() -> None:
    lengths = [len(inclusion_ranges(0, 2**height)) for height in range(40)]
    assert all(longer - shorter == 1 for shorter, longer in pairwise(lengths))
