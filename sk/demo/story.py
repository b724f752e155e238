"""The demo's story: one notice from the authority's API call to the citizen's browser, every step checked."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.auth.account import Account
from sk.auth.authority import Authority, AuthorityCard, public_jwk
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.own_key import own_lock
from sk.auth.passwords import Passwords
from sk.auth.registry import Wanted, add_account
from sk.client import AuthorityClient, File, new_key
from sk.clock import local_day
from sk.demo.browser import Browser
from sk.errors import NotFound, SkError
from sk.evidence.bundle import Bundle
from sk.evidence.note import VKey
from sk.evidence.verdict import find_files
from sk.evidence.verify import verify_bundle
from sk.ids import new_id
from sk.installation import log_vkey
from sk.services import Services

AUTHORITY = "Stadt Musterstadt"
CITIZEN = "Erika Mustermann"
ADDRESS = ("Heidestraße 17", "12345 Musterstadt")
CASE = "66-4711-0815"
SUBJECT = "Sondernutzungserlaubnis für Ihren Container"
TEXT = """\
Guten Tag,

Sie dürfen vor Ihrem Haus einen Container aufstellen.
Wann und unter welchen Auflagen, steht im Bescheid. Er liegt als PDF bei.

Freundliche Grüße
Stadt Musterstadt"""
PATIENCE_SECONDS = 15
TROUBLE = (SkError, aiohttp.ClientError, LookupError, RuntimeError, TimeoutError, ValueError)
"""What a step ends with if the platform answers not at all, or without what belongs into the answer."""


class Failed(SkError):
    """A step of the story did not go as it should."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Have everything that goes wrong in a step name the step."""
    try:
        yield
    except TROUBLE as error:
        raise Failed(f"{name}: {error if isinstance(error, SkError) else repr(error)}") from error


class Cast(NamedTuple):
    """Who plays."""

    client_id: str
    key: Ed25519PrivateKey
    kid: str
    username: str
    password: str
    handle: str
    log_vkey: str


def address_of(username: str) -> str:
    """Return where the demo's citizen is told of notices."""
    return f"{username}@example.org"


async def cast(services: Services, username: str) -> Cast:
    """Register the demo's authority and its citizen, who gets a number where the story was played before."""
    username = await _free(username, services)
    key, jwk = new_key()
    card = AuthorityCard(authority=new_id(), name=AUTHORITY, land="NW", laws=("ozg-9",), jwks=(public_jwk(jwk),))
    await services.store.save(Authority.registered(card, services.keys.signer("sign-web")))
    wanted = Wanted(username, address_of(username), "high", einwilligung=True)
    citizen = await add_account(wanted, Passwords(), services)
    await _show_card(citizen.account, services)
    handle = handle_towards(citizen.account, EVERY_SECTOR, services)
    vkey = str(await log_vkey(services))
    return Cast(card.authority, key, jwk["kid"], username, citizen.secret, handle, vkey)


async def _show_card(account: Account, services: Services) -> None:
    """Enter what the citizen's ID card says: a portal gets it with the word that it was read from there."""
    city = ADDRESS[1].partition(" ")
    names = dict(zip(("given_names", "family_names"), CITIZEN.split(), strict=True))
    place = {"street": ADDRESS[0], "postal_code": city[0], "city": city[2], "country": "DE"}
    said = {**names, **place, "date_of_birth": "1964-08-12"}
    own = await own_lock(account.id, services)
    read = account.open_profile(own).read(said, "high", services.clock.now())  # type: ignore[arg-type]
    account.lock_profile(own, read)
    await services.store.save(account)


async def _free(username: str, services: Services) -> str:
    free, number = username, 1
    with suppress(NotFound):
        while True:
            await find_account(free, services)
            number += 1
            free = f"{username}-{number}"
    return free


