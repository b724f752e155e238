"""Export and erase: somebody takes along all that they have, and is gone after seven days."""

import json
import re
from email.message import EmailMessage
from io import BytesIO
from zipfile import ZipFile

from playwright.async_api import Page, expect

from sk.auth.account import Account, AccountKey
from tests.fakes import FakeClock
from tests.journeys.people import log_in, save
from tests.postbox.replies import SCAN, TEXT, replied
from tests.world import A_FILE, Citizen, World, a_notice


async def test_a_citizen_takes_everything_along_and_is_gone_after_seven_days(
    screen: Page, world: World, clock: FakeClock
) -> None:
    notice, _ = await replied(world, files=[SCAN])
    who = notice.citizen
    await notice.authority.post(a_notice(who.handle, subject="Ungelesen"), [A_FILE])
    await world.settle()
    await log_in(screen, world.base_url, who)
    await screen.get_by_role("link", name="Konto", exact=True).click()
    await screen.get_by_role("link", name="Konto löschen").click()
    await expect(screen.get_by_text("Es laufen noch Fristen.")).to_be_visible()
    await expect(screen.get_by_text("Frist bis Montag, 28. Dezember 2026")).to_have_count(2)

    await screen.get_by_role("link", name="Alles mitnehmen").click()
    _, taken = await save(screen, screen.get_by_role("button", name="ZIP-Datei herunterladen"))

    holds_all(taken, who, notice.notice_id)
    await screen.go_back()
    await screen.get_by_role("link", name="Weiter zum Löschen").click()
    await screen.get_by_label("Ich habe mitgenommen").check()
    await screen.get_by_role("button", name="Konto löschen").click()
    await expect(screen.get_by_role("heading", level=1)).to_have_text("Ihr Konto wird gelöscht")
    await expect(screen.get_by_text("Am Montag, 30. November 2026 wird Ihr Konto gelöscht.")).to_be_visible()
    await world.settle()
    says(world.mails.sent[-1], who, "Ihr Konto wird in sieben Tagen gelöscht", "Wir löschen es am 30.11.2026")

    clock.advance(days=6, hours=23)
    await world.settle()
    assert list(await world.web.store.get_many(Account, [who.account.id])) == [who.account.id]
    clock.advance(hours=1)
    await world.settle()

    mails = len(world.mails.sent)
    await may_not_log_in(screen, world, who)
    assert await world.web.store.get_many(Account, [who.account.id]) == {}
    assert await world.web.store.get_many(AccountKey, [who.account.id]) == {}
    clock.advance(days=30)
    await world.settle()
    assert len(world.mails.sent) == mails  # nobody is written to any more


def holds_all(taken: bytes, who: Citizen, notice_id: str) -> None:
    """See what is in the ZIP file: the account, what happened, and what was opened and replied, with evidence."""
    zipped = ZipFile(BytesIO(taken))
    assert zipped.testzip() is None
    assert json.loads(zipped.read("konto.json"))["benutzername"] == who.username
    assert [one["what"] for one in json.loads(zipped.read("protokoll.json"))] == ["logged-in"]
    folders = {name.split("/")[1] for name in zipped.namelist() if name.startswith("nachrichten/")}
    [opened] = [folder for folder in folders if folder.endswith(notice_id)]
    [unread] = folders - {opened}
    mine = f"nachrichten/{opened}"
    assert zipped.read(f"{mine}/text.txt").decode() == "Guten Tag, anbei Ihr Bescheid."
    assert zipped.read(f"{mine}/anhaenge/01-{A_FILE.name}") == A_FILE.data
    assert zipped.read(f"{mine}/antworten/01/text.txt").decode() == TEXT
    assert zipped.read(f"{mine}/antworten/01/anhaenge/01-{SCAN.name}") == SCAN.data
    assert json.loads(zipped.read(f"{mine}/nachweis.json"))["statements"]
    assert [name for name in zipped.namelist() if unread in name] == [f"nachrichten/{unread}/nachricht.json"]


def says(mail: EmailMessage, who: Citizen, subject: str, words: str) -> None:
    """See that a mail goes to somebody and says something."""
    assert (mail["To"], mail["Subject"]) == (f"{who.username}@example.org", subject)
    assert words in " ".join(mail.get_content().split())


async def may_not_log_in(page: Page, world: World, who: Citizen) -> None:
    """See that nobody is logged in any more, nor can log in."""
    await page.goto(f"{world.base_url}/postfach")
    await expect(page).to_have_url(re.compile("/anmelden"))
    await page.get_by_label("Benutzername").fill(who.username)
    await page.get_by_label("Passwort", exact=True).fill(who.password)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page.get_by_text("Die Anmeldung hat nicht geklappt.")).to_be_visible()
