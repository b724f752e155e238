"""The whole story in one browser: a portal, the log-in, the form, the Bescheid in the postbox; and what ends it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from sk.client import AuthorityClient
from sk.client_portal import PortalClient
from sk.demo.portal import ASKED, NAME, SUBJECT, DemoPortal, register_portal, serving
from tests.auth.vollmachten import named
from tests.fakes import WallClock
from tests.journeys.people import show_card
from tests.world import A_FILE, Citizen, World, a_notice, open_world

HIGH = "http://eidas.europa.eu/LoA/high"
HIGH_ONLY = f'{{"id_token": {{"acr": {{"essential": true, "value": "{HIGH}"}}}}}}'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform whose clock goes: the portal compares what it is told with the time."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


@asynccontextmanager
async def portal_of(world: World, authority: AuthorityClient, asked: str = ASKED) -> AsyncIterator[DemoPortal]:
    """Serve the portal of an authority."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        portal_id, key = await register_portal(url, authority.client_id, world.web)
        async with aiohttp.ClientSession() as http:
            client = PortalClient(http, world.base_url, portal_id, key)
            async with serving(DemoPortal(url, client, authority, asked), listening) as portal:
                yield portal


async def test_from_the_portal_to_the_bescheid_and_what_was_shared_is_taken_back(screen: Page, world: World) -> None:
    authority, erika = await world.authority(), await somebody(world)
    await authority.post(a_notice(erika.handle, subject="Lageplan"), [A_FILE])
    await world.settle()
    async with portal_of(world, authority) as portal:
        await screen.goto(portal.url)
        await screen.get_by_role("link", name="Mit dem Servicekonto anmelden").click()
        await enter(screen, erika)
        await into_the_safe(screen, world)
        await screen.goto(portal.url)
        await screen.get_by_role("link", name="Mit dem Servicekonto anmelden").click()

        await expect(screen.get_by_role("heading", name=f"Anmelden bei {NAME}")).to_be_visible()
        await expect(screen.get_by_text("Mustermann")).to_be_visible()
        await screen.get_by_label("Lageplan").select_option(A_FILE.name)
        await screen.get_by_role("button", name="Zustimmen und weiter").click()
        await expect(screen.get_by_label("Name")).to_have_value("Erika Mustermann")
        await expect(screen.get_by_label("E-Mail-Adresse")).to_have_value("erika@example.org")
        await expect(screen.get_by_text(f"({len(A_FILE.data)} Bytes, abgeholt aus Ihrem Safe)")).to_be_visible()
        await screen.get_by_label("Straße und Hausnummer").fill("Heidestraße 17")
        await screen.get_by_label("Postleitzahl und Ort").fill("12345 Musterstadt")
        await screen.get_by_role("button", name="Antrag absenden").click()
        await world.settle()
        await screen.get_by_role("link", name="Zum Postfach").click()
        await screen.get_by_role("button", name=SUBJECT).click()
        await expect(screen.get_by_role("link", name="Sondernutzungserlaubnis.pdf").first).to_be_visible()

        share_id = await share_seen(screen, world)
        await screen.get_by_role("link", name="Freigabe beenden").click()
        await screen.get_by_role("button", name="Freigabe beenden").click()
        await expect(screen.get_by_text("Die Freigabe ist beendet.")).to_be_visible()
        assert (await authority.get(f"/api/v1/shares/{share_id}/1"))[0] == 410


async def test_a_portal_that_demands_high_leads_to_the_card_and_back(screen: Page, world: World) -> None:
    authority, erika = await world.authority(), await somebody(world)
    async with portal_of(world, authority, asked=HIGH_ONLY) as portal:
        await screen.goto(f"{portal.url}/anmelden")
        await enter(screen, erika)

        await expect(screen.get_by_text("Dafür brauchen Sie eine sicherere Anmeldung")).to_be_visible()
        await screen.get_by_role("button", name="Mit dem Online-Ausweis anmelden").click()
        await show_card(screen)
        await screen.get_by_role("button", name="Ausweis verbinden").click()
        await screen.get_by_role("button", name="Zustimmen und weiter").click()

        await expect(screen.get_by_text("Vertrauensniveau Ihrer Anmeldung: hoch.")).to_be_visible()


