"""A thief of keys, who tries each of them on everything that lies about."""

import base64
import binascii
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sk.crypto import seal
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.stream import decrypt
from sk.errors import Damaged

OWN, NOBODYS, SOMEBODYS = "own", "nobody's", "somebody's"
PLACES = {
    "account-key": OWN,
    "credentials": OWN,
    "mail": OWN,
    "session": NOBODYS,
    "receipt": NOBODYS,
    "opening": NOBODYS,
    "notice": SOMEBODYS,
    "attachment": SOMEBODYS,
    "reply": SOMEBODYS,
}
"""What is encrypted, and how account and object name it: the table in docs/formats/context.md."""
GENERATIONS = (1, 2)
SPELLED = re.compile(r"[A-Za-z0-9_-]{40,}={0,2}")
ID = re.compile(r"\b(?:[a-z2-7]{26}(?:\.\d+)?|[\w-]{43}|[\w-]{22}|\d{4}/\d\d/\d\d/[0-9a-f]{32})(?![\w=-])")
"""The ids of things and of statements about notices; of sessions; of other statements; of objects."""
ID_LENGTH = 26
AROUND = 8000
"""How many characters before and behind a value are looked at for ids: more than the longest row has."""
SEALED_BYTES_MIN = 1136


class Value(NamedTuple):
    """Bytes that were found, and the ids that stood beside them, from which a context could be made."""

    raw: bytes
    ids: frozenset[str]


class Opened(NamedTuple):
    """What a key has opened: as what, and with which content."""

    key: str
    kind: str
    content: bytes


def values_of(data: Path) -> Iterator[Value]:
    """Yield every value of every row, of the database's files as they lie there, and every object."""
    with sqlite3.connect(f"file:{data / 'store.db'}?mode=ro", uri=True) as db:
        rows = [f"{id_} {body}" for id_, body in db.execute("SELECT id, body FROM document")]
    db.close()
    for text in (*rows, *(path.read_bytes().decode("latin-1") for path in data.glob("store.db*"))):
        yield from _values(text)
    people = frozenset(found for row in rows for found in ID.findall(row) if len(found) == ID_LENGTH)
    for path in (path for path in (data / "objects").rglob("*") if path.is_file()):
        yield Value(path.read_bytes(), people | {str(path.relative_to(data / "objects"))})


def gathered(values: Iterable[Value]) -> list[Value]:
    """Return values without repetition, each with all the ids that ever stood beside it."""
    ids: defaultdict[bytes, set[str]] = defaultdict(set)
    for value in values:
        ids[value.raw] |= value.ids
    return [Value(raw, frozenset(found)) for raw, found in ids.items()]


def opened_by(keys: Mapping[str, bytes], values: Iterable[Value]) -> set[Opened]:
    """Try every key on every value in every place: as a lock, as the key of a stream, as the seed of an account."""
    return {
        Opened(name, context.kind, content)
        for value in values
        for context in _contexts(value.ids)
        for generation in GENERATIONS
        for name, key in keys.items()
        for content in _tried(key, context, generation, value.raw)
    }


def _values(text: str) -> Iterator[Value]:
    """Yield what is spelled in base64 in a text, with the ids around it."""
    for found in SPELLED.finditer(text):
        around = text[max(0, found.start() - AROUND) : found.start()] + text[found.end() : found.end() + AROUND]
        spelled = found[0].rstrip("=")
        with suppress(binascii.Error, ValueError):
            raw = base64.urlsafe_b64decode(spelled + "=" * (-len(spelled) % 4))
            yield Value(raw, frozenset(ID.findall(around)))


def _contexts(ids: Iterable[str]) -> Iterator[Context]:
    everybody = [id_ for id_ in ids if len(id_) == ID_LENGTH]
    for kind, place in PLACES.items():
        if place == OWN:
            yield from (Context(kind, id_, id_) for id_ in everybody)
        elif place == NOBODYS:
            yield from (Context(kind, "", id_) for id_ in ids)
        else:
            yield from (Context(kind, account, id_) for account in everybody for id_ in ids)


def _tried(key: bytes, context: Context, generation: int, raw: bytes) -> Iterator[bytes]:
    """Yield what comes out of a value in any of the ways in which it could be encrypted."""
    with suppress(Damaged):
        yield LockKey({generation: key}).unlock(context, raw)
    with suppress(Damaged):
        yield decrypt(key, context.bound(generation), raw)
    if context.kind == "notice" and len(raw) >= SEALED_BYTES_MIN:
        with suppress(Damaged):
            yield seal.unseal(key, context, generation, raw)
