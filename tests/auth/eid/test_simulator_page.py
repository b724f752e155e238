"""The page of the simulator: only a trial has it, it says what it is, and it answers a browser as a client would."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from sk.auth.eid.messages import Started
from sk.auth.eid.server import CardRefused
from sk.auth.eid.simulator import Choice
from sk.auth.eid.simulator_page import CHOICE_WORDS
from sk.auth.eid.tctoken import MEDIA_TYPE, tctoken
from sk.services import Services
from sk.web.app import all_routes, make_app
from sk.web.keys import EID, SIMULATOR
from tests.auth.eid.asking import ERIKA
from tests.auth.eid.tls import Pair, new_pair
from tests.fakes import FakeClock
from tests.security.serving import REAL
from tests.web.pages import words_of
from tests.world import World, open_world

ELSEWHERE = "https://konto.example.org"
"""A name that leads here for people, through a proxy, and from here to nobody."""


@dataclass
class Trial:
    """A trial that also hands out a token. It is called `base_url`, and listens at `here`."""

    app: web.Application
    http: aiohttp.ClientSession
    here: str
    base_url: str
    started: list[Started] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)

    async def token(self, request: web.Request) -> web.Response:
        """Begin a use of the card and hand out its token."""
        self.requests.append(request)
        self.started.append(started := await self.app[EID].use_id())
        refresh = f"{self.base_url}/test/back"
        token = tctoken(started.server_address, started.session_identifier, refresh, "", started.psk)
        return web.Response(body=token, content_type=MEDIA_TYPE)

    async def open(self, path: str) -> tuple[int, str]:
        """Open a page."""
        async with self.http.get(self.here + path, ssl=False) as answer:
            return answer.status, await answer.text()

    async def choose(self, **chosen: str) -> tuple[int, str, str]:
        """Send the form of the page off; return status, where it leads, and the page if it leads nowhere."""
        form = {"tcTokenURL": f"{self.base_url}/test/token", "persona": "erika", "choice": "pin", "minor": "", **chosen}
        url = f"{self.here}/dev/ausweis"
        async with self.http.post(url, data=form, allow_redirects=False, ssl=False) as answer:
            return answer.status, answer.headers.get("Location", ""), words_of(await answer.text())


@asynccontextmanager
async def running(services: Services, pair: Pair | None = None, base_url: str = "") -> AsyncIterator[Trial]:
    """Serve a trial on a free port, over TLS if there is a certificate, under whatever name it is known."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"{'https' if pair else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
        app = make_app(replace(services, base_url=base_url or here))
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            trial = Trial(app, http, here, base_url or here)
            app.router.add_get("/test/token", trial.token)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            try:
                await web.SockSite(runner, listening, ssl_context=pair.served() if pair else None).start()
                yield trial
            finally:
                await runner.cleanup()


@pytest.fixture
async def trial(world: World) -> AsyncIterator[Trial]:
    """Return a trial."""
    async with running(world.web) as opened:
        yield opened


async def test_the_page_says_first_that_it_is_a_simulator_and_reads_no_card(trial: Trial) -> None:
    for query in ("", "?tcTokenURL=https%3A%2F%2Fkonto.example.org%2Ftoken"):
        status, page = await trial.open(f"/dev/ausweis{query}")
        main = words_of(page.partition("<main")[2].partition(">")[2])

        assert status == 200
        assert main.startswith("Dies ist ein Simulator. Hier wird kein Ausweis gelesen.")
        assert "<title>eID-Simulator" in page


async def test_the_page_offers_everybodys_card_and_everything_that_can_happen(trial: Trial) -> None:
    _, page = await trial.open("/dev/ausweis?tcTokenURL=https%3A%2F%2Fkonto.example.org%2Ftoken")

    words = words_of(page)
    assert all(persona.about.de in words for persona in trial.app[SIMULATOR].personas().values())
    assert all(CHOICE_WORDS[choice] in words for choice in get_args(Choice))
    assert "getResult#noResultYet" in words
    assert 'value="https://konto.example.org/token"' in page


async def test_the_address_of_a_token_is_shown_as_text_and_nothing_else(trial: Trial) -> None:
    _, page = await trial.open("/dev/ausweis?tcTokenURL=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script" not in page


async def test_a_card_that_was_read_leads_the_browser_back(trial: Trial) -> None:
    status, location, _ = await trial.choose()

    assert (status, location) == (303, f"{trial.base_url}/test/back?ResultMajor=ok")
    assert await trial.app[EID].get_result(trial.started[0].session_id, 1) == ERIKA


async def test_the_token_is_fetched_without_the_cookies_of_the_browser(trial: Trial) -> None:
    trial.http.cookie_jar.update_cookies({"session": "secret"}, URL(trial.here))
    await trial.open("/test/token")
    await trial.choose()

    with_cookies, without = trial.requests
    assert with_cookies.cookies == {"session": "secret"}
    assert not without.cookies
    assert without.headers["Host"] == trial.base_url.partition("://")[2]


async def test_a_reason_can_be_chosen_for_what_the_server_answers(trial: Trial) -> None:
    status, location, _ = await trial.choose(minor="getResult#deniedDocument")

    assert (status, location) == (303, f"{trial.base_url}/test/back?ResultMajor=ok")
    with pytest.raises(CardRefused, match="deniedDocument"):
        await trial.app[EID].get_result(trial.started[0].session_id, 1)


async def test_a_server_that_begins_nothing_leaves_no_token_and_no_way_back(trial: Trial) -> None:
    assert "useID#tooManyOpenSessions" in words_of((await trial.open("/dev/ausweis?tcTokenURL=x"))[1])

    assert (await trial.choose(minor="useID#tooManyOpenSessions"))[0] == 404
    assert trial.started == []
    assert (await trial.choose(minor="useID#invalidPSK", tcTokenURL=f"{trial.base_url}/missing"))[0] == 404

    assert (await trial.choose())[:2] == (303, f"{trial.base_url}/test/back?ResultMajor=ok")


async def test_a_tester_may_go_on_in_another_browser(trial: Trial) -> None:
    status, location, page = await trial.choose(choice="other-browser")

    assert (status, location) == (200, "")
    assert f"{trial.base_url}/test/back?ResultMajor=ok" in page
    assert page.partition("Simulator")[0] != page
    assert await trial.app[EID].get_result(trial.started[0].session_id, 1) == ERIKA


@pytest.mark.parametrize(
    ("chosen", "status"),
    [
        ({"persona": "nobody"}, 422),
        ({"choice": "nothing"}, 422),
        ({"minor": "nothing"}, 422),
        ({"tcTokenURL": "https://elsewhere.example/token"}, 422),
        ({"tcTokenURL": ""}, 422),
    ],
)
async def test_what_is_not_offered_is_refused(trial: Trial, chosen: dict[str, str], status: int) -> None:
    assert (await trial.choose(**chosen))[0] == status
    assert trial.requests == []


async def test_an_address_without_a_token_leads_nowhere(trial: Trial) -> None:
    for path in ("/missing", "/dev/ausweis", "/api/v1/openapi.json", "/postfach"):
        assert (await trial.choose(tcTokenURL=trial.base_url + path))[0] == 404


async def test_the_token_is_found_though_the_name_of_the_installation_leads_elsewhere(
    world: World, tmp_path: Path
) -> None:
    for pair in (None, new_pair(tmp_path, "server")):
        async with running(world.web, pair, ELSEWHERE) as trial:
            status, location, _ = await trial.choose()

            assert (status, location) == (303, f"{ELSEWHERE}/test/back?ResultMajor=ok")
            assert trial.requests[0].headers["Host"] == "konto.example.org"


async def test_another_trial_knows_nothing_of_it(world: World) -> None:
    async with running(world.web) as one, running(world.web) as other:
        started = await one.app[EID].use_id()

        assert other.app[SIMULATOR].decide(started.session_identifier, "erika", "pin") != ""
        assert one.app[SIMULATOR].decide(started.session_identifier, "erika", "pin") == ""


async def test_outside_a_trial_there_is_no_simulator(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "real", clock, mail=REAL) as real, running(real.web) as installation:
        assert (await installation.open("/dev/ausweis"))[0] == 404
        assert (await installation.choose())[0] == 404
        assert SIMULATOR not in installation.app
        assert EID not in installation.app
    assert "/dev/ausweis" in {route.path for route in all_routes(trial=True)}
    assert "/dev/ausweis" not in {route.path for route in all_routes(trial=False)}


async def test_a_trial_that_asks_a_real_eid_server_has_no_simulator_either(world: World, tmp_path: Path) -> None:
    pair = new_pair(tmp_path, "eid")
    chosen = {"eid": "https://eid.example.org/", "eid_key": pair.setting, "eid_server_cert": str(pair.certificate)}
    settings = world.web.settings.model_copy(update=chosen)
    async with running(replace(world.web, settings=settings)) as trial:
        assert (await trial.open("/dev/ausweis"))[0] == 404
        assert SIMULATOR not in trial.app
        assert trial.app[EID].clock is world.web.clock
