"""The way to a portal and back in Chromium, which obeys our rules for its forms: with scripts and without."""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.portals.saml.mellon import Mellon, open_mellon
from tests.portals.saml.services import known
from tests.world import Citizen, World


@pytest.fixture
async def mellon(world: World) -> AsyncIterator[Mellon]:
    """Return an Apache that is registered as a portal."""
    async with open_mellon(world) as opened:
        yield opened


async def agree(screen: Page, mellon: Mellon, citizen: Citizen) -> None:
    """Have somebody come from the portal, log in, and agree."""
    await screen.goto(mellon.page)
    await screen.get_by_label("Benutzername").fill(citizen.username)
    await screen.get_by_label("Passwort", exact=True).fill(citizen.password)
    await screen.get_by_role("button", name="Anmelden", exact=True).click()
    await screen.get_by_role("button", name="Zustimmen und weiter").click()


async def test_whoever_agrees_is_at_the_portal_again_without_pressing_another_button(
    chromium: Browser, world: World, mellon: Mellon
) -> None:
    screen = await chromium.new_page(locale="de-DE")

    await agree(screen, mellon, await known(world, await world.citizen()))
    await screen.wait_for_url(mellon.page)

    assert json.loads(await screen.inner_text("body"))["x-family-name"] == "Mußtermänn"


async def test_whoever_has_no_scripts_presses_a_button(chromium: Browser, world: World, mellon: Mellon) -> None:
    screen = await chromium.new_page(locale="de-DE", java_script_enabled=False)

    await agree(screen, mellon, await known(world, await world.citizen()))
    await expect(screen.get_by_role("heading", name="Es geht weiter bei Kita-Portal")).to_be_visible()
    await screen.get_by_role("button", name="Weiter").click()
    await screen.wait_for_url(mellon.page)

    assert json.loads(await screen.inner_text("body"))["x-given-names"] == "Erika"
