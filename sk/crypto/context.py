"""What everything sealed or locked is bound to (docs/formats/context.md)."""

from typing import NamedTuple

VERSION = "sk/1"


class Context(NamedTuple):
    """Which thing a ciphertext is. Opened in any other place, it does not open."""

    kind: str
    account_id: str
    object_id: str

    def bound(self, generation: int) -> bytes:
        """Return the bytes that go into HPKE's info or a stream's context, for one generation of the key."""
        parts = (VERSION, *self, str(generation))
        return b"".join(len(part).to_bytes(2) + part for part in map(str.encode, parts))
