"""Signed notes and checkpoints of the log: C2SP signed-note and tlog-checkpoint, with Ed25519 (docs/formats/log.md).

A checkpoint says how many leaves the log has and what the root over them is. Whoever keeps one can tell later whether
the log only grew. The verifier key is the one thing that somebody who verifies must have beforehand.
"""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.crypto.sign import Signers, load_public
from sk.errors import Damaged
from sk.evidence.tree import HASH_BYTES

ED25519_NOTE = b"\x01"
KEY_ID_BYTES = 4
SIGNATURE = "— "  # an em dash, as the specification has it
SIGNATURES_MAX = 16
VKEY_PARTS = 3
CHECKPOINT_LINES = 3
SIZE_DIGITS = 18


class VKey(NamedTuple):
    """The key of a signer of notes, by the name that it signs under."""

    name: str
    public: bytes

    def __str__(self) -> str:
        """Return `name+key id+key`, as it is handed to whoever will verify."""
        return f"{self.name}+{self.key_id.hex()}+{_encode(ED25519_NOTE + self.public)}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key in its one spelling; any other, and a key of small order, is `Damaged`."""
        parts = text.split("+", VKEY_PARTS - 1)
        if len(parts) != VKEY_PARTS:
            raise Damaged
        key = cls(parts[0], _decode(parts[2])[1:])
        load_public(key.public)
        if not is_name(key.name) or str(key) != text:
            raise Damaged
        return key

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature says whose it is."""
        return sha256(self.name.encode() + b"\n" + ED25519_NOTE + self.public).digest()[:KEY_ID_BYTES]


class Checkpoint(NamedTuple):
    """The state of a log: its origin, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return what is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the text of a note that was verified; extension lines are not for us, and refused."""
        lines = text.split("\n")
        if len(lines) != CHECKPOINT_LINES + 1 or len(lines[1]) > SIZE_DIGITS or not lines[1].isdecimal():
            raise Damaged
        found = cls(lines[0], int(lines[1]), _decode(lines[2]))
        if not is_name(found.origin) or len(found.root) != HASH_BYTES or found.text() != text:
            raise Damaged
        return found


def is_name(text: str) -> bool:
    """Tell whether a note can be signed under a name: neither blanks nor a plus stand in it."""
    return bool(text) and not any(char.isspace() or char == "+" or not char.isprintable() for char in text)


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Return a text, which ends with a line feed, as a note signed under a name."""
    signer = VKey(name, key.public_key().public_bytes_raw())
    return f"{text}\n{SIGNATURE}{name} {_encode(signer.key_id + key.sign(text.encode()))}\n"


def open_note(note: str, trusted: Iterable[VKey]) -> tuple[str, VKey]:
    """Return the text of a note and which of the trusted keys has signed it, or raise `Damaged` if none has.

    Signatures by unknown keys are passed over; a wrong one under a known name and key id spoils the whole note.
    """
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not blank or not signatures.endswith("\n") or len(lines) > SIGNATURES_MAX:
        raise Damaged
    text += "\n"
    known = {(key.name, key.key_id): key for key in trusted}
    good = [key for line in lines if (key := _signer(line, text, known))]
    if not good:
        raise Damaged
    return text, good[0]


def own_checkpoint(note: str, signers: Signers) -> Checkpoint:
    """Return a checkpoint that a key of our own log has signed, or raise `Damaged`.

    Whose log it is follows from its origin, which the caller compares.
    """
    origin = note.partition("\n")[0]
    trusted = [VKey(origin, key.public_bytes_raw()) for use, key in signers.by_kid.values() if use == "log"]
    return Checkpoint.read(open_note(note, trusted)[0])


def _signer(line: str, text: str, known: dict[tuple[str, bytes], VKey]) -> VKey | None:
    if not line.startswith(SIGNATURE):
        raise Damaged
    name, _, spelled = line.removeprefix(SIGNATURE).partition(" ")
    raw = _decode(spelled)
    if not is_name(name) or len(raw) <= KEY_ID_BYTES:
        raise Damaged
    key = known.get((name, raw[:KEY_ID_BYTES]))
    if key:
        try:
            load_public(key.public).verify(raw[KEY_ID_BYTES:], text.encode())
        except InvalidSignature as error:
            raise Damaged from error
    return key


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    """Read base64 with padding in its one spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Damaged from error
    if _encode(raw) != text:
        raise Damaged
    return raw
