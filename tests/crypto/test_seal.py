from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.context import Context
from sk.crypto.seal import new_seed, public_key, seal, unseal
from sk.errors import Damaged
from tests.crypto.cases import UNHURRIED, Vector, cases, completed, flipped_copies, load, place_of
from tests.vectors.reference import pattern
from tests.vectors.sealed_cases import spliced

PLACE = Context("notice", "account", "notice")
SEED = bytes(range(32))
PUBLIC = public_key(SEED)


def sealed_of(vector: Vector) -> bytes:
    others = {good["name"]: bytes.fromhex(good["sealed"]) for good in load("seal.json")["vectors"] if "sealed" in good}
    sealed = bytes.fromhex(vector["sealed"])
    return spliced(sealed, vector["pieces"], others) if "pieces" in vector else sealed


@pytest.mark.parametrize("vector", cases("seal.json", fail=False))
def test_a_value_sealed_elsewhere_opens(vector: Vector) -> None:
    seed, sealed = bytes.fromhex(vector["seed"]), bytes.fromhex(vector["sealed"])
    plain = pattern(vector["plain_length"]) if "plain_length" in vector else bytes.fromhex(vector["plain"])

    assert sha256(sealed).hexdigest() == vector["sealed_sha256"]
    assert unseal(seed, place_of(vector), vector["generation"], sealed) == plain


@pytest.mark.parametrize("vector", cases("seal.json", fail=True))
def test_a_value_for_another_account_or_place_stays_sealed(vector: Vector) -> None:
    vector = completed(vector, "seal.json")

    with pytest.raises(Damaged):
        unseal(bytes.fromhex(vector["seed"]), place_of(vector), vector["generation"], sealed_of(vector))


@pytest.mark.parametrize("vector", cases("seal.json", "public_keys", fail=True))
def test_nothing_is_sealed_to_what_is_no_public_key(vector: Vector) -> None:
    with pytest.raises(Damaged):
        seal(bytes.fromhex(vector["public_key"]), PLACE, 1, b"")


@pytest.mark.parametrize("vector", load("xwing-draft.json")["vectors"])
def test_a_seed_becomes_the_public_key_of_the_draft(vector: Vector) -> None:
    assert public_key(bytes.fromhex(vector["seed"])).hex() == vector["pk"]


@UNHURRIED
@given(st.binary(max_size=1000), st.integers(1, 65535))
def test_what_is_sealed_opens_in_its_place(value: bytes, generation: int) -> None:
    sealed = seal(PUBLIC, PLACE, generation, value)

    assert len(sealed) == len(value) + 1136
    assert unseal(SEED, PLACE, generation, sealed) == value


def test_every_flipped_bit_and_every_cut_of_a_sealed_value_is_refused() -> None:
    for copy in flipped_copies(seal(PUBLIC, PLACE, 1, b"mia")):
        with pytest.raises(Damaged):
            unseal(SEED, PLACE, 1, copy)


@pytest.mark.parametrize("length", [0, 31, 33, 96])
def test_a_seed_of_another_length_is_none(length: int) -> None:
    with pytest.raises(Damaged):
        public_key(bytes(length))


def test_every_account_gets_a_seed_of_its_own() -> None:
    assert new_seed() != new_seed()
    assert len(new_seed()) == 32
