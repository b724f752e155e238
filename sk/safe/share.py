"""A share: documents of a safe for one authority, for a purpose, until a moment, each to be fetched so many times.

What became of it is what was stated about it, and nothing else: whoever puts an older row back, or a restore that does,
gives the recipient nothing that was fetched up or revoked.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from sk.auth.journal import belongs_to
from sk.auth.own_key import own_lock
from sk.clock import MICROSECOND, local_day
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import decode
from sk.errors import Damaged, NotFound
from sk.evidence.opening import ShareOpening
from sk.evidence.spelling import hash_of, read_moment
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.safe.streams import Stream
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under

DOCUMENTS_MAX = 20
Phase = Literal["running", "used-up", "over", "revoked"]
log = logging.getLogger(__name__)


class Shared(BaseModel):
    """One of the documents of a share: the version that was its newest then, and how it was called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    version: int
    name: str
    type: str
    size: int


class Terms(BaseModel):
    """What its owner has locked in a share.

    `recipient` is how that was called then, `stated` how much was stated about the share at least.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: str
    opening: ShareOpening
    documents: tuple[Shared, ...]
    stated: int


class Opens(BaseModel):
    """What opens one document: its key, or that sealed to the recipient, and where its bytes lie."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    key: bytes = b""
    sealed_key: bytes = b""
    streams: tuple[Stream, ...]


class Access(BaseModel):
    """What the recipient needs while the owner is away: whose share it is and, until it ends, what opens it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str
    documents: tuple[Opens, ...] = ()


class Share(Aggregate):
    """A share as the store keeps it. Its id is no secret: it opens nothing to anybody but the recipient's client."""

    kind: ClassVar[str] = "share"

    authority_id: str
    belongs: str
    mine: bytes = b""
    access: bytes = b""

    def keys(self) -> Iterable[Key]:
        """Be found by the account, which may be erased."""
        yield Key("belongs", self.belongs)

    def give(self, access: Access, records: LockKey) -> None:
        """Let the recipient have this from now on."""
        self.access = records.lock(_context("", self.id), access.model_dump_json().encode())

    def taken(self, records: LockKey) -> Access:
        """Return what the recipient has, or raise `Damaged`."""
        return Access.model_validate_json(records.unlock(_context("", self.id), self.access))

    def keep(self, account_id: str, terms: Terms, own: LockKey) -> None:
        """Lock what its owner knows of it from now on."""
        self.mine = own.lock(_context(account_id, self.id), terms.model_dump_json().encode())

    def open(self, account_id: str, own: LockKey) -> Terms:
        """Return what its owner knows of it, or raise `Damaged`."""
        return Terms.model_validate_json(own.unlock(_context(account_id, self.id), self.mine))