def the_notice(handle: str, reference: str) -> dict[str, Any]:
    """Return the demo's notice."""
    return {
        "reference": reference,
        "to": handle,
        "kind": "verwaltungsakt",
        "law": "ozg-9",
        "rechtsbehelf": "klage-vwgo",
        "belehrung": True,
        "subject": SUBJECT,
        "text": TEXT,
        "case": CASE,
    }


def the_bescheid(issued_at: datetime) -> File:
    """Return the demo's document."""
    # The typesetter takes as long to load as all else together, and every process and command would wait for it.
    from sk.demo.bescheid import typeset_bescheid  # noqa: PLC0415 - see above

    pdf = typeset_bescheid(name=CITIZEN, address=ADDRESS, aktenzeichen=CASE, issued_on=local_day(issued_at))
    return File("Sondernutzungserlaubnis.pdf", pdf)


class Story:
    """The story as it is played. `tell` hears of every step that went well."""

    def __init__(self, base_url: str, players: Cast, tell: Callable[[str], None], state: Path | None = None) -> None:
        """Play against a running platform. The authority keeps in `state` what it has seen of the log."""
        self._base_url = base_url
        self._players = players
        self._tell = tell
        self._state = state

    async def post(self, http: aiohttp.ClientSession, issued_at: datetime) -> tuple[dict[str, Any], File]:
        """As the authority: get a token, post the notice, wait until it is delivered and the citizen was told."""
        players = self._players
        authority = AuthorityClient(http, self._base_url, players.client_id, players.key, players.kid)
        bescheid = the_bescheid(issued_at)
        self._tell(f"{AUTHORITY} has typeset a Bescheid: {len(bescheid.data):,} bytes of PDF")
        with step("the authority posts a notice"):
            status, accepted = await authority.post(the_notice(players.handle, "demo-1"), [bescheid])
            expect(status == HTTPStatus.ACCEPTED, f"POST /api/v1/notices answered {status}: {accepted}")
        self._tell("accepted, with a signed receipt")
        with step("the authority posts it once more"):
            status, again = await authority.post(the_notice(players.handle, "demo-1"), [bescheid])
            expect((status, again) == (HTTPStatus.OK, accepted), "the same POST again did not get the first answer")
        self._tell("posted once more: the first answer came back, nothing happened twice")
        with step("the notice is delivered and told of"):
            notice = await self._until_benachrichtigt(authority, accepted["id"])
            day, frist = notice["bekanntgabe"], notice["rechtsbehelf"]
            self._tell(f"bereitgestellt, and announced on {day['on']} ({day['basis']})")
            self._tell(f"Frist until {frist['frist_ends_on']}; the citizen was told by e-mail")
        with step("the authority keeps what the log has signed"):
            await self._read_feed(authority, len(notice["timeline"]))
        return notice, bescheid

    async def look_at_mail(self, http: aiohttp.ClientSession) -> None:
        """As anybody on this machine: see in the catcher what the mail tells the citizen, and what it does not."""
        with step("the mail is in the catcher"):
            page = await Browser(http, self._base_url).open("/dev/mail")
            address = address_of(self._players.username)
            mails = [mail for mail in page.articles if address in mail.split()]
            expect(bool(mails), f"/dev/mail answered {page.status} and shows none to {address}")
            expect(AUTHORITY in mails[0], "it does not say which authority has written")
            expect(not any(secret in mails[0] for secret in (SUBJECT, CASE)), "it says what the notice is about")
            expect("://" not in mails[0], "it has a link")
        self._tell(f"the mail in the catcher names {AUTHORITY}, not what it is about, and has no link")

    async def read(self, http: aiohttp.ClientSession, notice: dict[str, Any], bescheid: File) -> None:
        """As the citizen: log in, see the notice unread, open it, download the document."""
        browser = Browser(http, self._base_url)
        with step("the citizen logs in"):
            postbox = await browser.log_in(self._players.username, self._players.password)
            expect(postbox.url == "/postfach", "the log-in did not lead to the postbox")
        with step("the citizen sees the notice, unread"):
            peeked = await browser.open(f"/postfach/{notice['id']}")
            expect(bescheid.name not in peeked.text, "an unread notice showed its attachments to a GET")
        self._tell("the citizen is logged in and sees the notice, unread")
        with step("the citizen opens the notice"):
            opened = await browser.send(postbox.form(SUBJECT))
            expect(bescheid.name in opened.links, "the opened notice does not show its document")
            document = await browser.download(opened.links[bescheid.name])
            expect(document == bescheid.data, "the document is not the one that was posted")
        self._tell("opened: the document is the one that was posted, byte for byte")

    async def look_back(self, http: aiohttp.ClientSession, notice: dict[str, Any]) -> dict[str, Any]:
        """As the authority again: read the notice and the feed."""
        players = self._players
        authority = AuthorityClient(http, self._base_url, players.client_id, players.key, players.kid)
        with step("the authority reads what became of the notice"):
            _, final = await authority.get(f"/api/v1/notices/{notice['id']}")
            expect(final["status"] == "abgerufen", f"the status is {final['status']}")
            steps = [one["step"] for one in final["timeline"]]
            expect(steps == ["accepted", "bereitgestellt", "benachrichtigt", "abgerufen"], f"the timeline is {steps}")
        with step("the authority reads the event feed"):
            events = await self._read_feed(authority, len(steps))
            expect(events == steps, f"the event feed says {events}")
        self._tell("the authority sees every step in the notice and in the event feed, in order")
        if self._state:
            self._tell("the log only grew since the authority first looked at it")
        return dict(final)

    async def prove(self, http: aiohttp.ClientSession, notice: dict[str, Any], bescheid: File) -> None:
        """As the authority: fetch the evidence, and verify it with the key that came with the registration."""
        players = self._players
        authority = AuthorityClient(http, self._base_url, players.client_id, players.key, players.kid)
        with step("the evidence verifies offline"):
            bundle = await self._until_logged(authority, notice["id"])
            verified = verify_bundle(bundle.text().encode(), [VKey.read(players.log_vkey)])
            find_files(verified, {bescheid.name: sha256(bescheid.data).digest()})
            steps = [one["step"] for one in notice["timeline"]]
            proven = [one.step for one in verified.statements]
            expect(verified.trusted, "the log's key is not the one that the authority was given")
            expect(proven[: len(steps)] == steps, f"the evidence is about {proven}")
        self._tell(f"evidence verifies offline: {len(proven)} signed statements, all in the log, about this document")

    async def _read_feed(self, authority: AuthorityClient, count: int) -> list[str]:
        """Return so many steps from the feed, or what there was in time."""
        events: list[str] = []
        cursor = ""
        for _ in range(PATIENCE_SECONDS):
            _, page = await authority.events(cursor, state=self._state, trust=self._players.log_vkey, wait="1")
            events += [event["step"] for event in page["events"]]
            cursor = page["cursor"]
            if len(events) >= count:
                break
        return events

    async def _until_logged(self, authority: AuthorityClient, notice_id: str) -> Bundle:
        for _ in range(PATIENCE_SECONDS * 4):
            status, answer = await authority.get(f"/api/v1/notices/{notice_id}/evidence.json")
            if status == HTTPStatus.OK:
                return Bundle.model_validate(answer)
            expect(status == HTTPStatus.SERVICE_UNAVAILABLE, f"it answered {status}: {answer}")
            await asyncio.sleep(0.25)
        raise Failed("the notice's statements were not in the log in time")

    async def _until_benachrichtigt(self, authority: AuthorityClient, notice_id: str) -> dict[str, Any]:
        for _ in range(PATIENCE_SECONDS * 20):
            _, notice = await authority.get(f"/api/v1/notices/{notice_id}")
            if notice["benachrichtigt_at"]:
                return notice
            await asyncio.sleep(0.05)
        raise Failed("the citizen was not told in time")


def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like a sentence
    """Raise `Failed` unless something holds."""
    if not holds:
        raise Failed(otherwise)
