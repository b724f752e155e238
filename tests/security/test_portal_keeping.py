"""Portals under attack from behind: a writer in the database, a thief of the store or of the logs, a portal that lies.

The writer knows all public keys, has an account and a portal of their own, and puts whatever they can make into the
place of other rows: nobody is led anywhere else, no portal is told more or of somebody else, and the operator hears of
it. What they can do: delete; put back a row as it was before, and with it a portal that was disabled or a consent that
was withdrawn.
"""

import json
import logging
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.auth.claims import CLAIM_NAMES
from sk.auth.consent import Consent, consent_id
from sk.auth.erasure import ask_for_erasure
from sk.auth.errands import errand_id
from sk.auth.journal import belongs_to
from sk.auth.portal_log_in import PortalLogIn
from sk.auth.portal_logout import end_portal_log_in
from sk.config import load_settings
from sk.errors import Unavailable
from sk.events import PortalLogInEnded
from sk.ids import new_id
from sk.log import JsonFormatter
from sk.store.port import StoredEvent
from tests.auth.clients import claims_of, jwk_of
from tests.auth.erasing import rows_naming
from tests.auth.exporting import exported
from tests.auth.portals import Software, a_portal, came_back, new_p256
from tests.auth.vollmachten import named
from tests.refusals import Answer
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, signed_anew
from tests.security.search import files_below, rows_of, search
from tests.security.serving import REAL
from tests.security.tab import Answer as Page
from tests.security.tab import Tab, open_tab
from tests.workers.cases import stands
from tests.world import Citizen, World

ASKED = {"scope": "openid email", "state": "s-erika", "nonce": "n-erika"}
CONTENT = ("erika@example.org", "mallory@example.org", "portal.example", "evil.example")


async def test_a_consent_that_was_damaged_hides_no_other(world: World, intruder: Intruder, alarms: Alarms) -> None:
    erika, first, second = await world.citizen(), await a_portal(world), await a_portal(world, name="Zweites")
    tab = await open_tab(world, erika)
    for portal in (first, second):
        await portal.tokens(tab, **ASKED)

    intruder.change("consent", consent_id(erika.account.id, first.id, world.web), locked="AAAA")
    page = await tab.get("/konto/dienste")
    with await exported(world, erika) as zipped:
        told = json.loads(zipped.read("konto.json"))["online_dienste"]

    assert (page.status, "Zweites" in page.text) == (200, True)
    assert [one["name"] for one in told] == ["Zweites"]
    assert {*alarms.raised()} == {"consent-damaged"}


def damaged(answer: Answer | Page) -> bool:
    """Check that an answer says that something does not open, and nothing of what is in it; it is true then."""
    text = answer.body.decode()
    assert answer.status == 503, text
    assert [words for words in CONTENT if words in text or words in answer.headers.get("Location", "")] == []
    if answer.headers["Content-Type"].startswith("application/json"):
        assert json.loads(text)["error"] == "temporarily_unavailable"
    return True


# Rows of portals


EVIL = "https://evil.example/zurueck"
CHANGES: dict[str, dict[str, Any]] = {
    "where people are led": {"redirect_uris": ["https://portal.example/zurueck", EVIL]},
    "where people are led who log out": {"logout_uris": [EVIL]},
    "where it hears of logouts": {"backchannel_logout_uri": EVIL},
    "its key": {"jwks": [{**jwk_of(new_p256()), "kid": "mine"}]},
    "where its keys are": {"jwks_uri": "https://evil.example/keys", "jwks": []},
    "its secret": {"secret_digest": "0" * 64, "jwks": []},
    "its claims": {"claims": [*CLAIM_NAMES]},
    "its authority": {"authority": "a" * 26},
    "its sector": {"sector": "evil.example"},
    "its name": {"name": "Finanzamt"},
    "its purpose": {"purpose": "um zu helfen"},
    "that it has to push": {"is_strict": False},
    "nothing at all": {},
}


async def at_every_door(portal: Software, tab: Tab, tokens: dict[str, Any], pushed: str) -> list[Answer | Page]:
    """Return how a portal fares wherever it comes, and whoever comes from it."""
    return [
        await portal.push(),
        await portal.refresh(tokens["refresh_token"]),
        await portal.person(tokens["access_token"]),
        await tab.get(pushed),
        await tab.get(f"/oauth/authorize?client_id={portal.id}&redirect_uri={EVIL}"),
        await tab.ask("GET", "/oauth/logout", params={"client_id": portal.id, "post_logout_redirect_uri": EVIL}),
    ]


