"""Take the proof along and have it verified: whoever does so lands on the result."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.journeys.people import log_in, save
from tests.postbox.proofs import fetched
from tests.world import A_FILE, World


async def test_a_citizen_saves_the_proof_and_whoever_verifies_it_lands_on_the_result(
    screen: Page, world: World, tmp_path: Path
) -> None:
    notice = await fetched(world)
    (tmp_path / A_FILE.name).write_bytes(A_FILE.data)
    await log_in(screen, world.base_url, notice.citizen)
    await screen.goto(f"{world.base_url}/postfach/{notice.notice_id}")
    await screen.get_by_role("link", name="Nachweis über diese Nachricht").click()
    _, evidence = await save(screen, screen.get_by_role("link", name="Nachweis-Datei", exact=True))
    (tmp_path / "nachweis.json").write_bytes(evidence)
    await screen.get_by_role("link", name="Einen Nachweis prüfen").click()
    await screen.get_by_label("Nachweis-Datei").set_input_files(tmp_path / "nachweis.json")
    await screen.get_by_label("Dokumente").set_input_files(tmp_path / A_FILE.name)

    await screen.get_by_role("button", name="Prüfen").click()

    await expect(screen).to_have_title(re.compile("^Gültig"))
    await expect(screen.get_by_role("alert")).to_be_focused()
    await expect(screen.get_by_role("alert")).to_contain_text("Gültig")
    await expect(screen.get_by_role("listitem").filter(has_text=A_FILE.name).first).to_contain_text("Unverändert")
