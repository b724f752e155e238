"""A portal behind Debian's Apache: mod_auth_openidc logs in here, asks who it is, and hears when it is over."""

import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from sk.auth.portal_log_in import PortalLogIn
from tests.portals.apache import Apache, led_to, open_apache, open_traveller
from tests.world import World


@pytest.fixture
async def apache(world: World) -> AsyncIterator[Apache]:
    """Return an Apache that is registered as a portal."""
    async with open_apache(world) as opened:
        yield opened


async def test_apache_lets_in_whoever_has_logged_in_here_and_is_told_who_it_is(world: World, apache: Apache) -> None:
    erika = await world.citizen()
    async with open_traveller(world) as traveller:
        address = await traveller.sent_to(apache.page)
        shown = await traveller.come_in(apache.page, erika)
        again = await traveller.visit(apache.page)

    asked = parse_qs(urlsplit(address).query)
    told = json.loads(shown.text)
    assert address.startswith(f"{world.base_url}/oauth/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert (shown.url, shown.status, again.status) == (apache.page, 200, 200)
    assert told["x-remote-user"] == told["oidc_claim_sub"]
    assert told["oidc_claim_email"] == "erika@example.org"
    assert told["oidc_claim_acr"] == "http://eidas.europa.eu/LoA/high"


async def test_logging_out_here_ends_the_session_at_apache_and_nobody_elses(world: World, apache: Apache) -> None:
    erika, otto = await world.citizen(), await world.citizen("otto")
    async with open_traveller(world) as traveller, open_traveller(world) as other:
        await traveller.come_in(apache.page, erika)
        await other.come_in(apache.page, otto)

        start = await traveller.open("/postfach")
        await traveller.send(start.form("Abmelden"))
        before = await traveller.visit(apache.page)
        await world.settle()
        after, others = await traveller.sent_to(apache.page), await other.visit(apache.page)
        asked = await traveller.visit(apache.page)

    assert before.url == apache.page
    assert after.startswith(f"{world.base_url}/oauth/authorize?")
    assert asked.url.startswith(f"{world.base_url}/anmelden?")
    assert (others.url, others.status) == (apache.page, 200)
    assert await world.web.store.scan(PortalLogIn) == [json.loads(others.text)["oidc_claim_sid"]]


async def test_whoever_logs_out_at_apache_is_asked_here_and_led_back(world: World, apache: Apache) -> None:
    async with open_traveller(world) as traveller:
        await traveller.come_in(apache.page, await world.citizen())

        asked = await traveller.visit(apache.logout)
        left = await traveller.send(asked.form("Überall abmelden"))
        gone = await traveller.open("/postfach")
        after = await traveller.sent_to(apache.page)

    assert asked.url.startswith(f"{world.base_url}/oauth/logout?")
    assert "Serviceportal Musterstadt" in asked.text
    assert led_to(left) == apache.bye
    assert gone.url == "/anmelden"
    assert after.startswith(f"{world.base_url}/oauth/authorize?")


async def test_apache_gets_further_tokens_for_its_refresh_token(world: World, apache: Apache) -> None:
    async with open_traveller(world) as traveller:
        first = json.loads((await traveller.come_in(apache.page, await world.citizen())).text)
        page = await traveller.visit(apache.refresh(first["oidc_access_token"]))

    told = json.loads(page.text)
    assert page.url == apache.page
    assert told["oidc_access_token"] != first["oidc_access_token"]
    assert told["oidc_claim_sub"] == first["oidc_claim_sub"]