@pytest.mark.parametrize("under_its_name", [True, False], ids=["in the name of our key", "in another name"])
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
async def test_a_portal_of_which_something_was_changed_is_nobodys(
    world: World, intruder: Intruder, alarms: Alarms, changes: dict[str, Any], *, under_its_name: bool
) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens, pushed = await portal.tokens(tab, **ASKED), await portal.address()
    card = intruder.read("portal", portal.id)["card"]

    intruder.change("portal", portal.id, card=signed_anew(card, under_its_name=under_its_name, **changes))

    assert all(map(damaged, await at_every_door(portal, tab, tokens, pushed)))
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


@pytest.mark.parametrize("renamed", [True, False], ids=["under its id", "under the intruder's"])
async def test_a_portal_of_the_intruder_in_the_place_of_another_gets_nothing(
    world: World, intruder: Intruder, alarms: Alarms, *, renamed: bool
) -> None:
    portal, mine = await a_portal(world), await a_portal(world, redirect_uris=(EVIL,), sector="evil.example")
    tab = await open_tab(world, await world.citizen())
    tokens, pushed = await portal.tokens(tab, **ASKED), await portal.address()

    intruder.copy("portal", mine.id, portal.id, renamed=renamed)
    as_if = Software(world, portal.card.model_copy(update={"redirect_uris": (EVIL,)}), mine.key)

    assert damaged(await as_if.push())
    assert all(map(damaged, await at_every_door(portal, tab, tokens, pushed)))
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_portal_cannot_be_made_up(world: World, intruder: Intruder, alarms: Alarms) -> None:
    portal, invented = await a_portal(world), new_id()
    card = intruder.read("portal", portal.id)["card"]
    intruder.insert("portal", {"id": invented, "card": card})
    made_up = Software(world, portal.card.model_copy(update={"portal": invented}), portal.key)
    first = await made_up.push()
    intruder.write("portal", invented, {"id": invented, "card": signed_anew(card, portal=invented)})

    assert [damaged(first), damaged(await made_up.push())] == [True, True]
    assert (await portal.push()).status == 201
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_card_of_an_authority_is_no_card_of_a_portal(world: World, intruder: Intruder, alarms: Alarms) -> None:
    portal = await a_portal(world)

    intruder.change("portal", portal.id, card=intruder.read("authority", portal.card.authority)["card"])

    assert damaged(await portal.push())
    assert alarms.raised() == ["damaged"]


async def test_a_consent_towards_a_damaged_portal_is_shown_and_can_be_withdrawn(
    world: World, intruder: Intruder
) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    await portal.tokens(tab, **ASKED)
    card = intruder.read("portal", portal.id)["card"]
    intruder.change("portal", portal.id, card=signed_anew(card, name="Finanzamt"))

    listed = await tab.get("/konto/dienste")
    withdrawn = await tab.post(f"/konto/dienste/{portal.id}/widerrufen")

    assert (listed.status, portal.id in listed.text, "Finanzamt" in listed.text) == (200, True, False)
    assert withdrawn.status == 303
    assert await world.web.store.scan(Consent) == []


# Rows of consents and log-ins


class Cast:
    """Erika and the intruder Mallory, who have both logged in to one portal, with their tokens."""

    def __init__(self, world: World, portal: Software, erika: Citizen, mallory: Citizen) -> None:
        """Take who there is."""
        self.world, self.portal, self.erika, self.mallory = world, portal, erika, mallory
        self.tokens: dict[str, dict[str, Any]] = {}
        self.tabs: dict[str, Tab] = {}

    async def logged_in(self, **said: str) -> "Cast":
        """Have both log in."""
        for who in (self.erika, self.mallory):
            self.tabs[who.username] = await open_tab(self.world, who)
            self.tokens[who.username] = await self.portal.tokens(self.tabs[who.username], **{**ASKED, **said})
        return self

    def consent(self, who: Citizen) -> str:
        """Return the id of somebody's consent."""
        return consent_id(who.account.id, self.portal.id, self.world.web)

    def log_in(self, who: Citizen) -> str:
        """Return the id of somebody's log-in."""
        return str(claims_of(self.tokens[who.username]["id_token"])["sid"])

    async def told(self, who: Citizen) -> list[Answer]:
        """Return what the portal is told that shows the tokens of somebody."""
        tokens = self.tokens[who.username]
        return [await self.portal.person(tokens["access_token"]), await self.portal.refresh(tokens["refresh_token"])]


