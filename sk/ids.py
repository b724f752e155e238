"""Identifiers: 128 random bits, spelled as 26 letters and digits that a person can read out."""

import base64
import secrets
from hashlib import sha256

ID_BYTES = 16


def new_id() -> str:
    """Return a fresh identifier. It says nothing about what it names, nor about when."""
    return id_from_bytes(secrets.token_bytes(ID_BYTES))


def id_that_follows(*words: str) -> str:
    """Return the identifier that follows from words, so that what has it can be found by whoever knows them all."""
    return id_from_bytes(sha256(" ".join(words).encode()).digest()[:ID_BYTES])


def id_from_bytes(raw: bytes) -> str:
    """Spell bytes as lower-case base32 without padding."""
    return base64.b32encode(raw).decode().rstrip("=").lower()


def id_to_bytes(text: str) -> bytes:
    """Read what `id_from_bytes` wrote; every other spelling is a ValueError."""
    raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    if id_from_bytes(raw) != text:
        msg = "not the one spelling of these bytes"
        raise ValueError(msg)
    return raw
