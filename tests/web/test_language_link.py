"""The link to the other language: where it leads, and that nobody loses by it what a form was answered with."""

import re

import pytest

from sk.demo.browser import Page
from tests.auth.factors import code_of
from tests.auth.people import ERIKA
from tests.fakes import FakeClock
from tests.world import World

SECRET = re.compile(r'<strong class="secret">(.+?)</strong>')


def leads_to(page: Page) -> str | None:
    """Return where the link to English leads, or None if there is none."""
    return page.links.get("English")


@pytest.mark.parametrize("path", ["/", "/anmelden?weiter=/konto/daten", "/passwort-vergessen/unterwegs"])
async def test_a_page_that_can_be_opened_again_is_shown_again_in_the_other_language(world: World, path: str) -> None:
    async with world.browser() as browser:
        link = leads_to(await browser.open(path))
        assert link
        english = await browser.open(link)

    assert '<html lang="en">' in english.text
    assert english.url == path.partition("?")[0]


async def test_what_somebody_has_entered_is_not_lost_by_another_language(world: World) -> None:
    async with world.browser() as browser:
        form = (await browser.open("/registrieren")).form("Weiter")
        wrong = await browser.send(form, **{**ERIKA, "username": "e!"})

    assert (wrong.status, leads_to(wrong)) == (422, None)
    assert ERIKA["street"] in wrong.text


async def test_codes_that_are_shown_once_are_not_lost_by_it_and_a_wrong_one_leads_to_the_page_that_asks_for_it(
    world: World, clock: FakeClock
) -> None:
    async with world.browser(await world.citizen()) as browser:
        page = await browser.open("/konto/sicherheit/app")
        form = (await browser.send(page.form("Einrichten"))).form("Einschalten")
        wrong = await browser.send(form, code="x")
        found = SECRET.search(wrong.text)
        assert found
        codes = await browser.send(form, code=code_of(found[1].replace(" ", ""), clock))

    assert leads_to(wrong) == "/sprache/en?weiter=%2Fkonto%2Fsicherheit%2Fapp"
    assert (codes.status, leads_to(codes)) == (200, None)
    assert "Ihre Wiederherstellungscodes" in codes.text


async def test_an_error_leads_to_the_first_page_and_says_nothing_of_what_was_asked_for(world: World) -> None:
    async with world.browser() as browser:
        wrong = await browser.open("/gibt/es/nicht?oder=doch")

    assert (wrong.status, leads_to(wrong)) == (404, "/sprache/en?weiter=")
    assert "gibt/es" not in wrong.text
    assert "oder=" not in wrong.text
    assert "gibt%2Fes" not in wrong.text
