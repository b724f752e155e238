"""Erasing an account in the browser: asked twice, at its own level, and offered back at every log-in."""

import io
import json
import zipfile

from sk.auth.account import Account, AccountKey
from sk.auth.erasure import ask_for_erasure, erasure_at
from sk.demo.browser import Browser, Page
from tests.auth.people import PASSWORD, registered
from tests.fakes import FakeClock
from tests.safe.importing.imports import exported
from tests.security.tab import open_tab
from tests.world import Citizen, World, a_notice

HERE = "/konto/loeschen"
SUBJECT = "Bescheid über Ihren Antrag"


async def ask(browser: Browser) -> Page:
    """Go through both questions; return the page that follows."""
    assert "Weiter zum Löschen" in (await browser.open(HERE)).links
    page = await browser.open(f"{HERE}/bestaetigen")
    return await browser.send(page.form("Konto löschen"), sicher="ja")


async def test_whoever_says_yes_twice_is_told_the_day_and_offered_back_at_each_log_in(
    world: World, clock: FakeClock
) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        told = await ask(browser)
        assert "Am Montag, 30. November 2026 wird Ihr Konto gelöscht." in told.text
        await world.settle()
        assert [mail["Subject"] for mail in world.mails.sent[-1:]] == ["Ihr Konto wird in sieben Tagen gelöscht"]

        clock.advance(days=6)
        page = await browser.log_in("erika", PASSWORD)
        assert page.url == HERE
        kept = await browser.send(page.form("Konto behalten"))
        assert "Ihr Konto bleibt." in kept.text
        clock.advance(days=2)
        await world.settle()
        assert (await browser.log_in("erika", PASSWORD)).url == "/postfach"


async def test_whoever_does_not_come_back_is_gone_after_seven_days(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        await ask(browser)
        clock.advance(days=7)
        await world.settle()

        assert (await browser.open("/postfach")).url == "/anmelden"
        assert "Die Anmeldung hat nicht geklappt" in (await browser.log_in("erika", PASSWORD)).text
    assert await world.web.store.scan(Account) == []


async def test_whoever_has_not_ticked_the_box_is_asked_once_more(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        page = await browser.open(f"{HERE}/bestaetigen")
        form = page.form("Konto löschen")
        form.fields.pop("sicher")
        again = await browser.send(form)

    assert again.status == 422
    assert "Bitte kreuzen Sie an" in again.text
    assert await erasure_at((await world.web.store.scan(Account))[0], world.web) is None


async def test_what_a_card_has_opened_is_not_erased_with_less(world: World) -> None:
    erika = await world.citizen(trust="high")
    tab = await open_tab(world, erika, "low")
    page = await tab.get(HERE)
    answer = await tab.ask("POST", f"{HERE}/bestaetigen", data={"csrf": tab.csrf, "sicher": "ja"})

    assert "Dafür brauchen Sie eine sicherere Anmeldung" in page.text
    assert "Weiter zum Löschen" not in page.text
    assert answer.status == 403
    assert await erasure_at(erika.account.id, world.web) is None


async def test_running_fristen_are_named_with_what_they_are_about(world: World) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        page = await browser.open(HERE)

    assert "Es laufen noch Fristen." in page.text
    assert page.links[SUBJECT] == f"/postfach/{notice.notice_id}"
    assert "Frist bis Montag, 28. Dezember 2026" in page.text


async def test_an_account_without_a_key_can_still_be_kept(world: World) -> None:
    delivered = await world.delivered()
    erika = delivered.citizen
    await world.web.store.save(remove=[await world.web.store.get(AccountKey, erika.account.id)])
    await ask_for_erasure(erika.account.id, world.web)
    async with world.browser() as browser:
        page = await browser.log_in(erika.username, erika.password)
        assert (page.url, page.status) == (HERE, 200)
        await browser.send(page.form("Konto behalten"))

    assert await erasure_at(erika.account.id, world.web) is None


async def test_an_old_session_erases_nothing_until_somebody_has_logged_in_again(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        clock.advance(minutes=6)
        page = await browser.open(HERE)

    assert page.url == "/anmelden/erneut"


async def test_the_export_holds_what_is_known_and_what_was_read_and_says_what_is_unread(world: World) -> None:
    erika = await world.citizen()
    authority = await world.authority()
    for subject in ("Gelesen", "Ungelesen"):
        await authority.post(a_notice(erika.handle, subject=subject, text=f"Text von {subject}"))
    await world.settle()
    zipped = await _export(world, erika, opens="Gelesen")

    names = zipped.namelist()
    assert {"konto.json", "protokoll.json"} <= {*names}
    texts = [zipped.read(name).decode() for name in names if name.endswith("text.txt")]
    listed = [json.loads(zipped.read(name)) for name in names if name.endswith("nachricht.json")]
    assert texts == ["Text von Gelesen"]
    assert len(listed) == 2
    assert zipped.testzip() is None


async def _export(world: World, who: Citizen, opens: str) -> zipfile.ZipFile:
    async with world.browser(who) as browser:
        await browser.send((await browser.open("/postfach")).form(opens))
        await world.settle()
    return zipfile.ZipFile(io.BytesIO(await exported(await open_tab(world, who), "/konto/export")))
