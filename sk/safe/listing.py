"""Folders and documents as lists show them: put in order, looked for, and a page at a time."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from sk.auth.authorities import without_marks
from sk.postbox.search import plain
from sk.safe.entries import Entries, Entry
from sk.safe.expiry import DAYS_BEFORE
from sk.safe.safe import ROOT, Contents, Folder

PAGE_LENGTH = 25
"""Lines on a page: as many again take as long as opening a safe of two thousand documents does."""
ORDERS = ("", "name", "groesse")
EXPIRES_SOON: Final = timedelta(days=max(DAYS_BEFORE))
DIGITS = re.compile(r"(\d+)")
NUMBER_DIGITS = 6


class Listed(NamedTuple):
    """One page of a list: the folders on it come first. Pages are numbered from 1 on."""

    folders: Sequence[Folder]
    documents: Sequence[Entry]
    number: int
    pages: int
    total: int


def page_of(entries: Entries, folders: Iterable[Folder], rows: Sequence[int], order: str, asked: str) -> Listed:
    """Return the page of a list that was asked for, or the first or the last one. `rows` are those of its documents."""
    first = sorted(folders, key=lambda folder: natural(folder.name))
    total = len(first) + len(rows)
    pages = max(1, -(-total // PAGE_LENGTH))
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= NUMBER_DIGITS
    number = min(max(1, int(asked)), pages) if is_number else 1
    lines = [*first, *ordered(entries, rows, order)][(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    shown_folders = [line for line in lines if isinstance(line, Folder)]
    return Listed(shown_folders, [entries.at(line) for line in lines if isinstance(line, int)], number, pages, total)


def ordered(entries: Entries, rows: Sequence[int], order: str) -> list[int]:
    """Return the rows of documents by `name`, by `groesse`, the largest first, or else the newest first."""
    match order:
        case "name":
            names = entries.columns["name"]
            return sorted(rows, key=lambda row: natural(names[row]))
        case "groesse":
            return sorted(rows, key=entries.columns["size"].__getitem__, reverse=True)
        case _:
            return sorted(rows, key=entries.columns["changed_at"].__getitem__, reverse=True)


def natural(name: str) -> tuple[list[str | int], str]:
    """Return by what names are put in order: as in DIN 5007-1, Ä behind A and before B, and 10 behind 9."""
    parts = DIGITS.split(without_marks(name))
    return [int(part) if part.isdecimal() else part for part in parts], name


def found(contents: Contents, words: str) -> tuple[list[Folder], list[int]]:
    """Return the folders whose name holds all words, and the rows of documents whose name, labels and folders do."""
    wanted, folders, columns = plain(words).split(), [*contents.folders.values()], contents.entries.columns
    names = plain("\0".join(columns["name"])).split("\0")  # all at once, which is faster
    labels = {one: plain(one) for one in {*columns["labels"]}}
    paths = {id_: plain("\n".join(one.name for one in contents.path(id_))) for id_ in (ROOT, *contents.folders)}
    rows = contents.listed()
    for word in wanted:
        folders = [folder for folder in folders if word in plain(folder.name)]
        rows = [
            row
            for row in rows
            if word in names[row]
            or word in labels[columns["labels"][row]]
            or word in paths.get(columns["folder"][row], "")
        ]
    return folders, rows


def expiry(expires_on: date | None, today: date) -> Literal["", "later", "soon", "over"]:
    """Tell how far away the last day is on which a document is valid, if it has one."""
    if expires_on is None:
        return ""
    if expires_on < today:
        return "over"
    return "soon" if expires_on <= today + EXPIRES_SOON else "later"
