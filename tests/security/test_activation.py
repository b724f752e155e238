"""Outside a trial an account begins with a code, which is good once, for a day, and for this account."""

import asyncio
import re

import pytest

from sk.auth.passwords import Passwords
from sk.auth.registry import NewAccount, Wanted, add_account
from sk.errors import Conflict
from tests.fakes import FakeClock
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.security.tab import FORM_TOKEN, Answer, Tab
from tests.world import World

PASSWORD = "drei Wörter und noch eins"
OTHER = "ein anderes, auch lang genug"


async def test_a_code_becomes_a_password_and_the_account_is_open(real: World) -> None:
    erika = await _added(real, "erika")
    assert not await _logs_in(real, "erika", erika.secret)

    assert await _activate(real, erika.secret, PASSWORD) == 200

    assert await _logs_in(real, "erika", PASSWORD)


async def test_a_code_works_once(real: World) -> None:
    erika = await _added(real, "erika")

    assert await _activate(real, erika.secret, PASSWORD) == 200
    assert await _activate(real, erika.secret, OTHER) == 422

    assert [await _logs_in(real, "erika", password) for password in (PASSWORD, OTHER)] == [True, False]


async def test_of_many_at_once_one_is_the_first(real: World) -> None:
    erika = await _added(real, "erika")

    answers = await asyncio.gather(*(_activate(real, erika.secret, f"{PASSWORD} {number}") for number in range(4)))

    worked = [number for number, status in enumerate(answers) if status == 200]
    assert len(worked) == 1
    assert await _logs_in(real, "erika", f"{PASSWORD} {worked[0]}")


async def test_a_code_that_nobody_was_given_opens_nothing(real: World) -> None:
    await _added(real, "erika")

    assert [await _activate(real, code, PASSWORD) for code in ("", "x", "A" * 22)] == [422, 422, 422]


async def test_a_password_that_is_too_short_uses_up_no_code(real: World) -> None:
    erika = await _added(real, "erika")

    assert await _activate(real, erika.secret, "fourteen chars") == 422
    assert await _activate(real, erika.secret, PASSWORD) == 200


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("fourteen chars", "mindestens 15 Zeichen"),
        ("aaaaaaaaaaaaaaaaaaaa", "Dieses Passwort wiederholt sich und ist leicht zu erraten."),
        ("erika erika erika erika", "leicht zu erraten"),
    ],
)
async def test_a_password_that_is_refused_is_told_its_true_reason(real: World, password: str, reason: str) -> None:
    erika = await _added(real, "erika")

    answer = await _answer(real, erika.secret, password)

    wrong = re.search(r'id="password-error".*?</p>', answer.text, re.DOTALL)
    assert answer.status == 422
    assert wrong
    assert reason in wrong[0]
    assert f'value="{erika.secret}"' in answer.text
    assert 'id="code-error"' not in answer.text


async def test_a_code_that_is_refused_and_a_page_that_was_open_too_long_are_said_to_be_that(real: World) -> None:
    refused = await _answer(real, "nobody's", PASSWORD)
    stale = await _answer(real, "nobody's", PASSWORD, csrf="another")

    assert (refused.status, "Dieser Link oder Code gilt nicht mehr." in refused.text) == (422, True)
    assert (stale.status, "Diese Seite war zu lange offen." in stale.text) == (403, True)
    assert "gilt nicht mehr." not in stale.text


async def test_a_code_ends_after_a_day_and_the_user_name_is_free_again(real: World, clock: FakeClock) -> None:
    erika = await _added(real, "erika")
    with pytest.raises(Conflict):
        await _added(real, "Erika")

    clock.advance(hours=24)
    assert await _activate(real, erika.secret, PASSWORD) == 422
    await real.settle()

    again = await _added(real, "Erika")
    assert await _activate(real, erika.secret, PASSWORD) == 422
    assert await _activate(real, again.secret, OTHER) == 200


async def test_an_account_that_was_activated_in_time_stays(real: World, clock: FakeClock) -> None:
    erika = await _added(real, "erika")
    await _activate(real, erika.secret, PASSWORD)

    clock.advance(hours=25)
    await real.settle()

    assert await _logs_in(real, "erika", PASSWORD)


async def test_a_code_of_ones_own_does_not_open_an_account_of_which_one_has_changed_the_row(
    real: World, alarms: Alarms
) -> None:
    erika, mallory = await _added(real, "erika"), await _added(real, "mallory")

    with intrusion(real) as intruder:
        index = intruder.read("account", mallory.account.id)["activation_index"]
        intruder.change("account", erika.account.id, activation_index=index)
        intruder.point("account", "activation", index, erika.account.id)

    assert await _activate(real, mallory.secret, PASSWORD) == 503
    assert not await _logs_in(real, "erika", PASSWORD)
    assert (alarms.raised(), alarms.failures()) == (["damaged"], [])


async def _added(real: World, username: str) -> NewAccount:
    return await add_account(Wanted(username, "erika@example.org"), Passwords(), real.web)


async def _activate(real: World, code: str, password: str) -> int:
    return (await _answer(real, code, password)).status


async def _answer(real: World, code: str, password: str, csrf: str = FORM_TOKEN) -> Answer:
    form = {"code": code, "password": password, "csrf": csrf}
    return await Tab(real.http, real.base_url, "", "").ask("POST", "/aktivieren", data=form)


async def _logs_in(real: World, username: str, password: str) -> bool:
    form = {"username": username, "password": password, "csrf": FORM_TOKEN}
    return (await Tab(real.http, real.base_url, "", "").ask("POST", "/anmelden", data=form)).status == 303
