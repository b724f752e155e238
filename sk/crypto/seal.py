"""Sealing towards accounts: HPKE (RFC 9180) in base mode with X-Wing, HKDF-SHA256 and AES-256-GCM.

An account's key pair is one 32-byte seed; SHAKE-256 stretches it to the seeds of ML-KEM-768 and X25519, as
X-Wing says (docs/formats/seal.md).
"""

import secrets
from hashlib import shake_256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from sk.crypto.context import Context
from sk.errors import Damaged

SEED_BYTES = 32
MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_seed() -> bytes:
    """Return the seed of a fresh key pair."""
    return secrets.token_bytes(SEED_BYTES)


def public_key(seed: bytes) -> bytes:
    """Return the public half: 1184 bytes of ML-KEM-768 and 32 of X25519."""
    mlkem, x25519 = _private_halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal(public: bytes, context: Context, generation: int, data: bytes) -> bytes:
    """Seal bytes so that only the account's private half opens them, and only in their place.

    What is no public key is `Damaged`.
    """
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:]),
        )
        return SUITE.encrypt(data, key, info=context.bound(generation))
    except ValueError as error:
        raise Damaged from error


def unseal(seed: bytes, context: Context, generation: int, sealed: bytes) -> bytes:
    """Return what was sealed, or raise `Damaged`."""
    key = MLKEM768X25519PrivateKey(*_private_halves(seed))
    try:
        return SUITE.decrypt(sealed, key, info=context.bound(generation))
    except (InvalidTag, ValueError) as error:
        raise Damaged from error


def _private_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_BYTES:
        raise Damaged
    stretched = shake_256(seed).digest(MLKEM_SEED_BYTES + 32)
    return (
        MLKEM768PrivateKey.from_seed_bytes(stretched[:MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(stretched[MLKEM_SEED_BYTES:]),
    )
