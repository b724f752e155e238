"""The whole platform inside a test's process: the embedded adapters, a real HTTP server, and a clock to move.

Workers do not run by themselves here: `settle` lets everything happen that is due, and then it is quiet.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from sk.auth.account import Account
from sk.auth.authorities import registered
from sk.auth.authority import Authority, AuthorityCard, public_jwk
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.members import Role, name_member
from sk.auth.passwords import Passwords
from sk.auth.registry import Wanted, add_account
from sk.auth.sessions import new_session
from sk.auth.trust import Means, TrustLevel
from sk.client import AuthorityClient, File, new_key
from sk.config import load_settings
from sk.crypto.keyring import create_keys, load_keys
from sk.demo.browser import Browser
from sk.evidence.log import Memory
from sk.ids import new_id
from sk.installation import ensure_installation
from sk.mail.port import Mail, Receipt
from sk.services import Services, open_services
from sk.web.app import make_app
from sk.workers.evidence import keep_log
from sk.workers.handle import receiver
from sk.workers.table import HANDLERS, WEB
from tests.fakes import FakeClock

WORKER_ROLES = ("delivery", "notification", "evidence")
SOON = timedelta(minutes=1)


@dataclass
class KeptMails:
    """`Mailer` that keeps mails, read as mail programs read them; `trouble` is raised once if a test puts it there."""

    sent: list[EmailMessage] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    async def send(self, mail: Mail) -> Receipt:
        """See `Mailer.send`."""
        if self.trouble:
            raise self.trouble.pop()
        self.sent.append(message_from_bytes(mail.content, _class=EmailMessage, policy=default))
        return Receipt("mail.test", 250, "2.0.0", f"kept-{len(self.sent)}")

    async def check(self) -> None:
        """See `Mailer.check`."""


@dataclass(frozen=True)
class Citizen:
    """Somebody with an account."""

    account: Account
    username: str
    password: str
    handle: str


@dataclass(frozen=True)
class World:
    """A platform, and who lives there. `web` holds web's keys, `workers` only those of the workers."""

    web: Services
    workers: Services
    clock: FakeClock
    mails: KeptMails
    base_url: str
    data: Path
    http: aiohttp.ClientSession
    memory: Memory = field(default_factory=Memory)

    async def authority(self, name: str = "Stadt Musterstadt", **card: Any) -> AuthorityClient:
        """Register an authority and return its client."""
        key, jwk = new_key()
        facts: dict[str, Any] = {"land": "NW", "laws": ("ozg-9",), **card}
        registered = AuthorityCard(authority=new_id(), name=name, jwks=(public_jwk(jwk),), **facts)
        await self.web.store.save(Authority.registered(registered, self.web.keys.signer("sign-web")))
        return AuthorityClient(self.http, self.base_url, registered.authority, key, jwk["kid"], self.clock)

    async def citizen(
        self, username: str = "erika", *, trust: TrustLevel = "high", einwilligung: bool = True, email: str = ""
    ) -> Citizen:
        """Add an account that can be used at once."""
        wanted = Wanted(username, email or f"{username}@example.org", trust, einwilligung)
        added = await add_account(wanted, Passwords(), self.web)
        handle = handle_towards(added.account, EVERY_SECTOR, self.web)
        return Citizen(added.account, username, added.secret, handle)

    async def member(self, authority: AuthorityClient, *roles: Role, username: str = "sachbearbeiterin") -> Citizen:
        """Add an account that may act for an authority by hand."""
        who = await self.citizen(username)
        await self.let_act(authority, who, *roles)
        return who

    async def let_act(self, authority: AuthorityClient, who: Citizen, *roles: Role) -> None:
        """Let somebody act for an authority by hand, with these roles and no others."""
        await name_member(await registered(authority.client_id, self.web), who.account, roles, self.web)

    @asynccontextmanager
    async def strong_browser(self, citizen: Citizen, means: Means = "passkey") -> AsyncIterator[Browser]:
        """Open a browser of somebody who has logged in by more than a password, with no need to show it."""
        begun = new_session(citizen.account.id, "low", means, self.web)
        await self.web.store.save(begun.session)
        jar = aiohttp.CookieJar(unsafe=True)  # see above
        jar.update_cookies({"session": begun.token}, URL(self.base_url))
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Browser(http, self.base_url)

    @asynccontextmanager
    async def browser(self, citizen: Citizen | None = None) -> AsyncIterator[Browser]:
        """Open a browser of somebody's own, logged in if it is somebody's."""
        jar = aiohttp.CookieJar(unsafe=True)  # the server has an address for a name
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            browser = Browser(http, self.base_url)
            if citizen:
                await browser.log_in(citizen.username, citizen.password)
            yield browser

    async def settle(self) -> None:
        """Let the workers do all that is due, until nothing is. It takes a moment, as it would."""
        receive, receive_as_web = receiver(self.workers), receiver(self.web)
        self.clock.advance(seconds=1)
        while due := await self.workers.store.take_due("test", self.clock.now(), limit=100, lease=SOON):
            for event in due:
                await (receive_as_web if HANDLERS[type(event)].worker == WEB else receive)(event.id)
            self.clock.advance(seconds=1)
        while await keep_log(self.workers, self.memory):
            pass

    async def delivered(self, **changes: Any) -> "Delivered":
        """Have a notice posted by a fresh authority, delivered to a fresh citizen and told of."""
        authority = await self.authority(laws=(changes.get("law") or "ozg-9",))
        citizen = await self.citizen(f"citizen-{new_id()[:8]}")
        files = changes.pop("files", [A_FILE])
        status, answer = await authority.post(a_notice(citizen.handle, **changes), files)
        assert status == 202, answer
        await self.settle()
        return Delivered(authority, citizen, str(answer["id"]), answer)


@dataclass(frozen=True)
class Delivered:
    """A notice in somebody's postbox."""

    authority: AuthorityClient
    citizen: Citizen
    notice_id: str
    answer: dict[str, Any]


A_FILE = File("bescheid.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 200)


def a_notice(handle: str, **changes: Any) -> dict[str, Any]:
    """Return a notice that is in order, but for the changes; None takes a field out."""
    notice = {
        "reference": new_id(),
        "to": handle,
        "kind": "verwaltungsakt",
        "law": "ozg-9",
        "rechtsbehelf": "klage-vwgo",
        "belehrung": True,
        "subject": "Bescheid über Ihren Antrag",
        "text": "Guten Tag, anbei Ihr Bescheid.",
        "case": "32.4-0815",
    }
    return {name: value for name, value in {**notice, **changes}.items() if value is not None}


@asynccontextmanager
async def open_world(data: Path, clock: FakeClock, **settings: Any) -> AsyncIterator[World]:
    """Open a platform in a folder; one that holds keys already is gone on with."""
    if not (data / "keys").exists():
        create_keys(data / "keys")
    mails = KeptMails()
    chosen = load_settings({"data": data, **settings})
    async with (
        open_services(chosen, ["web"], clock=clock, only_these_keys=False) as opened,
        _served(replace(opened, mailer=mails)) as served,
        aiohttp.ClientSession() as http,
    ):
        await ensure_installation(served)
        worker_keys = load_keys(data / "keys", WORKER_ROLES, only_these=False)
        workers = replace(served, keys=worker_keys)
        yield World(served, workers, clock, mails, served.base_url, data, http)


@asynccontextmanager
async def _served(services: Services) -> AsyncIterator[Services]:
    """Serve the application on a free port; yield the services, which now know their base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = replace(services, base_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        runner = web.AppRunner(make_app(served), access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield served
        finally:
            await runner.cleanup()
