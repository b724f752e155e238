"""Files of age as the specification says, right ones and wrong ones; and the tool itself, at a terminal."""

import hashlib
import hmac
import os
import pty
import subprocess
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.keeper import tool

SEALED_CHUNK = 64 * 1024 + 16
VERSION = b"age-encryption.org/v1\n"
FILE_KEY, NONCE, SALT = b"sixteen bytes it", bytes(range(16)), bytes(range(16, 32))
X25519 = b"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nhjabGXwSLQ9c3S6Lw2i+S2Tu2fiwQHHslbBN6B41FLE\n"
"""A stanza for the owner of a key pair, who is somebody else."""
Chunk = tuple[bytes, int, bool]
"""What is in a chunk, which number it has, and whether it is marked as the last."""


def spelled(value: bytes) -> bytes:
    """Spell bytes as a header does."""
    return b64encode(value).rstrip(b"=")


def derived(salt: bytes, info: bytes, file_key: bytes) -> bytes:
    """Derive a key (RFC 5869); one block is enough."""
    return hmac.digest(hmac.digest(salt, file_key, "sha256"), info + b"\x01", "sha256")


def stanza(passphrase: str, *, work_factor: str = "1", file_key: bytes = FILE_KEY) -> bytes:
    """Wrap a file key for a passphrase, at the cost of 2¹ blocks, whatever is told."""
    salt = b"age-encryption.org/v1/scrypt" + SALT
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=2, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    return b"-> scrypt %s %s\n%s\n" % (spelled(SALT), work_factor.encode(), spelled(body))


def header(*stanzas: bytes, file_key: bytes = FILE_KEY) -> bytes:
    """Return a header whose MAC is right, whatever is in it."""
    authenticated = VERSION + b"".join(stanzas) + b"---"
    mac = hmac.digest(derived(b"", b"header", file_key), authenticated, "sha256")
    return authenticated + b" " + spelled(mac) + b"\n"


def payload_cipher(nonce: bytes, file_key: bytes) -> ChaCha20Poly1305:
    """Return what encrypts the chunks."""
    return ChaCha20Poly1305(derived(nonce, b"payload", file_key))


def payload(chunks: Iterable[Chunk]) -> bytes:
    """Return what follows the header, of any chunks in any order."""
    cipher = payload_cipher(NONCE, FILE_KEY)
    nonces = [(number.to_bytes(11) + bytes([last]), plain) for plain, number, last in chunks]
    return NONCE + b"".join(cipher.encrypt(nonce, plain, None) for nonce, plain in nonces)


def authentic(cipher: ChaCha20Poly1305, sealed: bytes, number: int = 0) -> bytes:
    """Return what is in the chunks from a number on, up to the last one or one that is not authentic or ends early."""
    chunk, rest = sealed[:SEALED_CHUNK], sealed[SEALED_CHUNK:]
    for last in (False, True)[len(chunk) < SEALED_CHUNK :]:
        with suppress(InvalidTag):
            plain = cipher.decrypt(number.to_bytes(11) + bytes([last]), chunk, None)
            return plain if last else plain + authentic(cipher, rest, number + 1)
    return b""


def at_a_terminal(passphrase: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run `age`, which reads a passphrase from its terminal alone; it is entered twice, as for a new file."""
    keyboard, terminal = pty.openpty()
    with os.fdopen(keyboard, "wb", buffering=0) as keys, os.fdopen(terminal, "rb") as stdin:
        keys.write(f"{passphrase}\n{passphrase}\n".encode())
        command = ["setsid", "--ctty", "--wait", tool("age", "Debian's package age"), *arguments]
        return subprocess.run(command, stdin=stdin, capture_output=True, check=False, timeout=60)
