"""Log-ins to portals: what a portal may ask for about a citizen, for as long as the session lasts that it came from.

It begins with a code and ends with that session, with a logout, with the consent, or in time; its portal is told.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.authorization import Asked
from sk.auth.claims import Person, Wish
from sk.auth.consent import agreed_to, consent_id
from sk.auth.errands import Errand, begin_errand, open_errand
from sk.auth.handles import handle_towards
from sk.auth.journal import belongs_to
from sk.auth.own_key import own_lock
from sk.auth.portal import PortalCard
from sk.auth.sessions import LogIn, session_called
from sk.auth.trust import TrustLevel
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import encode
from sk.errors import Damaged, NotFound
from sk.events import PortalLogInEnded
from sk.ids import new_id
from sk.safe.picking import Picked
from sk.services import Services
from sk.store.port import Aggregate, Key
from sk.store.races import looking_again

CODE = "code"
CODE_LASTS = timedelta(seconds=60)
SECRET_BYTES = 32


class Granted(BaseModel):
    """What a code stands for. `used_by` is the log-in that it has led to: a second use ends that."""

    asked: Asked
    account_id: str
    level: TrustLevel
    since: AwareDatetime
    sid: str
    ends_at: AwareDatetime
    documents: tuple[Picked, ...] = ()
    used_by: str = ""


class Held(BaseModel):
    """What is locked in a log-in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    portal: str
    wish: Wish
    scope: str
    nonce: str
    level: TrustLevel
    since: AwareDatetime
    ends_at: AwareDatetime
    refresh_digest: str
    documents: tuple[Picked, ...] = ()


class PortalLogIn(Aggregate):
    """A log-in as the store keeps it. `sid` is the citizen's session, which no portal learns: its own is this id."""

    kind: ClassVar[str] = "portal_log_in"

    belongs: str
    sid: str
    consent: str
    locked: bytes
    ended: bool = False

    def keys(self) -> Iterable[Key]:
        """Be found by account, session and consent, with each of which it ends."""
        yield Key("belongs", self.belongs)
        yield Key("sid", self.sid)
        yield Key("consent", self.consent)

    def open(self, vault: LockKey) -> Held:
        """Return what it is worth, or raise `Damaged`."""
        return Held.model_validate_json(vault.unlock(_context(self.id), self.locked))


def begin_code(asked: Asked, log_in: LogIn, services: Services, documents: tuple[Picked, ...] = ()) -> Errand[Granted]:
    """Return a code for a portal, to be saved, with the documents that were picked for it."""
    hours = timedelta(hours=services.settings.session_max_hours)
    granted = Granted(
        asked=asked,
        account_id=log_in.account_id,
        level=log_in.level,
        since=log_in.since,
        sid=log_in.sid,
        ends_at=log_in.since + hours,
        documents=documents,
    )
    return begin_errand(CODE, granted, services, account_id=log_in.account_id, lasts=CODE_LASTS)


@looking_again
async def redeem(
    code: str, portal: PortalCard, redirect_uri: str, verifier: str, key: str, services: Services
) -> tuple[PortalLogIn, str]:
    """Turn a code into a log-in; return it with its refresh token. `NotFound` says why it cannot be.

    Whoever comes with a code that was used ends what it led to: one of the two has stolen it.
    """
    errand = await open_errand(CODE, Granted, code, services)
    granted = errand.content
    asked = granted.asked
    if asked.portal != portal.portal:
        raise NotFound("this code was given to another client")
    if granted.used_by:
        await end(granted.used_by, services)
        raise NotFound("this code was used before; what it led to has ended")
    if redirect_uri != asked.redirect_uri:
        raise NotFound("redirect_uri is not that of the request")
    if not hmac.compare_digest(encode(sha256(verifier.encode(errors="replace")).digest()), asked.challenge):
        raise NotFound("code_verifier does not fit the challenge")
    if asked.key and key != asked.key:
        raise NotFound("the code is bound to another key")
    session = await session_called(granted.account_id, granted.sid, services)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    held = Held(
        account_id=granted.account_id,
        portal=portal.portal,
        wish=asked.wish,
        scope=asked.scope,
        nonce=asked.nonce,
        level=granted.level,
        since=granted.since,
        ends_at=granted.ends_at,
        refresh_digest=_digest(secret),
        documents=granted.documents,
    )
    id_ = new_id()
    log_in = PortalLogIn(
        id=id_,
        belongs=belongs_to(granted.account_id, services),
        sid=granted.sid,
        consent=consent_id(granted.account_id, portal.portal, services),
        locked=services.keys.lock_key("vault").lock(_context(id_), held.model_dump_json().encode()),
    )
    log_in.emit(PortalLogInEnded(log_in_id=id_), due=held.ends_at)
    granted.used_by = id_
    await services.store.save(errand.to_save(services), log_in, session)
    return log_in, f"{id_}.{secret}"


async def refreshed(token: str, portal: PortalCard, services: Services) -> PortalLogIn:
    """Return the log-in of a refresh token, or raise `NotFound`. The token stays good: a lost answer loses nothing.

    It is bound to its portal, which shows who it is, and not to the key of a proof (RFC 9449 section 5).
    """
    id_, _, secret = token.partition(".")
    log_in = (await services.store.get_many(PortalLogIn, [id_])).get(id_)
    held = log_in.open(services.keys.lock_key("vault")) if log_in else None
    shown = (portal.portal, _digest(secret))
    if log_in is None or held is None or not hmac.compare_digest(repr(shown), repr((held.portal, held.refresh_digest))):
        raise NotFound("there is no such refresh token, or its log-in has ended")
    return log_in


async def person_of(log_in: PortalLogIn, portal: PortalCard, services: Services) -> tuple[Held, Person]:
    """Return what a log-in is worth now, and whom it is about; `NotFound` if it has ended.

    The consent is asked for each time: once it is withdrawn, nothing more is told.
    """
    held = log_in.open(services.keys.lock_key("vault"))
    agreed = await agreed_to(held.account_id, held.portal, services)
    if log_in.ended or agreed is None or held.portal != portal.portal or held.ends_at <= services.clock.now():
        raise NotFound("this log-in has ended")
    account = await services.store.get(Account, held.account_id)
    if not account.standing(services.keys.signers).may_log_in:
        raise NotFound("this log-in has ended")
    held = held.model_copy(update={"wish": held.wish.among(agreed).among(portal.claims)})
    documents = [{**one.model_dump(), "href": f"/api/v1/shares/{one.share}/{one.number}"} for one in held.documents]
    return held, (await person_towards(account, portal, services))._replace(documents=documents)


async def person_towards(account: Account, portal: PortalCard, services: Services) -> Person:
    """Return what a portal could be told of somebody."""
    profile = account.open_profile(await own_lock(account.id, services))
    address = account.open_mail(services.keys.lock_key("mail")).address
    return Person(profile, address, handle_towards(account, portal.authority, services))


def pairwise_sub(account_id: str, portal: PortalCard, services: Services) -> str:
    """Return by which name a portal knows an account: nobody can join those of two authorities, or sectors."""
    return services.keys.index.blind("sub", f"{portal.authority} {portal.sector} {account_id}")


@looking_again
async def end(log_in_id: str, services: Services) -> None:
    """End a log-in at once: its tokens are worth nothing from now on. Its portal has not to be told."""
    try:
        log_in = await services.store.get(PortalLogIn, log_in_id)
    except (NotFound, Damaged):
        return
    await services.store.save(remove=[log_in])


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()


def _context(log_in_id: str) -> Context:
    return Context("portal-log-in", "", log_in_id)
