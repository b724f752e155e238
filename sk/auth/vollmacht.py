"""A Vollmacht: a person may act for an account in its postbox, fetch what lies there and, if granted, reply to it.

It is offered with a code that its principal hands over, and holds once another account has accepted it. What it says is
locked under `vault`: a row that somebody else has written into the database opens nothing.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.journal import belongs_to
from sk.auth.trust import TrustLevel
from sk.clock import day_ends_at, local_day
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged, NotFound
from sk.evidence.opening import VollmachtOpening
from sk.evidence.statement import Statement, verified
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under

OFFERED_FOR = timedelta(days=14)
"""How long a code may be used."""
HELD_MAX = 100
"""To and from one account at a time; those that are over do not count."""
STATED = {"vollmacht-granted", "vollmacht-accepted"}
"""What is stated of one by which somebody may act."""
log = logging.getLogger(__name__)
Ended = Literal["rejected", "revoked", "laid-down"]
Phase = Ended | Literal["offered", "unused", "before", "in-force", "over"]


class Terms(BaseModel):
    """What is locked in a Vollmacht: between whom, for what, from when to when, and what became of it.

    `id` is what statements name it by. Without an authority it is for every one. `representative_name` is how the
    principal calls who is to act for them, `accepted_name` the name in the account that has accepted it. `level` is
    that of the session that has granted it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    principal: str
    principal_name: str
    representative: str = ""
    representative_name: str
    authority: str = ""
    replies: bool
    begins_on: date
    ends_on: date
    level: TrustLevel
    document: str
    document_salt: str
    granted_at: AwareDatetime
    code: str = ""
    accepted_at: AwareDatetime | None = None
    accepted_name: str = ""
    name_salt: str = ""
    acted_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    ended: Ended | None = None

    @property
    def last_at(self) -> datetime:
        """Return when it last came to something: whatever is stated next is later, whosever clock says when."""
        return max(filter(None, (self.granted_at, self.accepted_at, self.acted_at)))

    def phase(self, now: datetime) -> Phase:
        """Return how it stands with it at a moment."""
        if self.ended:
            return self.ended
        if not self.accepted_at:
            return "offered" if now < self.offered_until else "unused"
        if local_day(now) < self.begins_on:
            return "before"
        return "in-force" if local_day(now) <= self.ends_on else "over"

    @property
    def offered_until(self) -> datetime:
        """Return until when it can be accepted."""
        return min(self.granted_at + OFFERED_FOR, day_ends_at(self.ends_on))

    def covers(self, authority_id: str, now: datetime) -> bool:
        """Tell whether somebody may act by it in what an authority has sent."""
        return self.phase(now) == "in-force" and self.authority in ("", authority_id)

    def opening(self) -> VollmachtOpening:
        """Return what opens what its statements commit to, for the evidence of what was done by it."""
        return VollmachtOpening(
            document=self.document,
            document_salt=self.document_salt,
            name=self.accepted_name,
            name_salt=self.name_salt,
        )


class Vollmacht(Aggregate):
    """A Vollmacht as the store keeps it. `belongs` are blind indexes: of its principal, and of who has accepted it.

    Its id is a blind index as well, of what statements name it by: these stand beside a notice and its account.
    """

    kind: ClassVar[str] = "vollmacht"
    leaves_no_trace: ClassVar[bool] = True

    locked: bytes
    belongs: list[str]
    code_index: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by both accounts, each of which may be erased, and by the code as long as it waits for it."""
        yield from (Key("belongs", index) for index in self.belongs)
        yield from (Key("accepted", index) for index in self.belongs[1:])
        if self.code_index:
            yield Key("code", self.code_index, unique=True)

    def open(self, vault: LockKey) -> Terms:
        """Return what it says, or raise `Damaged`."""
        return Terms.model_validate_json(vault.unlock(_context(self.id), self.locked))

    def change(self, terms: Terms, vault: LockKey) -> None:
        """Let it say something else from now on."""
        self.locked = vault.lock(_context(self.id), terms.model_dump_json().encode())


class Opened(NamedTuple):
    """A Vollmacht and what it says."""

    terms: Terms
    stored: Vollmacht

    @property
    def id(self) -> str:
        """Return what pages and statements name it by."""
        return self.terms.id


def row_id(vollmacht_id: str, services: Services) -> str:
    """Return the id of the row in which a Vollmacht is kept."""
    return services.keys.index.blind("vollmacht-row", vollmacht_id)


async def vollmachten_of(account_id: str, services: Services) -> list[Opened]:
    """Return all that an account has granted or accepted, the newest first."""
    found = await _found("belongs", account_id, services)
    return sorted(found, key=lambda one: one.terms.granted_at, reverse=True)


async def held_by(account_id: str, services: Services) -> list[Opened]:
    """Return by what an account may act for others today, unless something else is in the way (`holds`)."""
    now = services.clock.now()
    return [one for one in await _found("accepted", account_id, services) if one.terms.phase(now) == "in-force"]


async def own_vollmacht(vollmacht_id: str, account_id: str, services: Services) -> Opened:
    """Return one that an account has granted or accepted; another is as unknown as one that never was."""
    one = _opened(await services.store.get(Vollmacht, row_id(vollmacht_id, services)), services)
    if one is None or account_id not in (one.terms.principal, one.terms.representative):
        raise NotFound("there is no such Vollmacht")
    return one


async def holds(one: Opened, services: Services) -> bool:
    """Tell whether somebody may act by a Vollmacht right now.

    Nobody may while its principal themselves could not log in: the account is locked, or is being erased.
    """
    if one.terms.phase(services.clock.now()) != "in-force":
        return False
    principal = await services.store.get(Account, one.terms.principal)
    return principal.standing(services.keys.signers).may_log_in and await _is_stated(one, services)


async def _is_stated(one: Opened, services: Services) -> bool:
    """Tell whether a Vollmacht was stated to be granted and accepted, and not to have ended.

    A row can be put back by whoever writes into the database, or by a restore; a statement cannot be made. Somebody
    else may just have ended it: then it is another row by now, and nothing to raise the alarm about.
    """
    found = await services.store.find(Statement, "vollmacht", one.id)
    try:
        steps = {verified(statement, services.keys.signers, statement.step)["step"] for statement in found}
    except Damaged:
        steps = set()
    if steps == STATED and not any(statement.refused for statement in found):
        return True
    if (await services.store.get(Vollmacht, one.stored.id)).version == one.stored.version:
        _alarm(one.stored)
    return False


async def _found(index: str, account_id: str, services: Services) -> list[Opened]:
    """Return all to which an index leads."""
    rows = all_under(services.store, Vollmacht, index, belongs_to(account_id, services))
    return [one async for row in rows if (one := _opened(row, services))]


def _opened(stored: Vollmacht, services: Services) -> Opened | None:
    """Return what a Vollmacht says. By one that somebody has tampered with nobody acts, and it hides no other."""
    try:
        return Opened(stored.open(services.keys.lock_key("vault")), stored)
    except Damaged:
        _alarm(stored)
        return None


def _alarm(one: Vollmacht) -> None:
    log.critical("vollmacht-damaged", extra={"vollmacht_id": one.id})


def _context(vollmacht_id: str) -> Context:
    return Context("vollmacht", "", vollmacht_id)
