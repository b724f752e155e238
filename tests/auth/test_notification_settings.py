"""How somebody is written to: in their language, with reminders or without, and by nobody else's choice."""

import pytest

from sk.auth.notification_settings import change_phrase, choose
from tests.auth.visitors import journal
from tests.auth.writing import HERE, posted, settings_of, told_of_something, with_second_address
from tests.fakes import FakeClock
from tests.security.tab import open_tab
from tests.world import World


async def test_the_language_is_chosen_on_one_page_and_holds_for_every_mail_from_then_on(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        assert '"language"' not in (await browser.open("/konto/daten")).text
        page = await browser.send((await browser.open(HERE)).form("Speichern"), language="en", reminders="on")
        shown = await browser.open("/konto/protokoll")
    await posted(world, erika)
    [letter] = await told_of_something(world, erika)

    assert "Ihre Auswahl ist gespeichert." in page.text
    assert "Sprache der E-Mails oder Erinnerungen wurden geändert." in shown.text
    assert [mail["Content-Language"] for mail in (*world.mails.sent[-2:], letter)] == ["en"] * 3
    assert world.mails.sent[-2]["Subject"] == "New message in your postbox"


async def test_reminders_are_on_until_somebody_switches_them_off(world: World) -> None:
    erika = await world.citizen()
    before = (await settings_of(world, erika)).reminders
    async with world.browser(erika) as browser:
        form = (await browser.open(HERE)).form("Speichern")
        await browser.send(form, language="de", reminders="off")
        off = (await settings_of(world, erika)).reminders
        await browser.send(form, language="de", reminders="on")

    assert (before, off, (await settings_of(world, erika)).reminders) == (True, False, True)


async def test_what_is_chosen_once_more_is_no_change(world: World) -> None:
    erika = await world.citizen()
    for language in ("de", "fr", ""):
        await choose(erika.account.id, language, reminders=True, services=world.web)

    assert "mail-settings-changed" not in await journal(world, erika)
    assert (await settings_of(world, erika)).language == "de"


@pytest.mark.parametrize("path", ["satz", "zweite-adresse", "zweite-adresse/entfernen"])
async def test_a_session_that_was_left_open_changes_neither_phrase_nor_second_address(
    world: World, clock: FakeClock, path: str
) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    await change_phrase(erika.account.id, "drei Kraniche", world.web)
    await world.settle()
    before, mails = await settings_of(world, erika), len(world.mails.sent)
    tab = await open_tab(world, erika)
    clock.advance(minutes=6)
    form = {"csrf": tab.csrf, "email": "dieb@example.org", "phrase": "dieb"}
    answer = await tab.ask("POST", f"{HERE}/{path}", data=form)
    await world.settle()

    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/anmelden/erneut")
    assert await settings_of(world, erika) == before
    assert len(world.mails.sent) == mails