async def cast(world: World) -> Cast:
    """Return both, logged in."""
    return await Cast(world, await a_portal(world), await world.citizen(), await world.citizen("mallory")).logged_in()


Attack = Callable[[Intruder, str, str], None]
"""What is done to a row, given its id and that of the intruder's own."""


def attacks(kind: str) -> dict[str, Attack]:
    """Return what can be done to a row by means of one's own."""
    return {
        "the intruder's row": lambda intruder, row, own: intruder.copy(kind, own, row, renamed=False),
        "the intruder's row under its id": lambda intruder, row, own: intruder.copy(kind, own, row, renamed=True),
        "what is locked in the intruder's": lambda intruder, row, own: intruder.change(
            kind, row, locked=intruder.read(kind, own)["locked"]
        ),
        "nothing": lambda intruder, row, _: intruder.change(kind, row, locked=""),
        "what is too short": lambda intruder, row, _: intruder.change(kind, row, locked="AAEA"),
        "another body": lambda intruder, row, _: intruder.write(kind, row, {"id": row, "made_up": 1}),
    }


@pytest.mark.parametrize("attack", attacks("consent").values(), ids=attacks("consent"))
async def test_nobodys_consent_is_another_persons(
    world: World, intruder: Intruder, alarms: Alarms, attack: Attack
) -> None:
    both = await cast(world)

    attack(intruder, both.consent(both.erika), both.consent(both.mallory))

    assert all(map(damaged, await both.told(both.erika)))
    assert damaged(await both.tabs["erika"].get(await both.portal.address(prompt="none")))
    assert [answer.status for answer in await both.told(both.mallory)] == [200, 200]
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


