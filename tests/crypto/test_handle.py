from itertools import combinations

import pytest

from sk.crypto.lock import HandleKey, IndexKey
from sk.errors import Damaged
from sk.ids import new_id
from tests.crypto.cases import Vector, cases

KEY = HandleKey(bytes(range(64)))


@pytest.mark.parametrize("vector", cases("handle.json", fail=False))
def test_a_handle_is_what_the_vectors_say(vector: Vector) -> None:
    key = HandleKey(bytes.fromhex(vector["key"]))

    assert key.handle(vector["account_id"], vector["sector"]) == vector["handle"]
    assert key.account_id(vector["handle"], vector["sector"]) == vector["account_id"]


@pytest.mark.parametrize("vector", cases("handle.json", fail=True))
def test_a_handle_of_another_authority_or_spelled_otherwise_is_unknown(vector: Vector) -> None:
    with pytest.raises(Damaged):
        HandleKey(bytes.fromhex(vector["key"])).account_id(vector["handle"], vector["sector"])


@pytest.mark.parametrize("vector", cases("handle.json", "indexes", fail=False))
def test_a_blind_index_is_what_the_vectors_say(vector: Vector) -> None:
    assert IndexKey(bytes.fromhex(vector["key"])).blind(vector["field"], vector["value"]) == vector["index"]


def test_handles_of_one_account_towards_many_authorities_share_nothing() -> None:
    account = new_id()
    sectors = [new_id() for _ in range(100)]
    handles = [KEY.handle(account, sector) for sector in sectors]

    for one, other in combinations(handles, 2):
        assert not {one[at : at + 10] for at in range(43)} & {other[at : at + 10] for at in range(43)}
    for handle, sector in zip(handles, sectors[1:] + sectors[:1], strict=True):
        with pytest.raises(Damaged):
            KEY.account_id(handle, sector)


def test_a_handle_stays_the_same_and_has_one_length() -> None:
    account, sector = new_id(), new_id()

    assert KEY.handle(account, sector) == KEY.handle(account, sector)
    assert len(KEY.handle(account, sector)) == 52


def test_every_changed_character_of_a_handle_makes_it_unknown() -> None:
    handle = KEY.handle(new_id(), "sector")

    for at, old in enumerate(handle):
        for new in "abcdefghijklmnopqrstuvwxyz234567":
            if new != old:
                with pytest.raises(Damaged):
                    KEY.account_id(handle[:at] + new + handle[at + 1 :], "sector")


def test_the_keys_do_not_show_their_secrets() -> None:
    assert repr([HandleKey(b"secret"), IndexKey(b"secret")]) == "[HandleKey(), IndexKey()]"
