"""Tokens for portals: id tokens, access tokens for userinfo (RFC 9068), logout tokens. Each has a type of its own."""

from collections.abc import Mapping
from typing import Any, Final

import jwt

from sk.auth.authorization import Asked
from sk.auth.claims import Person, told
from sk.auth.oauth import OAuthError
from sk.auth.portal import PortalCard
from sk.auth.portal_log_in import Held, PortalLogIn, pairwise_sub
from sk.auth.tokens import TOKEN_TYP
from sk.auth.trust import NAMES
from sk.crypto.keyring import KeyRing
from sk.errors import NotFound
from sk.ids import new_id
from sk.services import Services

SECONDS: Final = 300
LOGOUT_TYP: Final = "logout+jwt"
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
USERINFO: Final = "/oauth/userinfo"
ALGORITHM: Final = "ES256"
"""The algorithm of id tokens and logout tokens, which every client knows; Ed25519 not all do."""


def access_token(log_in: PortalLogIn, held: Held, portal: PortalCard, key: str, services: Services) -> str:
    """Return an access token for userinfo. It names the log-in, which is looked at whenever the token is shown.

    `key` is the thumbprint of the key that it is bound to, if it is to any.
    """
    claims = {
        **_common(portal, held.account_id, services),
        "aud": services.base_url + USERINFO,
        "client_id": portal.portal,
        "jti": new_id(),
        "sid": log_in.id,
        "scope": held.scope,
        "acr": NAMES[held.level].eidas,
        "auth_time": int(held.since.timestamp()),
        **({"cnf": {"jkt": key}} if key else {}),
    }
    signer = services.keys.token_eddsa
    return jwt.encode(claims, signer.key, "EdDSA", headers={"typ": TOKEN_TYP, "kid": signer.kid})


def id_token(
    log_in: PortalLogIn, held: Held, portal: PortalCard, person: Person, services: Services, *, nonce: str = ""
) -> str:
    """Return an id token, which tells a portal who has logged in, how surely, and when.

    The first one has the `nonce` of the request; those that follow have none (OpenID Connect Core 12.2).
    """
    claims = {
        **_common(portal, held.account_id, services),
        "aud": portal.portal,
        "sid": log_in.id,
        "acr": NAMES[held.level].eidas,
        "auth_time": int(held.since.timestamp()),
        **({"nonce": nonce} if nonce else {}),
        **told(held.wish, "id_token", person),
    }
    return _es256(claims, "JWT", services.keys)


def logout_token(log_in: PortalLogIn, account_id: str, portal: PortalCard, services: Services) -> str:
    """Return what tells a portal that a log-in has ended (OpenID Connect Back-Channel Logout)."""
    claims = {
        **_common(portal, account_id, services),
        "aud": portal.portal,
        "jti": new_id(),
        "sid": log_in.id,
        "events": {LOGOUT_EVENT: {}},
    }
    return _es256(claims, LOGOUT_TYP, services.keys)


async def log_in_shown(token: str, services: Services) -> tuple[PortalLogIn, str, str]:
    """Return the log-in that an access token names, its portal and the key that it is bound to; else `NotFound`."""
    keys = {signer.kid: signer.key.public_key() for signer in services.keys.token_signers}
    claims = _read(token, TOKEN_TYP, "EdDSA", keys, services, audience=services.base_url + USERINFO)
    if claims["exp"] <= services.clock.now().timestamp():
        raise NotFound("the access token has expired")
    bound_to = claims.get("cnf", {}).get("jkt", "")
    log_in = (await services.store.get_many(PortalLogIn, [claims["sid"]])).get(claims["sid"])
    if log_in is None:
        raise NotFound("this log-in has ended")
    return log_in, claims["client_id"], bound_to


def read_hint(hint: str, services: Services) -> Mapping[str, Any]:
    """Return the claims of an id token of ours that comes back as a hint, however old it is; else `NotFound`."""
    keys = {jwk["kid"]: key.public_key() for key, jwk in services.keys.token_es256}
    return _read(hint, "JWT", ALGORITHM, keys, services)


def expecting(asked: Asked, said: Mapping[str, str], services: Services) -> Asked:
    """Return a request with whom it expects, if it says so by an id token (`id_token_hint`) of the same portal."""
    if "id_token_hint" not in said:
        return asked
    try:
        claims = read_hint(said["id_token_hint"], services)
    except NotFound as error:
        raise OAuthError("invalid_request", f"id_token_hint: {error}") from None
    if claims["aud"] != asked.portal or asked.sub not in ("", claims["sub"]):
        raise OAuthError("invalid_request", "id_token_hint is that of another portal, or of somebody else")
    return asked.model_copy(update={"sub": claims["sub"]})


def _read(
    token: str, typ: str, algorithm: str, keys: Mapping[str, Any], services: Services, audience: str | None = None
) -> Mapping[str, Any]:
    """Return the claims of a token of ours, of this type and no other; else `NotFound`. Its end is not looked at."""
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": audience is not None}
    options["require"] = ["exp", "sub", "aud", "sid"]
    try:
        header = jwt.get_unverified_header(token)
        key = keys[header["kid"]]
        if header.get("typ") != typ:
            raise NotFound("this token is of another type")
        return jwt.decode(
            token, key, algorithms=[algorithm], issuer=services.base_url, audience=audience, options=options
        )
    except (jwt.PyJWTError, UnicodeEncodeError, KeyError, TypeError):
        raise NotFound("this is no token of ours") from None


def _common(portal: PortalCard, account_id: str, services: Services) -> dict[str, object]:
    now = int(services.clock.now().timestamp())
    return {
        "iss": services.base_url,
        "sub": pairwise_sub(account_id, portal, services),
        "iat": now,
        "exp": now + SECONDS,
    }


def _es256(claims: dict[str, object], typ: str, keys: KeyRing) -> str:
    key, jwk = keys.token_es256[0]
    return jwt.encode(claims, key, ALGORITHM, headers={"typ": typ, "kid": jwk["kid"]})
