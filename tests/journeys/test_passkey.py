"""Passkeys in a real browser: Chromium's virtual authenticator makes one and logs in with it, without a user name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.fakes import FakeClock
from tests.security.serving import serving
from tests.world import Citizen, World

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SECURITY = "/konto/sicherheit"


@pytest.fixture
async def address(world: World) -> AsyncIterator[str]:
    """Return the address of the platform under a name: passkeys belong to names, not to numbers."""
    async with serving(world.web, host="localhost") as served:
        yield served


class Screen:
    """A browser with a device that has passkeys, in front of somebody."""

    def __init__(self, page: Page, devices: CDPSession, device: str, address: str) -> None:
        """Look at a page."""
        self.page, self._devices, self._device, self.address = page, devices, device, address
        self.trouble: list[str] = []
        page.on("console", lambda message: self.trouble.append(message.text))

    async def open(self, path: str) -> None:
        """Open an address."""
        await self.page.goto(self.address + path)

    async def log_in(self, who: Citizen) -> None:
        """Log in with a password."""
        await self.open("/anmelden")
        await self.page.get_by_label("Benutzername").fill(who.username)
        await self.page.get_by_label("Passwort").fill(who.password)
        await self.press("Anmelden")
        await expect(self.page).to_have_url(f"{self.address}/postfach")

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).last.click()

    async def verify(self, *, succeeds: bool) -> None:
        """Have the device find its owner, or somebody else."""
        what: Any = {"authenticatorId": self._device, "isUserVerified": succeeds}
        await self._devices.send("WebAuthn.setUserVerified", what)

    async def passkeys(self) -> list[dict[str, Any]]:
        """Return what the device holds."""
        held = await self._devices.send("WebAuthn.getCredentials", {"authenticatorId": self._device})
        return list(held["credentials"])

    async def add_passkey(self, name: str) -> None:
        """Have the device make a passkey."""
        await self.open(f"{SECURITY}/passkeys")
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.press("Passkey anlegen")


@asynccontextmanager
async def in_front_of(chromium: Browser, address: str) -> AsyncIterator[Screen]:
    """Open a browser with a device."""
    context = await chromium.new_context(locale="de-DE")
    page = await context.new_page()
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    added = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield Screen(page, devices, added["authenticatorId"], address)
    await context.close()


async def test_a_citizen_makes_a_passkey_and_logs_in_with_it_without_a_user_name(
    chromium: Browser, world: World, address: str
) -> None:
    erika = await world.citizen()
    async with in_front_of(chromium, address) as screen:
        await screen.log_in(erika)
        await screen.add_passkey("Laptop von Erika")
        await expect(screen.page.get_by_text("Laptop von Erika").first).to_be_visible()
        [held] = await screen.passkeys()
        assert (held["isResidentCredential"], held["rpId"]) == (True, "localhost")

        await screen.press("Abmelden")
        await screen.open(SECURITY)
        await screen.press("Mit Passkey anmelden")

        await expect(screen.page).to_have_url(address + SECURITY)
        await expect(screen.page.get_by_role("main")).to_contain_text("(Passkey)")
        assert screen.trouble == []


async def test_a_device_that_does_not_know_its_owner_logs_nobody_in(
    chromium: Browser, world: World, address: str
) -> None:
    erika = await world.citizen()
    async with in_front_of(chromium, address) as screen:
        await screen.log_in(erika)
        await screen.add_passkey("Laptop von Erika")
        await expect(screen.page.get_by_text("Laptop von Erika").first).to_be_visible()
        await screen.press("Abmelden")
        await screen.open("/anmelden")
        await screen.verify(succeeds=False)

        await screen.press("Mit Passkey anmelden")

        await expect(screen.page.get_by_role("alert")).to_contain_text("Das hat nicht geklappt.")
        await expect(screen.page).to_have_url(f"{address}/anmelden")
        await screen.verify(succeeds=True)
        await screen.press("Mit Passkey anmelden")
        await expect(screen.page).to_have_url(f"{address}/postfach")


async def test_a_device_makes_no_second_passkey_for_an_account_and_a_removed_one_opens_nothing(
    chromium: Browser, world: World, address: str
) -> None:
    erika = await world.citizen()
    async with in_front_of(chromium, address) as screen:
        await screen.log_in(erika)
        await screen.add_passkey("Laptop von Erika")
        await expect(screen.page.get_by_text("Laptop von Erika").first).to_be_visible()
        await screen.add_passkey("noch einmal")
        await expect(screen.page.get_by_role("alert")).to_contain_text("hat schon einen Passkey")
        assert len(await screen.passkeys()) == 1

        await screen.press("Entfernen: Laptop von Erika")
        await expect(screen.page.get_by_text("Sie haben noch keinen Passkey.")).to_be_visible()
        await screen.press("Abmelden")
        await screen.open("/anmelden")
        await screen.press("Mit Passkey anmelden")

        await expect(screen.page.get_by_role("alert").first).to_contain_text("lässt sich hier nicht benutzen")


async def test_a_passkey_shows_once_more_who_somebody_is(
    chromium: Browser, world: World, address: str, clock: FakeClock
) -> None:
    erika = await world.citizen()
    async with in_front_of(chromium, address) as screen:
        await screen.log_in(erika)
        await screen.add_passkey("Laptop von Erika")
        await expect(screen.page.get_by_text("Laptop von Erika").first).to_be_visible()
        clock.advance(minutes=6)
        await screen.open(f"{SECURITY}/passwort")
        await expect(screen.page.get_by_role("heading", level=1)).to_have_text("Sind Sie es noch?")

        await screen.press("Mit Passkey anmelden")

        await expect(screen.page).to_have_url(f"{address}{SECURITY}/passwort")


async def test_without_javascript_no_page_shows_what_needs_it(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()

    await page.goto(f"{world.base_url}/anmelden")

    await expect(page.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Mit Passkey anmelden")).to_be_hidden()
    await context.close()
