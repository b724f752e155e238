"""Folders and documents as lists show them: put in order, looked for, and a page at a time."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, TypeVar

from sk.auth.authorities import without_marks
from sk.postbox.search import plain
from sk.safe.expiry import DAYS_BEFORE
from sk.safe.safe import ROOT, Contents, Entry, Folder

PAGE_LENGTH = 25
"""Lines on a page: as many again take as long as opening a safe of two thousand documents does."""
ORDERS = ("", "name", "groesse")
EXPIRES_SOON: Final = timedelta(days=max(DAYS_BEFORE))
DIGITS = re.compile(r"(\d+)")
NUMBER_DIGITS = 6
T = TypeVar("T")


class Listed(NamedTuple):
    """One page of a list: the folders on it come first. Pages are numbered from 1 on."""

    folders: Sequence[Folder]
    documents: Sequence[Entry]
    number: int
    pages: int
    total: int


def page_of(folders: Iterable[Folder], documents: Iterable[Entry], order: str, asked: str) -> Listed:
    """Return the page that somebody has asked for; where there is none with that number, the first or the last."""
    lines = [*sorted(folders, key=lambda folder: natural(folder.name)), *ordered(documents, order)]
    pages = max(1, -(-len(lines) // PAGE_LENGTH))
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= NUMBER_DIGITS
    number = min(max(1, int(asked)), pages) if is_number else 1
    shown = lines[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    shown_folders = [line for line in shown if isinstance(line, Folder)]
    shown_documents = [line for line in shown if isinstance(line, Entry)]
    return Listed(shown_folders, shown_documents, number, pages, len(lines))


def ordered(documents: Iterable[Entry], order: str) -> list[Entry]:
    """Return documents by `name`, by `groesse`, the largest first, or else the newest first."""
    match order:
        case "name":
            return sorted(documents, key=lambda entry: natural(entry.name))
        case "groesse":
            return sorted(documents, key=lambda entry: entry.size, reverse=True)
        case _:
            return sorted(documents, key=lambda entry: entry.changed_at, reverse=True)


def natural(name: str) -> tuple[list[str | int], str]:
    """Return by what names are put in order: as in DIN 5007-1, Ä behind A and before B, and 10 behind 9."""
    parts = DIGITS.split(without_marks(name))
    return [int(part) if part.isdecimal() else part for part in parts], name


def found(contents: Contents, words: str) -> tuple[list[Folder], list[Entry]]:
    """Return the folders whose name holds all words, and the documents whose name, labels and folders do together."""
    paths = {id_: [folder.name for folder in contents.path(id_)] for id_ in (ROOT, *contents.folders)}
    folders, documents = [*contents.folders.values()], [one for one in contents.entries.values() if not one.trashed_at]
    names = ([one.name, *one.labels, *paths.get(one.folder, ())] for one in documents)
    return _holding(words, folders, ([one.name] for one in folders)), _holding(words, documents, names)


def _holding(words: str, lines: Sequence[T], names: Iterable[Sequence[str]]) -> list[T]:
    """Return the lines whose names hold all words. All of them are made plain at once, which is faster."""
    wanted = plain(words).split()
    said = plain("\0".join("\n".join(some) for some in names)).split("\0")
    return [line for line, text in zip(lines, said, strict=False) if all(word in text for word in wanted)]


def expiry(expires_on: date | None, today: date) -> Literal["", "later", "soon", "over"]:
    """Tell how far away the last day is on which a document is valid, if it has one."""
    if expires_on is None:
        return ""
    if expires_on < today:
        return "over"
    return "soon" if expires_on <= today + EXPIRES_SOON else "later"
