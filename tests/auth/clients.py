"""A machine client that can also lie: it signs any claims, under any header, with any key."""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sk.auth.authority import Authority, AuthorityCard, public_jwk
from sk.client import ASSERTION_TYPE
from sk.crypto.sign import encode
from sk.ids import new_id
from tests.refusals import Answer, Desk
from tests.world import World

Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Client:
    """An authority's software, registered with one key."""

    world: World
    id: str
    key: Key
    kid: str

    def assertion(self, key: Key | None = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """Return a client assertion that is right but for what is said otherwise; None takes a claim out."""
        now = int(self.world.clock.now().timestamp())
        right = {"iss": self.id, "sub": self.id, "aud": self.world.base_url, "iat": now, "exp": now + 60}
        told = {**right, "jti": secrets.token_hex(8), **claims}
        payload = {name: value for name, value in told.items() if value is not None}
        return signed(key or self.key, {"kid": self.kid, **(header or {})}, payload)

    async def ask(self, assertion: str, **form: str) -> Answer:
        """Ask for a token."""
        told = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, **form}
        desk = Desk(self.world.http, self.world.base_url, self.world.data, "", "")
        answer = await desk.send({**told, "client_assertion": assertion}, "/oauth/token")
        answer.is_described("/oauth/token")
        return answer

    async def changed(self, **card: Any) -> None:
        """Have the operator change what is registered."""
        web = self.world.web
        authority = await web.store.get(Authority, self.id)
        registered = authority.details(web.keys.signers)
        authority.change(registered.model_copy(update=card), web.keys.signer("sign-web"))
        await web.store.save(authority)


async def registered(world: World, key: Key | None = None, **card: Any) -> Client:
    """Register an authority with one key, and return its client."""
    key = key or ed25519.Ed25519PrivateKey.generate()
    jwk = public_jwk(jwk_of(key))
    facts: dict[str, Any] = {"name": "Stadt Musterstadt", "land": "NW", "laws": ("ozg-9",), **card}
    new = AuthorityCard(authority=new_id(), jwks=(jwk,), **facts)
    await world.web.store.save(Authority.registered(new, world.web.keys.signer("sign-web")))
    return Client(world, new.authority, key, jwk["kid"])


def jwk_of(key: Key) -> dict[str, Any]:
    """Return the public half of a key."""
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        return jwt.algorithms.ECAlgorithm.to_jwk(public, as_dict=True)
    return jwt.algorithms.OKPAlgorithm.to_jwk(public, as_dict=True)


def signed(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return a JWT with the algorithm that the key is made for, unless the header names another."""
    es256 = isinstance(key, ec.EllipticCurvePrivateKey)
    text = unsigned({"alg": "ES256" if es256 else "EdDSA", "typ": "JWT", **header}, claims)
    algorithm = jwt.algorithms.get_default_algorithms()["ES256" if es256 else "EdDSA"]
    return f"{text}.{encode(algorithm.sign(text.encode(), key))}"


def with_hmac(key: Key, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return a JWT that takes the public key, which everybody has, for a shared secret."""
    pem, info = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    text = unsigned({**header, "alg": "HS256"}, claims)
    return f"{text}.{encode(hmac.digest(key.public_key().public_bytes(pem, info), text.encode(), sha256))}"


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return the part of a JWT that is signed."""
    return ".".join(encode(json.dumps(part).encode()) for part in (header, claims))


def claims_of(token: str) -> dict[str, Any]:
    """Return what a JWT claims."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
