"""Sessions of citizens: opaque to the browser, hashed in the store, with an idle and an absolute end.

What a session may do is locked under `vault`: a row written into the database by somebody else opens nothing.
"""

import hmac
import logging
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.trust import TrustLevel
from sk.config import Settings
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import encode
from sk.errors import Conflict, Damaged, NotFound, Unavailable
from sk.events import SessionEnded
from sk.services import Services
from sk.store.port import Aggregate

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
TRIES = 5
log = logging.getLogger(__name__)


class Grant(BaseModel):
    """What is locked in a session."""

    model_config = ConfigDict(extra="forbid")

    account_id: str
    level: TrustLevel
    means: str
    since: datetime
    csrf: str


class Session(Aggregate):
    """A session as the store keeps it. Its id is the SHA-256 of the token in the browser's cookie."""

    kind: ClassVar[str] = "session"

    grant: bytes
    seen_at: AwareDatetime

    def open(self, vault: LockKey) -> Grant:
        """Return what the session may do, or raise `Damaged`."""
        return Grant.model_validate_json(vault.unlock(_context(self.id), self.grant))


class LogIn(BaseModel):
    """Who is at the other end of a request, and how surely."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    account_id: str
    level: TrustLevel
    means: str
    csrf: str


async def begin_session(account: Account, level: TrustLevel, means: str, services: Services) -> str:
    """Begin a session and return the token for the cookie."""
    now = services.clock.now()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    grant = Grant(account_id=account.id, level=level, means=means, since=now, csrf=secrets.token_urlsafe(TOKEN_BYTES))
    id_ = _id_of(token)
    locked = services.keys.lock_key("vault").lock(_context(id_), grant.model_dump_json().encode())
    session = Session(id=id_, grant=locked, seen_at=now)
    session.emit(SessionEnded(session_id=id_), due=now + timedelta(hours=services.settings.session_max_hours))
    await services.store.save(session)
    return token


async def current_log_in(token: str, services: Services) -> LogIn | None:
    """Return who holds a token, or None if the session has ended. Being seen keeps it from going idle."""
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
    if now - session.seen_at >= TOUCH_EVERY:
        session.seen_at = now
        with suppress(Conflict):  # another request of the same person has just been seen
            await services.store.save(session)
    return LogIn(session_id=session.id, **grant.model_dump(exclude={"since"}))


def _has_ended(session: Session, grant: Grant, now: datetime, settings: Settings) -> bool:
    idle = now - session.seen_at >= timedelta(minutes=settings.session_idle_minutes)
    return idle or now - grant.since >= timedelta(hours=settings.session_max_hours)


async def end_session(session_id: str, services: Services) -> None:
    """End a session at once, also while another window of the same person is using it."""
    for _ in range(TRIES):
        try:
            return await services.store.save(remove=[await services.store.get(Session, session_id)])
        except NotFound:
            return None
        except Conflict:
            continue  # it was just seen, or ended
    raise Unavailable


def csrf_matches(log_in: LogIn, sent: str) -> bool:
    """Tell whether a form was given out by us to this session."""
    return hmac.compare_digest(log_in.csrf.encode(), sent.encode(errors="replace"))


def _id_of(token: str) -> str:
    return encode(sha256(token.encode(errors="replace")).digest())  # a cookie may be any bytes


def _context(session_id: str) -> Context:
    return Context("session", "", session_id)
