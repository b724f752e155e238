"""Locking: what a role keeps for itself, or hands to one other role, under an AES-256 key that both hold.

A locked value is the generation of the key as u16 ‖ a stream (docs/formats/lock.md, docs/formats/handle.md).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sk.crypto.context import Context
from sk.crypto.stream import decrypt, encrypt
from sk.errors import Damaged
from sk.ids import ID_BYTES, id_from_bytes, id_to_bytes

BOUNCE_KEY_BYTES = 32
BOUNCE_KEY_INFO = b"sk/1 bounce key"
BOUNCE_LABEL = b"sk/1 bounce"
BOUNCE_MARK_BYTES = 15  # whole base32 letters, and few enough of them for the local part of an address


@dataclass(frozen=True)
class LockKey:
    """One of the keys `vault`, `records` and `mail`, in all its generations; the newest locks."""

    generations: Mapping[int, bytes] = field(repr=False)

    def lock(self, context: Context, data: bytes) -> bytes:
        """Lock bytes to their place."""
        newest = max(self.generations)
        return newest.to_bytes(2) + encrypt(self.generations[newest], context.bound(newest), data)

    def unlock(self, context: Context, locked: bytes) -> bytes:
        """Return what was locked, or raise `Damaged`."""
        generation = int.from_bytes(locked[:2])
        if generation not in self.generations:
            raise Damaged
        return decrypt(self.generations[generation], context.bound(generation), locked[2:])


@dataclass(frozen=True)
class IndexKey:
    """The key `index`: turns values that must be found into names that nobody can guess back."""

    secret: bytes = field(repr=False)

    def blind(self, field: str, value: str) -> str:
        """Return the blind index of a value: HMAC-SHA-256 over the length of its field's name, the name, the value."""
        name = field.encode()
        return hmac.new(self.secret, len(name).to_bytes(2) + name + value.encode(), sha256).hexdigest()

    def blind_id(self, field: str, value: str) -> str:
        """Return the id that follows from a value: what has it is made once, and nobody else learns from what."""
        return id_from_bytes(bytes.fromhex(self.blind(field, value))[:ID_BYTES])


@dataclass(frozen=True)
class HandleKey:
    """The key `handle`: makes postbox handles out of account ids, another one for every authority."""

    secret: bytes = field(repr=False)

    def handle(self, account_id: str, sector: str) -> str:
        """Return the handle of an account towards a sector."""
        return id_from_bytes(AESSIV(self.secret).encrypt(id_to_bytes(account_id), [sector.encode()]))

    def account_id(self, handle: str, sector: str) -> str:
        """Return the account that a handle names towards a sector, or raise `Damaged`."""
        try:
            return id_from_bytes(AESSIV(self.secret).decrypt(id_to_bytes(handle), [sector.encode()]))
        except (InvalidTag, ValueError) as error:
            raise Damaged from error


@dataclass(frozen=True)
class BounceKey:
    """What marks the addresses that mails come back to: derived from `mail`, which the roles about mail hold."""

    generations: Mapping[int, bytes] = field(repr=False)

    def marks(self, notice_id: str) -> list[str]:
        """Return the mark of a notice by each generation, the newest first: 24 letters and digits of one case."""
        return [self._mark(self.generations[number], notice_id) for number in sorted(self.generations, reverse=True)]

    @staticmethod
    def _mark(secret: bytes, notice_id: str) -> str:
        key = HKDF(SHA256(), BOUNCE_KEY_BYTES, salt=None, info=BOUNCE_KEY_INFO).derive(secret)
        return id_from_bytes(hmac.digest(key, BOUNCE_LABEL + notice_id.encode(), sha256)[:BOUNCE_MARK_BYTES])
