"""Signed statements and cards: compact JWS with Ed25519, strict in every place (docs/formats/sign.md).

The signed bytes are kept and passed on as they are; nobody serialises them again.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sk.errors import Damaged
from sk.ids import id_from_bytes

PARTS = 3
NAME_SHOWN = 64
MAX_INTEGER = 2**53 - 1  # beyond it, readers in other languages see other numbers (RFC 7493)
# RFC 8032 points whose order divides eight, in every encoding: a signature by such a key says nothing.
SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)


SIGNED_HERE_MAX = 4096
_signed_here: dict[str, bytes] = {}
"""What this process has signed last, and with which key: embedded, the next step is taken here as well, and a signature
that was just made need not be verified, which takes three times as long."""


@dataclass(frozen=True, eq=False)
class Signer:
    """The private half of one of the `sign-…` keys."""

    kid: str
    key: Ed25519PrivateKey

    @cached_property
    def public(self) -> bytes:
        """Return the public half."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, typ: str, payload: Mapping[str, Any]) -> str:
        """Return a compact JWS of a payload."""
        head = json.dumps({"alg": "EdDSA", "kid": self.kid, "typ": typ}, separators=(",", ":"))
        body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
        signed = f"{encode(head.encode())}.{encode(body.encode())}"
        jws = f"{signed}.{encode(self.key.sign(signed.encode()))}"
        _signed_here[jws] = self.public
        if len(_signed_here) > SIGNED_HERE_MAX:
            del _signed_here[next(iter(_signed_here))]
        return jws


@dataclass(frozen=True, eq=False)
class Signers:
    """The public halves that a process trusts, by kid, with what each may sign for. Equal only to itself."""

    by_kid: Mapping[str, tuple[str, Ed25519PublicKey]]

    def verify(self, jws: str, *, typ: str, use: str) -> Mapping[str, Any]:
        """Return the payload of a JWS that a key trusted for `use` has signed, or raise `Damaged`."""
        return _signed_payload(self, jws, typ, use)

    def verify_once(self, jws: str, *, typ: str, use: str) -> Mapping[str, Any]:
        """Do the same with what a stranger has sent, of which nothing is remembered: it would fill the memory."""
        return _payload(self, jws, typ, use)

    def public(self, use: str) -> bytes:
        """Return the key that is trusted for a use; of several, the one that came last."""
        return [key for trusted_for, key in self.by_kid.values() if trusted_for == use][-1].public_bytes_raw()


@lru_cache(maxsize=4096)
def _signed_payload(signers: Signers, jws: str, typ: str, use: str) -> Mapping[str, Any]:
    """Return what was signed. One statement is asked for by every worker in turn, and by every page that shows it."""
    return _payload(signers, jws, typ, use)


def _payload(signers: Signers, jws: str, typ: str, use: str) -> Mapping[str, Any]:
    parts = [decode(part) for part in jws.split(".")]
    if len(parts) != PARTS:
        raise Damaged
    head = strict_json(parts[0])
    kid = head.get("kid")
    if head != {"alg": "EdDSA", "kid": kid, "typ": typ} or not isinstance(kid, str):
        raise Damaged
    trusted_for, key = signers.by_kid.get(kid, ("", None))
    if key is None or trusted_for != use:
        raise Damaged
    if _signed_here.get(jws) != key.public_bytes_raw():
        try:
            key.verify(parts[2], jws.rpartition(".")[0].encode())
        except InvalidSignature as error:
            raise Damaged from error
    return strict_json(parts[1])


def kid_of(use: str, public: bytes) -> str:
    """Return the name of a key: what it is for, and the beginning of its SHA-256."""
    return f"{use}-{id_from_bytes(sha256(public).digest()[:10])}"


def kid_in(jws: str) -> str:
    """Return the name of the key that a JWS says has signed it, before anything of it was verified; else `Damaged`."""
    return _known_kid(jws.partition(".")[0])


def kid_once(jws: str) -> str:
    """Do the same with what a stranger has sent, of which nothing is remembered."""
    return _kid(jws.partition(".")[0])


@lru_cache(maxsize=256)
def _known_kid(header: str) -> str:
    """Read a header: those of one key are all alike."""
    return _kid(header)


def _kid(header: str) -> str:
    kid = strict_json(decode(header)).get("kid")
    if not isinstance(kid, str):
        raise Damaged
    return kid


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the name of a public key that has none (RFC 7638)."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return encode(sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest())


def load_public(raw: bytes) -> Ed25519PublicKey:
    """Read an Ed25519 public key, refusing those of small order."""
    if raw in SMALL_ORDER:
        raise Damaged
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise Damaged from error


def encode(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url without padding in its one canonical spelling, or raise `Damaged`."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Damaged from error
    if encode(raw) != text:
        raise Damaged
    return raw


def strict_json(raw: bytes) -> dict[str, Any]:
    """Read one JSON object that every reader understands alike; else `Damaged`."""
    try:
        return read_strictly(raw)
    except ValueError as error:
        raise Damaged from error


def read_strictly(raw: bytes) -> dict[str, Any]:
    """Read one JSON object that every reader understands alike; else a `ValueError` for whoever wrote it.

    It is UTF-8 without half characters, has no name twice, and its numbers are integers of at most 53 bits.
    """
    try:
        text = raw.decode()
        value = json.loads(
            text,
            object_pairs_hook=_no_name_twice,
            parse_int=_integer,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # fails on half of a surrogate pair
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise ValueError("an escape is half of a surrogate pair") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - a matter of what was read
    return value


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"the name {twice[:NAME_SHOWN]} stands twice in an object")
    return value


def _integer(digits: str) -> int:
    if len(digits) > len(str(-MAX_INTEGER)) or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("a number has more than 53 bits")
    return int(digits)


def _refuse(number: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{number[:NAME_SHOWN]} is no whole number")
