"""Sessions of citizens: opaque to the browser, hashed in the store, with an idle and an absolute end.

What a session may do is locked under `vault`: a row written into the database by somebody else opens nothing. It hangs
on a blind index of its account, so that its owner finds it and ends it, and a thief of the store does not learn whose
it is.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.journal import belongs_to
from sk.auth.trust import FRESH, Means, TrustLevel
from sk.config import Settings
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import encode
from sk.errors import Conflict, Damaged, NotFound
from sk.events import LoggedOut, SessionEnded
from sk.ids import new_id
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under
from sk.store.races import looking_again

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Grant(BaseModel):
    """What is locked in a session. `since` is the moment at which its owner showed who they are.

    `sid` stays the same where one session takes the place of another of the same person: by it their log-ins to portals
    are found.
    """

    model_config = ConfigDict(extra="forbid")

    account_id: str
    level: TrustLevel
    means: Means
    since: AwareDatetime
    csrf: str
    label: str = ""
    sid: str = ""


class Session(Aggregate):
    """A session as the store keeps it. Its id is the SHA-256 of the token in the browser's cookie."""

    kind: ClassVar[str] = "session"

    grant: bytes
    seen_at: AwareDatetime
    belongs: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by the account it belongs to."""
        if self.belongs:
            yield Key("belongs", self.belongs)

    def open(self, vault: LockKey) -> Grant:
        """Return what the session may do, or raise `Damaged`."""
        return Grant.model_validate_json(vault.unlock(_context(self.id), self.grant))


class LogIn(BaseModel):
    """Who is at the other end of a request, how surely, since when, and in which browser."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    account_id: str
    level: TrustLevel
    means: Means
    since: AwareDatetime
    csrf: str
    label: str = ""
    sid: str = ""


class Begun(NamedTuple):
    """A session that is to be saved, the token for its cookie, and what it is called where another takes its place."""

    session: Session
    token: str
    sid: str


class Listed(NamedTuple):
    """A session as its owner sees it."""

    id: str
    grant: Grant
    seen_at: datetime


def new_session(
    account_id: str,
    level: TrustLevel,
    means: Means,
    services: Services,
    label: str = "",
    *,
    since: datetime | None = None,
    sid: str = "",
) -> Begun:
    """Return a fresh session, to be saved in the write of what leads to it. Its owner has shown just now who they are.

    `since` says when that was, if it was earlier, and `sid` what the session was called in whose place it comes.
    """
    now, token = services.clock.now(), secrets.token_urlsafe(TOKEN_BYTES)
    csrf, id_ = secrets.token_urlsafe(TOKEN_BYTES), _id_of(token)
    grant = Grant(
        account_id=account_id,
        level=level,
        means=means,
        since=since or now,
        csrf=csrf,
        label=label,
        sid=sid or new_id(),
    )
    locked = services.keys.lock_key("vault").lock(_context(id_), grant.model_dump_json().encode())
    session = Session(id=id_, grant=locked, seen_at=now, belongs=belongs_to(account_id, services))
    session.emit(SessionEnded(session_id=id_), due=now + timedelta(hours=services.settings.session_max_hours))
    return Begun(session, token, grant.sid)


async def current_log_in(token: str, services: Services, *, by_itself: bool = False) -> LogIn | None:
    """Return who holds a token, or None if the session has ended.

    Being seen keeps it from going idle, unless a page asks by itself: then perhaps nobody is there.
    """
    try:
        session = await services.store.get(Session, _id_of(token))
        grant = session.open(services.keys.lock_key("vault"))
        account = await services.store.get(Account, grant.account_id)
    except NotFound:
        return None
    except Damaged:
        log.critical("session-damaged", extra={"session_id": _id_of(token)})
        return None
    now = services.clock.now()
    if _has_ended(session, grant, now, services.settings) or not account.standing(services.keys.signers).may_log_in:
        return None
    if now - session.seen_at >= TOUCH_EVERY and not by_itself:
        session.seen_at = now
        with suppress(Conflict):  # another request of the same person has just been seen
            await services.store.save(session)
    return LogIn(session_id=session.id, **grant.model_dump())


