import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.context import Context
from tests.crypto.cases import UNHURRIED, Vector, cases

PARTS = st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.integers(1, 65535))


@pytest.mark.parametrize("vector", cases("context.json", fail=False))
def test_a_context_is_bound_as_the_vectors_say(vector: Vector) -> None:
    context = Context(vector["kind"], vector["account_id"], vector["object_id"])

    assert context.bound(vector["generation"]).hex() == vector["bound"]


@pytest.mark.parametrize("vector", cases("context.json", fail=True))
def test_a_part_too_long_for_its_length_is_not_bound(vector: Vector) -> None:
    long = vector["object_id"] * vector["object_id_repeated"]

    with pytest.raises(OverflowError):
        Context(vector["kind"], vector["account_id"], long).bound(vector["generation"])


@UNHURRIED
@given(PARTS, PARTS)
def test_two_places_are_never_bound_alike(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    assert (Context(*one[:3]).bound(one[3]) == Context(*other[:3]).bound(other[3])) is (one == other)
