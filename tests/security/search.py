"""Looking for canaries in what a thief would get: every byte, in every spelling that can be read or guessed."""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus

ALIGNMENTS = 3
Blobs = Iterable[tuple[str, bytes]]


class Find(NamedTuple):
    """A canary that was found."""

    where: str
    canary: str
    spelling: str


def spellings(value: bytes) -> dict[str, bytes]:
    """Return every spelling in which a value is looked for, by name; letters are compared without case."""
    found = {"plain": value, **_encoded(value), "percent": b"".join(b"%%%02x" % byte for byte in value)}
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return found
    found |= {"utf-16-le": text.encode("utf-16-le"), "utf-16-be": text.encode("utf-16-be")}
    urls = {"url": quote(text), "url, all of it": quote(text, safe=""), "form": quote_plus(text)}
    return found | {how: spelled.encode() for how, spelled in {**urls, "json": json.dumps(text)[1:-1]}.items()}


def digests(value: bytes) -> dict[str, bytes]:
    """Return every spelling of a value's SHA-256, by which somebody could find out whether a guess is right."""
    hashed = {"sha-256": value, "sha-256 in lower case": value.lower()}
    raw = {name: sha256(what).digest() for name, what in hashed.items()}
    encoded = {f"{name}, {how}": what for name in raw for how, what in _encoded(raw[name]).items()}
    return {**raw, **encoded}


def search(blobs: Blobs, canaries: Mapping[str, bytes], secrets: Mapping[str, bytes] | None = None) -> list[Find]:
    """Return what is found of canaries and, not as a digest, of secrets that nobody can guess."""
    needles = {value.lower(): (name, how) for name in canaries for how, value in digests(canaries[name]).items()}
    for name, value in {**canaries, **(secrets or {})}.items():
        needles |= {spelled.lower(): (name, how) for how, spelled in spellings(value).items()}
    found: list[Find] = []
    for where, blob in blobs:
        lowered = blob.lower()
        found += (Find(where, *what) for needle, what in needles.items() if needle in lowered)
    return found


def files_below(folder: Path, *, but: Iterable[Path] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder, except below some folders, with its name, which may tell something too."""
    spared = tuple(but)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(each) for each in spared):
            yield str(path), path.read_bytes()
            yield f"name of {path}", str(path.relative_to(folder)).encode()


def rows_of(database: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every value of a SQLite file: in the file itself, a long one is scattered over pages."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in db.execute(f"SELECT * FROM {table}"):  # noqa: S608 - a name that the database gave
                yield table, "\n".join(map(str, row)).encode()
    db.close()


def _encoded(value: bytes) -> dict[str, bytes]:
    """Return hex, and base64 as it stands alone or in the midst of something, in both alphabets."""
    found = {"hex": value.hex().encode(), "base32": base64.b32encode(value).rstrip(b"=")}
    for before in range(ALIGNMENTS):
        whole = base64.b64encode(bytes(before) + value)
        begins = -(-before * 8 // 6)  # the first letter that depends on the value alone
        ends = (before + len(value)) * 8 // 6  # and behind the last one
        found[f"base64, {before} bytes in"] = whole[begins:ends]
        found[f"base64url, {before} bytes in"] = whole[begins:ends].translate(bytes.maketrans(b"+/", b"-_"))
    return found
