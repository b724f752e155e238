"""An import that goes on for a while: the archive that came, how much of it is in the safe, and what is not, and why.

The archive lies in the object store until the import is over. What is said of it stays until its day is over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.archive import Why
from sk.auth.journal import belongs_to
from sk.auth.own_key import own_lock
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged
from sk.events import ImportDue, ImportEnded
from sk.safe.streams import Stream
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under

KEPT = timedelta(hours=24)
Ended = Literal["", "done", "late", "given-up"] | Why
LEFT_OUT_MAX = 200
"""So many are named; of the others it is known how many there are."""


class LeftOut(NamedTuple):
    """What is not in the safe, by its path in the archive, and why."""

    path: str
    why: str


class Progress(BaseModel):
    """What is locked in an import. `done` counts its files, of which there are `of`; `taken` and `there` documents.

    `there` were in the safe before, `beside` are files that do not belong to it. `unread` is an archive with a
    `safe.json` that says nothing we can read: it is taken as any other one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    key: bytes
    archive: Stream | None
    done: int = 0
    of: int = 0
    taken: int = 0
    there: int = 0
    beside: int = 0
    unread: bool = False
    left_out: tuple[LeftOut, ...] = ()
    left_out_count: int = 0
    ended: Ended = ""

    def step(self, *, taken: int = 0, there: int = 0) -> Self:
        """Return how it stands when one file more is done."""
        return self.model_copy(update={"done": self.done + 1, "taken": self.taken + taken, "there": self.there + there})

    def without(self, path: str, why: str) -> Self:
        """Return how it stands when one file more is done, which is not taken."""
        left_out = (*self.left_out, LeftOut(path, why))[:LEFT_OUT_MAX]
        update = {"done": self.done + 1, "left_out": left_out, "left_out_count": self.left_out_count + 1}
        return self.model_copy(update=update)


class Import(Aggregate):
    """An import as the store keeps it; `ends_at` is when it is given up, or forgotten if it is over."""

    kind: ClassVar[str] = "import"

    belongs: str
    objects: list[str] = []
    ends_at: AwareDatetime
    locked: bytes = b""

    @classmethod
    def new(cls, import_id: str, account_id: str, services: Services) -> Self:
        """Return an import that is gone on with at once, and ends by itself."""
        ends_at = services.clock.now() + KEPT
        found = cls(id=import_id, belongs=belongs_to(account_id, services), ends_at=ends_at)
        found.end_later(account_id)
        found.go_on(account_id, services.clock.now())
        return found

    def keys(self) -> Iterable[Key]:
        """Be found by the account, which may be erased."""
        yield Key("belongs", self.belongs)

    def end_later(self, account_id: str) -> None:
        """Have it end by itself."""
        self.emit(ImportEnded(account_id=account_id, import_id=self.id), due=self.ends_at)

    def go_on(self, account_id: str, at: datetime) -> None:
        """Have somebody go on with it."""
        self.emit(ImportDue(account_id=account_id, import_id=self.id), due=at)

    def keep(self, account_id: str, progress: Progress, own: LockKey) -> None:
        """Lock how it stands."""
        self.objects = [progress.archive.object] if progress.archive else []
        self.locked = own.lock(_context(account_id, self.id), progress.model_dump_json().encode())

    def open(self, account_id: str, own: LockKey) -> Progress:
        """Return how it stands, or raise `Damaged`, also if its object is not that which it names."""
        progress = Progress.model_validate_json(own.unlock(_context(account_id, self.id), self.locked))
        if self.objects != ([progress.archive.object] if progress.archive else []):
            raise Damaged
        return progress


class Opened(NamedTuple):
    """An import, and how it stands."""

    account_id: str
    row: Import
    progress: Progress
    own: LockKey

    def kept(self, progress: Progress) -> Import:
        """Lock how it stands now, and return the import."""
        self.row.keep(self.account_id, progress, self.own)
        return self.row


async def find_import(import_id: str, account_id: str, services: Services) -> Opened | None:
    """Return an import of an account, or None if it is over and forgotten."""
    row = (await services.store.get_many(Import, [import_id])).get(import_id)
    return await _open(row, account_id, services) if row else None


async def imports_of(account_id: str, services: Services) -> Sequence[Opened]:
    """Return the imports of an account that are known of, the newest first."""
    belongs = belongs_to(account_id, services)
    rows = [row async for row in all_under(services.store, Import, "belongs", belongs)]
    return [await _open(row, account_id, services) for row in sorted(rows, key=lambda row: row.ends_at, reverse=True)]


async def _open(row: Import, account_id: str, services: Services) -> Opened:
    own = await own_lock(account_id, services)
    return Opened(account_id, row, row.open(account_id, own), own)


def _context(account_id: str, import_id: str) -> Context:
    return Context("import", account_id, import_id)
