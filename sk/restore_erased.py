"""What a restore does not bring back: accounts that were erased after the backup, by the ledger, and what was theirs.

Their notices come back, as evidence. An event has web close their postboxes when the platform runs again, as it would
have done after the erasure.
"""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sk.auth.account import Account, AccountKey
from sk.auth.erasure import WAITS, belongings
from sk.auth.ledger import Erased, Ledger
from sk.clock import microseconds
from sk.events import CITIZEN_LANE, AccountErased, ErasureDue, WatchEvent
from sk.installation import ONLY, Installation
from sk.services import Services
from sk.store.port import Row, StoredEvent

BELONGS = '"belongs"'
AT_ONCE = 500
WATCHES = {kind.__name__ for kind in WatchEvent.__subclasses__()}


@dataclass
class Sieve:
    """Holds back the rows of erased accounts, and knows which accounts these were."""

    ledger: Ledger
    at: datetime
    held_back: list[Erased] = field(default_factory=list)

    async def passing(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        """Hand rows on but those of erased accounts; behind them, the events by which their postboxes are closed."""
        theirs = self.ledger.belongings
        async for row in rows:
            if isinstance(row, StoredEvent):
                if row.event not in WATCHES or _said(row, "account_id") not in self.ledger.entries:
                    yield self._postponed(row)
            elif row.kind in (Account.kind, AccountKey.kind) and row.id in self.ledger.entries:
                if row.kind == Account.kind:
                    self.held_back.append(self.ledger.entries[row.id])
            elif BELONGS not in row.body or not theirs.keys() & _belongs(row):
                yield row
        for entry in self.held_back:
            yield self._closing(entry)

    def _postponed(self, row: StoredEvent) -> StoredEvent:
        """Give whoever has cancelled an erasure after the backup, which was lost, seven days to do so once more."""
        if row.event != ErasureDue.__name__:
            return row
        return row._replace(due=max(row.due, microseconds(self.at + WAITS)))

    def _closing(self, entry: Erased) -> StoredEvent:
        event = AccountErased(account_id=entry.account_id, entry=entry.name)
        body, due = event.model_dump_json(), microseconds(self.at)
        return StoredEvent(event.id, type(event).__name__, body, due, CITIZEN_LANE, 0, "", set_aside=False)


async def erase_again(ledger: Ledger, services: Services) -> list[Erased]:
    """Remove the accounts that the ledger names from a store that others have brought back; return their entries."""
    erased: list[Erased] = []
    for batch in _batches([*ledger.entries]):
        accounts = await services.store.get_many(Account, batch)
        keys = await services.store.get_many(AccountKey, batch)
        for account_id in sorted({*accounts, *keys}):
            entry = ledger.entries[account_id]
            own = [found[account_id] for found in (accounts, keys) if account_id in found]
            installation = await services.store.get(Installation, ONLY)
            installation.emit(AccountErased(account_id=account_id, entry=entry.name), due=services.clock.now())
            rest = await belongings(entry.belongs, services.store)
            await services.store.save(installation, remove=[*own, *rest])
            erased.append(entry)
    return erased


def _said(row: Row, name: str) -> str:
    try:
        return str(json.loads(row.body)[name])
    except (KeyError, TypeError, ValueError):
        return ""  # what nobody can read comes back as it is


def _belongs(row: Row) -> set[str]:
    """Return the blind indexes of the accounts to one of which, or to two, something belongs."""
    try:
        said = json.loads(row.body)["belongs"]
        return {said} if isinstance(said, str) else set(said)
    except (KeyError, TypeError, ValueError):
        return set()


def _batches(ids: list[str]) -> Iterable[list[str]]:
    return (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE))
