"""A new password: by whoever has just logged in, or reads the mails of the account. Its owner always hears of it."""

import re

import pytest

from sk.auth.account import Account
from sk.auth.password_change import ResetAsk
from sk.demo.browser import Page
from tests.auth.factors import switched_on
from tests.auth.visitors import credentials_of, journal, letters, log_in, refused
from tests.fakes import FakeClock
from tests.web.pages import words_of
from tests.world import World

NEW = "vier Kisten voller Regenschirme"
FORM = "/konto/sicherheit/passwort"


async def test_a_changed_password_ends_the_other_sessions_and_this_one_goes_on(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as own, world.browser(erika) as other:
        changed = await own.send((await own.open(FORM)).form("Passwort speichern"), password=NEW)

        assert changed.url == "/konto/sicherheit"
        assert (await other.open("/postfach")).url == "/anmelden"
        assert changed.text.count("Angemeldet:") == 1

    assert (await refused(world, "erika", password=erika.password)).problem == "log-in-refused"
    assert await log_in(world, "erika", NEW)
    assert "Ihr Passwort wurde geändert" in await letters(world)
    assert "password-changed" in await journal(world, erika)


async def test_the_browser_that_changed_it_stays_known_and_no_other(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as own, world.browser(erika) as other:
        await own.send((await own.open(FORM)).form("Passwort speichern"), password=NEW)
        mails = len(await letters(world))
        await own.send((await own.open("/postfach")).form("Abmelden"))

        await own.log_in("erika", NEW)
        assert len(await letters(world)) == mails
        await other.log_in("erika", NEW)
        assert (await letters(world))[mails:] == ["Anmeldung an einem neuen Gerät"]


@pytest.mark.parametrize(
    ("password", "why"),
    [("too short", "mindestens 15 Zeichen"), ("erika erika erika", "ist leicht zu erraten"), ("1" * 20, "wiederholt")],
)
async def test_a_bad_password_is_refused_with_the_reason_and_nothing_changes(
    world: World, password: str, why: str
) -> None:
    erika = await world.citizen()
    before = await credentials_of(world, erika)
    async with world.browser(erika) as browser:
        page = await browser.send((await browser.open(FORM)).form("Passwort speichern"), password=password)

    assert (page.status, why in words_of(page.text)) == (422, True)
    assert (await credentials_of(world, erika)).password_hash == before.password_hash


async def test_a_forgotten_password_is_set_anew_by_mail_and_all_sessions_end(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as somewhere, world.browser() as browser:
        page = await _ask(world, erika.username)
        assert "Gibt es ein Konto mit dem Benutzernamen, den Sie eingegeben haben" in page.text
        form = await browser.open(await _mailed(world))
        assert await log_in(world, "erika", erika.password)  # looking has changed nothing
        done = await browser.send(form.form("Passwort speichern"), password=NEW)

        assert "Ihr neues Passwort gilt" in done.text
        assert (await browser.open("/postfach")).url == "/anmelden"
        assert (await somewhere.open("/postfach")).url == "/anmelden"
    assert (await refused(world, "erika", password=erika.password)).problem == "log-in-refused"
    assert await log_in(world, "erika", NEW)
    assert "Ihr Passwort wurde neu gesetzt" in await letters(world)
    assert "password-reset" in await journal(world, erika)


async def test_the_link_is_good_once_and_for_half_an_hour(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    await _ask(world, "erika")
    link = await _mailed(world)
    await _set(world, link, NEW)
    assert await _set(world, link, NEW + " mehr") == 422

    await _ask(world, "erika")
    link = await _mailed(world)
    clock.advance(minutes=30)
    assert await _set(world, link, NEW + " mehr") == 422
    assert await log_in(world, erika.username, NEW)


async def test_a_link_from_before_the_password_was_changed_is_void(world: World) -> None:
    await world.citizen()
    await _ask(world, "erika")
    older = await _mailed(world)
    await _ask(world, "erika")
    await _set(world, await _mailed(world), NEW)

    assert await _set(world, older, NEW + " mehr") == 422


async def test_a_link_is_void_once_the_owner_reads_mails_elsewhere_or_the_account_is_locked(world: World) -> None:
    erika = await world.citizen()
    await _ask(world, "erika")
    link, mail = await _mailed(world), world.web.keys.lock_key("mail")
    account = await world.web.store.get(Account, erika.account.id)
    account.lock_mail(mail, account.open_mail(mail).model_copy(update={"address": "neu@example.org"}))
    await world.web.store.save(account)
    assert await _set(world, link, NEW) == 422

    await _ask(world, "erika")
    link = await _mailed(world)
    await _lock(world, await world.web.store.get(Account, erika.account.id))
    assert await _set(world, link, NEW) == 422


async def test_a_link_is_void_once_the_devices_of_the_account_are_unknown_but_not_by_the_first_log_in(
    world: World,
) -> None:
    erika = await world.citizen()
    await _ask(world, "erika")
    link = await _mailed(world)
    await log_in(world, "erika", erika.password)
    async with world.browser() as browser:
        assert (await browser.open(link)).status == 200

    account, vault = await world.web.store.get(Account, erika.account.id), world.web.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    credentials.devices_since += 1
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)
    assert await _set(world, link, NEW) == 422


async def test_logging_in_still_takes_the_second_factor(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    await switched_on(world, clock, erika)
    await _ask(world, "erika")
    await _set(world, await _mailed(world), NEW)

    async with world.browser() as browser:
        assert (await browser.log_in("erika", NEW)).url == "/anmelden/code"


async def test_nobody_is_flooded_with_mails_by_who_asks_again_and_again(world: World) -> None:
    await world.citizen()
    for _ in range(12):
        await _ask(world, "erika")

    assert (await letters(world)).count("Ihr neues Passwort") == 6


async def test_of_who_asked_for_a_name_that_does_not_exist_nothing_is_left(world: World) -> None:
    await _ask(world, "nobody")
    await world.settle()

    assert await letters(world) == []
    assert await world.web.store.scan(ResetAsk) == []


async def test_password_managers_find_the_way(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        assert (await browser.open("/.well-known/change-password")).url == "/konto/sicherheit"


async def test_an_account_that_is_locked_gets_no_mail(world: World) -> None:
    erika = await world.citizen()
    await _lock(world, erika.account)

    await _ask(world, "erika")

    assert await letters(world) == []


async def _ask(world: World, username: str) -> Page:
    async with world.browser() as browser:
        return await browser.send((await browser.open("/passwort-vergessen")).form("Link anfordern"), username=username)


async def _mailed(world: World) -> str:
    await world.settle()
    mails = [mail.get_content() for mail in world.mails.sent if mail["Subject"] == "Ihr neues Passwort"]
    found = re.search(r"(/passwort-vergessen/neu\?code=[\w-]+)", mails[-1])
    assert found
    return found[1]


async def _set(world: World, link: str, password: str) -> int:
    async with world.browser() as browser:
        page = await browser.open(link)
        if page.status != 200:
            return page.status
        return (await browser.send(page.form("Passwort speichern"), password=password)).status


async def _lock(world: World, account: Account) -> None:
    standing = account.standing(world.web.keys.signers).model_copy(update={"log_in_locked": True})
    account.change(standing, world.web.keys.signer("sign-web"))
    await world.web.store.save(account)
