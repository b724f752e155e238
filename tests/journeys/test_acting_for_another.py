"""Act for somebody else: a Vollmacht is granted, handed over, accepted, acted by, proven, and revoked."""

from playwright.async_api import Page, expect

from sk.evidence.sentences import report_on
from tests.auth.vollmachten import max_beispiel, named
from tests.journeys.people import log_in, log_out
from tests.postbox.proofs import evidence_of, verified
from tests.world import Citizen, Delivered, World

SUBJECT = "Bescheid über Ihren Antrag"


async def test_somebody_acts_for_somebody_else_and_the_evidence_says_who(screen: Page, world: World) -> None:
    notice, other = await world.delivered(reply=True), await max_beispiel(world)
    erika = await named(world, notice.citizen, "Erika", "Mustermann")

    code = await grant(screen, world, erika)
    await accept(screen, world, other, code)
    await act(screen)
    await world.settle()
    await prove(world, notice)
    await revoke(screen, world, erika)
    await is_shut_out(screen, world, other, notice)


async def grant(page: Page, world: World, erika: Citizen) -> str:
    """Grant a Vollmacht for fetching and replying; return the code to hand over."""
    await log_in(page, world.base_url, erika)
    await page.get_by_role("link", name="Konto", exact=True).click()
    await page.get_by_role("link", name="Vollmachten: wer für Sie handeln darf").click()
    await page.get_by_role("link", name="Vollmacht erteilen").click()
    await page.get_by_label("Name der Person").fill("Max Beispiel")
    await page.get_by_label("Für welche Behörde").select_option("Alle Behörden")
    await page.get_by_label("Was sie tun darf").select_option("Nachrichten abrufen und darauf antworten")
    await page.get_by_role("button", name="Vollmacht erteilen").click()
    await expect(page.get_by_text("Geben Sie diesen Code jetzt der Person.")).to_be_visible()
    code = await page.locator(".secret").inner_text()
    await log_out(page)
    return code


async def accept(page: Page, world: World, other: Citizen, code: str) -> None:
    """Enter the code as it was read out, look at what it offers, and accept."""
    await log_in(page, world.base_url, other)
    await page.get_by_role("link", name="Konto", exact=True).click()
    await page.get_by_role("link", name="Vollmachten: wer für Sie handeln darf").click()
    await page.get_by_role("link", name="Code eingeben").click()
    await page.get_by_label("Code der Vollmacht").fill(code)
    await page.get_by_role("button", name="Weiter").click()
    await expect(page.get_by_text("Erika Mustermann bevollmächtigt Max Beispiel")).to_be_visible()
    await page.get_by_role("button", name="Annehmen").click()
    await expect(page.get_by_text("Sie haben die Vollmacht angenommen.")).to_be_visible()


async def act(page: Page) -> None:
    """Open a notice for somebody else and reply to it."""
    await page.get_by_role("link", name="Postfach", exact=True).click()
    await page.get_by_role("link", name="Postfach von Erika Mustermann").click()
    await page.get_by_role("button", name=SUBJECT).click()
    await expect(page.get_by_text("Sie handeln für Erika Mustermann")).to_be_visible()
    await expect(page.get_by_text("Sie können bis Montag, 28. Dezember 2026 Klage erheben.")).to_be_visible()
    await page.get_by_role("link", name="Antworten", exact=True).click()
    await page.get_by_label("Ihre Antwort").fill("Ich antworte für Erika Mustermann.")
    await page.get_by_role("button", name="Antwort senden").click()
    await expect(page.get_by_role("link", name="Antwort 1, gesendet")).to_be_visible()
    await expect(page.get_by_text("von Max Beispiel")).to_be_visible()
    await log_out(page)


async def prove(world: World, notice: Delivered) -> None:
    """See that the authority's evidence names who has acted, by which Vollmacht."""
    proven = await verified(world, await evidence_of(world, notice))

    assert [one.says["by"] for one in proven.statements if "by" in one.says] == ["representative", "representative"]
    said = " ".join(words.de for words in report_on(proven).vollmachten)
    assert "Erika Mustermann bevollmächtigt Max Beispiel" in said
    assert "stand der Name Max Beispiel" in said


async def revoke(page: Page, world: World, erika: Citizen) -> None:
    """See what was done, and revoke."""
    await log_in(page, world.base_url, erika)
    await page.get_by_role("link", name=SUBJECT).click()
    await expect(page.get_by_text("Abgerufen mit Vollmacht")).to_be_visible()
    await page.get_by_role("link", name="Konto", exact=True).click()
    await page.get_by_role("link", name="Protokoll: was mit Ihrem Konto geschah").click()
    await expect(page.get_by_text("Jemand hat für Sie eine Nachricht abgerufen. Wer: Max Beispiel.")).to_be_visible()
    await page.get_by_role("link", name="Konto", exact=True).click()
    await page.get_by_role("link", name="Vollmachten: wer für Sie handeln darf").click()
    await page.get_by_role("link", name="Max Beispiel").click()
    await page.get_by_role("button", name="Vollmacht widerrufen").click()
    await expect(page.get_by_text("Die Vollmacht ist beendet.")).to_be_visible()
    await log_out(page)


async def is_shut_out(page: Page, world: World, other: Citizen, notice: Delivered) -> None:
    """See nothing of it any more."""
    await log_in(page, world.base_url, other)
    await expect(page.get_by_role("link", name="Postfach von Erika Mustermann")).to_have_count(0)
    answer = await page.goto(f"{world.base_url}/postfach/{notice.notice_id}")
    assert answer
    assert answer.status == 404
