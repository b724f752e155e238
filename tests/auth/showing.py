"""Showing ID cards to the simulator, for the tests of what comes of it."""

from urllib.parse import parse_qs, urlsplit

from sk.auth.account import Account
from sk.auth.credentials import Card
from sk.demo.browser import Browser, Page
from tests.auth.people import newest_path
from tests.world import World

ERIKA = "erika"
BUTTONS = {
    "/anmelden": "Mit dem Online-Ausweis anmelden",
    "/konto": "Online-Ausweis verbinden",
    "/registrieren": "Mit dem Online-Ausweis anlegen",
}
READ_ANEW = "Ausweis neu lesen oder einen neuen verbinden"


async def begin(browser: Browser, page: Page, label: str) -> str:
    """Press a button that leads to the card; return the link to the simulator, where it is to be shown."""
    return (await browser.send(page.form(label))).links["Zum Ausweis-Simulator"]


async def begin_at(browser: Browser, path: str) -> str:
    """Open a page, and press its button that leads to the card; return the link to the simulator."""
    return await begin(browser, await browser.open(path), BUTTONS[path])


def reference_in(link: str) -> str:
    """Return the reference of the use of the card that a link to the simulator is for."""
    return parse_qs(urlsplit(link).query)["tcTokenURL"][0].rpartition("/")[2]


async def show(browser: Browser, simulator: Page, persona: str = ERIKA, choice: str = "pin", minor: str = "") -> Page:
    """Show a card to the simulator; return the page that follows."""
    return await browser.send(simulator.form("Weiter"), persona=persona, choice=choice, minor=minor)


async def show_card(browser: Browser, page: Page, label: str, persona: str = ERIKA, choice: str = "pin") -> Page:
    """Press a button that leads to the card, and show one; return the page that follows."""
    return await show(browser, await browser.open(await begin(browser, page, label)), persona, choice)


async def show_card_at(browser: Browser, path: str, persona: str = ERIKA, choice: str = "pin") -> Page:
    """Open a page that leads to the card, and show one; return the page that follows."""
    return await show_card(browser, await browser.open(path), BUTTONS[path], persona, choice)


async def log_in_by_card(browser: Browser, persona: str = ERIKA, choice: str = "pin") -> Page:
    """Log in with a card; return the page that follows."""
    return await show_card_at(browser, "/anmelden", persona, choice)


async def registered_by_card(world: World, browser: Browser, persona: str = ERIKA) -> None:
    """Register with a card and confirm."""
    page = await show_card_at(browser, "/registrieren", persona)
    assert page.url == "/registrieren/ausweis", page.text
    page = await browser.send(page.form("Weiter"), email=f"{persona}@example.org", language="de")
    await browser.send(page.form("Konto anlegen"))
    await world.settle()
    page = await browser.open(newest_path(world))
    await browser.send(page.form("Konto bestätigen"))


async def cards_in(world: World) -> list[Card]:
    """Return the cards that are bound to anybody's account."""
    vault = world.web.keys.lock_key("vault")
    accounts = [await world.web.store.get(Account, id_) for id_ in await world.web.store.scan(Account)]
    return [card for account in accounts for card in account.open_credentials(vault).cards]