def is_fresh(log_in: LogIn, now: datetime) -> bool:
    """Tell whether somebody has shown just now who they are, so that they may change the ways into their account."""
    return now - log_in.since <= FRESH


async def session_before(token: str, account_id: str, services: Services) -> tuple[list[Session], str]:
    """Return the session of a token, to be removed by the one that takes its place, and the `sid` that goes on.

    Portals hear of it if it was somebody else's, who is logged out by this.
    """
    try:
        session = await services.store.get(Session, _id_of(token))
    except (NotFound, Damaged):
        return [], ""
    grant = _grant(session, services)
    if grant and grant.account_id == account_id:
        return [session], grant.sid
    return [_logged_out(session, grant, services)], ""


async def list_sessions(account_id: str, services: Services) -> list[Listed]:
    """Return the sessions of an account that may go on, the newest first."""
    now, settings = services.clock.now(), services.settings
    found = [
        Listed(session.id, grant, session.seen_at)
        async for session, grant in _sessions(account_id, services)
        if not _has_ended(session, grant, now, settings)
    ]
    return sorted(found, key=lambda listed: listed.grant.since, reverse=True)


async def stored_sessions(account_id: str, services: Services, *, sid: str = "") -> list[Session]:
    """Return all sessions of an account, to be removed in the write of what ends them; portals hear of each.

    `sid` is that of one in whose place another comes in the same write.
    """
    return [
        session if grant.sid == sid else _logged_out(session, grant, services)
        async for session, grant in _sessions(account_id, services)
    ]


@looking_again
async def end_session(session_id: str, services: Services) -> None:
    """End a session at once, also while another window of the same person is using it."""
    with suppress(NotFound):
        session = await services.store.get(Session, session_id)
        await services.store.save(remove=[_logged_out(session, _grant(session, services), services)])


async def session_called(account_id: str, sid: str, services: Services) -> Session:
    """Return the session that is called so, or another in its place; `NotFound` if it has ended.

    What is saved together with it is saved only if nobody ends it in the meantime.
    """
    async for session, grant in _sessions(account_id, services):
        if grant.sid == sid and not _has_ended(session, grant, services.clock.now(), services.settings):
            return session
    raise NotFound("the citizen has logged out")


async def end_session_of(account_id: str, session_id: str, services: Services) -> None:
    """End a session of an account; one that is not its own is `NotFound`."""
    if session_id not in [session.id async for session, _ in _sessions(account_id, services)]:
        raise NotFound("there is no such session")
    await end_session(session_id, services)


async def end_other_sessions(log_in: LogIn, services: Services) -> int:
    """End every session of an account but the one that asks for it; return how many these were."""
    others = [session.id async for session, _ in _sessions(log_in.account_id, services)]
    for session_id in set(others) - {log_in.session_id}:
        await end_session(session_id, services)
    return len(set(others) - {log_in.session_id})


async def _sessions(account_id: str, services: Services) -> AsyncIterator[tuple[Session, Grant]]:
    """Yield what the index leads to and is what it should be: somebody else may have written both."""
    async for session in all_under(services.store, Session, "belongs", belongs_to(account_id, services)):
        grant = _grant(session, services)
        if grant and grant.account_id == account_id:
            yield session, grant
        else:
            log.critical("session-damaged", extra={"session_id": session.id})


def _logged_out(session: Session, grant: Grant | None, services: Services) -> Session:
    """Return a session that is about to be removed: the portals that it has led to are told in time."""
    if grant and grant.sid:
        session.emit(LoggedOut(sid=grant.sid), due=services.clock.now())
    return session


def _grant(session: Session, services: Services) -> Grant | None:
    try:
        return session.open(services.keys.lock_key("vault"))
    except Damaged:
        return None


def _has_ended(session: Session, grant: Grant, now: datetime, settings: Settings) -> bool:
    idle = now - session.seen_at >= timedelta(minutes=settings.session_idle_minutes)
    return idle or now - grant.since >= timedelta(hours=settings.session_max_hours)


def _id_of(token: str) -> str:
    return encode(sha256(token.encode(errors="replace")).digest())  # a cookie may be any bytes


def _context(session_id: str) -> Context:
    return Context("session", "", session_id)
