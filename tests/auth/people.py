"""People who register: what they enter, and the mail that they get."""

import re
from email.message import EmailMessage

from sk.auth.account import Account
from sk.auth.own_key import own_lock
from sk.auth.profile import Profile
from sk.demo.browser import Browser, Page
from tests.world import World

PASSWORD = "drei Kraniche über Hamm"
ERIKA = {
    "username": "erika",
    "password": PASSWORD,
    "email": "erika@example.org",
    "language": "de",
    "given_names": "Erika",
    "family_names": "Mustermann",
    "birth_name": "Gabler",
    "academic_title": "",
    "date_of_birth": "1964-08-12",
    "place_of_birth": "Berlin",
    "nationality": "DE",
    "street": "Heidestraße 17",
    "postal_code": "51147",
    "city": "Köln",
    "land": "NW",
    "country": "DE",
    "phone": "+49 221 1234567",
    "de_mail": "",
}
LINK = re.compile(r"https?://\S+\?code=\S+")


async def fill_in(browser: Browser, **changes: str) -> Page:
    """Fill in the form; return the page that follows."""
    page = await browser.open("/registrieren")
    return await browser.send(page.form("Weiter"), **{**ERIKA, **changes})


async def register(browser: Browser, **changes: str) -> Page:
    """Fill in the form, look it over and save it; return the page that follows."""
    page = await fill_in(browser, **changes)
    return await browser.send(page.form("Konto anlegen"))


def path_in(mail: EmailMessage, base_url: str) -> str:
    """Return the page to which a mail leads."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return found[0].removeprefix(base_url)


def newest_path(world: World) -> str:
    """Return the page to which the newest mail leads that leads to one."""
    links = [LINK.search(mail.get_content()) for mail in world.mails.sent]
    return [link[0] for link in links if link][-1].removeprefix(world.base_url)


async def registered(world: World, browser: Browser, **changes: str) -> Page:
    """Register and confirm; return the page that follows."""
    await register(browser, **changes)
    await world.settle()
    page = await browser.open(newest_path(world))
    return await browser.send(page.form("Konto bestätigen"))


async def profile_of(account: Account, world: World) -> Profile:
    """Return what is known about somebody."""
    return account.open_profile(await own_lock(account.id, world.web))
