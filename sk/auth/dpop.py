"""DPoP (RFC 9449): a token is worth something only to whoever holds the key that it was bound to."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from aiohttp import web

from sk.auth.assertions import ALGORITHMS, SKEW_SECONDS, SpentAssertion, public_key_of
from sk.auth.authority import public_jwk
from sk.auth.oauth import OAuthError
from sk.crypto.sign import decode, encode, read_strictly, thumbprint
from sk.errors import Conflict, Damaged, Invalid
from sk.events import AssertionExpired
from sk.services import Services

TYP: Final = "dpop+jwt"
PROOF_MAX = 4096


async def proven_key(request: web.Request, services: Services, *, token: str = "") -> str:
    """Return the thumbprint of the key that a request proves to hold, or nothing if it proves none.

    `token` is the access token that comes along, to which the proof has to belong. A proof is good once; whatever is
    wrong with it is the error `invalid_dpop_proof`.
    """
    proofs = request.headers.getall("DPoP", ())
    if not proofs:
        return ""
    if len(proofs) > 1 or len(proofs[0]) > PROOF_MAX:
        raise _refused("there must be one proof")
    key, claims = _verified(proofs[0])
    now = services.clock.now()
    if claims["htm"] != request.method or _plain(claims["htu"]) != _plain(f"{services.base_url}{request.path}"):
        raise _refused("htm and htu must be those of this request")
    if type(claims["iat"]) is not int or abs(claims["iat"] - now.timestamp()) > SKEW_SECONDS:
        raise _refused(f"iat must be within {SKEW_SECONDS} seconds of now")
    if claims.get("ath", "") != (encode(sha256(token.encode()).digest()) if token else ""):
        raise _refused("ath must be the digest of the access token, and be there only with one")
    found = thumbprint(key)
    spent = SpentAssertion(id=sha256(f"dpop {found} {claims['jti']}".encode()).hexdigest())
    spent.emit(AssertionExpired(assertion_id=spent.id), due=now + timedelta(seconds=3 * SKEW_SECONDS))
    try:
        await services.store.save(spent)
    except Conflict:
        raise _refused("the proof was used before") from None
    return found


def _verified(proof: str) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Return the key and the claims of a proof that this key has signed."""
    try:
        header, claims = (read_strictly(decode(part)) for part in proof.split(".")[:2])
        algorithm = header.get("alg")
        if header.get("typ") != TYP or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise _refused(f"typ must be {TYP} and alg one of {', '.join(ALGORITHMS)}")
        key = public_jwk(header["jwk"])
        if key["kty"] != ALGORITHMS[algorithm]:
            raise _refused("the key does not fit the algorithm")
        required = {"require": ["htm", "htu", "iat", "jti"]}
        times = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        options: Any = {**required, **times}
        jwt.decode(proof, public_key_of(key), algorithms=[algorithm], options=options)
    except (Damaged, Invalid, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise _refused("the proof is no JWT that its own key has signed") from error
    if not all(isinstance(claims[name], str) for name in ("htm", "htu", "jti")):
        raise _refused("htm, htu and jti must be strings")
    return key, claims


def _plain(url: str) -> tuple[str, str, str]:
    """Return an address as it is compared: without query and fragment, host and scheme without case."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", ""
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, f"{parts.hostname}:{port or default}", parts.path


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_dpop_proof", why)
