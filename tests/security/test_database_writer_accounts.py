"""A writer in the database gains nothing: accounts, log-in and sessions.

They put rows of their own account, or whatever they can make, in the place of somebody else's: nothing is sealed to
them, nothing opens, and nobody is logged in. What they can do: put back a row of the same account as it was
before, and with it an old password, an old address, a session that was ended or an Einwilligung that was withdrawn.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from sk.crypto.sign import encode
from sk.demo.browser import Browser
from tests.auth.visitors import begin_session
from tests.security.alarms import Alarms
from tests.security.intruder import Body, Intruder, signed_anew
from tests.world import World, a_notice

Attack = Callable[[Intruder, str, str], None]
"""What is done to the first account's rows, given the id of the second one's."""
ROWS: dict[str, Attack] = {
    "key card of another": lambda intruder, own, other: _take(intruder, own, other, "key_card"),
    "key card with a key of one's own": lambda intruder, own, other: _sign(
        intruder, own, "key_card", public_key=encode(intruder.public_key(other))
    ),
    "standing of another": lambda intruder, own, other: _take(intruder, own, other, "standing_card"),
    "standing that web has not signed": lambda intruder, own, _: _sign(intruder, own, "standing_card", trust="high"),
    "row of another": lambda intruder, own, other: intruder.copy("account", other, own, renamed=False),
    "row of another under this id": lambda intruder, own, other: intruder.copy("account", other, own, renamed=True),
}
STANDINGS: dict[str, Body] = {
    "trust level": {"trust": "high"},
    "Einwilligung": {"einwilligung": {"*": "2026-11-23T09:00:00Z"}},
}


@pytest.mark.parametrize("attack", ROWS.values(), ids=ROWS)
async def test_nothing_is_sealed_to_anybody_else(
    world: World, intruder: Intruder, alarms: Alarms, attack: Attack
) -> None:
    authority, erika, mallory = await world.authority(), await world.citizen(), await world.citizen("mallory")

    attack(intruder, erika.account.id, mallory.account.id)
    status, answer = await authority.post(a_notice(erika.handle))

    assert (status, answer["type"]) == (503, "/problems/damaged")
    assert intruder.ids("notice") == []
    assert alarms.raised() == ["damaged"]


@pytest.mark.parametrize("changes", STANDINGS.values(), ids=STANDINGS)
async def test_an_account_is_not_what_it_has_not_become(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    authority, erika = await world.authority(), await world.citizen(trust="low", einwilligung=False)

    _sign(intruder, erika.account.id, "standing_card", **changes)

    status, _ = await authority.get(f"/api/v1/postboxes/{erika.handle}")
    assert status == 503
    assert alarms.raised() == ["damaged"]


@pytest.mark.parametrize("field", ["credentials", "username_index"])
async def test_a_password_of_ones_own_opens_nobody_elses_account(
    world: World, intruder: Intruder, alarms: Alarms, field: str
) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")

    _take(intruder, erika.account.id, mallory.account.id, field)
    intruder.point("account", "username", mallory.account.username_index, erika.account.id)

    async with world.browser() as browser:
        await _assert_no_log_in(browser, "mallory", mallory.password)
    assert set(alarms.raised()) == {"damaged"}


async def test_a_user_name_leads_to_nobody_elses_account(world: World, intruder: Intruder, alarms: Alarms) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")

    intruder.point("account", "username", erika.account.username_index, mallory.account.id)

    async with world.browser() as browser:
        await _assert_no_log_in(browser, "erika", mallory.password)
        await _assert_no_log_in(browser, "erika", erika.password)
    assert set(alarms.raised()) == {"damaged"}


async def test_the_key_of_ones_own_account_opens_nobody_elses_postbox(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    for renamed in (True, False):
        intruder.copy("account_key", notice.citizen.account.id, mallory.account.id, renamed=renamed)
        async with world.browser(mallory) as browser:
            listed = await browser.open("/postfach")
            assert (listed.status, "beschädigt" in listed.text) == (503, True)
    assert set(alarms.raised()) == {"damaged"}


async def test_a_locked_account_stays_locked(world: World, intruder: Intruder, alarms: Alarms) -> None:
    erika = await world.citizen()
    standing = erika.account.standing(world.web.keys.signers)
    erika.account.change(standing.model_copy(update={"log_in_locked": True}), world.web.keys.signer("sign-web"))
    await world.web.store.save(erika.account)

    _sign(intruder, erika.account.id, "standing_card", log_in_locked=False)

    async with world.browser() as browser:
        await _assert_no_log_in(browser, "erika", erika.password)
    assert alarms.raised() == ["damaged"]


@pytest.mark.parametrize("whose", ["erika", "mallory"])
async def test_a_session_cannot_be_invented(world: World, intruder: Intruder, alarms: Alarms, whose: str) -> None:
    citizens = {"erika": await world.citizen(), "mallory": await world.citizen("mallory")}
    await begin_session(citizens[whose].account, "high", "password", world.web)
    [session_id] = intruder.ids("session")

    invented = encode(sha256(b"chosen by the intruder").digest())
    intruder.insert("session", {**intruder.read("session", session_id), "id": invented})

    await _assert_no_session(world, "chosen by the intruder")
    assert alarms.raised() == ["session-damaged"]


async def test_ones_own_session_does_not_become_somebody_elses(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    token = await begin_session(mallory.account, "high", "password", world.web)
    [own] = intruder.ids("session")
    await begin_session(erika.account, "high", "password", world.web)
    [other] = set(intruder.ids("session")) - {own}

    for renamed in (True, False):
        intruder.copy("session", other, own, renamed=renamed)
        await _assert_no_session(world, token)
    assert set(alarms.raised()) == {"session-damaged"}


async def test_an_account_under_a_session_cannot_be_exchanged(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    async with world.browser(mallory) as browser:
        intruder.copy("account", notice.citizen.account.id, mallory.account.id, renamed=False)
        listed = await browser.open("/postfach")
    assert "Bescheid über Ihren Antrag" not in listed.text
    assert set(alarms.raised()) == {"session-damaged"}


async def _assert_no_log_in(browser: Browser, username: str, password: str) -> None:
    answered = await browser.log_in(username, password)
    assert answered.status in (422, 503)
    assert (await browser.open("/postfach")).url == "/anmelden"


async def _assert_no_session(world: World, token: str) -> None:
    cookies = {"session": token}
    async with world.http.get(f"{world.base_url}/postfach", cookies=cookies, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/anmelden")


def _take(intruder: Intruder, own: str, other: str, field: str) -> None:
    intruder.change("account", own, **{field: intruder.read("account", other)[field]})


def _sign(intruder: Intruder, account_id: str, field: str, **changes: Any) -> None:
    card = intruder.read("account", account_id)[field]
    intruder.change("account", account_id, **{field: signed_anew(card, **changes)})
