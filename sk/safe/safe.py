"""The safe of an account: which documents lie in it, by which names, in which folders.

All of it is one value under the account's own lock, so that a thief learns neither a name nor how things are ordered.
The server finds something by opening that one value: 2,000 documents take it a millisecond (ADR 0021).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

from pydantic_core import from_json, to_json

from sk.auth.journal import belongs_to
from sk.auth.own_key import own_lock
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import NotFound
from sk.safe.entries import Entries, Entry
from sk.services import Services
from sk.store.port import Aggregate, Key

ROOT = ""
"""The folder in which everything lies that is in no other."""


class Folder(NamedTuple):
    """A folder, and the one in which it lies."""

    id: str
    name: str
    parent: str = ROOT


@dataclass
class Contents:
    """What is in a safe, by ids. `coming` are the lengths of uploads that are under way."""

    folders: dict[str, Folder] = field(default_factory=dict)
    entries: Entries = field(default_factory=lambda: Entries({}))
    coming: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what was locked. It is ours as it was locked, and is not checked again, which takes as long."""
        kept = from_json(raw)
        folders = (Folder(*row) for row in kept["folders"])
        return cls({folder.id: folder for folder in folders}, Entries(kept["entries"]), kept["coming"])

    def spelled(self) -> bytes:
        """Return it as it is locked."""
        kept = {"folders": [*self.folders.values()], "entries": self.entries.spelled(), "coming": self.coming}
        return to_json(kept)

    @property
    def used(self) -> int:
        """Return how many bytes count: all versions, also of what is in the trash, and what is under way."""
        return sum([*self.entries.columns["total"], *self.coming.values()])

    def entry(self, document_id: str) -> Entry:
        """Return a document's entry, or raise `NotFound`."""
        if document_id not in self.entries:
            raise NotFound("there is no such document in this safe")
        return self.entries[document_id]

    def folder(self, folder_id: str) -> Folder:
        """Return a folder, or raise `NotFound`."""
        if folder_id not in self.folders:
            raise NotFound("there is no such folder in this safe")
        return self.folders[folder_id]

    def path(self, folder_id: str) -> Sequence[Folder]:
        """Return the folders that lead to one, itself the last; none to the root."""
        found: list[Folder] = []
        while folder_id and len(found) <= len(self.folders):
            found.append(self.folder(folder_id))
            folder_id = found[-1].parent
        return found[::-1]

    def within(self, folder_id: str) -> Iterable[Folder]:
        """Yield the folders that lie in one."""
        return (folder for folder in self.folders.values() if folder.parent == folder_id)

    def listed(self) -> list[int]:
        """Return the rows of all documents but for those in the trash."""
        return [row for row, at in enumerate(self.entries.columns["trashed_at"]) if not at]

    def listed_in(self, folder_id: str) -> list[int]:
        """Return the rows of the documents that lie in a folder, but for the trash."""
        folders = self.entries.columns["folder"]
        return [row for row in self.listed() if folders[row] == folder_id]

    def trashed(self) -> list[int]:
        """Return the rows of the documents in the trash."""
        return [row for row, at in enumerate(self.entries.columns["trashed_at"]) if at]

    def names_in(self, folder_id: str, but: str = "") -> set[str]:
        """Return how the documents in a folder are called, but for one, without case."""
        ids, names = self.entries.columns["id"], self.entries.columns["name"]
        return {names[row].casefold() for row in self.listed_in(folder_id) if ids[row] != but}

    def put(self, entry: Entry) -> None:
        """Enter a document, or change what stands there of it."""
        self.entries[entry.id] = entry


class Safe(Aggregate):
    """A safe as the store keeps it; its id is a blind index of its account."""

    kind: ClassVar[str] = "safe"

    belongs: str
    locked: bytes = b""

    def keys(self) -> Iterable[Key]:
        """Be found by the account, which may be erased."""
        yield Key("belongs", self.belongs)


class Opened(NamedTuple):
    """A safe and what is in it. What was changed is kept by `kept`, to be saved in the write of the step."""

    account_id: str
    safe: Safe
    contents: Contents
    own: LockKey

    def kept(self) -> Safe:
        """Lock what is in the safe now, and return the safe."""
        context = _context(self.account_id, self.safe.id)
        self.safe.locked = self.own.lock(context, self.contents.spelled())
        return self.safe


def safe_id(account_id: str, services: Services) -> str:
    """Return the id of the safe of an account."""
    return services.keys.index.blind("safe", account_id)


async def open_safe(account_id: str, services: Services) -> Opened:
    """Return the safe of an account; one in which there was never anything is empty."""
    if found := await find_safe(account_id, services):
        return found
    safe = Safe(id=safe_id(account_id, services), belongs=belongs_to(account_id, services))
    return Opened(account_id, safe, Contents(), await own_lock(account_id, services))


async def find_safe(account_id: str, services: Services) -> Opened | None:
    """Return the safe of an account, or None if there was never anything in it, or the account is gone."""
    id_ = safe_id(account_id, services)
    found = (await services.store.get_many(Safe, [id_])).get(id_)
    if found is None:
        return None
    own = await own_lock(account_id, services)
    contents = Contents.read(own.unlock(_context(account_id, id_), found.locked))
    return Opened(account_id, found, contents, own)


def _context(account_id: str, safe_id_: str) -> Context:
    return Context("safe", account_id, safe_id_)