@pytest.mark.parametrize("renamed", [True, False], ids=["under its id", "under the other one"])
async def test_a_consent_towards_one_portal_is_none_towards_another(
    world: World, intruder: Intruder, alarms: Alarms, *, renamed: bool
) -> None:
    erika, trusted, mine = await world.citizen(), await a_portal(world), await a_portal(world, name="Neugierig")
    tab = await open_tab(world, erika)
    await trusted.tokens(tab, **ASKED)
    tokens = await mine.tokens(tab, scope="openid")
    given, wanted = (consent_id(erika.account.id, one.id, world.web) for one in (trusted, mine))

    intruder.copy("consent", given, wanted, renamed=renamed)

    assert damaged(await mine.person(tokens["access_token"]))
    assert damaged(await tab.get(await mine.address(prompt="none", scope="openid email")))
    assert damaged(await tab.get(await mine.send_off(tab, scope="openid email")))
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_consent_that_nobody_has_given_cannot_be_made_up(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    both, curious = await cast(world), await a_portal(world, name="Neugierig")
    wanted = consent_id(both.erika.account.id, curious.id, world.web)
    row = intruder.read("consent", both.consent(both.erika))

    intruder.insert("consent", {**row, "id": wanted})

    assert damaged(await both.tabs["erika"].get(await curious.address(prompt="none", scope="openid email")))
    assert set(alarms.raised()) == {"damaged"}


async def test_a_consent_that_was_put_back_revives_no_log_in(world: World, intruder: Intruder, alarms: Alarms) -> None:
    both = await cast(world)
    row = intruder.read("consent", both.consent(both.erika))
    withdrawn = await both.tabs["erika"].post(f"/konto/dienste/{both.portal.id}/widerrufen")

    intruder.insert("consent", row)
    before = [answer.status for answer in await both.told(both.erika)]
    await world.settle()
    after = [answer.status for answer in await both.told(both.erika)]

    assert (withdrawn.status, before, after) == (303, [401, 400], [401, 400])
    assert alarms.raised() == []


async def test_a_consent_in_somebody_elses_list_is_not_shown_there(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    erika, mallory, portal = await world.citizen(), await world.citizen("mallory"), await a_portal(world)
    await portal.tokens(await open_tab(world, erika), **ASKED)
    belongs = belongs_to(mallory.account.id, world.web)
    intruder.change("consent", consent_id(erika.account.id, portal.id, world.web), belongs=belongs)
    intruder.enter("consent", "belongs", belongs, 0, consent_id(erika.account.id, portal.id, world.web))
    tab = await open_tab(world, mallory)

    listed, withdrawn = await tab.get("/konto/dienste"), await tab.post(f"/konto/dienste/{portal.id}/widerrufen")

    assert (listed.status, "Serviceportal Musterstadt" in listed.text) == (200, False)
    assert withdrawn.status == 404
    assert alarms.failures() == []


@pytest.mark.parametrize("attack", attacks("portal_log_in").values(), ids=attacks("portal_log_in"))
async def test_nobodys_log_in_is_another_persons(
    world: World, intruder: Intruder, alarms: Alarms, attack: Attack
) -> None:
    both = await cast(world)

    attack(intruder, both.log_in(both.mallory), both.log_in(both.erika))

    assert all(map(damaged, await both.told(both.mallory)))
    assert [answer.status for answer in await both.told(both.erika)] == [200, 200]
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_log_in_to_one_portal_is_none_to_another(world: World, intruder: Intruder, alarms: Alarms) -> None:
    """A portal of the intruder, to which somebody has logged in, gets no log-in to another one by way of its row."""
    both, mine = await cast(world), await a_portal(world, name="Neugierig")
    tokens = await mine.tokens(both.tabs["erika"], scope="openid")
    own = str(claims_of(tokens["id_token"])["sid"])

    for renamed in (True, False):
        intruder.copy("portal_log_in", both.log_in(both.erika), own, renamed=renamed)
        assert damaged(await mine.person(tokens["access_token"]))
        assert damaged(await mine.refresh(tokens["refresh_token"]))
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_log_in_cannot_be_made_up(world: World, intruder: Intruder, alarms: Alarms) -> None:
    both, invented = await cast(world), new_id()
    row = intruder.read("portal_log_in", both.log_in(both.erika))
    _, _, secret = both.tokens["erika"]["refresh_token"].partition(".")

    intruder.insert("portal_log_in", {**row, "id": invented})

    assert damaged(await both.portal.refresh(f"{invented}.{secret}"))
    assert [answer.status for answer in await both.told(both.erika)] == [200, 200]
    assert set(alarms.raised()) == {"damaged"}


async def test_the_end_of_a_log_in_that_somebody_has_made_up_or_moved_ends_nothing(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    both = await cast(world)
    intruder.send("PortalLogInEnded", {"id": "made-up", "log_in_id": both.log_in(both.erika)})
    intruder.send("PortalLogInEnded", {"id": "of-nobody", "log_in_id": "a" * 26})
    intruder.hasten("PortalLogInEnded", 24 * 3600 * 1_000_000)

    await world.settle()

    assert [answer.status for who in (both.erika, both.mallory) for answer in await both.told(who)] == [200] * 4
    assert set(alarms.raised()) == {"event-before-its-day"}


async def test_a_log_in_that_does_not_open_any_more_does_not_keep_others_from_ending(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    both = await cast(world)
    intruder.change("portal_log_in", both.log_in(both.erika), locked="")

    for tab in both.tabs.values():
        assert (await tab.post("/abmelden")).status == 303
    await world.settle()

    assert [answer.status for answer in await both.told(both.mallory)] == [401, 400]
    assert await world.web.store.scan(PortalLogIn) == [both.log_in(both.erika)]
    assert "event-failed" in alarms.raised()


# Rows of codes and requests


@pytest.mark.parametrize("attack", attacks("errand").values(), ids=attacks("errand"))
async def test_a_code_of_the_intruder_in_the_place_of_another_logs_nobody_in(
    world: World, intruder: Intruder, alarms: Alarms, attack: Attack
) -> None:
    portal, tabs = (
        await a_portal(world),
        [await open_tab(world, await world.citizen(name)) for name in ("erika", "mallory")],
    )
    code, own = [(await portal.log_in(tab, **ASKED))["code"] for tab in tabs]

    attack(intruder, errand_id(code), errand_id(own))

    assert damaged(await portal.redeem(code))
    assert await world.web.store.scan(PortalLogIn) == []
    assert (await portal.redeem(own)).status == 200
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


@pytest.mark.parametrize("renamed", [True, False], ids=["under its id", "under its own"])
async def test_what_was_begun_as_one_thing_is_not_gone_on_with_as_another(
    world: World, intruder: Intruder, alarms: Alarms, *, renamed: bool
) -> None:
    """A code, a pushed request and a request that somebody is asked about lie in rows of one kind."""
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code, address, path = (
        (await portal.log_in(tab, **ASKED))["code"],
        await portal.address(),
        await portal.send_off(tab),
    )
    asked = path.rpartition("/")[2]
    pushed = address.rpartition("%3A")[2]
    rows = {name: errand_id(token) for name, token in (("code", code), ("pushed", pushed), ("asked", asked))}
    bodies = {name: intruder.read("errand", row) for name, row in rows.items()}

    for name, other in (("code", "asked"), ("pushed", "code"), ("asked", "pushed")):
        body = bodies[other]
        intruder.write("errand", rows[name], {**body, "id": rows[name]} if renamed else body)

    assert damaged(await portal.redeem(code))
    assert damaged(await tab.get(address))
    assert damaged(await tab.get(path))
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


async def test_a_token_of_one_thing_is_no_token_of_another(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code, address, path = (
        (await portal.log_in(tab, **ASKED))["code"],
        await portal.address(),
        await portal.send_off(tab),
    )
    pushed, asked = address.rpartition("%3A")[2], path.rpartition("/")[2]

    as_codes = [await portal.redeem(token) for token in (pushed, asked)]
    as_pushed = [await tab.get(address.replace(pushed, token)) for token in (code, asked)]
    as_asked = [await tab.get(f"/portal/{token}") for token in (code, pushed)]

    assert [answer.json()["error"] for answer in as_codes] == ["invalid_grant"] * 2
    assert [page.status for page in (*as_pushed, *as_asked)] == [404] * 4
    assert (await portal.redeem(code)).status == 200


async def failed(world: World) -> StoredEvent:
    """Return the one event that has failed and waits for its next try."""
    rows = [row async for row in world.web.store.everything() if isinstance(row, StoredEvent)]
    [found] = [row for row in rows if row.tries]
    return found


# What a thief finds

MARK = secrets.token_hex(6)
MINE = {name: f"Kanarie-{name}-{MARK}" for name in ("state", "nonce", "given", "family", "kind", "scope")}


def stolen(world: World) -> Iterator[tuple[str, bytes]]:
    """Yield what a thief gets who leaves the keys behind."""
    yield from files_below(world.data, but=[world.data / "keys"])
    yield from rows_of(world.data / "store.db")


async def test_a_stolen_store_tells_neither_who_has_logged_in_nor_what_was_asked_and_told(world: World) -> None:
    erika = await named(world, await world.citizen(f"u{MARK}"), MINE["given"], MINE["family"])
    portal = await a_portal(world, secret=secrets.token_urlsafe(32), is_strict=False, sector=f"s{MARK}.example")
    strict = await a_portal(world, claims=("name", "email", "postbox_handle", "documents"))
    tab = await open_tab(world, erika)
    claims = json.dumps({"userinfo": {"documents": {"kinds": [MINE["kind"]]}}})
    asked = {"state": MINE["state"], "nonce": MINE["nonce"], "scope": f"openid profile email postbox {MINE['scope']}"}
    known = {name: value.encode() for name, value in MINE.items()}
    known |= {"user name": erika.username.encode(), "e-mail": f"{erika.username}@example.org".encode()}
    unguessable: dict[str, bytes] = {"secret": portal.secret.encode()}
    found, tokens = [], dict[str, Any]()

    def look(**values: str) -> None:
        unguessable.update({name: value.encode() for name, value in values.items()})
        found.extend(search(stolen(world), known, unguessable))

    for one in (portal, strict):
        address = await one.address(**asked, claims=claims)
        look(verifier=one.verifier, request_uri=address.rpartition("%3A")[2])
        path = (await tab.get(address)).headers["Location"]
        assert MINE["given"] in (await tab.get(path)).text
        look(path=path.rpartition("/")[2])
        code = came_back((await one.answer(tab, path, "ja")).text)["code"]
        look(code=code)
        tokens = (await one.redeem(code)).json()
        told = (await one.person(tokens["access_token"])).json()
        assert told["family_name" if one is portal else "name"].endswith(MINE["family"])
        look(
            sub=told["sub"],
            handle=told["postbox_handle"],
            access_token=tokens["access_token"],
            id_token=tokens["id_token"],
            refresh_token=tokens["refresh_token"].partition(".")[2],
            session=tab.token,
        )
        await one.refresh(tokens["refresh_token"])
        no = await one.send_off(tab, **asked, prompt="consent")
        await one.answer(tab, no, "nein")
    look()
    assert (await tab.post("/abmelden")).status == 303
    look()
    await world.settle()
    look()

    assert search(stolen(world), {"sector": f"s{MARK}.example".encode()}), "the search is made in the wrong place"
    assert found == []


async def test_the_log_says_nothing_of_who_has_logged_in_nor_how(
    world: World, intruder: Intruder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sk")
    erika = await named(world, await world.citizen(f"u{MARK}"), MINE["given"], MINE["family"])
    gone = socket.create_server(("127.0.0.1", 0))
    uri = f"http://127.0.0.1:{gone.getsockname()[1]}/{MINE['scope']}"
    gone.close()
    portal = await a_portal(world, backchannel_logout_uri=uri)
    plain = await a_portal(world, secret=secrets.token_urlsafe(32))
    said = {"state": MINE["state"], "nonce": MINE["nonce"], "scope": "openid profile email postbox"}
    tab = await open_tab(world, erika)
    address = await portal.address(**said)
    path = (await tab.get(address)).headers["Location"]
    came = came_back((await portal.answer(tab, path, "ja")).text)
    tokens = (await portal.redeem(came["code"])).json()
    told = (await portal.person(tokens["access_token"])).json()
    assertion = portal.assertion()
    await plain.tokens(tab, **said)
    # Whatever can go wrong does, with words in it that must not be repeated.
    await portal.redeem(came["code"])
    await portal.send("/oauth/token", {"grant_type": MINE["kind"], "client_assertion": assertion, **portal.shown()})
    await portal.send("/oauth/par", {**portal.request(**said, claims=MINE["kind"]), **portal.shown()})
    await portal.person(MINE["kind"])
    await plain.send("/oauth/token", {"grant_type": "refresh_token", "refresh_token": MINE["kind"]})
    await Software(world, plain.card, secret=MINE["kind"]).push(**said)
    await tab.get(await plain.address(**{**said, "response_type": MINE["kind"]}))
    await tab.get(f"/portal/{MINE['kind']}?{MINE['kind']}")
    await tab.ask("GET", "/oauth/logout", params={"id_token_hint": tokens["id_token"], "state": MINE["state"]})
    other = await portal.tokens(tab, **said)
    intruder.change("consent", consent_id(erika.account.id, portal.id, world.web), locked="")
    await portal.person(other["access_token"])
    await tab.post("/abmelden")
    await world.settle()

    lines = [JsonFormatter().format(record) for record in caplog.records]
    routes = {json.loads(line).get("route") for line in lines}
    known = {name: value.encode() for name, value in MINE.items()}
    known |= {"user name": erika.username.encode(), "e-mail": f"{erika.username}@example.org".encode()}
    unguessable = {
        **{name: str(tokens[name]).encode() for name in ("access_token", "id_token", "refresh_token")},
        **{name: str(told[name]).encode() for name in ("sub", "postbox_handle")},
        "refresh secret": tokens["refresh_token"].partition(".")[2].encode(),
        "code": came["code"].encode(),
        "request_uri": address.rpartition("%3A")[2].encode(),
        "path": path.rpartition("/")[2].encode(),
        "verifier": portal.verifier.encode(),
        "challenge": portal.request()["code_challenge"].encode(),
        "assertion": assertion.encode(),
        "secret": plain.secret.encode(),
        "session": tab.token.encode(),
        "account": erika.account.id.encode(),
    }
    assert {"/oauth/token", "/oauth/par", "/oauth/userinfo", "/oauth/authorize", "/portal/{id}"} <= routes
    assert {record.getMessage() for record in caplog.records} >= {"request", "damaged", "event-failed"}
    assert search([("the log", "\n".join(lines).encode())], known, unguessable) == []


# A portal that lies about where it hears of logouts


async def logged_in_and_out(real: World, uri: str) -> tuple[Software, dict[str, Any]]:
    """Have somebody log in to a portal that hears of logouts at an address, and log out here."""
    erika = await real.citizen(trust="low", einwilligung=False)
    await stands(real, erika, state="active")
    portal = await a_portal(real, backchannel_logout_uri=uri)
    tab = await open_tab(real, erika)
    tokens = await portal.tokens(tab, scope="openid email")
    assert (await portal.person(tokens["access_token"])).status == 200
    assert (await tab.post("/abmelden")).status == 303
    return portal, tokens


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_in_earnest_no_logout_is_told_to_this_machine(real: World, scheme: str, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        portal, tokens = await logged_in_and_out(real, f"{scheme}://{host}:{listening.getsockname()[1]}/abgemeldet")
        await real.settle()
        real.clock.advance(minutes=2)
        await real.settle()
        with pytest.raises(TimeoutError):
            listening.accept()

    assert (await portal.person(tokens["access_token"])).status == 401
    waiting = await failed(real)
    assert (waiting.tries > 1, waiting.error) == (True, f"the portal {portal.id} does not answer")


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]"])
@pytest.mark.parametrize("mail", [REAL, ""], ids=["in earnest", "in a trial"])
async def test_no_logout_is_told_inside_the_network(world: World, mail: str, host: str) -> None:
    await logged_in_and_out(world, f"https://{host}/abgemeldet")
    await world.settle()
    services = replace(world.web, settings=load_settings({"data": world.data, "mail": mail}))
    ended = PortalLogInEnded.model_validate_json((await failed(world)).body)

    with pytest.raises(Unavailable) as refused:
        await end_portal_log_in(ended, services)

    assert "not on the Internet" in repr(refused.value.__cause__)
    assert await world.web.store.scan(PortalLogIn) == [ended.log_in_id]


async def test_a_portal_that_leads_on_elsewhere_is_not_followed(world: World) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/inside"})

    app = web.Application()
    app.router.add_route("*", "/{path}", answer)
    async with TestServer(app) as server:
        await logged_in_and_out(world, str(server.make_url("/abgemeldet")))
        await world.settle()

    assert {*asked} == {"/abgemeldet"}


# What is kept of somebody, and for how long


async def test_an_account_that_is_erased_leaves_no_consent_no_log_in_and_no_code(world: World) -> None:
    both = await cast(world)
    belongs = belongs_to(both.erika.account.id, world.web)
    await ask_for_erasure(both.erika.account.id, world.web)
    world.clock.advance(days=6, hours=23, minutes=59, seconds=30)
    await world.settle()
    await both.logged_in()
    code = (await both.portal.log_in(both.tabs["erika"], **ASKED))["code"]
    before = await rows_naming(world, belongs)

    world.clock.advance(seconds=29)
    await world.settle()

    assert {"consent", "portal_log_in", "errand", "session"} <= {*before}
    assert await rows_naming(world, belongs) == []
    assert await world.web.store.scan(Consent) == [both.consent(both.mallory)]
    assert await world.web.store.scan(PortalLogIn) == [both.log_in(both.mallory)]
    assert [answer.status for answer in await both.told(both.erika)] == [401, 400]
    assert (await both.portal.redeem(code)).json()["error"] == "invalid_grant"
    assert [answer.status for answer in await both.told(both.mallory)] == [200, 200]


async def test_an_export_names_what_was_agreed_to_and_nothing_of_anybody_else(world: World) -> None:
    both = await cast(world)
    since = world.clock.now()
    other = await a_portal(world, name="Bauportal", claims=("name", "documents", "postbox_handle"))
    await other.tokens(both.tabs["erika"], scope="openid profile postbox")
    await other.tokens(both.tabs["mallory"], scope="openid")

    with await exported(world, both.erika) as zipped:
        said = json.loads(zipped.read("konto.json"))["online_dienste"]
        everything = b"".join(zipped.read(name) for name in zipped.namelist()).decode()

    told = [(one["dienst"], one["name"], one["angaben"], one["zugestimmt_am"]) for one in said]
    assert sorted(told) == sorted(
        [
            (both.portal.id, "Serviceportal Musterstadt", ["email"], since.isoformat()),
            (other.id, "Bauportal", ["name", "postbox_handle"], since.isoformat()),
        ]
    )
    tokens = both.tokens["erika"]
    kept = (*tokens.values(), claims_of(tokens["id_token"])["sub"], both.log_in(both.erika), both.mallory.account.id)
    assert [value for value in map(str, kept) if len(value) > 20 and value in everything] == []
