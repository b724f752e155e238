"""By hand: a case worker writes with a file, another one releases it, the citizen reads and replies, and is read."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.auth.visitors import begin_session
from tests.journeys.people import log_in, log_out, save
from tests.postbox.drafts import SCAN
from tests.postbox.replies import TEXT
from tests.world import Citizen, World

SUBJECT = "Bescheid über Wohngeld"


async def test_what_one_writes_another_releases_the_citizen_answers_and_the_writer_reads_it(
    screen: Page, world: World, tmp_path: Path
) -> None:
    town, erika = await world.authority("Gemeinde Kleinstadt", four_eyes=True), await world.citizen()
    karl = await world.member(town, "post", "approve", "replies", username="karl")
    rosa = await world.member(town, "approve", username="rosa")
    (tmp_path / SCAN.name).write_bytes(SCAN.data)
    await sit_down(screen, world, karl)

    await write(screen, erika.handle, tmp_path / SCAN.name)
    await screen.get_by_role("button", name="Zur Freigabe geben").click()
    await expect(screen.get_by_text("Der Entwurf wartet jetzt auf die Freigabe.")).to_be_visible()
    await screen.get_by_role("link", name=SUBJECT).click()
    await expect(screen.get_by_text("Freigeben muss ihn jemand anderes.")).to_be_visible()
    await expect(screen.get_by_role("button", name="Freigeben und senden")).to_have_count(0)

    await sit_down(screen, world, rosa)
    await screen.get_by_role("link", name="Zur Freigabe").click()
    await screen.get_by_role("link", name=SUBJECT).click()
    assert await save(screen, screen.get_by_role("link", name=SCAN.name, exact=True)) == (SCAN.name, SCAN.data)
    await screen.get_by_role("button", name="Freigeben und senden").click()
    await expect(screen.get_by_text("Die Nachricht ist gesendet.")).to_be_visible()
    await world.settle()
    await log_out(screen)

    await log_in(screen, world.base_url, erika)
    await screen.get_by_role("button", name=SUBJECT).click()
    await expect(screen.get_by_text("Guten Tag, anbei Ihr Bescheid.")).to_be_visible()
    await screen.get_by_role("link", name="Antworten", exact=True).click()
    await screen.get_by_label("Ihre Antwort").fill(TEXT)
    await screen.get_by_role("button", name="Antwort senden").click()
    await expect(screen.get_by_role("heading", name="Ihre Antworten")).to_be_visible()
    await world.settle()
    await log_out(screen)

    await sit_down(screen, world, karl)
    await screen.get_by_role("link", name="Antworten", exact=True).click()
    await screen.get_by_role("main").get_by_role("link", name="50.2-0815").first.click()
    await expect(screen.get_by_text("fehlt noch die Bescheinigung für Jürgen.")).to_be_visible()


async def sit_down(page: Page, world: World, who: Citizen) -> None:
    """Be logged in by a passkey, and go to the one authority for which somebody acts."""
    token = await begin_session(who.account, "low", "passkey", world.web)
    await page.context.add_cookies([{"name": "session", "value": token, "url": world.base_url}])
    await page.goto(f"{world.base_url}/behoerde")


async def write(page: Page, handle: str, file: Path) -> None:
    """Write a Bescheid, first without saying until when something can be done against it, and see how it will look."""
    await page.get_by_role("link", name="Neue Nachricht").click()
    await page.get_by_label("Adresse des Postfachs").fill(f"{handle[:26].upper()} {handle[26:]}")
    await page.get_by_label("Art der Nachricht").select_option("Bescheid")
    await page.get_by_label("Gesetz").select_option("ozg-9")
    await page.get_by_label("Aktenzeichen").fill("50.2-0815")
    await page.get_by_label("Betreff").fill(SUBJECT)
    await page.get_by_label("Text").fill("Guten Tag, anbei Ihr Bescheid.")
    await page.get_by_label("Die Person darf hier antworten").check()
    await page.get_by_label("Dateien").set_input_files(file)
    await page.get_by_role("button", name="Weiter zum Prüfen").click()
    await expect(page.get_by_role("alert").filter(has_text="Bitte prüfen Sie diese Angaben")).to_be_focused()
    await expect(page.get_by_role("listitem").filter(has_text=file.name)).to_be_visible()
    await page.get_by_label("Rechtsbehelf", exact=True).select_option("klage-vwgo")
    await page.get_by_label("Rechtsbehelfsbelehrung").select_option("yes")
    await page.get_by_role("button", name="Weiter zum Prüfen").click()
    await expect(page.get_by_role("heading", name=SUBJECT)).to_be_visible()
    await expect(page.get_by_text("gälte er am Freitag, 27. November 2026 als bekannt gegeben.")).to_be_visible()
