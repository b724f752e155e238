"""Passkeys in a real browser: Chromium's virtual authenticator makes one and logs in with it, without a user name."""

from collections.abc import AsyncIterator
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
LAPTOP, WITH_PASSKEY = "Laptop von Erika", "Mit Passkey anmelden"


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
        await self.is_at("/postfach")

    async def log_out_and_open(self, path: str) -> None:
        """Log out, and open an address as somebody whom nobody knows."""
        await self.press("Abmelden")
        await self.open(path)

    async def is_at(self, path: str) -> None:
        """See that the browser is, or gets, at an address."""
        await expect(self.page).to_have_url(self.address + path)

    async def says(self, words: str) -> None:
        """See that the page says something that is to be heard at once."""
        await expect(self.page.get_by_role("alert").first).to_contain_text(words)

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


@pytest.fixture
async def screen(chromium: Browser, world: World, address: str) -> AsyncIterator[Screen]:
    """Return a browser in front of Erika, who has logged in and made a passkey."""
    erika = await world.citizen()
    context = await chromium.new_context(locale="de-DE")
    page = await context.new_page()
    devices = await context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    added = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    opened = Screen(page, devices, added["authenticatorId"], address)
    await opened.log_in(erika)
    await opened.add_passkey(LAPTOP)
    await expect(page.get_by_text(LAPTOP).first).to_be_visible()
    yield opened
    await context.close()


async def test_a_citizen_makes_a_passkey_and_logs_in_with_it_without_a_user_name(screen: Screen) -> None:
    [held] = await screen.passkeys()
    assert (held["isResidentCredential"], held["rpId"]) == (True, "localhost")

    await screen.log_out_and_open(SECURITY)
    await screen.press(WITH_PASSKEY)

    await screen.is_at(SECURITY)
    await expect(screen.page.get_by_role("main")).to_contain_text("(Passkey)")
    assert screen.trouble == []


async def test_a_device_that_does_not_know_its_owner_logs_nobody_in(screen: Screen) -> None:
    await screen.log_out_and_open("/anmelden")
    await screen.verify(succeeds=False)

    await screen.press(WITH_PASSKEY)

    await screen.says("Das hat nicht geklappt.")
    await screen.is_at("/anmelden")
    await screen.verify(succeeds=True)
    await screen.press(WITH_PASSKEY)
    await screen.is_at("/postfach")


async def test_a_device_makes_no_second_passkey_for_an_account_and_a_removed_one_opens_nothing(screen: Screen) -> None:
    await screen.add_passkey("noch einmal")
    await screen.says("hat schon einen Passkey")
    assert len(await screen.passkeys()) == 1

    await screen.press(f"Entfernen: {LAPTOP}")
    await expect(screen.page.get_by_text("Sie haben noch keinen Passkey.")).to_be_visible()
    await screen.log_out_and_open("/anmelden")
    await screen.press(WITH_PASSKEY)

    await screen.says("lässt sich hier nicht benutzen")


async def test_a_passkey_shows_once_more_who_somebody_is(screen: Screen, clock: FakeClock) -> None:
    clock.advance(minutes=6)
    await screen.open(f"{SECURITY}/passwort")
    await expect(screen.page.get_by_role("heading", level=1)).to_have_text("Sind Sie es noch?")

    await screen.press(WITH_PASSKEY)

    await screen.is_at(f"{SECURITY}/passwort")


async def test_without_javascript_no_page_shows_what_needs_it(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()

    await page.goto(f"{world.base_url}/anmelden")

    await expect(page.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name=WITH_PASSKEY)).to_be_hidden()
    await context.close()
