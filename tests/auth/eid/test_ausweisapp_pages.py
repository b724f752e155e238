"""The client that citizens have, at our own pages: it takes our token over TLS, and leads the browser back to us."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import NoReturn

import aiohttp
from aiohttp import web
from lxml import etree

from sk.auth.cards import ABOUT, CardUse
from sk.auth.eid.messages import Started
from sk.auth.eid.server import EidServer
from sk.auth.eid.simulator import Simulator
from sk.auth.errands import find_errand
from sk.demo.browser import Browser, Page
from sk.web.app import make_app
from sk.web.keys import EID, SIMULATOR
from tests.auth.eid.ausweisapp import AusweisApp
from tests.auth.eid.tls import Pair, served
from tests.world import World

HOST, OTHER_NAME = "127.0.0.1", "localhost"
PAOS, TOKEN, BACK = "/paos", "/ausweis/token/{reference}", "/ausweis/zurueck/{way_back}"
ALL_DONE = """\
<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>
  <StartPAOSResponse xmlns="urn:iso:std:iso-iec:24727:tech:schema">
    <Result xmlns="urn:oasis:names:tc:dss:1.0:core:schema">
      <ResultMajor>http://www.bsi.bund.de/ecard/api/1.1/resultmajor#ok</ResultMajor>
    </Result>
  </StartPAOSResponse>
</Body></Envelope>"""
"""What the eID-Server says to a client when nothing is left to do. That it begins with this is fine with the client."""


@dataclass(frozen=True)
class Attached(EidServer):
    """An eID-Server without a PSK: the client then asks it only on the connection on which it was given the token."""

    begun: list[Started] = field(default_factory=list)

    async def use_id(self) -> Started:
        """See `EidServer.use_id`."""
        started = (await super().use_id())._replace(psk=None, server_address=self.server_address)
        self.begun.append(started)
        return started


@dataclass
class Platform:
    """Our application at `origin`, which calls itself `base_url`, and the eID-Server as its clients meet it.

    `say` is what that answers to a client that begins with an identifier. `visits` are those of the client to us.
    """

    origin: str
    base_url: str
    server: Attached
    simulator: Simulator
    identifiers: list[str] = field(default_factory=list)
    visits: list[tuple[web.Request, int]] = field(default_factory=list)
    say: Callable[[str], Awaitable[str]] | None = None

    async def paos(self, request: web.Request) -> web.Response:
        """Answer a client that begins to speak PAOS; with nothing useful, unless there is something to say."""
        identifier = etree.fromstring(await request.read()).findtext(".//{*}StartPAOS/{*}SessionIdentifier") or ""
        self.identifiers.append(identifier)
        return web.Response(text=await self.say(identifier) if self.say else "Guten Tag")

    async def read_card(self, identifier: str) -> str:
        """Read a card at once, and say that all is done."""
        assert self.simulator.decide(identifier, "erika", "pin") == ""
        return ALL_DONE

    async def note(self, request: web.Request, response: web.StreamResponse) -> None:
        """Keep the visits of the client."""
        if "AusweisApp2" in request.headers.get("User-Agent", ""):
            self.visits.append((request, response.status))

    def asked_for(self) -> list[str]:
        """Return what the client has asked for, in this order, and how that was answered."""
        resources = [(request.match_info.route.resource, status) for request, status in self.visits]
        return [f"{resource.canonical} {status}" for resource, status in resources if resource]


@asynccontextmanager
async def platform(world: World, pair: Pair, name: str = HOST) -> AsyncIterator[Platform]:
    """Serve the application over TLS; `name` is what it calls its host."""
    with socket.create_server((HOST, 0)) as held:
        port = held.getsockname()[1]
        origin, base_url = f"https://{HOST}:{port}", f"https://{name}:{port}"
        app = make_app(replace(world.web, base_url=base_url))
        simulator = app[SIMULATOR]
        del app[SIMULATOR]  # so that the pages lead to the client, as they do with every other eID-Server
        app[EID] = server = Attached(**{**vars(app[EID]), "server_address": origin + PAOS})
        opened = Platform(origin, base_url, server, simulator)
        app.router.add_post(PAOS, opened.paos)
        app.on_response_prepare.append(opened.note)
        async with served(app, pair.served(), held):
            yield opened


@asynccontextmanager
async def browsing(ours: Platform, pair: Pair) -> AsyncIterator[Browser]:
    """Open somebody's browser, at the name by which the platform calls itself."""
    jar, trusting = aiohttp.CookieJar(unsafe=True), aiohttp.TCPConnector(ssl=pair.trusted())
    async with aiohttp.ClientSession(cookie_jar=jar, connector=trusting) as http:
        yield Browser(http, ours.base_url)


