"""What a safe says of its documents: an entry of each, kept in columns.

A list looks at the columns that it needs and makes entries of the rows that it shows: of two thousand documents as of
twenty.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from sk.auth.trust import TrustLevel
from sk.clock import microseconds, moment
from sk.errors import Damaged


class Entry(NamedTuple):
    """What lists show of a document. `size` is that of its newest version in bytes, `total` that of all of them."""

    id: str
    name: str
    folder: str
    type: str
    size: int
    total: int
    versions: int
    changed_at: datetime
    labels: tuple[str, ...] = ()
    expires_on: date | None = None
    trashed_at: datetime | None = None
    issued_by: str = ""
    """The authority from whose notice it was taken over, if it was."""
    level: TrustLevel = "low"
    """At which trust level it can be opened: what its authority demanded."""
    has_picture: bool = False
    """Whether its first page can be seen as a small picture."""


class Spelling(NamedTuple):
    """How the values of a field stand in its column, where they do not stand there as they are."""

    spell: Callable[[Any], Any]
    read: Callable[[Any], Any]


SPELLINGS: Final = {
    "changed_at": Spelling(microseconds, moment),
    "labels": Spelling("\n".join, lambda lines: tuple(lines.split("\n")) if lines else ()),
    "expires_on": Spelling(lambda day: day and day.isoformat(), lambda day: day and date.fromisoformat(day)),
    "trashed_at": Spelling(lambda at: at and microseconds(at), lambda at: at and moment(at)),
}
EMPTY: Final = {"folder": "", "labels": "", "issued_by": "", "level": "low", "has_picture": False}
"""What fills a column that was not locked, if not None: nothing else stood in it."""


class Entries(MutableMapping[str, Entry]):
    """The entries of all documents by id. `columns` hold them field by field, as they are locked."""

    def __init__(self, columns: Mapping[str, list[Any]]) -> None:
        """Take the columns that were locked, or raise `Damaged` if they do not go together."""
        length = len(columns.get("id", ()))
        if columns.keys() - {*Entry._fields} or any(len(column) != length for column in columns.values()):
            raise Damaged
        self.columns = {name: columns.get(name) or [EMPTY.get(name)] * length for name in Entry._fields}

    def spelled(self) -> dict[str, list[Any]]:
        """Return the columns to lock: those in which anything stands."""
        return {name: column for name, column in self.columns.items() if column.count(EMPTY.get(name)) < len(column)}

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.columns["id"])}

    def at(self, row: int) -> Entry:
        """Return the entry in a row."""
        values = {name: column[row] for name, column in self.columns.items()}
        return Entry(**values | {name: one.read(values[name]) for name, one in SPELLINGS.items()})

    def __getitem__(self, id_: str) -> Entry:
        """Return the entry of a document."""
        return self.at(self._rows[id_])

    def __setitem__(self, id_: str, entry: Entry) -> None:
        """Enter a document in a row of its own, or change what stands in that."""
        row = self._rows.setdefault(id_, len(self))
        spelled = entry._asdict() | {name: one.spell(getattr(entry, name)) for name, one in SPELLINGS.items()}
        for name, column in self.columns.items():
            column[row : row + 1] = [spelled[name]]

    def __delitem__(self, id_: str) -> None:
        """Strike a document out."""
        row = self._rows[id_]
        for column in self.columns.values():
            del column[row]
        del self._rows

    def __contains__(self, id_: object) -> bool:
        """Tell whether a document is there."""
        return id_ in self._rows

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self.columns["id"])

    def __len__(self) -> int:
        """Return how many documents there are."""
        return len(self.columns["id"])
