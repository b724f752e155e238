from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sk.errors import Damaged
from sk.safe.entries import Entries, Entry
from sk.safe.safe import Contents, Folder

AT = datetime(2026, 3, 29, 1, 59, 59, 123_456, UTC)
PLAIN = Entry("a", "Bescheid.pdf", "", "application/pdf", 0, 0, 1, AT)
FULL = Entry(
    id="b",
    name="Zeugnis.pdf",
    folder="f",
    type="application/pdf",
    size=2,
    total=5,
    versions=2,
    changed_at=AT,
    labels=("Schule", "wichtig"),
    expires_on=date(2027, 1, 31),
    trashed_at=AT,
    issued_by="Stadt Musterstadt",
    level="high",
    has_picture=True,
)
LABELLED = PLAIN._replace(id="c", labels=("Wohnung",))


def entries_of(*entries: Entry) -> Entries:
    made = Entries({})
    made.update((entry.id, entry) for entry in entries)
    return made


@pytest.mark.parametrize("entries", [(), (PLAIN,), (FULL,), (PLAIN, FULL, LABELLED)])
def test_what_is_locked_is_read_as_it_was(entries: Iterable[Entry]) -> None:
    contents = Contents({"f": Folder("f", "Schule")}, entries_of(*entries), {"u": 7})

    read = Contents.read(contents.spelled())

    assert [*read.entries.values()] == [*entries]
    assert (read.folders, read.coming) == (contents.folders, contents.coming)
    assert read.used == sum(entry.total for entry in entries) + 7


def test_a_column_in_which_nothing_stands_is_not_locked() -> None:
    assert entries_of(PLAIN).spelled().keys() == {"id", "name", "type", "size", "total", "versions", "changed_at"}
    assert entries_of(PLAIN, FULL).spelled().keys() == {*Entry._fields}


def test_an_entry_is_changed_in_its_place_and_struck_out_of_it() -> None:
    entries = entries_of(PLAIN, FULL, LABELLED)

    entries["b"] = FULL._replace(name="Anders.pdf")
    del entries["a"]
    entries["a"] = PLAIN

    assert [*entries.items()] == [("b", FULL._replace(name="Anders.pdf")), ("c", LABELLED), ("a", PLAIN)]
    assert [entries.at(row).name for row in range(len(entries))] == ["Anders.pdf", "Bescheid.pdf", "Bescheid.pdf"]
    assert ("a" in entries, "d" in entries, entries.get("d")) == (True, False, None)


@pytest.mark.parametrize("columns", [{"id": ["a"], "name": []}, {"name": ["a"]}, {"id": ["a"], "colour": ["red"]}])
def test_columns_that_do_not_go_together_are_refused(columns: dict[str, list[Any]]) -> None:
    with pytest.raises(Damaged):
        Entries(columns)
