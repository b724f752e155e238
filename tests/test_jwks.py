"""Keys under an address of a portal's own: fetched when they are needed, kept, and never fetched from inside."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.ask import outside, outside_or_here
from sk.auth.authority import public_jwk
from sk.errors import Unavailable
from sk.jwks import AGAIN, KEPT, MAX_BYTES, Jwks
from tests.auth.clients import Key, jwk_of
from tests.auth.portals import Software, a_portal, new_p256
from tests.fakes import FakeClock
from tests.refusals import Answer
from tests.security.serving import REAL
from tests.security.tab import open_tab
from tests.world import World, open_world

OLD, NEW = {"kty": "EC", "kid": "old"}, {"kty": "EC", "kid": "new"}
MOMENT = timedelta(seconds=1)


@dataclass
class Publishing:
    """An address at which keys are published, which counts how often it is asked, and can be made to answer wrongly."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [OLD])
    asked: int = 0
    body: str = ""
    status: int = 200
    location: str = ""
    url: str = ""
    headers: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Return the keys, or what else is to be told."""
        self.asked += 1
        self.headers.append(request.headers["Accept"])
        await asyncio.sleep(0.01)  # so that others may ask in the meantime
        headers = {"Location": self.location} if self.location else {}
        return web.Response(text=self.body or json.dumps({"keys": self.keys}), status=self.status, headers=headers)


@pytest.fixture
async def published() -> AsyncIterator[Publishing]:
    """Return an address at which one key is published."""
    publishing = Publishing()
    app = web.Application()
    app.router.add_get("/keys", publishing.answer)
    async with TestServer(app) as server:
        publishing.url = str(server.make_url("/keys"))
        yield publishing


@pytest.fixture
def jwks(clock: FakeClock) -> Jwks:
    """Return what a process of a trial knows, which may ask this machine."""
    return Jwks(clock, outside_or_here)


def wait(clock: FakeClock, time: timedelta) -> None:
    """Let time pass."""
    clock.advance(seconds=time.total_seconds())


async def test_of_many_who_ask_at_once_one_fetches(jwks: Jwks, published: Publishing) -> None:
    told = await asyncio.gather(*(jwks.keys(published.url, "old") for _ in range(50)))

    assert told == [[OLD]] * 50
    assert published.asked == 1
    assert published.headers == ["application/jwk-set+json, application/json"]


async def test_many_who_ask_in_vain_at_once_fetch_once_when_the_minute_is_over(
    jwks: Jwks, published: Publishing, clock: FakeClock
) -> None:
    await jwks.keys(published.url, "old")
    wait(clock, AGAIN)

    told = await asyncio.gather(*(jwks.keys(published.url, f"made up {number}") for number in range(50)))

    assert told == [[OLD]] * 50
    assert published.asked == 2


async def test_keys_are_kept_for_an_hour(jwks: Jwks, published: Publishing, clock: FakeClock) -> None:
    await jwks.keys(published.url, "old")
    published.keys = [NEW, OLD]

    wait(clock, KEPT - MOMENT)
    before, asked = await jwks.keys(published.url, "old"), published.asked
    wait(clock, MOMENT)
    after = await jwks.keys(published.url, "old")

    assert (KEPT, before, asked) == (timedelta(hours=1), [OLD], 1)
    assert (after, published.asked) == ([NEW, OLD], 2)


async def test_a_key_that_is_not_there_is_looked_for_at_once_but_once_a_minute(
    jwks: Jwks, published: Publishing, clock: FakeClock
) -> None:
    await jwks.keys(published.url, "old")
    published.keys = [NEW, OLD]

    wait(clock, AGAIN - MOMENT)
    early, asked = await jwks.keys(published.url, "new"), published.asked
    wait(clock, MOMENT)
    then = await jwks.keys(published.url, "new")
    for number in range(20):
        await jwks.keys(published.url, f"made up {number}")
        await jwks.keys(published.url, None)

    assert (AGAIN, early, asked) == (timedelta(minutes=1), [OLD], 1)
    assert (then, published.asked) == ([NEW, OLD], 2)


async def test_addresses_are_kept_apart(jwks: Jwks, published: Publishing) -> None:
    first = await jwks.keys(published.url, "old")
    published.keys = [NEW]
    second = await jwks.keys(f"{published.url}?portal=2", "new")

    assert (first, second, published.asked) == ([OLD], [NEW], 2)
    assert await jwks.keys(published.url, "old") == [OLD]


async def test_old_keys_go_on_while_the_address_is_silent(jwks: Jwks, published: Publishing, clock: FakeClock) -> None:
    await jwks.keys(published.url, "old")
    published.status = 503

    told = []
    for _ in range(3):
        wait(clock, KEPT)
        told += [await jwks.keys(published.url, "old"), await jwks.keys(published.url, "new")]
    asked = published.asked
    published.status, published.keys = 200, [NEW]
    wait(clock, KEPT)

    assert told == [[OLD]] * 6
    assert asked == 4
    assert await jwks.keys(published.url, "new") == [NEW]


async def test_an_address_that_was_always_silent_has_no_keys(jwks: Jwks) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(Unavailable, match="the address of the keys does not answer"):
        await jwks.keys(f"http://127.0.0.1:{port}/keys", "old")


async def test_an_address_that_is_silent_is_asked_once_a_minute(
    jwks: Jwks, published: Publishing, clock: FakeClock
) -> None:
    published.status = 500
    for _ in range(2):
        for kid in ("old", "new", "other"):
            with pytest.raises(Unavailable, match="the address of the keys"):
                await jwks.keys(published.url, kid)
        wait(clock, AGAIN)
    published.status, asked = 200, published.asked

    assert asked == 2
    assert await jwks.keys(published.url, "old") == [OLD]


WRONG: dict[str, dict[str, Any]] = {
    "keys that are no list": {"body": json.dumps({"keys": 1})},
    "keys that are null": {"body": json.dumps({"keys": None})},
    "no JSON": {"body": "<html>"},
    "a list": {"body": json.dumps([OLD])},
    "no keys": {"body": json.dumps(OLD)},
    "a name twice": {"body": '{"keys": [], "keys": []}'},
    "nested too deep": {"body": '{"keys": ' + "[" * 30_000},
    "too long": {"body": json.dumps({"keys": [OLD], "filler": "x" * MAX_BYTES})},
    "a redirection": {"status": 302, "location": "/keys?elsewhere"},
    "a redirection that keeps": {"status": 308, "location": "/keys?elsewhere"},
    "not found": {"status": 404},
    "broken": {"status": 500},
    "nothing new": {"status": 203},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_an_answer_that_holds_no_keys_is_none(
    jwks: Jwks, published: Publishing, clock: FakeClock, wrong: dict[str, Any]
) -> None:
    right = dict(vars(published))
    vars(published).update(wrong)
    with pytest.raises(Unavailable, match="the address of the keys"):
        await jwks.keys(published.url, "old")
    vars(published).update(right)
    wait(clock, AGAIN)
    good = await jwks.keys(published.url, "old")
    vars(published).update({**wrong, "asked": 0})
    wait(clock, KEPT)

    assert good == [OLD]
    assert await jwks.keys(published.url, "old") == [OLD]
    assert published.asked == 1, "a redirection was followed"


async def test_what_is_no_key_among_keys_is_left_out(jwks: Jwks, published: Publishing) -> None:
    published.body = json.dumps({"keys": ["old", 1, None, [OLD], OLD, {"kid": ["old"]}, {}], "more": 1})

    assert await jwks.keys(published.url, "old") == [OLD, {"kid": ["old"]}, {}]


# Addresses inside


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/keys",
        "https://192.168.1.1/keys",
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00::1]/",
    ],
)
@pytest.mark.parametrize("sockets", [outside, outside_or_here], ids=["in earnest", "in a trial"])
async def test_an_address_inside_is_not_asked(clock: FakeClock, sockets: Any, url: str) -> None:  # noqa: ANN401
    with pytest.raises(Unavailable) as refused:
        await Jwks(clock, sockets).keys(url, "old")

    assert "not on the Internet" in repr(refused.value.__cause__)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104
async def test_in_earnest_no_name_leads_to_this_machine(clock: FakeClock, host: str) -> None:
    with socket.create_server(("", 0)) as listening:
        listening.settimeout(0.1)
        with pytest.raises(Unavailable):
            await Jwks(clock, outside).keys(f"http://{host}:{listening.getsockname()[1]}/keys", "old")
        with pytest.raises(TimeoutError):
            listening.accept()


async def test_a_portal_does_not_lead_us_to_our_own_machine_by_its_jwks_uri(tmp_path: Path, clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        uri = f"https://localhost:{listening.getsockname()[1]}/keys"
        async with open_world(tmp_path / "real", clock, mail=REAL) as real:
            portal = await a_portal(real, jwks=(), jwks_uri=uri)
            answer = await portal.push()
        with pytest.raises(TimeoutError):
            listening.accept()

    assert (answer.status, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert uri not in answer.body.decode()


# A portal that publishes its keys itself


def public(key: Key) -> dict[str, Any]:
    """Return the public half of a key as a portal publishes it."""
    return {**public_jwk(jwk_of(key)), "use": "sig", "alg": "ES256"}


def signing_with(portal: Software, key: Key) -> Software:
    """Return the same portal as it signs with another key."""
    return Software(portal.world, portal.card, key, portal.proof_key, portal.verifier)


def refused(answer: Answer) -> bool:
    """Tell whether a client has not shown who it is."""
    return (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_a_portal_rotates_its_key_with_an_overlap_and_goes_on_to_get_tokens(
    world: World, clock: FakeClock, published: Publishing
) -> None:
    portal = await a_portal(world, jwks=(), jwks_uri=published.url)
    new, foreign = signing_with(portal, new_p256()), signing_with(portal, new_p256())
    erika = await world.citizen()
    published.keys = [public(portal.key)]

    tokens = await portal.tokens(await open_tab(world, erika))
    published.keys = [public(portal.key), public(new.key)]
    too_early = await new.refresh(tokens["refresh_token"])
    wait(clock, AGAIN)
    both = [await one.refresh(tokens["refresh_token"]) for one in (new, portal)]
    published.keys = [public(new.key)]
    wait(clock, KEPT)
    after = [await one.refresh(tokens["refresh_token"]) for one in (portal, foreign)]
    last = await new.tokens(await open_tab(world, erika))

    assert refused(too_early)
    assert [answer.status for answer in both] == [200, 200]
    assert [refused(answer) for answer in after] == [True, True]
    assert (await new.person(last["access_token"])).status == 200
    assert published.asked == 3


async def test_strangers_who_sign_in_the_name_of_a_portal_have_its_address_asked_once_a_minute(
    world: World, clock: FakeClock, published: Publishing
) -> None:
    portal = await a_portal(world, jwks=(), jwks_uri=published.url)
    published.keys = [public(portal.key)]
    assert (await portal.push()).status == 201
    wait(clock, AGAIN)

    answers = [await signing_with(portal, new_p256()).push() for _ in range(10)]

    assert all(map(refused, answers))
    assert published.asked == 2
    assert (await portal.push()).status == 201


async def test_a_portal_whose_keys_cannot_be_fetched_is_told_to_try_again(world: World, published: Publishing) -> None:
    portal = await a_portal(world, jwks=(), jwks_uri=published.url)
    published.status = 500

    silent = await portal.push()
    published.status, published.keys = 200, [public(portal.key)]
    world.clock.advance(seconds=AGAIN.total_seconds())
    again = await portal.push()

    assert (silent.status, silent.json()["error"]) == (503, "temporarily_unavailable")
    assert silent.headers["Retry-After"]
    assert again.status == 201


@pytest.mark.parametrize(
    "published_as",
    [
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "AAAA"},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"x": 1},
        {"d": "AAAA"},
        {"kid": ["old"]},
    ],
)
async def test_a_key_that_is_no_good_signs_for_nobody(
    world: World, published: Publishing, published_as: dict[str, Any]
) -> None:
    portal = await a_portal(world, jwks=(), jwks_uri=published.url)
    published.keys = [{**public(portal.key), **published_as}]

    assert refused(await portal.push())
