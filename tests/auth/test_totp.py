"""A code from an app as a second factor: each is good once, and none before the first was shown."""

import re

import pytest

from sk.auth.log_in import check_log_in
from sk.auth.passwords import Passwords
from sk.auth.second_factor import begin_second_factor, half_way, try_code
from sk.auth.second_factor_change import begin_enrolment, enrolment, switch_off
from sk.auth.sessions import current_log_in
from sk.demo.browser import Page
from sk.errors import Invalid, NotFound
from tests.auth.factors import code_of, switched_on
from tests.auth.visitors import ELSEWHERE, credentials_of, journal, letters, log_in, log_in_with_code, session_of, visit
from tests.fakes import FakeClock
from tests.world import World

APP = "/konto/sicherheit/app"


async def test_a_citizen_switches_it_on_and_logs_in_with_it(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        page = await browser.send((await browser.open(APP)).form("Einrichten"))
        secret = _secret(page)
        assert "<svg" in page.text
        wrong = await browser.send(page.form("Einschalten"), code="000000")
        assert (wrong.status, _secret(wrong)) == (422, secret)
        shown = await browser.send(wrong.form("Einschalten"), code=code_of(secret, clock))
        codes = re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", shown.text)
        assert len(set(codes)) == 10
        assert codes[0] not in (await browser.open(APP)).text
    clock.advance(minutes=1)

    async with world.browser() as browser:
        asked = await browser.log_in("erika", erika.password)
        assert asked.url == "/anmelden/code"
        assert (await browser.open("/postfach")).url == "/anmelden"
        asked = await browser.open("/anmelden/code")
        assert (await browser.send(asked.form("Anmelden"), code=code_of(secret, clock))).url == "/postfach"
        assert (await browser.open("/anmelden/code")).url == "/anmelden"

    assert "Anmeldung jetzt auch mit Code aus der App" in await letters(world)
    assert "totp-on" in await journal(world, erika)


async def test_a_log_in_with_a_code_is_called_that(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)

    entered = await log_in_with_code(world, erika, code_of(secret, clock))

    found = await current_log_in(entered.token, world.web)
    assert found
    assert found.means == "password-totp"


async def test_a_password_alone_is_not_enough_any_more(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    await switched_on(world, clock, erika)

    with pytest.raises(Invalid) as refused:
        await log_in(world, "erika", erika.password)

    assert refused.value.problem == "log-in-refused"


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_the_clock_of_the_app_may_be_half_a_minute_off(
    world: World, clock: FakeClock, steps: int, *, taken: bool
) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    clock.advance(minutes=5)
    code = code_of(secret, clock, steps)

    if taken:
        assert await log_in_with_code(world, erika, f"{code[:3]} {code[3:]}")
        return
    with pytest.raises(Invalid):
        await log_in_with_code(world, erika, code)


async def test_no_code_is_taken_twice_nor_one_from_before_the_last(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    await log_in_with_code(world, erika, code_of(secret, clock))

    for steps in (0, -1):
        with pytest.raises(Invalid) as refused:
            await log_in_with_code(world, erika, code_of(secret, clock, steps))
        assert refused.value.problem == "code-wrong"
    assert await log_in_with_code(world, erika, code_of(secret, clock, 1))


async def test_the_code_that_switched_it_on_logs_nobody_in(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)

    clock.advance(minutes=-1)
    with pytest.raises(Invalid):
        await log_in_with_code(world, erika, code_of(secret, clock))


async def test_guessing_codes_is_throttled(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    wrong = f"{(int(code_of(secret, clock)) + 500_000) % 1_000_000:06}"
    known = await check_log_in("erika", erika.password, visit(ELSEWHERE), Passwords(), world.web)
    errand = await begin_second_factor(known, "", world.web)
    problems = []
    for code in [*[wrong] * 6, code_of(secret, clock)]:
        with pytest.raises(Invalid) as refused:
            await try_code(errand, code, visit(ELSEWHERE), world.web)
        problems.append(refused.value.problem)

    assert problems == ["code-wrong"] * 6 + ["too-many-tries"]


async def test_with_the_right_password_nobody_gets_more_guesses_at_the_code(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    wrong = f"{(int(code_of(secret, clock)) + 500_000) % 1_000_000:06}"
    problems = []
    for number in range(12):
        with pytest.raises(Invalid) as refused:
            await log_in_with_code(world, erika, wrong, visit(f"203.0.113.{number}"))
        problems.append(refused.value.problem)

    assert problems == ["code-wrong"] * 6 + ["too-many-tries"] * 6


async def test_whoever_is_half_way_in_begins_again_after_ten_minutes_or_with_another_password(
    world: World, clock: FakeClock
) -> None:
    erika = await world.citizen()
    await switched_on(world, clock, erika)
    known = await check_log_in("erika", erika.password, visit(), Passwords(), world.web)
    errand = await begin_second_factor(known, "", world.web)

    clock.advance(minutes=10)
    with pytest.raises(NotFound):
        await half_way(errand.token, world.web)


async def test_whoever_shows_once_more_who_they_are_shows_a_code_as_well(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    async with world.browser() as browser:
        asked = await browser.log_in("erika", erika.password)
        await browser.send(asked.form("Anmelden"), code=code_of(secret, clock))
        clock.advance(minutes=6)

        again = await browser.open("/konto/sicherheit/passwort")
        asked = await browser.send(again.form("Weiter"), password=erika.password)
        assert asked.url == "/anmelden/code"
        assert (await browser.open("/konto/sicherheit/passwort")).url == "/anmelden/erneut"
        done = await browser.send(asked.form("Anmelden"), code=code_of(secret, clock))

    assert (done.url, done.status) == ("/konto/sicherheit/passwort", 200)


async def test_a_secret_of_somebody_else_cannot_be_switched_on(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    errand = await begin_enrolment(await session_of(world, mallory), world.web)

    with pytest.raises(NotFound):
        await enrolment(errand.token, await session_of(world, erika), world.web)


async def test_switched_off_the_password_is_enough_and_the_owner_is_told(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    entered = await log_in_with_code(world, erika, code_of(secret, clock))
    own = await current_log_in(entered.token, world.web)
    assert own

    await switch_off(own, world.web)

    assert await log_in(world, "erika", erika.password)
    credentials = await credentials_of(world, erika)
    assert (credentials.totp, credentials.recovery_codes) == (None, [])
    assert "Anmeldung ohne Code aus der App" in await letters(world)


def _secret(page: Page) -> str:
    found = re.search(r'<strong class="secret">([A-Z2-7 ]+)</strong>', page.text)
    assert found
    return found[1].replace(" ", "")
