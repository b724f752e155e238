"""The client that citizens have takes our token over TLS, opens PAOS, and leads the browser back, or says why not."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from lxml import etree

from sk.auth.eid.tctoken import MEDIA_TYPE, client_links, tctoken
from tests.auth.eid.ausweisapp import AusweisApp, Told
from tests.auth.eid.tls import Pair, served

IDENTIFIER = "0987654321abcdef0987654321abcdef"


@dataclass
class Service:
    """A server with a token, and an eID-Server that says nothing useful; it notes what the client has sent.

    `away` is the same server under another name: another origin.
    """

    origin: str
    requests: list[tuple[web.Request, bytes]] = field(default_factory=list)

    @property
    def away(self) -> str:
        """Return the other origin."""
        return self.origin.replace("127.0.0.1", "localhost")

    def token(self, refresh: str = "", psk: bytes | None = None) -> bytes:
        """Return a token, with another way back if one is given."""
        back = refresh or f"{self.origin}/zurueck?id=7&x=%C3%A4"
        return tctoken(f"{self.origin}/paos", IDENTIFIER, back, f"{self.origin}/fehler?id=7", psk)

    def asked_for(self) -> list[str]:
        """Return what the client has asked for, in this order."""
        return [f"{request.method} {request.scheme}://{request.host}{request.path}" for request, _ in self.requests]


@asynccontextmanager
async def serving(pair: Pair, give: Callable[[Service], bytes | None]) -> AsyncIterator[Service]:
    """Serve a token over TLS, with a certificate that nobody vouches for."""
    service = Service("")

    async def handle(request: web.Request) -> web.StreamResponse:
        service.requests.append((request, await request.read()))
        if request.path == "/token":
            token = give(service)
            return web.Response(status=404) if token is None else web.Response(body=token, content_type=MEDIA_TYPE)
        return web.Response(text="Guten Tag")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with served(app, pair.served()) as origin:
        service.origin = origin
        yield service


async def browsed(client: AusweisApp, service: Service) -> tuple[int, str]:
    """Follow our link in a browser."""
    return await client.browse(client_links(f"{service.origin}/token?id=7").desktop)


async def test_it_fetches_our_token_without_cookies_and_opens_paos(client: AusweisApp, pair: Pair) -> None:
    async with serving(pair, Service.token) as service:
        await client.run(f"{service.origin}/token?id=7")

        (fetched, _), (started, message), *_ = service.requests
        assert service.asked_for()[:2] == [f"GET {service.origin}/token", f"POST {service.origin}/paos"]
        assert fetched.query_string == "id=7"
        assert not fetched.cookies
        assert "AusweisApp2/1.26" in fetched.headers["User-Agent"]
        assert started.headers["PAOS"] == 'ver="urn:liberty:paos:2006-08"'
        assert started.content_type == "application/vnd.paos+xml"
        paos = etree.fromstring(message).find(".//{*}StartPAOS")
        assert paos is not None
        assert paos.findtext("{*}SessionIdentifier") == IDENTIFIER


async def test_it_leads_the_browser_back_with_the_reason_when_the_eid_server_says_nothing_useful(
    client: AusweisApp, pair: Pair
) -> None:
    async with serving(pair, Service.token) as service:
        back = f"{service.origin}/zurueck?id=7&x=%C3%A4"

        assert await client.run(f"{service.origin}/token?id=7") == Told("internalError", back.replace("%C3%A4", "ä"))
        assert await browsed(client, service) == (303, f"{back}&ResultMajor=error&ResultMinor=clientError")


async def test_it_does_not_lead_the_browser_to_another_origin(client: AusweisApp, pair: Pair) -> None:
    async with serving(pair, lambda service: service.token(f"{service.away}/zurueck")) as service:
        told = await client.run(f"{service.origin}/token?id=7")
        assert told.url == f"{service.origin}/fehler?id=7"
        assert f"GET {service.away}/zurueck" in service.asked_for()

        status, location = await browsed(client, service)
        assert (status, location) == (
            303, f"{service.origin}/fehler?id=7&ResultMajor=error&ResultMinor=communicationError",
        )  # fmt: skip


async def test_it_does_not_lead_the_browser_anywhere_without_a_token(client: AusweisApp, pair: Pair) -> None:
    no_tokens: list[Callable[[Service], bytes | None]] = [
        lambda _: None,
        lambda _: b"",
        lambda _: b"<html>Guten Tag</html>",
    ]
    for give in no_tokens:
        async with serving(pair, give) as service:
            assert await client.run(f"{service.origin}/token") == Told("trustedChannelEstablishmentFailed", "")
            assert await browsed(client, service) == (404, "")
            assert service.asked_for() == [f"GET {service.origin}/token"] * 2


async def test_it_says_that_it_has_no_channel_when_the_eid_server_does_not_know_the_psk(
    client: AusweisApp, pair: Pair
) -> None:
    async with serving(pair, lambda service: service.token(psk=bytes(32))) as service:
        status, location = await browsed(client, service)

        assert status == 303
        assert location.endswith("&ResultMajor=error&ResultMinor=trustedChannelEstablishmentFailed")
        assert service.asked_for() == [f"GET {service.origin}/token"]
