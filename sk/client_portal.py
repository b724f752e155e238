"""A portal's client, as small as it can be: it has people log in, and asks who they are.

It does all that FAPI 2.0 demands: pushed requests, PKCE, client assertions, tokens that are bound to a key (DPoP).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from sk.client import ASSERTION_TYPE
from sk.clock import Clock, SystemClock
from sk.crypto.sign import encode, thumbprint

ALGORITHM = "ES256"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def new_portal_key() -> EllipticCurvePrivateKey:
    """Return a fresh private key."""
    return generate_private_key(SECP256R1())


def public_half(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the public half of a key as a JWK, to be registered."""
    jwk: dict[str, str] = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": thumbprint(jwk)}


@dataclass(frozen=True)
class Begun:
    """A log-in that was begun: the address to which the browser is sent, and what only the portal knows of it."""

    address: str
    redirect_uri: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class LoggedIn:
    """Who has logged in: the claims of the id token, and the tokens by which more can be asked."""

    claims: Mapping[str, Any]
    id_token: str
    access_token: str
    refresh_token: str


@dataclass
class PortalClient:
    """One portal's connection. `key` is registered under `client_id`; tokens are bound to it as well."""

    http: aiohttp.ClientSession
    base_url: str
    client_id: str
    key: EllipticCurvePrivateKey
    clock: Clock = field(default_factory=SystemClock)

    async def begin(self, redirect_uri: str, scope: str, **said: str) -> Begun:
        """Push a request, and return where to send the browser."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": encode(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            **said,
        }
        pushed = await self._send("/oauth/par", asked)
        address = urlencode({"client_id": self.client_id, "request_uri": pushed["request_uri"]})
        return Begun(f"{self.base_url}/oauth/authorize?{address}", redirect_uri, state, nonce, verifier)

    async def finish(self, begun: Begun, came: Mapping[str, str]) -> LoggedIn:
        """Turn what came back with the browser into tokens; `RuntimeError` says why it cannot be."""
        if came.get("state") != begun.state or came.get("iss") != self.base_url:
            raise RuntimeError("the answer is not to this request, or not from this provider")
        if "code" not in came:
            raise RuntimeError(f"not logged in: {came.get('error')}")
        form = {
            "grant_type": "authorization_code",
            "code": came["code"],
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.verifier,
        }
        tokens = await self._send("/oauth/token", form)
        claims = await self.read(tokens["id_token"])
        if claims.get("nonce") != begun.nonce:
            raise RuntimeError("the id token is not about this request")
        return LoggedIn(claims, tokens["id_token"], tokens["access_token"], tokens["refresh_token"])

    async def person(self, logged_in: LoggedIn) -> dict[str, Any]:
        """Return what somebody has agreed to tell; what is no longer told is a `RuntimeError`."""
        token, path = logged_in.access_token, "/oauth/userinfo"
        headers = {"Authorization": f"DPoP {token}", "DPoP": self._proof("GET", path, token)}
        async with self.http.get(self.base_url + path, headers=headers) as answer:
            told: dict[str, Any] = await answer.json()
            if not answer.ok or told["sub"] != logged_in.claims["sub"]:
                raise RuntimeError(f"nothing is told: {told}")
            return told

    async def read(self, token: str, typ: str = "JWT") -> dict[str, Any]:
        """Return the claims of a token of the provider to this portal: an id token, or a logout token."""
        async with self.http.get(f"{self.base_url}/oauth/jwks") as answer:
            keys = jwt.PyJWKSet.from_dict(await answer.json())
        header = jwt.get_unverified_header(token)
        if header.get("typ") != typ:
            raise RuntimeError("this is a token of another type")
        told: dict[str, Any] = jwt.decode(
            token, keys[header["kid"]].key, algorithms=[ALGORITHM], audience=self.client_id, issuer=self.base_url
        )
        return told

    async def logged_out(self, token: str) -> str:
        """Return which log-in has ended (`sid`), as a logout token says; one that is none is a `RuntimeError`."""
        claims = await self.read(token, "logout+jwt")
        if LOGOUT_EVENT not in claims.get("events", {}) or "nonce" in claims:
            raise RuntimeError("this is no logout token")
        return str(claims["sid"])

    async def _send(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.base_url, "iat": now, "exp": now + 60}
        jti, kid = secrets.token_hex(16), public_half(self.key)["kid"]
        assertion = jwt.encode({**claims, "jti": jti}, self.key, ALGORITHM, headers={"kid": kid})
        shown = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        headers = {"DPoP": self._proof("POST", path)}
        async with self.http.post(self.base_url + path, data={**form, **shown}, headers=headers) as answer:
            told: dict[str, Any] = await answer.json()
            if not answer.ok:
                raise RuntimeError(f"{path} refuses: {told}")
            return told

    def _proof(self, method: str, path: str, token: str = "") -> str:
        """Return a DPoP proof (RFC 9449)."""
        claims = {
            "htm": method,
            "htu": self.base_url + path,
            "iat": int(self.clock.now().timestamp()),
            "jti": secrets.token_hex(16),
            **({"ath": encode(sha256(token.encode()).digest())} if token else {}),
        }
        jwk = {name: value for name, value in public_half(self.key).items() if name != "kid"}
        return jwt.encode(claims, self.key, ALGORITHM, headers={"typ": "dpop+jwt", "jwk": jwk})
