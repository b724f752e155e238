"""A device with passkeys, as browsers talk to it, which lies wherever it is told to."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from sk.crypto.sign import decode, encode

PRESENT, VERIFIED, HAS_KEY = 1, 4, 64


@dataclass
class Lies:
    """What the device, or the browser around it, says instead of the truth."""

    origin: str = ""
    host: str = ""
    flags: int = PRESENT | VERIFIED
    challenge: str = ""
    type: str = ""
    sign_count: int | None = None
    user_handle: bytes | None = None
    credential_id: bytes | None = None
    signature: bytes | None = None


@dataclass
class Authenticator:
    """A device with one passkey (ES256), once it has made it."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    host: str = ""
    counts: int = 0
    counting: bool = True

    def create(self, options: dict[str, Any], lies: Lies | None = None) -> str:
        """Make the passkey, and return what the browser sends."""
        lies = lies or Lies()
        self.user_handle, self.host = decode(options["user"]["id"]), options["rp"]["id"]
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        id_ = lies.credential_id or self.id
        key = bytes(16) + len(id_).to_bytes(2) + id_ + cose
        data = self._data(lies, HAS_KEY) + key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = {"clientDataJSON": self._client("webauthn.create", options, lies), "attestationObject": attestation}
        return _spelled(id_, said)

    def get(self, options: dict[str, Any], lies: Lies | None = None) -> str:
        """Sign a challenge, and return what the browser sends."""
        lies = lies or Lies()
        self.counts += self.counting
        data, client = self._data(lies), self._client("webauthn.get", options, lies)
        signature = lies.signature or self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        handle = self.user_handle if lies.user_handle is None else lies.user_handle
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": handle}
        return _spelled(lies.credential_id or self.id, said)

    def _data(self, lies: Lies, also: int = 0) -> bytes:
        count = self.counts if lies.sign_count is None else lies.sign_count
        host = sha256((lies.host or self.host).encode()).digest()
        return host + bytes([lies.flags | also]) + count.to_bytes(4)

    def _client(self, type_: str, options: dict[str, Any], lies: Lies) -> bytes:
        said = {
            "type": lies.type or type_,
            "challenge": lies.challenge or options["challenge"],
            "origin": lies.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said).encode()


def _spelled(id_: bytes, said: dict[str, bytes]) -> str:
    response = {name: encode(value) for name, value in said.items()}
    return json.dumps({"id": encode(id_), "rawId": encode(id_), "type": "public-key", "response": response})
