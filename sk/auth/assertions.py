"""How a machine client shows who it is: private_key_jwt (RFC 7523 as updated by RFC 10070)."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from sk.auth.clients import Client, client_named, key_of
from sk.crypto.sign import decode, read_strictly
from sk.errors import Conflict, Damaged, NotFound, SkError
from sk.events import AssertionExpired
from sk.services import Services
from sk.store.port import Aggregate

jwt.register_algorithm("Ed25519", OKPAlgorithm())  # PyJWT knows the older name alone
ALGORITHMS = {"EdDSA": "OKP", "Ed25519": "OKP", "ES256": "EC"}
"""The algorithms taken, and the type of key that each demands. Ed25519 has two names (RFC 8037, RFC 9864)."""
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
TYPES_TAKEN = (None, "JWT", "client-authentication+jwt")
SKEW_SECONDS = 60
MAX_SECONDS = 3600
"""How long an assertion may be good: an hour is what some libraries take if they are not told otherwise."""


class ClientRefused(SkError):
    """The client has not shown who it is."""


class SpentAssertion(Aggregate):
    """The mark of an assertion that was used. It is unique, so that using one twice is refused."""

    kind: ClassVar[str] = "spent_assertion"


async def authenticate_client(assertion: str, services: Services) -> tuple[Client, SpentAssertion]:
    """Return the client that signed an assertion for us, and the mark by which `spend` takes it out of use."""
    header, claims = _read(assertion)
    client = await _client(claims.get("sub"), services)
    _verify(assertion, await _key(client, header, services), header["alg"], services.base_url)
    _check_claims(claims, int(services.clock.now().timestamp()))
    spent = SpentAssertion(id=sha256(f"{client.client_id} {claims['jti']}".encode()).hexdigest())
    forget_at = services.clock.now() + timedelta(seconds=MAX_SECONDS + 2 * SKEW_SECONDS)
    spent.emit(AssertionExpired(assertion_id=spent.id), due=forget_at)
    return client, spent


def _read(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the claims, of which nothing is true yet."""
    try:
        header, claims, _ = map(decode, assertion.split("."))
    except (Damaged, ValueError):
        raise ClientRefused("the assertion is no JWT") from None
    try:
        return read_strictly(header), read_strictly(claims)
    except ValueError as error:
        raise ClientRefused(f"the assertion is no JWT that can be taken: {error}") from None


async def spend(spent: SpentAssertion, services: Services) -> None:
    """Take an assertion out of use, once nothing else is wrong with the request."""
    try:
        await services.store.save(spent)
    except Conflict:
        raise ClientRefused("the assertion was used before") from None


async def _client(client_id: object, services: Services) -> Client:
    try:
        return await client_named(str(client_id), services)
    except NotFound:
        raise ClientRefused("there is no such client, or it is disabled") from None


async def _key(client: Client, header: Mapping[str, Any], services: Services) -> PublicKey:
    """Return the key that the header names among the client's own, if it fits the algorithm."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise ClientRefused(f"the algorithm must be one of {', '.join(ALGORITHMS)}")
    if header.get("typ") not in TYPES_TAKEN:
        raise ClientRefused("the type of the JWT is not that of a client assertion")
    if key := await key_of(client, kid, ALGORITHMS[algorithm], services):
        return public_key_of(key)
    raise ClientRefused("the client has no key with this kid and algorithm")


def public_key_of(jwk: Mapping[str, Any]) -> PublicKey:
    """Return the key that a JWK spells, which is one of ours: for a JWK, PyJWT takes no other name of its algorithm."""
    return cast("PublicKey", jwt.PyJWK(dict(jwk)).key)


def _verify(assertion: str, key: PublicKey, algorithm: str, issuer: str) -> None:
    # The clock is ours, not PyJWT's, so that moments are checked in `_check_claims`.
    times = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    required = {"require": ["iss", "sub", "aud", "exp", "iat", "jti"], "strict_aud": True}
    try:
        options: Any = {**times, **required}
        jwt.decode(assertion, key, algorithms=[algorithm], audience=issuer, options=options)
    except jwt.InvalidAudienceError:
        raise ClientRefused(f"aud must be {issuer} alone") from None
    except jwt.PyJWTError as error:
        raise ClientRefused(f"the assertion does not hold: {error}".replace('"', "")) from None


def _check_claims(claims: Mapping[str, Any], now: int) -> None:
    moments = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if not all(type(moment) is int for moment in moments):
        raise ClientRefused("exp, iat and nbf must be whole seconds")
    if claims["iss"] != claims["sub"]:
        raise ClientRefused("iss and sub must both be the client_id")
    if claims["exp"] <= now - SKEW_SECONDS:
        raise ClientRefused("the assertion has expired")
    if claims["exp"] > now + MAX_SECONDS + SKEW_SECONDS:
        raise ClientRefused(f"the assertion is valid for longer than {MAX_SECONDS} seconds")
    if max(claims["iat"], claims.get("nbf", 0)) > now + SKEW_SECONDS:
        raise ClientRefused("the assertion is from the future")