class Opened(NamedTuple):
    """A share with all that was stated about it, in order."""

    account_id: str
    stored: Share
    terms: Terms
    said: Sequence[Mapping[str, Any]]
    last_hash: str
    own: LockKey

    @property
    def id(self) -> str:
        """Return what statements, and the owner towards the recipient, name it by."""
        return self.stored.id

    @property
    def granted_at(self) -> datetime:
        """Return when it began."""
        return read_moment(self.said[0]["at"])

    @property
    def until(self) -> datetime:
        """Return from which moment on nothing can be fetched any more."""
        return read_moment(self.said[0]["until"])

    @property
    def last_day(self) -> date:
        """Return the last day on which something can be fetched."""
        return local_day(self.until - MICROSECOND)

    @property
    def fetches(self) -> int:
        """Return how often each document can be fetched."""
        return int(self.said[0]["fetches"])

    @property
    def revoked_at(self) -> datetime | None:
        """Return when it was revoked, if it was."""
        return next((read_moment(says["at"]) for says in self.said if says["step"] == "share-revoked"), None)

    def sha256(self, number: int) -> str:
        """Return the SHA-256 of a document in hex, by its number from 1 on."""
        return decode(self.terms.opening.documents[number - 1].sha256).hex()

    def fetched(self, number: int) -> list[datetime]:
        """Return when a document was fetched."""
        return [read_moment(says["at"]) for says in self.said if says.get("document") == number]

    def is_used_up(self, number: int) -> bool:
        """Tell whether a document was fetched as often as it can be."""
        return len(self.fetched(number)) >= self.fetches

    def phase(self, now: datetime) -> Phase:
        """Return how it stands with it at a moment."""
        if self.revoked_at:
            return "revoked"
        if now >= self.until:
            return "over"
        is_used_up = all(self.is_used_up(number) for number, _ in enumerate(self.terms.documents, 1))
        return "used-up" if is_used_up else "running"

    def not_before_the_last(self, at: datetime) -> datetime:
        """Return a moment at which something is stated: later than what was stated last, whatever a clock says."""
        return max(at, read_moment(self.said[-1]["at"]) + MICROSECOND)

    def state(self, step: str, at: datetime, facts: Mapping[str, Any], services: Services) -> None:
        """State what becomes of it, to be saved with it."""
        number = len(self.said) + 1
        place = Place(self.stored.authority_id, number=number, previous=self.last_hash, share_id=self.id)
        self.stored.bear(make_statement(services.keys.signer("sign-web"), step, at, facts, place))
        self.stored.keep(self.account_id, self.terms.model_copy(update={"stated": number}), self.own)


async def shares_of(account_id: str, services: Services) -> list[Opened]:
    """Return all that an account has shared, the newest first."""
    rows = all_under(services.store, Share, "belongs", belongs_to(account_id, services))
    found = [await _opened(row, account_id, services) async for row in rows]
    return sorted((one for one in found if one), key=lambda one: one.granted_at, reverse=True)


async def own_share(share_id: str, account_id: str, services: Services) -> Opened:
    """Return what an account has shared; another is as unknown as one that never was."""
    stored = await services.store.get(Share, share_id)
    is_theirs = stored.belongs == belongs_to(account_id, services)
    found = await _opened(stored, account_id, services) if is_theirs else None
    if found is None:
        raise NotFound("this account has shared no such thing")
    return found


async def received(share_id: str, authority_id: str, services: Services) -> tuple[Opened, Access]:
    """Return what was shared with an authority, and what opens it; another is as unknown as one that never was."""
    unknown = NotFound(f"there is no share {share_id}")
    stored = (await services.store.get_many(Share, [share_id])).get(share_id)
    if stored is None or stored.authority_id != authority_id:
        raise unknown
    try:
        access = stored.taken(services.keys.lock_key("records"))
    except Damaged:
        _alarm(stored)
        raise unknown from None
    found = await _opened(stored, access.account, services)
    if found is None:
        raise unknown
    return found, access


async def told(stored: Share, account_id: str, services: Services) -> Opened:
    """Return a share with all that was stated about it, or raise `Damaged` if that is less than it knows of."""
    own = await own_lock(account_id, services)
    terms, said, last_hash = stored.open(account_id, own), list[Mapping[str, Any]](), ""
    async for statement in all_under(services.store, Statement, "share", stored.id):
        says = verified(statement, services.keys.signers, statement.step)
        place = (says["authority"], says.get("share"), says["number"], says["previous"])
        if statement.refused or place != (stored.authority_id, stored.id, len(said) + 1, last_hash):
            raise Damaged
        said.append(says)
        last_hash = hash_of(statement.jws)
    if len(said) < terms.stated:
        raise Damaged
    return Opened(account_id, stored, terms, said, last_hash, own)


async def _opened(stored: Share, account_id: str, services: Services) -> Opened | None:
    """Return the same. From one that somebody has tampered with nobody gets anything, and it hides no other."""
    try:
        return await told(stored, account_id, services)
    except Damaged:
        _alarm(stored)
        return None


def _alarm(stored: Share) -> None:
    log.critical("share-damaged", extra={"share_id": stored.id})


def _context(account_id: str, share_id: str) -> Context:
    return Context("share", account_id, share_id)
