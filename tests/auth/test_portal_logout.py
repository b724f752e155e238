"""Where a log-in to a portal ends, and who is told."""

from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.auth.portal_log_in import PortalLogIn
from tests.auth.clients import claims_of
from tests.auth.portals import BYE, a_portal, came_back
from tests.security.tab import Tab, open_tab
from tests.web.pages import words_of
from tests.world import World

UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Listening:
    """A portal's address that hears of logouts, and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.statuses: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        """Remember a logout token."""
        self.heard += parse_qs(await request.text())["logout_token"]
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def serve(self) -> TestServer:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/abgemeldet", self.take)
        server = TestServer(app)
        await server.start_server()
        return server


async def log_out(tab: Tab) -> None:
    """Log out, as the button at the top does."""
    assert (await tab.post("/abmelden")).status == 303


async def test_logging_out_here_logs_out_of_every_portal(world: World) -> None:
    listening = Listening()
    server = await listening.serve()
    uri = str(server.make_url("/abgemeldet"))
    portal, other = await a_portal(world, backchannel_logout_uri=uri), await a_portal(world)
    tab = await open_tab(world, await world.citizen())
    tokens, others = await portal.tokens(tab), await other.tokens(tab)

    await log_out(tab)
    await world.settle()
    await server.close()

    [token] = listening.heard
    key = world.web.keys.token_es256[0]
    told = jwt.decode(token, key.key.public_key(), algorithms=["ES256"], options=UNTIMED)
    assert told["aud"] == portal.id
    before = claims_of(tokens["id_token"])
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    assert (told["sub"], told["sid"], told["events"]) == (before["sub"], before["sid"], {EVENT: {}})
    assert "nonce" not in told
    assert (await portal.person(tokens["access_token"])).status == 401
    assert (await other.person(others["access_token"])).status == 401
    assert await world.web.store.scan(PortalLogIn) == []


async def test_a_portal_that_does_not_answer_is_told_again_and_its_tokens_are_worth_nothing_meanwhile(
    world: World,
) -> None:
    listening = Listening()
    listening.statuses = [500, 302]
    server = await listening.serve()
    portal = await a_portal(world, backchannel_logout_uri=str(server.make_url("/abgemeldet")))
    tab = await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab)

    await log_out(tab)
    await world.settle()
    during = await portal.person(tokens["access_token"])
    for _ in range(3):
        world.clock.advance(minutes=2)
        await world.settle()
    await server.close()

    assert during.status == 401
    assert len(listening.heard) == 3
    assert await world.web.store.scan(PortalLogIn) == []


async def test_a_log_in_that_is_over_in_time_is_told_as_well(world: World) -> None:
    listening = Listening()
    server = await listening.serve()
    portal = await a_portal(world, backchannel_logout_uri=str(server.make_url("/abgemeldet")))
    await portal.tokens(await open_tab(world, await world.citizen()))

    await world.settle()
    early = len(listening.heard)
    world.clock.advance(hours=world.web.settings.session_max_hours)
    await world.settle()
    await server.close()

    assert (early, len(listening.heard)) == (0, 1)


async def test_a_withdrawn_consent_ends_it_at_once_and_its_portal_is_told(world: World) -> None:
    listening = Listening()
    server = await listening.serve()
    portal = await a_portal(world, backchannel_logout_uri=str(server.make_url("/abgemeldet")))
    tab = await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab, scope="openid email postbox")

    listed = words_of((await tab.get("/konto/dienste")).text)
    withdrawn = await tab.post(f"/konto/dienste/{portal.id}/widerrufen")
    told, further = await portal.person(tokens["access_token"]), await portal.refresh(tokens["refresh_token"])
    after = words_of((await tab.get("/konto/dienste?gesagt=widerrufen")).text)
    await world.settle()
    await server.close()
    asked = await tab.get(await portal.send_off(tab, scope="openid email"))
    journal = words_of((await tab.get("/konto/protokoll")).text)

    assert "Serviceportal Musterstadt" in listed
    assert "Bekommt: E-Mail-Adresse, Adresse Ihres Postfachs" in listed
    assert withdrawn.status == 303
    assert (told.status, further.status) == (401, 400)
    assert "Ihr Widerruf gilt ab jetzt." in after
    assert "Sie haben sich noch bei keinem Online-Dienst" in after
    assert len(listening.heard) == 1
    assert "Zustimmen und weiter" in asked.text
    assert "Sie haben zugestimmt, dass ein Online-Dienst Angaben bekommt. Dienst: Serviceportal Musterstadt." in journal
    assert "Anmeldung bei einem Online-Dienst: Serviceportal Musterstadt." in journal
    assert "Sie haben eine Zustimmung widerrufen. Online-Dienst: Serviceportal Musterstadt." in journal


async def test_somebody_elses_consent_cannot_be_withdrawn(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab)
    other = await open_tab(world, await world.citizen("otto"))

    assert (await other.post(f"/konto/dienste/{portal.id}/widerrufen")).status == 404
    assert (await portal.person(tokens["access_token"])).status == 200


async def test_a_portal_asks_whether_somebody_wants_to_log_out_here_as_well(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE, "state": "s-9"}

    page = await tab.ask("GET", "/oauth/logout", params=asked)
    unasked = (await tab.get("/postfach")).status
    left = await tab.ask("POST", "/portal-abmelden", data={**asked, "csrf": tab.csrf, "antwort": "alles"})
    gone = await tab.get("/postfach")

    assert "Sie haben sich bei einem Online-Dienst abgemeldet: Serviceportal Musterstadt." in words_of(page.text)
    assert unasked == 200
    assert f"0;url={BYE}?state=s-9" in left.text
    assert came_back(left.text) == {"state": "s-9"}
    assert gone.status == 303


async def test_whoever_stays_logged_in_here_is_logged_out_of_that_portal_alone(world: World) -> None:
    portal, other = await a_portal(world), await a_portal(world)
    tab = await open_tab(world, await world.citizen())
    tokens, others = await portal.tokens(tab), await other.tokens(tab)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE}

    left = await tab.ask("POST", "/portal-abmelden", data={**asked, "csrf": tab.csrf, "antwort": "nein"})

    assert f"0;url={BYE}" in left.text
    assert (await tab.get("/postfach")).status == 200
    assert (await portal.person(tokens["access_token"])).status == 401
    assert (await other.person(others["access_token"])).status == 200


@pytest.mark.parametrize(
    "said",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": BYE, "client_id": "somebody"},
        {"post_logout_redirect_uri": BYE, "id_token_hint": "e30.e30.e30"},
        {"post_logout_redirect_uri": BYE},
    ],
)
async def test_nobody_is_led_to_an_address_that_is_not_the_portals(said: dict[str, str], world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    asked = {"client_id": portal.id, **said} if len(said) == 1 and "evil" in str(said) else said

    left = await tab.ask("POST", "/portal-abmelden", data={**asked, "csrf": tab.csrf, "antwort": "alles"})

    assert (left.status, left.headers["Location"]) == (303, "/")


async def test_logout_token_passes_for_no_other_token(world: World) -> None:
    listening = Listening()
    server = await listening.serve()
    portal = await a_portal(world, backchannel_logout_uri=str(server.make_url("/abgemeldet")))
    tab = await open_tab(world, await world.citizen())
    await portal.tokens(tab)
    await log_out(tab)
    await world.settle()
    await server.close()
    [token] = listening.heard
    again = await open_tab(world, await world.citizen("otto"))

    hinted = await again.ask("GET", "/oauth/logout", params={"id_token_hint": token, "post_logout_redirect_uri": BYE})

    assert "Serviceportal Musterstadt" not in hinted.text
    assert (await portal.person(token)).status == 401
