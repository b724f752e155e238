"""Reply with an attachment: a wrong file first, then the right one, which the authority fetches."""

from hashlib import sha256
from pathlib import Path

from playwright.async_api import Page, expect

from tests.journeys.people import log_in, save
from tests.postbox.replies import SCAN, TEXT, replies_of, reply_for
from tests.world import World

WRONG = "Rechnung.exe"


async def test_a_citizen_replies_with_a_file_after_a_wrong_one_and_the_authority_gets_the_same_bytes(
    screen: Page, world: World, tmp_path: Path
) -> None:
    notice = await world.delivered(reply=True)
    for name in (WRONG, SCAN.name):
        (tmp_path / name).write_bytes(SCAN.data)
    await log_in(screen, world.base_url, notice.citizen)
    await screen.get_by_role("button", name="Bescheid über Ihren Antrag").click()
    await screen.get_by_role("link", name="Antworten", exact=True).click()
    await expect(screen.get_by_text("Eine Antwort hält keine Frist an.")).to_be_visible()
    await screen.get_by_label("Ihre Antwort").fill(TEXT)

    await attach(screen, tmp_path / WRONG)

    await is_refused(screen)
    assert await replies_of(world, notice) == []
    await attach(screen, tmp_path / SCAN.name)
    await expect(screen.get_by_role("heading", name="Ihre Antworten")).to_be_visible()
    await screen.get_by_role("link", name="Antwort 1, gesendet Montag, 23. November 2026, 10:00 Uhr").click()
    await expect(screen.get_by_text("fehlt noch die Bescheinigung für Jürgen.")).to_be_visible()
    assert await save(screen, screen.get_by_role("link", name=SCAN.name)) == (SCAN.name, SCAN.data)

    await world.settle()
    [sent] = await replies_of(world, notice)
    whole = (await reply_for(world, notice, sent["id"])).json()
    assert whole["text"] == TEXT
    [attachment] = whole["attachments"]
    assert (attachment["name"], attachment["sha256"]) == (SCAN.name, sha256(SCAN.data).hexdigest())
    fetched = await reply_for(world, notice, f"{sent['id']}/attachments/1")
    assert sha256(fetched.body).hexdigest() == attachment["sha256"]


async def attach(page: Page, file: Path) -> None:
    """Choose a file and send the reply."""
    await page.get_by_label("Dateien").set_input_files(file)
    await page.get_by_role("button", name="Antwort senden").click()


async def is_refused(page: Page) -> None:
    """See a summary that has the focus and leads to the field, the reason beside it, and the text as it was."""
    summary = page.get_by_role("alert")
    await expect(summary).to_be_focused()
    await expect(summary).to_contain_text("Bitte prüfen Sie diese Angabe")
    await expect(page.get_by_text(f"Die Datei „{WRONG}“ ist von einer Art, die hier nicht geht")).to_be_visible()
    await expect(page.get_by_label("Ihre Antwort")).to_have_value(TEXT)
    await summary.get_by_role("link", name="Dateien").click()
    await expect(page.get_by_label("Dateien")).to_be_focused()
