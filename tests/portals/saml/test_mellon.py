"""A portal behind Debian's Apache: mod_auth_mellon logs in here by SAML, and tells its application who it is."""

import json
from collections.abc import AsyncIterator

import pytest

from sk.auth.portal_log_in import pairwise_sub
from sk.demo.browser import Page
from tests.portals.saml.mellon import Carrier, Mellon, open_carrier, open_mellon
from tests.portals.saml.services import METADATA, SIGN_ON, known
from tests.web.pages import words_of
from tests.world import Citizen, World


@pytest.fixture
async def mellon(world: World) -> AsyncIterator[Mellon]:
    """Return an Apache that is registered as a portal."""
    async with open_mellon(world) as opened:
        yield opened


async def asked(carrier: Carrier, mellon: Mellon, citizen: Citizen) -> Page:
    """Have somebody open a page of the portal's and log in; return the page of ours that follows."""
    page = await carrier.visit(mellon.page)
    return await carrier.send(page.form("Anmelden"), username=citizen.username, password=citizen.password)


async def test_mellon_lets_in_whoever_has_logged_in_here_and_tells_its_application_who_it_is(
    world: World, mellon: Mellon
) -> None:
    erika = await known(world, await world.citizen())
    async with open_carrier(world) as carrier:
        page = await asked(carrier, mellon, erika)
        leaving = await carrier.send(page.form("Zustimmen und weiter"))
        shown = await carrier.carry(leaving.form("Weiter"))
        again = await carrier.visit(mellon.page)

    told, name = json.loads(shown.text), pairwise_sub(erika.account.id, mellon.service.card, world.web)
    assert (shown.url, shown.status, again.status) == (mellon.page, 200, 200)
    assert (told["x-name"], told["x-pseudonym"], told["x-level"]) == (name, name, "STORK-QAA-Level-4")
    assert (told["x-given-names"], told["x-family-name"], told["x-city"]) == ("Erika", "Mußtermänn", "Köln")


async def test_mellon_is_registered_by_its_own_metadata_and_is_written_to_in_secret(
    world: World, mellon: Mellon
) -> None:
    service = mellon.service.card.saml

    assert service
    assert service.entity == f"{mellon.url}/mellon/metadata"
    assert f"{mellon.url}/mellon/postResponse" in mellon.service.card.redirect_uris
    assert (len(service.signing), len(service.encryption)) == (1, 1)
    async with world.http.get(world.base_url + METADATA) as answer:
        assert SIGN_ON in await answer.text()


async def test_mellon_lets_nobody_in_who_has_not_agreed(world: World, mellon: Mellon) -> None:
    async with open_carrier(world) as carrier:
        page = await asked(carrier, mellon, await world.citizen())
        (form,) = (one for one in page.forms if "Zustimmen und weiter" in one.buttons)
        leaving = await carrier.send(form, antwort="nein")
        shown = await carrier.carry(leaving.form("Weiter"))
        after = await carrier.sent_to(mellon.page)

    assert shown.status in (401, 403)
    assert "x-name" not in shown.text
    assert after.startswith(f"{mellon.url}/mellon/login?")


async def test_mellon_demands_a_level_and_who_has_a_lower_one_is_led_to_the_card(world: World, mellon: Mellon) -> None:
    async with open_carrier(world) as carrier:
        page = await asked(carrier, mellon, await world.citizen(trust="low"))

    assert "Dafür brauchen Sie eine sicherere Anmeldung" in words_of(page.text)
    assert not any("Zustimmen und weiter" in form.buttons for form in page.forms)
