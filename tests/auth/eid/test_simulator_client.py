"""The simulator as a client: it fetches our token, shows a card or not, and leads the browser back to us alone."""

from urllib.parse import parse_qs, urlsplit

import pytest

from sk.auth.eid.server import EidServer
from sk.auth.eid.simulator import Choice, Simulator
from sk.auth.eid.simulator_client import Fetch, show_card, with_result
from sk.auth.eid.tctoken import tctoken
from sk.errors import Invalid, NotFound
from tests.auth.eid.asking import BASE_URL, ERIKA

TOKEN_URL = f"{BASE_URL}/token?id=7"
REFRESH, ERROR = f"{BASE_URL}/zurueck?id=7", f"{BASE_URL}/fehler"


def serving(token: bytes) -> Fetch:
    """Return how a token is fetched that lies at its address."""

    async def fetch(url: str) -> bytes:
        assert url == TOKEN_URL
        return token

    return fetch


async def shown(
    simulator: Simulator, choice: Choice = "pin", *, refresh: str = REFRESH, error: str = ERROR, identifier: str = ""
) -> tuple[str, str]:
    """Show Erika's card with a token; return the name of the session and where the browser is led."""
    started = await simulator.client().use_id()
    token = tctoken(started.server_address, identifier or started.session_identifier, refresh, error, started.psk)
    return started.session_id, await show_card(simulator, TOKEN_URL, "erika", choice, None, serving(token))


async def test_the_browser_is_led_back_to_where_the_token_says(simulator: Simulator, server: EidServer) -> None:
    session_id, way_back = await shown(simulator)

    assert way_back == f"{REFRESH}&ResultMajor=ok"
    assert await server.get_result(session_id, 1) == ERIKA


@pytest.mark.parametrize(
    ("choice", "minor"), [("cancel", "cancellationByUser"), ("wrong-pin", "clientError"), ("expired", "serverError")]
)
async def test_the_browser_brings_the_reason_along(simulator: Simulator, choice: Choice, minor: str) -> None:
    _, way_back = await shown(simulator, choice)

    assert parse_qs(urlsplit(way_back).query) == {"id": ["7"], "ResultMajor": ["error"], "ResultMinor": [minor]}


async def test_a_token_of_a_session_that_nobody_knows_opens_no_channel(simulator: Simulator) -> None:
    _, way_back = await shown(simulator, identifier="7f" * 16)

    assert way_back.endswith("&ResultMajor=error&ResultMinor=trustedChannelEstablishmentFailed")


@pytest.mark.parametrize(
    "refresh",
    [
        "https://elsewhere.example/zurueck",
        "http://konto.example.org/zurueck",
        "https://konto.example.org:8443/zurueck",
        "https://konto.example.org.elsewhere.example/zurueck",
        "https://konto.example.org@elsewhere.example/zurueck",
        "//elsewhere.example/zurueck",
    ],
)
async def test_a_way_back_to_another_origin_is_not_taken(simulator: Simulator, refresh: str) -> None:
    _, way_back = await shown(simulator, refresh=refresh)
    assert way_back == f"{ERROR}?ResultMajor=error&ResultMinor=communicationError"

    with pytest.raises(Invalid):
        await shown(simulator, refresh=refresh, error=refresh)
    with pytest.raises(Invalid):
        await shown(simulator, refresh=refresh, error="")


@pytest.mark.parametrize(
    "url", ["", "/token", "https://elsewhere.example/token", "file:///etc/hostname", "http://127.0.0.1/"]
)
async def test_nothing_is_fetched_from_elsewhere(simulator: Simulator, url: str) -> None:
    async def fetch(_: str) -> bytes:
        raise AssertionError

    with pytest.raises(Invalid):
        await show_card(simulator, url, "erika", "pin", None, fetch)


@pytest.mark.parametrize("token", [b"", b"<html/>", b"<TCTokenType/>", b"<!DOCTYPE TCTokenType><TCTokenType/>"])
async def test_what_is_no_token_leads_nowhere(simulator: Simulator, token: bytes) -> None:
    with pytest.raises(NotFound):
        await show_card(simulator, TOKEN_URL, "erika", "pin", None, serving(token))


@pytest.mark.parametrize(
    ("address", "result"),
    [
        ("https://a.example/b", "https://a.example/b?ResultMajor=ok"),
        ("https://a.example/b?c=%C3%A4&d", "https://a.example/b?c=%C3%A4&d&ResultMajor=ok"),
        ("https://a.example/b?c#e", "https://a.example/b?c&ResultMajor=ok#e"),
    ],
)
def test_the_result_is_added_to_the_query_that_is_there(address: str, result: str) -> None:
    assert with_result(address, "") == result