async def test_whoever_does_not_agree_is_back_at_the_portal_and_not_logged_in(screen: Page, world: World) -> None:
    authority, erika = await world.authority(), await somebody(world)
    async with portal_of(world, authority) as portal:
        await screen.goto(f"{portal.url}/anmelden")
        await enter(screen, erika)
        await screen.get_by_role("button", name="Nicht zustimmen").click()

        await expect(screen.get_by_role("heading", name="Nicht angemeldet")).to_be_visible()
        await screen.goto(f"{portal.url}/antrag")
        await expect(screen.get_by_role("link", name="Mit dem Servicekonto anmelden")).to_be_visible()


async def test_a_consent_that_is_withdrawn_ends_the_log_in_at_the_portal(screen: Page, world: World) -> None:
    authority, erika = await world.authority(), await somebody(world)
    async with portal_of(world, authority) as portal:
        await logged_in(screen, portal, erika)
        await screen.goto(f"{world.base_url}/konto")
        await screen.get_by_role("link", name="Online-Dienste").click()
        await screen.get_by_role("button", name=f"Widerrufen: {NAME}").click()
        await expect(screen.get_by_text("Ihr Widerruf gilt ab jetzt.")).to_be_visible()
        await world.settle()

        await screen.goto(f"{portal.url}/antrag")
        await expect(screen.get_by_text("Sie sind abgemeldet.")).to_be_visible()


async def test_logging_out_at_the_account_logs_out_of_the_portal_and_the_other_way_round(
    screen: Page, world: World
) -> None:
    authority, erika = await world.authority(), await somebody(world)
    async with portal_of(world, authority) as portal:
        await logged_in(screen, portal, erika)
        await screen.goto(world.base_url)
        await screen.get_by_role("button", name="Abmelden").click()
        await world.settle()
        await screen.goto(f"{portal.url}/antrag")
        await expect(screen.get_by_text("Sie sind abgemeldet.")).to_be_visible()

        await screen.get_by_role("link", name="Mit dem Servicekonto anmelden").click()
        await enter(screen, erika)
        await screen.get_by_role("button", name="Zustimmen und weiter").click()  # documents are picked each time
        await screen.get_by_role("button", name="Abmelden").click()
        await expect(screen.get_by_role("heading", name="Auch hier abmelden?")).to_be_visible()
        await screen.get_by_role("button", name="Überall abmelden").click()
        await expect(screen.get_by_text("Sie sind abgemeldet.")).to_be_visible()
        await screen.goto(f"{world.base_url}/postfach")
        await expect(screen).to_have_url(f"{world.base_url}/anmelden")


async def somebody(world: World) -> Citizen:
    """Return somebody with a name, whom the password lets in at the level low."""
    return await named(world, await world.citizen(trust="low"), "Erika", "Mustermann")


async def enter(page: Page, who: Citizen) -> None:
    """Fill in the form to which the portal has led."""
    await page.get_by_label("Benutzername").fill(who.username)
    await page.get_by_label("Passwort", exact=True).fill(who.password)
    await page.get_by_role("button", name="Anmelden", exact=True).click()


async def logged_in(page: Page, portal: DemoPortal, who: Citizen) -> None:
    """Log in to the portal for the first time."""
    await page.goto(f"{portal.url}/anmelden")
    await enter(page, who)
    await page.get_by_role("button", name="Zustimmen und weiter").click()
    await expect(page.get_by_role("heading", name="Antrag")).to_be_visible()


async def into_the_safe(page: Page, world: World) -> None:
    """Put what came with a notice into the safe."""
    await expect(page.get_by_role("button", name="Zustimmen und weiter")).to_be_visible()
    await page.goto(f"{world.base_url}/postfach")
    await page.get_by_role("button", name="Lageplan").click()
    await page.get_by_role("button", name="In den Safe legen").click()
    await expect(page.get_by_role("heading", name=A_FILE.name)).to_be_visible()


async def share_seen(page: Page, world: World) -> str:
    """Find in the safe what was shared, and that it was fetched; return the number of the share."""
    await page.goto(f"{world.base_url}/safe/freigaben")
    await page.get_by_role("link", name="Stadt Musterstadt").click()
    await expect(page.get_by_text("Abgeholt:")).to_be_visible()
    return page.url.rpartition("/")[2]
