"""Hand a document on: from a notice into the safe, shared with another authority, fetched, ended, and refused."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from sk.client import AuthorityClient
from sk.client_share import fetch_share, new_sealing_key
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from tests.journeys.people import log_in
from tests.world import A_FILE, World

NAME = "Kreis Musterland"


async def test_a_document_goes_from_a_notice_through_the_safe_to_another_authority_and_no_further(
    screen: Page, world: World, tmp_path: Path
) -> None:
    notice, (seed, public) = await world.delivered(), new_sealing_key()
    office = await world.authority(NAME, sealing_key=public)
    await log_in(screen, world.base_url, notice.citizen)
    await into_the_safe(screen)
    for _ in range(2):  # what was stated last gets into the log, and then the evidence beside the document
        await world.settle()
        world.clock.advance(minutes=1)

    share_id = await shared(screen)

    await fetch_share(office, share_id, tmp_path / "first", seed)
    assert (tmp_path / "first" / "1").read_bytes() == A_FILE.data
    bundle = (tmp_path / "first" / "1.evidence.json").read_bytes()
    assert verify_bundle(bundle, [await log_vkey(world.web)]).trusted
    await screen.reload()
    await expect(screen.get_by_text("Abgeholt: Montag, 23. November 2026")).to_be_visible()
    await ended(screen)
    await is_refused(office, share_id, tmp_path / "second", seed)


async def into_the_safe(page: Page) -> None:
    """Open a notice, and put what is attached to it into the safe."""
    await page.get_by_role("button", name="Bescheid über Ihren Antrag").click()
    await page.get_by_role("button", name="In den Safe legen").click()
    await expect(page.get_by_role("heading", name=A_FILE.name)).to_be_visible()


async def shared(page: Page) -> str:
    """Hand the document on, after one mistake and a look at what it comes to; return the number to tell the office."""
    await page.get_by_role("link", name="Weitergeben").click()
    await expect(page.get_by_role("checkbox", name=A_FILE.name)).to_be_checked()
    await page.get_by_label("An welche Behörde").select_option(NAME)
    await page.get_by_role("button", name="Weiter").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("alert").get_by_role("link", name="Wofür").click()
    await expect(page.get_by_label("Wofür")).to_be_focused()
    await page.get_by_label("Wofür").fill("Antrag auf Wohngeld")
    await page.get_by_role("button", name="Weiter").click()
    await expect(page.get_by_text("Noch ist nichts freigegeben.")).to_be_visible()
    await expect(page.get_by_text(NAME)).to_be_visible()
    await page.get_by_role("button", name="Freigeben").click()
    await expect(page.get_by_text("Die Dokumente sind freigegeben.")).to_be_visible()
    return "".join((await page.locator(".whole").inner_text()).split())


async def ended(page: Page) -> None:
    """Find the share from the safe, and end it."""
    await page.get_by_role("link", name="Safe", exact=True).click()
    await page.get_by_role("link", name="Freigaben: was Behörden abholen können").click()
    await page.get_by_role("link", name=NAME).click()
    await page.get_by_role("link", name="Freigabe beenden").click()
    await page.get_by_role("button", name="Freigabe beenden").click()
    await expect(page.get_by_text("Die Freigabe ist beendet.")).to_be_visible()


async def is_refused(office: AuthorityClient, share_id: str, folder: Path, seed: bytes) -> None:
    """Find that nothing can be fetched any more."""
    with pytest.raises(RuntimeError, match="share-revoked"):
        await fetch_share(office, share_id, folder, seed)
