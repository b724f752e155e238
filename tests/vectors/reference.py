"""The formats of docs/formats once more, as plainly as they can be written, to make test vectors with.

It shares no line with `sk`: where both agree, the documents say enough for a second implementation.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256, sha512, shake_256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.cmac import CMAC

CHUNK = 16384
SEALED_CHUNK = CHUNK + 16
HEAD = 24 + 32
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


class Refused(Exception):
    """A reader must not open this. The argument is the kind of failure, as in docs/formats/README.md."""


def fixed(name: str, length: int) -> bytes:
    """Return the bytes that stand in for random ones: SHAKE-256 of a name."""
    return shake_256(name.encode()).digest(length)


def pattern(length: int) -> bytes:
    """Return the plaintext of long vectors: byte i is i modulo 251."""
    return bytes(i % 251 for i in range(length))


def base64url(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def base32(raw: bytes) -> str:
    """Return lower-case base32 without padding."""
    return base64.b32encode(raw).decode().rstrip("=").lower()


def context(kind: str, account_id: str, object_id: str, generation: int, version: str = "sk/1") -> bytes:
    """Return a bound context."""
    bound = b""
    for part in (version, kind, account_id, object_id, str(generation)):
        raw = part.encode()
        if len(raw) >= 2**16:
            raise Refused("length")
        bound += len(raw).to_bytes(2) + raw
    return bound


def derive(key: bytes, salt: bytes, bound: bytes) -> tuple[bytes, int, bytes]:
    """Return key, base nonce and commitment of a stream: HKDF-Expand with SHA-512, 76 bytes in two blocks."""
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + bound
    first = hmac.digest(key, info + b"\x01", sha512)
    out = first + hmac.digest(key, first + info + b"\x02", sha512)
    return out[:32], int.from_bytes(out[32:44]), out[44:76]


def seal_stream(key: bytes, salt: bytes, bound: bytes, plain: bytes) -> bytes:
    """Return the stream of a plaintext."""
    cipher_key, nonce, commitment = derive(key, salt, bound)
    sealed = salt + commitment
    for number in range(len(plain) // CHUNK + 1):
        chunk = plain[number * CHUNK :][:CHUNK]
        sealed += AESGCM(cipher_key).encrypt((nonce ^ number).to_bytes(12), chunk, None)
    return sealed


def open_stream(key: bytes, bound: bytes, sealed: bytes) -> bytes:
    """Return the plaintext of a stream."""
    if len(key) != 32:
        raise Refused("key")
    body = sealed[HEAD:]
    if len(sealed) < HEAD or len(body) % SEALED_CHUNK < 16:
        raise Refused("length")
    cipher_key, nonce, commitment = derive(key, sealed[:24], bound)
    if commitment != sealed[24:HEAD]:
        raise Refused("commitment")
    plain = b""
    for number in range(len(body) // SEALED_CHUNK + 1):
        chunk = body[number * SEALED_CHUNK :][:SEALED_CHUNK]
        try:
            plain += AESGCM(cipher_key).decrypt((nonce ^ number).to_bytes(12), chunk, None)
        except InvalidTag as error:
            raise Refused("chunk") from error
    return plain


def open_locked(keys: Mapping[str, str], place: Mapping[str, str], locked: bytes) -> bytes:
    """Return what was locked."""
    if len(locked) < 2:
        raise Refused("length")
    generation = str(int.from_bytes(locked[:2]))
    if generation not in keys:
        raise Refused("generation")
    return open_stream(bytes.fromhex(keys[generation]), context(**place, generation=int(generation)), locked[2:])


def hpke(kem_secret: bytes, info: bytes, plain: bytes) -> bytes:
    """Return what follows the encapsulation in a sealed value: RFC 9180, base mode, from the KEM's shared secret."""
    suite = b"HPKE" + bytes.fromhex("647a00010002")  # X-Wing, HKDF-SHA256, AES-256-GCM

    def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, sha256)

    def expand(secret: bytes, label: bytes, length: int) -> bytes:  # one block of SHA-256 is enough
        labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + schedule
        return hmac.digest(secret, labelled + b"\x01", sha256)[:length]

    schedule = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(kem_secret, b"secret", b"")
    return AESGCM(expand(secret, b"key", 32)).encrypt(expand(secret, b"base_nonce", 12), plain, None)


def handle(key: bytes, account: bytes, sector: str) -> str:
    """Return a postbox handle: AES-256-SIV (RFC 5297) of the account id, which is one block, with one string beside."""

    def cmac(message: bytes) -> bytes:
        mac = CMAC(AES(key[:32]))
        mac.update(message)
        return mac.finalize()

    def double(block: bytes) -> int:
        shifted = int.from_bytes(block) << 1
        return (shifted ^ 0x87) % 2**128 if shifted >> 128 else shifted

    mixed = double(cmac(bytes(16))) ^ int.from_bytes(cmac(sector.encode()))
    siv = cmac((mixed ^ int.from_bytes(account)).to_bytes(16))
    counter = int.from_bytes(siv) & ~(1 << 63) & ~(1 << 31)
    cipher = Cipher(AES(key[32:]), CTR(counter.to_bytes(16))).encryptor()
    return base32(siv + cipher.update(account))


def blind(key: bytes, field: str, value: str) -> str:
    """Return a blind index."""
    name = field.encode()
    return hmac.digest(key, len(name).to_bytes(2) + name + value.encode(), sha256).hex()


def jws(head: str | bytes, body: str | bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a compact JWS of exactly these bytes, right or wrong."""
    raw = [part.encode() if isinstance(part, str) else part for part in (head, body)]
    signed = ".".join(map(base64url, raw))
    return f"{signed}.{base64url(sign(signed.encode()))}"


def ed25519(seed: bytes) -> tuple[Ed25519PrivateKey, bytes]:
    """Return a signing key and its public half."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key, key.public_key().public_bytes_raw()


def kid(use: str, public: bytes) -> str:
    """Return the name of a signing key."""
    return f"{use}-{base32(sha256(public).digest()[:10])}"
