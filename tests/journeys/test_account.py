"""The account in a real browser, without JavaScript: registered, confirmed, raised with the card, used."""

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from sk.auth.account import EVERY_AUTHORITY, Account
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.steps import give_einwilligung
from tests.auth.people import ERIKA, PASSWORD, path_in
from tests.fakes import FakeClock
from tests.journeys.people import show_card
from tests.world import World, a_notice

CHOICES = ("country", "land", "language", "nationality")
PHONE = ViewportSize(width=360, height=800)
SUBJECT = "Bescheid über Ihren Antrag"


@pytest.fixture
async def page(chromium: Browser) -> Page:
    """Return a tab of a phone."""
    context = await chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="de-DE")
    return await context.new_page()


async def test_whoever_registers_raises_the_level_with_the_card_and_reads_what_demands_it(
    page: Page, world: World
) -> None:
    await register(page, world)
    await page.goto(world.base_url + path_in(world.mails.sent[-1], world.base_url))
    await page.get_by_role("button", name="Konto bestätigen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Konto bestätigt")
    await log_in(page, world)
    await page.goto(f"{world.base_url}/konto")
    await page.get_by_role("button", name="Online-Ausweis verbinden").click()
    await show_card(page)
    await page.get_by_role("button", name="Ausweis verbinden").click()
    await deliver(world, minimum_trust="high")

    await page.goto(f"{world.base_url}/postfach")
    await page.get_by_role("button", name=SUBJECT).click()
    await expect(page.get_by_text("anbei Ihr Bescheid")).to_be_visible()

    await page.get_by_role("link", name="Konto", exact=True).click()
    await expect(page.get_by_text("Das Vertrauensniveau Ihres Kontos ist „hoch“.")).to_be_visible()
    account = await find_account("erika", world.web)
    assert account.standing(world.web.keys.signers).trust == "high"


async def test_whoever_knows_the_card_steps_up_from_a_notice_and_is_led_back_to_it(page: Page, world: World) -> None:
    await register(page, world)
    await page.goto(world.base_url + path_in(world.mails.sent[-1], world.base_url))
    await page.get_by_role("button", name="Konto bestätigen").click()
    await log_in(page, world)
    await page.goto(f"{world.base_url}/konto")
    await page.get_by_role("button", name="Online-Ausweis verbinden").click()
    await show_card(page)
    await page.get_by_role("button", name="Ausweis verbinden").click()
    await deliver(world, minimum_trust="substantial")
    await page.get_by_role("button", name="Abmelden").click()

    await log_in(page, world)
    await page.get_by_role("button", name=SUBJECT).click()
    here = page.url
    await page.get_by_role("button", name="Mit dem Online-Ausweis anmelden").click()
    await show_card(page)
    await expect(page).to_have_url(here)
    await page.get_by_role("button", name="Nachricht öffnen").click()
    await expect(page.get_by_text("anbei Ihr Bescheid")).to_be_visible()


async def test_whoever_does_not_confirm_for_a_day_finds_nothing_left(
    page: Page, world: World, clock: FakeClock
) -> None:
    await register(page, world)
    clock.advance(hours=24)
    await world.settle()
    await page.goto(world.base_url + path_in(world.mails.sent[-1], world.base_url))

    await expect(page.get_by_text("Dieser Link gilt nicht mehr.")).to_be_visible()
    assert await world.web.store.scan(Account) == []


async def register(page: Page, world: World) -> None:
    """Fill in the form, look it over and save it."""
    await page.goto(f"{world.base_url}/registrieren")
    for name, value in ERIKA.items():
        field = page.locator(f"[name={name}]")
        await (field.select_option(value) if name in CHOICES else field.fill(value))
    await page.get_by_role("button", name="Weiter").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stimmt alles?")
    await page.get_by_role("button", name="Konto anlegen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bitte sehen Sie in Ihr E-Mail-Postfach")
    await world.settle()


async def log_in(page: Page, world: World) -> None:
    """Log in with user name and password."""
    await page.goto(f"{world.base_url}/anmelden")
    await page.get_by_label("Benutzername").fill("erika")
    await page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Anmelden", exact=True).click()
    await expect(page).to_have_url(f"{world.base_url}/postfach")


async def deliver(world: World, **changes: str) -> None:
    """Have Erika agree, and a notice delivered to her."""
    account = await find_account("erika", world.web)
    give_einwilligung(account, EVERY_AUTHORITY, world.clock.now(), world.web)
    await world.web.store.save(account)
    handle = handle_towards(account, EVERY_SECTOR, world.web)
    status, answer = await (await world.authority()).post(a_notice(handle, **changes))
    assert status == 202, answer
    await world.settle()
