"""Passwords: whose they are, and what a stolen hash is worth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random
from time import process_time

import pytest
from argon2 import Type

from sk.auth.passwords import HASHER, LEET, WAITING_MAX, Passwords, check_password
from sk.crypto.lock import IndexKey
from sk.errors import Invalid, Unavailable

PEPPER = IndexKey(bytes(32))
PASSWORD = "drei Wörter und noch eins"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    """Return an idle pool."""
    pool = Passwords()
    yield pool
    await pool.close()


async def test_a_password_fits_its_account_and_no_other(passwords: Passwords) -> None:
    hashed = await passwords.hash(PASSWORD, "erika", PEPPER)

    assert await passwords.matches(PASSWORD, hashed, "erika", PEPPER)
    assert not await passwords.matches(PASSWORD, hashed, "mallory", PEPPER)


async def test_a_password_is_compared_letter_by_letter(passwords: Passwords) -> None:
    hashed = await passwords.hash(PASSWORD, "erika", PEPPER)

    for other in (PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], ""):
        assert not await passwords.matches(other, hashed, "erika", PEPPER)


def test_a_hash_costs_whoever_guesses_what_owasp_asks_for() -> None:
    assert (HASHER.type, HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism) == (Type.ID, 1, 46 * 1024, 1)


async def test_a_hash_without_the_key_cannot_be_guessed_at(passwords: Passwords) -> None:
    hashed = await passwords.hash(PASSWORD, "erika", PEPPER)

    assert not await passwords.matches(PASSWORD, hashed, "erika", IndexKey(bytes(31) + b"\1"))


async def test_the_same_password_has_another_hash_every_time(passwords: Passwords) -> None:
    hashes = [await passwords.hash(PASSWORD, "erika", PEPPER) for _ in range(2)]

    assert hashes[0] != hashes[1]
    assert all(hashed.startswith("$argon2id$") for hashed in hashes)


async def test_letters_may_be_typed_in_one_piece_or_in_two(passwords: Passwords) -> None:
    hashed = await passwords.hash("Z\u00fcrich am See, bei Regen", "erika", PEPPER)

    assert await passwords.matches("Zu\u0308rich am See, bei Regen", hashed, "erika", PEPPER)


@pytest.mark.parametrize("hashed", ["", "no hash"])
async def test_what_is_no_hash_fits_no_password(passwords: Passwords, hashed: str) -> None:
    assert not await passwords.matches(PASSWORD, hashed, "erika", PEPPER)


async def test_more_people_at_once_than_can_be_served_are_asked_to_come_again(passwords: Passwords) -> None:
    crowd = [asyncio.ensure_future(passwords.matches(PASSWORD, "", "erika", PEPPER)) for _ in range(WAITING_MAX + 1)]
    outcomes = await asyncio.gather(*crowd, return_exceptions=True)

    assert outcomes[:WAITING_MAX] == [False] * WAITING_MAX
    assert isinstance(outcomes[-1], Unavailable)


@pytest.mark.parametrize(("length", "taken"), [(14, False), (15, True), (1000, True), (1001, False)])
def test_a_password_has_15_to_1000_characters(length: int, *, taken: bool) -> None:
    password = "Käsekuchen auf Gleis neun " * 40
    if taken:
        check_password(password[:length])
        return
    with pytest.raises(Invalid) as refused:
        check_password(password[:length])
    assert (refused.value.field, refused.value.problem) == ("password", "password-short")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("aaaaaaaaaaaaaaaaaaaa", "repeat"),
        ("passwordpassword", "repeat"),
        ("Sommer2026Sommer2026", "repeat"),
        ("123456789012345", "sequence"),
        ("qwertzuiopasdfgh", "dictionary"),
        ("erika.mustermann", "dictionary"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, ["erika", "mustermann", "erika.mustermann"])

    assert (refused.value.problem, refused.value.more) == ("password-guessable", {"why": why})


@pytest.mark.parametrize(
    "signs", [LEET, "4(8369105+%2", "1|7!", "({[<", "0123456789", "ab", "aA1", "4@8({[<369!1|7$50+%2abcdefghijklm"]
)
def test_no_password_keeps_the_others_waiting_while_it_is_scored(signs: str) -> None:
    random = Random(1)  # noqa: S311 - the same every time
    for repeats in (1, 2, 4, 20):
        part = "".join(random.choice(signs) for _ in range(1000 // repeats))
        before = process_time()
        with suppress(Invalid):
            check_password(part * repeats)
        with suppress(Invalid):
            check_password((part[: 40 // repeats] * repeats)[:40])

        assert process_time() - before < 0.3  # some 20 ms each; of all signs it was two seconds


def test_signs_for_letters_are_still_looked_through() -> None:
    with pytest.raises(Invalid):
        check_password("p@$$w0rdp@$$w0rd!1")


@pytest.mark.parametrize("password", ["korrekt pferd batterie", "u0aKgzMfVklmgQUMA1gqPg", "ääääß öüö ÄÖÜ 漢字仮名"])
def test_no_kind_of_character_is_asked_for(password: str) -> None:
    check_password(password)
