"""The journal of an account: what happened to it and when. It is shown to its owner alone.

An entry is locked under `vault`, and it hangs on a blind index of the account: a thief of the store learns neither what
happened nor to whom.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.clock import microseconds
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.ids import new_id
from sk.services import Services
from sk.store.port import Aggregate, Cursor, Key

KEPT = timedelta(days=730)
FORGOTTEN_AT_ONCE = 20
What = Literal[
    "registered", "activated", "logged-in", "logged-in-from-new-device", "password-changed", "password-reset",
    "passkey-added", "passkey-removed", "passkey-refused", "card-removed", "totp-on", "totp-off",
    "recovery-codes-renewed", "recovery-code-used", "profile-changed", "email-changed", "card-bound",
    "bundid-bound", "bundid-removed", "erasure-asked",
    "erasure-cancelled", "inactivity-warned", "einwilligung-given", "einwilligung-withdrawn",
    "general-einwilligung-given", "general-einwilligung-withdrawn", "second-email-changed", "second-email-removed",
    "mail-settings-changed", "phrase-changed", "member-added", "member-removed",
    "vollmacht-granted", "vollmacht-accepted", "vollmacht-rejected", "vollmacht-revoked", "vollmacht-laid-down",
    "vollmacht-taken", "vollmacht-ended", "vollmacht-fetched", "vollmacht-replied",
    "share-granted", "share-fetched", "share-revoked", "share-over",
    "logged-in-to-portal", "portal-consent-given", "portal-consent-withdrawn",
]  # fmt: skip


class Entry(BaseModel):
    """What is locked in an entry: what happened, and the facts that its sentence names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    what: What
    facts: dict[str, str] = {}


class StoredEntry(Aggregate):
    """An entry as the store keeps it."""

    kind: ClassVar[str] = "journal_entry"

    belongs: str
    at: AwareDatetime
    locked: bytes

    def keys(self) -> Iterable[Key]:
        """Be found by the account it belongs to, in the order of time."""
        yield Key("belongs", self.belongs, microseconds(self.at))

    def open(self, vault: LockKey) -> Entry:
        """Return what it says, or raise `Damaged`."""
        return Entry.model_validate_json(vault.unlock(_context(self.id), self.locked))


def belongs_to(account_id: str, services: Services) -> str:
    """Return the blind index under which everything is kept that belongs to an account and is not the account."""
    return services.keys.index.blind("belongs", account_id)


def entry(account_id: str, what: What, at: datetime, services: Services, **facts: str) -> StoredEntry:
    """Return an entry, to be saved in the write of the step that it tells of."""
    id_, said = new_id(), Entry(at=at, what=what, facts=facts)
    locked = services.keys.lock_key("vault").lock(_context(id_), said.model_dump_json().encode())
    return StoredEntry(id=id_, belongs=belongs_to(account_id, services), at=at, locked=locked)


async def read_journal(
    account_id: str, services: Services, *, after: Cursor | None = None, limit: int = 50
) -> list[StoredEntry]:
    """Return the entries of an account, the newest first."""
    belongs = belongs_to(account_id, services)
    return await services.store.find(StoredEntry, "belongs", belongs, after=after, limit=limit, newest_first=True)


async def outlived(account_id: str, now: datetime, services: Services) -> list[StoredEntry]:
    """Return some entries that have been kept long enough, to be removed in the write of a new one."""
    belongs = belongs_to(account_id, services)
    oldest = await services.store.find(StoredEntry, "belongs", belongs, limit=FORGOTTEN_AT_ONCE)
    return [one for one in oldest if one.at < now - KEPT]


def _context(entry_id: str) -> Context:
    return Context("journal", "", entry_id)
