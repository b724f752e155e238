"""A writer in the database: reads and changes every row at any moment, knows every public key, and no secret one."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sk.client import new_key
from sk.crypto import seal
from sk.crypto.context import Context
from sk.crypto.sign import Signer, decode, encode, kid_of, strict_json
from tests.world import World

Body = dict[str, Any]


class Intruder:
    """Works on the SQLite file beside the running platform, as somebody does who has stolen its password."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Write through a connection of one's own."""
        self._db = db

    def read(self, kind: str, id: str) -> Body:
        """Return what a row holds."""
        [text] = self._db.execute("SELECT body FROM document WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        body: Body = json.loads(text)
        return body

    def write(self, kind: str, id: str, body: Body) -> None:
        """Put something else into a row."""
        values = (json.dumps(body), kind, id)
        done = self._db.execute("UPDATE document SET body = ? WHERE kind = ? AND id = ?", values)
        assert done.rowcount == 1

    def change(self, kind: str, id: str, /, **fields: Any) -> None:
        """Change single fields of a row; None takes one out."""
        body = {**self.read(kind, id), **fields}
        self.write(kind, id, {name: value for name, value in body.items() if value is not None})

    def insert(self, kind: str, body: Body) -> None:
        """Add a row."""
        self._db.execute("INSERT INTO document VALUES (?, ?, 1, ?)", (kind, body["id"], json.dumps(body)))

    def delete(self, kind: str, id: str) -> None:
        """Take a row away."""
        assert self._db.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, id)).rowcount == 1

    def copy(self, kind: str, source: str, target: str, *, renamed: bool) -> None:
        """Put the body of one row into another, under its own id or that of the place."""
        body = self.read(kind, source)
        self.write(kind, target, {**body, "id": target} if renamed else body)

    def point(self, kind: str, index: str, key: str, id: str) -> None:
        """Have an index lead to another row."""
        done = self._db.execute(
            "UPDATE entry SET id = ? WHERE kind = ? AND name = ? AND key = ?", (id, kind, index, key)
        )
        assert done.rowcount == 1

    def enter(self, kind: str, index: str, key: str, place: int, id: str) -> None:
        """Add an entry to an index."""
        self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, 0)", (kind, index, key, place, id))

    def hide(self, kind: str, index: str, id: str) -> None:
        """Take a row out of an index."""
        done = self._db.execute("DELETE FROM entry WHERE kind = ? AND name = ? AND id = ?", (kind, index, id))
        assert done.rowcount == 1

    def hasten(self, event: str, by_microseconds: int) -> None:
        """Make every event of a type due earlier."""
        sql = "UPDATE event SET due = due - ? WHERE name = ?"
        assert self._db.execute(sql, (by_microseconds, event)).rowcount

    def send(self, event: str, body: Body, due: int = 0) -> None:
        """Invent an event."""
        values = (body["id"], event, json.dumps(body), "citizen", due)
        self._db.execute("INSERT INTO event (id, name, body, lane, due) VALUES (?, ?, ?, ?, ?)", values)

    def ids(self, kind: str) -> list[str]:
        """Return the ids of all rows of a kind, the oldest first."""
        return [id_ for (id_,) in self._db.execute("SELECT id FROM document WHERE kind = ? ORDER BY rowid", (kind,))]

    def public_key(self, account_id: str) -> bytes:
        """Return the public key of somebody's account, which is no secret."""
        return decode(payload_of(self.read("account", account_id)["key_card"])["public_key"])

    def seal_to(self, account_id: str, notice_id: str, content: Body) -> bytes:
        """Seal something to somebody else's account, as if a notice held it."""
        place = Context("notice", account_id, notice_id)
        return seal.seal(self.public_key(account_id), place, 1, json.dumps(content).encode())


def payload_of(jws: str) -> Body:
    """Return what a card or a statement says."""
    return strict_json(decode(jws.split(".", 2)[1]))


def signed_anew(jws: str, *, under_its_name: bool = True, **changes: Any) -> str:
    """Return a card or a statement with other words, signed with a key of the intruder's own."""
    head, key = strict_json(decode(jws.partition(".")[0])), new_key()[0]
    kid = head["kid"] if under_its_name else kid_of("sign-web", key.public_key().public_bytes_raw())
    return Signer(kid, key).sign(head["typ"], {**payload_of(jws), **changes})


def as_bytes(raw: bytes) -> str:
    """Spell bytes as rows do."""
    return encode(raw) + "=" * (-len(raw) % 3)


@contextmanager
def intrusion(world: World) -> Iterator[Intruder]:
    """Break into the database of a world."""
    db = sqlite3.connect(world.data / "store.db", isolation_level=None, timeout=30)
    try:
        yield Intruder(db)
    finally:
        db.close()
