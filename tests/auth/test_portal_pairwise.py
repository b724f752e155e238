"""Two authorities cannot join their citizens: whatever their portals are told of the same one, nothing says it is."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.auth.handles import handle_towards
from sk.client import AuthorityClient
from tests.auth.clients import claims_of
from tests.auth.portals import Software, a_portal, came_back
from tests.auth.vollmachten import named
from tests.refusals import Answer
from tests.safe.documents import put
from tests.security.tab import Tab, open_tab
from tests.world import Citizen, World, a_notice

CITY, VILLAGE = "https://portal.stadt.example/zurueck", "https://dienste.dorf.example/zurueck"
DOCUMENTS = '{"userinfo": {"documents": {"kinds": ["Mietvertrag"]}}, "id_token": {"family_name": null}}'
Seen = set[tuple[str, object]]
"""What somebody has learnt: values by the names under which they came."""

HANDED_OVER = {"name", "given_name", "family_name", "email", "email_verified", "kind"}
"""What the citizen has agreed to tell both: by that they can be joined, and they were shown it."""
THE_SAME_FOR_EVERYBODY = {
    *("alg", "kid", "typ", "token_type", "expires_in", "scope", "iss", "aud", "acr", "events"),
    *("error", "error_description", "WWW-Authenticate", "number"),
}
"""What both would have been told of anybody: how the platform signs, what it grants, and how it refuses."""
OF_MANY = {"trust", "einwilligung", "open"}
"""How a postbox stands: of two or three values one, which many share."""
MOMENTS = {"auth_time", "iat", "exp"}
"""When somebody has logged in and out here, to the second: two portals of one session both know that."""
DIFFERENT = {
    *("sub", "sid", "jti", "postbox_handle", "access_token", "refresh_token", "id_token", "code", "logout_token"),
    *("share", "href", "client_id", "handle"),
}
"""What each of them must have been told, and otherwise than the other."""


def leaves(said: object, name: str) -> Iterator[tuple[str, object]]:
    """Yield every value in what was said, with the name next to it; a JWT is opened as well."""
    match said:
        case dict():
            for inner, value in said.items():
                yield from leaves(value, inner)
        case list():
            for value in said:
                yield from leaves(value, name)
        case str() if said.count(".") == 2 and said.startswith("ey"):
            yield name, said
            yield from leaves(jwt.get_unverified_header(said), name)
            yield from leaves(jwt.decode(said, options={"verify_signature": False}), name)
        case _:
            yield name, said


def heard_in(answer: Answer) -> Iterator[tuple[str, object]]:
    """Yield what an answer says; the headers that servers send to everybody are no part of it."""
    yield from leaves(answer.json(), "body")
    if shown := answer.headers.get("WWW-Authenticate"):
        yield "WWW-Authenticate", shown


class Office:
    """An authority and its portal, which put everything together that they ever learn of anybody."""

    def __init__(self, authority: AuthorityClient, portal: Software) -> None:
        """Know nothing yet."""
        self.authority, self.portal = authority, portal
        self.seen: Seen = set()
        self.heard: list[str] = []

    async def visited(self, tab: Tab) -> None:
        """Have somebody log in who agrees to everything, and ask for whatever there is."""
        portal = self.portal
        asked = {"scope": "openid profile email postbox", "claims": DOCUMENTS}
        path = await portal.send_off(tab, **asked, state=f"s-{portal.id}", nonce=f"n-{portal.id}")
        page = await tab.get(path)
        [document] = re.findall(r'<option value="(\w{26})">', page.text)
        form = {"csrf": tab.csrf, "antwort": "ja", "dokument-1": document}
        came = came_back((await tab.ask("POST", path, data=form)).text)
        answers = [tokens := await portal.redeem(came["code"])]
        answers += [further := await portal.refresh(tokens.json()["refresh_token"])]
        answers += [await portal.person(one.json()["access_token"]) for one in (tokens, further)]
        handle = answers[-1].json()["postbox_handle"]
        self.seen |= {*leaves(came, "came back"), *(fact for answer in answers for fact in heard_in(answer))}
        status, told = await self.authority.get(f"/api/v1/postboxes/{handle}")
        assert status == 200, told
        self.seen |= {*leaves(told, "body")}

    async def refused(self, tab: Tab) -> None:
        """Make every mistake at which something might be said of somebody."""
        portal = self.portal
        tokens = await portal.tokens(tab, scope="openid")
        no = came_back((await portal.answer(tab, await portal.send_off(tab, prompt="consent"), "nein")).text)
        answer = await tab.get(await portal.address(prompt="none", scope="openid address"))
        silent = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        other = await portal.send_off(tab, claims='{"id_token": {"sub": {"value": "somebody"}}}')
        wrong = came_back((await tab.get(other)).text)
        code = (await portal.log_in(tab, scope="openid"))["code"]
        answers = [
            await portal.redeem(code, code_verifier="x"),
            await portal.refresh(tokens["refresh_token"], scope="openid admin"),
            await portal.person(tokens["access_token"], proof="x"),
            await portal.person(tokens["id_token"]),
        ]
        assert [answer.status for answer in answers] == [400, 400, 401, 401]
        assert {said["error"] for said in (no, silent, wrong)} == {
            "access_denied",
            "consent_required",
            "login_required",
        }
        self.seen |= {
            *(fact for said in (no, silent, wrong) for fact in leaves(said, "came back") if fact[0] != "state")
        }
        self.seen |= {fact for answer in answers for fact in heard_in(answer)}

    def of(self, *names: str) -> set[object]:
        """Return what it has seen under some names."""
        return {value for name, value in self.seen if name in names}


@asynccontextmanager
async def listening(heard: list[str]) -> AsyncIterator[str]:
    """Hear of logouts at an address of its own."""

    async def take(request: web.Request) -> web.Response:
        heard.extend(parse_qs(await request.text())["logout_token"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/abgemeldet", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/abgemeldet"))


async def office(world: World, name: str, address: str, logout_uri: str = "") -> Office:
    """Register an authority with a portal."""
    authority = await world.authority(name)
    portal = await a_portal(
        world,
        name=f"Serviceportal {name}",
        authority=authority.client_id,
        redirect_uris=(address,),
        sector=urlsplit(address).hostname,
        claims=("given_name", "family_name", "name", "email", "postbox_handle", "documents", "address"),
        backchannel_logout_uri=logout_uri,
    )
    return Office(authority, portal)


async def test_two_authorities_cannot_join_what_their_portals_learn_of_one_citizen(world: World) -> None:
    erika = await named(world, await world.citizen(), "Erika", "Mustermann")
    await put(world, erika, "Mietvertrag.txt", b"Miete")
    tab = await open_tab(world, erika)
    heard: tuple[list[str], list[str]] = [], []
    async with listening(heard[0]) as first, listening(heard[1]) as second:
        city = await office(world, "Stadt", CITY, first)
        village = await office(world, "Dorf", VILLAGE, second)
        for one in (city, village):
            await one.visited(tab)
            world.clock.advance(seconds=7)
            await one.refused(tab)
            world.clock.advance(seconds=7)
        assert (await tab.post("/abmelden")).status == 303
        await world.settle()
    for one, tokens in ((city, heard[0]), (village, heard[1])):
        one.seen |= {fact for token in tokens for fact in leaves(token, "logout_token")}

    for name in DIFFERENT:
        assert city.of(name), f"nobody was told of a {name}"
        assert village.of(name), f"nobody was told of a {name}"
        assert not city.of(name) & village.of(name), f"both know the same {name}"
    known = {value for _, value in city.seen} & {value for _, value in village.seen}
    shared = {name for name, value in city.seen | village.seen if value in known}
    assert shared - HANDED_OVER - THE_SAME_FOR_EVERYBODY - OF_MANY - MOMENTS == set()


async def test_neither_authority_is_told_how_the_account_or_its_session_is_called_here(world: World) -> None:
    erika = await world.citizen("erika.geheim", email="erika@example.org")
    await put(world, erika, "Mietvertrag.txt", b"Miete")
    tab = await open_tab(world, erika)
    city = await office(world, "Stadt", CITY)

    await city.visited(tab)
    await city.refused(tab)

    inside = (erika.account.id, erika.username, erika.account.username_index, tab.token, tab.csrf, erika.handle)
    told = [str(value) for _, value in city.seen]
    assert "erika@example.org" in told
    assert [value for value in told for secret in inside if secret in value] == []


# Sectors


async def known_as(portal: Software, erika: Citizen, **said: str | None) -> dict[str, Any]:
    """Have somebody log in in a fresh session, and return what the portal is told of them."""
    tokens = await portal.tokens(await open_tab(portal.world, erika), scope="openid postbox", **said)
    told: dict[str, Any] = (await portal.person(tokens["access_token"])).json()
    assert claims_of(tokens["id_token"])["sub"] == claims_of(tokens["access_token"])["sub"] == told["sub"]
    return told


async def at(world: World, authority: AuthorityClient, host: str, **card: Any) -> Software:
    """Register a portal of an authority on a host."""
    uris = (f"https://{host}/zurueck",)
    return await a_portal(world, authority=authority.client_id, redirect_uris=uris, sector=host, **card)


async def test_portals_of_one_authority_on_one_host_know_a_citizen_by_one_name(world: World) -> None:
    city, erika = await world.authority(), await world.citizen()
    first, second = await at(world, city, "portal.example"), await at(world, city, "portal.example", name="Noch eins")

    assert await known_as(first, erika) == await known_as(second, erika)


async def test_portals_of_one_authority_on_two_hosts_know_a_citizen_by_two_names_and_one_postbox(
    world: World,
) -> None:
    city, erika = await world.authority(), await world.citizen()
    first, second = await at(world, city, "portal.example"), await at(world, city, "bauamt.example")

    one, other = await known_as(first, erika), await known_as(second, erika)

    assert one["sub"] != other["sub"]
    assert one["postbox_handle"] == other["postbox_handle"] == handle_towards(erika.account, city.client_id, world.web)


async def test_portals_of_two_authorities_on_one_host_know_a_citizen_by_two_names(world: World) -> None:
    city, village, erika = await world.authority(), await world.authority("Dorf"), await world.citizen()
    first, second = await at(world, city, "portal.example"), await at(world, village, "portal.example")

    one, other = await known_as(first, erika), await known_as(second, erika)

    assert one["sub"] != other["sub"]
    assert one["postbox_handle"] != other["postbox_handle"]


async def test_two_citizens_have_two_names_at_one_portal(world: World) -> None:
    portal = await at(world, await world.authority(), "portal.example")

    erika, otto = await known_as(portal, await world.citizen()), await known_as(portal, await world.citizen("otto"))

    assert erika["sub"] != otto["sub"]
    assert erika["postbox_handle"] != otto["postbox_handle"]


async def test_a_portal_knows_a_citizen_again_whatever_has_happened_in_between(world: World) -> None:
    portal, erika = await at(world, await world.authority(), "portal.example"), await world.citizen()
    first = await known_as(portal, erika)

    again = await known_as(portal, erika, prompt="consent")
    world.clock.advance(hours=world.web.settings.session_max_hours + 1)
    await world.settle()
    later = await known_as(portal, erika)
    tab = await open_tab(world, erika)
    assert (await tab.post(f"/konto/dienste/{portal.id}/widerrufen")).status == 303
    await world.settle()
    restored = await known_as(portal, erika)
    changed = await known_as(await portal.changed(name="Neues Portal", claims=("postbox_handle",)), erika)

    assert again == later == restored == changed == first


async def test_the_name_at_one_portal_is_of_no_use_at_the_other(world: World) -> None:
    """A portal that expects somebody by the name of another one is told that this is somebody else."""
    city, village, erika = await world.authority(), await world.authority("Dorf"), await world.citizen()
    first, second = await at(world, city, "portal.example"), await at(world, village, "dorf.example")
    sub, tab = (await known_as(first, erika))["sub"], await open_tab(world, erika)
    expected = f'{{"id_token": {{"sub": {{"value": "{sub}"}}}}}}'

    own = await first.log_in(tab, claims=expected)
    foreign = came_back((await tab.get(await second.send_off(tab, claims=expected))).text)

    assert "code" in own
    assert foreign["error"] == "login_required"


# The address of the postbox


@pytest.mark.parametrize("is_told", [True, False], ids=["told by the portal", "worked out here"])
async def test_the_postbox_is_found_by_the_authority_whose_portal_was_told_and_by_no_other(
    world: World, *, is_told: bool
) -> None:
    city, village, erika = await world.authority(), await world.authority("Dorf"), await world.citizen()
    handle = handle_towards(erika.account, city.client_id, world.web)
    if is_told:
        handle = (await known_as(await at(world, city, "portal.example"), erika))["postbox_handle"]

    own, _ = await city.get(f"/api/v1/postboxes/{handle}")
    foreign, problem = await village.get(f"/api/v1/postboxes/{handle}")
    posted, refused = await village.post(a_notice(handle))

    assert (own, foreign, problem["type"]) == (200, 404, "/problems/not-found")
    assert (posted, refused["field"]) == (422, "to")
    assert (await city.post(a_notice(handle)))[0] == 202
