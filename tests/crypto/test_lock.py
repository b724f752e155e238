import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged
from tests.crypto.cases import UNHURRIED, Vector, cases, damaged_copies, place_of

PLACE = Context("credentials", "account", "object")
KEY = LockKey({1: bytes(32)})


def key_of(vector: Vector) -> LockKey:
    return LockKey({int(generation): bytes.fromhex(key) for generation, key in vector["keys"].items()})


@pytest.mark.parametrize("vector", cases("lock.json", fail=False))
def test_a_value_locked_elsewhere_opens(vector: Vector) -> None:
    opened = key_of(vector).unlock(place_of(vector), bytes.fromhex(vector["locked"]))

    assert opened.hex() == vector["plain"]


@pytest.mark.parametrize("vector", cases("lock.json", fail=True))
def test_a_value_under_another_key_or_in_another_place_stays_locked(vector: Vector) -> None:
    with pytest.raises(Damaged):
        key_of(vector).unlock(place_of(vector), bytes.fromhex(vector["locked"]))


@UNHURRIED
@given(st.binary(max_size=100))
def test_what_is_locked_opens_in_its_place(value: bytes) -> None:
    assert KEY.unlock(PLACE, KEY.lock(PLACE, value)) == value


def test_the_newest_generation_locks_and_the_older_ones_still_open() -> None:
    old = KEY.lock(PLACE, b"old")
    both = LockKey({2: bytes([2]) * 32, 1: bytes(32)})

    assert both.unlock(PLACE, old) == b"old"
    assert both.lock(PLACE, b"new")[:2] == b"\x00\x02"
    with pytest.raises(Damaged):
        KEY.unlock(PLACE, both.lock(PLACE, b"new"))


def test_every_changed_byte_and_every_cut_of_a_locked_value_is_refused() -> None:
    for copy in damaged_copies(KEY.lock(PLACE, b"mia")):
        with pytest.raises(Damaged):
            KEY.unlock(PLACE, copy)


def test_one_value_locked_twice_looks_different() -> None:
    assert KEY.lock(PLACE, b"mia") != KEY.lock(PLACE, b"mia")


def test_a_key_does_not_show_its_secrets() -> None:
    assert repr(LockKey({1: b"secret"})) == "LockKey()"
