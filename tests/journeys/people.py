"""What people do in every journey."""

from playwright.async_api import Locator, Page, expect

from tests.world import Citizen


async def log_in(page: Page, base_url: str, who: Citizen) -> None:
    """Type the address, and log in with user name and password."""
    await page.goto(base_url)
    await page.get_by_role("banner").get_by_role("link", name="Anmelden").click()
    await page.get_by_label("Benutzername").fill(who.username)
    await page.get_by_label("Passwort", exact=True).fill(who.password)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page).to_have_url(f"{base_url}/postfach")


async def save(page: Page, link: Locator) -> tuple[str, bytes]:
    """Press a link and save what it leads to; return the file's name and what is in it."""
    async with page.expect_download() as saved:
        await link.click()
    download = await saved.value
    return download.suggested_filename, (await download.path()).read_bytes()


async def log_out(page: Page) -> None:
    """Log out."""
    await page.get_by_role("button", name="Abmelden").click()
    await expect(page.get_by_role("banner").get_by_role("link", name="Anmelden")).to_be_visible()


async def show_card(page: Page) -> None:
    """Show the simulator Erika's card."""
    await page.get_by_role("link", name="Zum Ausweis-Simulator").click()
    await expect(page.get_by_text("Dies ist ein Simulator.")).to_be_visible()
    await page.get_by_label("Erika Mustermann").check()
    await page.get_by_role("button", name="Weiter").click()
