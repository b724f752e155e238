"""The citizen's way in a real browser, without JavaScript, on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.postbox.proofs import fetched
from tests.world import A_FILE, Delivered, World

WIDTHS = {"phone": 360, "desk": 1280}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_a_citizen_logs_in_opens_a_notice_and_saves_its_document(
    chromium: Browser, world: World, width: int
) -> None:
    notice = await world.delivered()
    viewport = {"width": width, "height": 800}
    context = await chromium.new_context(viewport=viewport, java_script_enabled=False, locale="de-DE")  # type: ignore[arg-type]
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))

    await _log_in(page, world, notice)
    await page.get_by_role("button", name="Bescheid über Ihren Antrag").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bescheid über Ihren Antrag")
    await expect(page.get_by_text("Klage erheben").first).to_be_visible()
    async with page.expect_download() as saved:
        await page.get_by_role("link", name=A_FILE.name).click()

    download = await saved.value
    assert (await download.path()).read_bytes() == A_FILE.data
    assert download.suggested_filename == A_FILE.name
    assert await _is_cut_off(page, width) is False
    await page.get_by_role("button", name="Abmelden").click()
    await page.goto(f"{world.base_url}/postfach")
    await expect(page).to_have_url(f"{world.base_url}/anmelden")
    assert trouble == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_a_citizen_saves_the_proof_and_whoever_verifies_it_lands_on_the_result(
    chromium: Browser, world: World, tmp_path: Path, width: int
) -> None:
    notice = await fetched(world)
    viewport = {"width": width, "height": 800}
    context = await chromium.new_context(viewport=viewport, java_script_enabled=False, locale="de-DE")  # type: ignore[arg-type]
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    (tmp_path / A_FILE.name).write_bytes(A_FILE.data)

    await _log_in(page, world, notice)
    await page.goto(f"{world.base_url}/postfach/{notice.notice_id}")
    await page.get_by_role("link", name="Nachweis über diese Nachricht").click()
    assert await _is_cut_off(page, width) is False
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Nachweis-Datei", exact=True).click()
    await (await saved.value).save_as(tmp_path / "nachweis.json")
    await page.get_by_role("link", name="Einen Nachweis prüfen").click()
    await page.get_by_label("Nachweis-Datei").set_input_files(tmp_path / "nachweis.json")
    await page.get_by_label("Dokumente").set_input_files(tmp_path / A_FILE.name)
    await page.get_by_role("button", name="Prüfen").click()

    await expect(page).to_have_title(re.compile("^Gültig"))
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_role("alert")).to_contain_text("Gültig")
    await expect(page.get_by_role("listitem").filter(has_text=A_FILE.name).first).to_contain_text("Unverändert")
    assert await _is_cut_off(page, width) is False
    assert trouble == []


async def _log_in(page: Page, world: World, notice: Delivered) -> None:
    await page.goto(f"{world.base_url}/anmelden")
    await page.get_by_label("Benutzername").fill(notice.citizen.username)
    await page.get_by_label("Passwort").fill(notice.citizen.password)
    await page.get_by_role("main").get_by_role("button", name="Anmelden", exact=True).click()


async def _is_cut_off(page: Page, width: int) -> bool:
    """Tell whether something is wider than the screen."""
    box = await page.locator("main").bounding_box()
    return box is None or box["x"] + box["width"] > width
