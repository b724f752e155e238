"""Devices: the browser alone keeps which accounts were logged in to with it, and their owners hear of a new one."""

import pytest

from sk.auth.devices import ACCOUNTS_MAX, Device
from tests.auth.visitors import credentials_of, journal, letters, log_in, visit
from tests.fakes import FakeClock
from tests.security.tab import FORM_TOKEN, Tab
from tests.world import World

NEW = "Anmeldung an einem neuen Gerät"


async def test_a_log_in_from_a_device_that_was_never_here_is_told_by_mail(world: World) -> None:
    erika = await world.citizen()
    known = (await log_in(world, "erika", erika.password)).device

    await log_in(world, "erika", erika.password, visit(device=known))
    assert await letters(world) == []
    await log_in(world, "erika", erika.password)

    assert await letters(world) == [NEW]
    [mail] = world.mails.sent
    text = mail.get_content()
    assert mail["To"] == "erika@example.org"
    assert "am 23.11.2026 um 10:00 Uhr bei Ihrem Konto angemeldet" in text.replace("\r\n", "\n").replace("\n", " ")
    assert "Passwort." in text
    assert "http" not in text
    assert await journal(world, erika) == ["logged-in-from-new-device", "logged-in", "logged-in"]


async def test_nobody_is_written_to_about_the_first_log_in_of_all(world: World) -> None:
    erika = await world.citizen()

    await log_in(world, "erika", erika.password)

    assert (await letters(world), await journal(world, erika)) == ([], ["logged-in"])


async def test_the_day_of_the_last_log_in_is_kept(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    for day in (23, 24):
        await log_in(world, "erika", erika.password)
        assert str((await credentials_of(world, erika)).seen_on) == f"2026-11-{day}"
        clock.advance(days=1)


async def test_a_device_remembers_the_last_five_accounts_and_names_none(world: World) -> None:
    cookie = ""
    citizens = [await world.citizen(f"citizen-{number}") for number in range(ACCOUNTS_MAX + 1)]
    for citizen in citizens:
        cookie = (await log_in(world, citizen.username, citizen.password, visit(device=cookie))).device

    device = Device.of(cookie)
    known = [device.knows(citizen.account.id, 1, world.web) for citizen in citizens]
    assert known == [False, *[True] * ACCOUNTS_MAX]
    assert not [citizen for citizen in citizens if citizen.account.id in cookie or citizen.username in cookie]


@pytest.mark.parametrize("cookie", ["", "x", "x" * 22 + ".abc", "x" * 22 + f".{'0' * 64}" * 6, "ä" * 22, "x" * 10_000])
async def test_what_is_no_cookie_of_ours_is_a_fresh_device(world: World, cookie: str) -> None:
    device = Device.of(cookie)

    assert device.proofs == ()
    assert device.id not in cookie or not cookie
    assert not device.knows("anybody", 1, world.web)


async def test_a_proof_is_good_for_its_device_and_its_account_alone(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    device = Device.of((await log_in(world, "erika", erika.password)).device)

    assert device.knows(erika.account.id, 1, world.web)
    assert not device.knows(mallory.account.id, 1, world.web)
    assert not device.knows(erika.account.id, 2, world.web)
    assert not device._replace(id=Device.of("").id).knows(erika.account.id, 1, world.web)


async def test_the_cookie_stays_a_year_and_the_log_out_does_not_take_it(world: World) -> None:
    erika = await world.citizen()
    form = {"username": "erika", "password": erika.password, "csrf": FORM_TOKEN}
    answer = await Tab(world.http, world.base_url, "", "").ask("POST", "/anmelden", data=form)
    [cookie] = [said for said in answer.headers.getall("Set-Cookie") if said.startswith("device=")]
    assert {"HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))

    async with world.browser(erika) as browser:
        await world.settle()
        world.mails.sent.clear()
        page = await browser.open("/postfach")
        await browser.send(page.form("Abmelden"))
        await browser.log_in("erika", erika.password)

    assert await letters(world) == []
