"""Sessions of citizens: opaque to the browser, hashed in the store, with an idle and an absolute end.

What a session may do is locked under `vault`: a row written into the database by somebody else opens nothing.
"""

import hmac
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.trust import TrustLevel
from sk.crypto.context import Context
from sk.crypto.sign import encode
from sk.errors import Conflict, Damaged, NotFound
from sk.events import SessionEnded
from sk.services import Services
from sk.store.port import Aggregate

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)


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
    seen_at: datetime


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
        opened = services.keys.lock_key("vault").unlock(_context(session.id), session.grant)
    except (NotFound, Damaged):
        return None
    grant = Grant.model_validate_json(opened)
    now = services.clock.now()
    idle = now - session.seen_at
    if idle >= timedelta(minutes=services.settings.session_idle_minutes):
        return None
    if now - grant.since >= timedelta(hours=services.settings.session_max_hours):
        return None
    try:
        account = await services.store.get(Account, grant.account_id)
    except NotFound:
        return None
    if account.log_in_locked or not account.is_open:
        return None
    if idle >= TOUCH_EVERY:
        session.seen_at = now
        with suppress(Conflict):  # another request of the same person has just been seen
            await services.store.save(session)
    return LogIn(session_id=session.id, **grant.model_dump(exclude={"since"}))


async def end_session(session_id: str, services: Services) -> None:
    """End a session at once."""
    try:
        await services.store.save(remove=[await services.store.get(Session, session_id)])
    except NotFound:
        return


def csrf_matches(log_in: LogIn, sent: str) -> bool:
    """Tell whether a form was given out by us to this session."""
    return hmac.compare_digest(log_in.csrf.encode(), sent.encode())


def _id_of(token: str) -> str:
    return encode(sha256(token.encode()).digest())


def _context(session_id: str) -> Context:
    return Context("session", "", session_id)