async def link_of(browser: Browser) -> str:
    """Begin to log in with the card; return the link that starts the client."""
    way = await browser.send((await browser.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
    assert way.url == "/ausweis"
    return way.links["AusweisApp starten"]


async def way_back(world: World, link: str, said: str = "") -> str:
    """Return the path to which the client leads the browser that a link has sent to it."""
    errand = await find_errand(ABOUT, CardUse, link.rpartition("%2F")[2], world.web)
    return BACK.format(way_back=errand.content.way_back) + said


def headline(page: Page) -> str:
    """Return what a page says first."""
    return page.text.partition("<h1")[2].partition(">")[2].partition("<")[0]


async def test_when_it_comes_to_nothing_the_browser_is_led_back_to_a_page_that_says_so_and_begins_again(
    world: World, client: AusweisApp, pair: Pair
) -> None:
    async with platform(world, pair) as ours, browsing(ours, pair) as browser:
        link = await link_of(browser)
        led = await client.browse(link)
        back = await way_back(world, link, "?ResultMajor=error&ResultMinor=clientError")

        assert led == (303, ours.base_url + back)
        assert ours.asked_for() == [f"{TOKEN} 200", f"{PAOS} 200"]
        assert ours.identifiers == [begun.session_identifier for begun in ours.server.begun]
        told = await browser.open(back)
        assert headline(told) == "Der Ausweis konnte nicht gelesen werden"

        ours.say = ours.read_card
        way = await browser.send(told.form("Noch einmal versuchen"))
        link = way.links["AusweisApp starten"]
        led = await client.browse(link)
        back = await way_back(world, link, "?ResultMajor=ok")

        assert led == (303, ours.base_url + back)
        assert (await browser.open(back)).url == "/ausweis/neu"


async def test_whoever_breaks_off_in_the_client_is_told_just_that(world: World, client: AusweisApp, pair: Pair) -> None:
    async def break_off(_: str) -> NoReturn:
        await client.socket.send_json({"cmd": "CANCEL"})
        await asyncio.Event().wait()
        raise AssertionError

    async with platform(world, pair) as ours, browsing(ours, pair) as browser:
        ours.say = break_off
        link = await link_of(browser)
        led = await client.browse(link)
        back = await way_back(world, link, "?ResultMajor=error&ResultMinor=cancellationByUser")

        assert led == (303, ours.base_url + back)
        assert headline(await browser.open(back)) == "Sie haben abgebrochen"


async def test_its_own_visit_to_the_way_back_takes_nothing_from_the_browser(
    world: World, client: AusweisApp, pair: Pair
) -> None:
    async with platform(world, pair, OTHER_NAME) as ours, browsing(ours, pair) as browser:
        ours.say = ours.read_card
        link = await link_of(browser)
        await client.browse(link.replace(OTHER_NAME, HOST))

        visit, status = ours.visits[-1]
        assert (visit.url.path, status) == (await way_back(world, link), 403)
        assert not visit.cookies
        assert (await browser.open(visit.path_qs)).url == "/ausweis/neu"


async def test_a_client_that_is_started_twice_gets_no_second_token_and_says_404(
    world: World, client: AusweisApp, pair: Pair
) -> None:
    async with platform(world, pair) as ours, browsing(ours, pair) as browser:
        link = await link_of(browser)
        first, _ = await client.browse(link)

        assert (first, await client.browse(link)) == (303, (404, ""))
        assert ours.asked_for() == [f"{TOKEN} 200", f"{PAOS} 200", f"{TOKEN} 409"]
        assert len(ours.server.begun) == 1


async def test_when_the_token_came_from_another_origin_than_our_own_name_no_card_counts(
    world: World, client: AusweisApp, pair: Pair
) -> None:
    async with platform(world, pair, OTHER_NAME) as ours, browsing(ours, pair) as browser:
        ours.say = ours.read_card
        link = await link_of(browser)
        led = await client.browse(link.replace(OTHER_NAME, HOST))
        back = await way_back(world, link, "?ResultMajor=error&ResultMinor=communicationError")

        assert led == (303, ours.base_url + back)
        assert ours.asked_for() == [f"{TOKEN} 200", f"{PAOS} 200", f"{BACK} 403"]
        told = await browser.open(back)
        assert headline(told) == "Der Ausweis konnte nicht gelesen werden"
        assert "Noch einmal versuchen" in {form.label for form in told.forms}
