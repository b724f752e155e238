"""Access tokens for machine clients (RFC 9068): issued, and checked where one is shown."""

from functools import lru_cache
from typing import Any

import jwt

from sk.auth.authority import Authority, AuthorityCard
from sk.crypto.sign import Signer
from sk.errors import Forbidden, NotFound, SkError
from sk.ids import new_id
from sk.services import Services

TOKEN_SECONDS = 600
TOKEN_TYP = "at+jwt"  # noqa: S105 - a media type


class Unauthorized(SkError):
    """A valid access token is needed."""

    problem = "unauthorized"


def issue(client_id: str, scopes: str, services: Services) -> str:
    """Return an access token for a machine client."""
    now = int(services.clock.now().timestamp())
    claims = {
        "iss": services.base_url,
        "aud": services.base_url,
        "sub": client_id,
        "client_id": client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": new_id(),
        "scope": scopes,
    }
    signer = services.keys.token_eddsa
    return jwt.encode(claims, signer.key, "EdDSA", headers={"typ": TOKEN_TYP, "kid": signer.kid})


async def authorize(header: str | None, scope: str, services: Services) -> AuthorityCard:
    """Return the authority whose token covers a scope; else `Unauthorized` or `Forbidden`."""
    scheme, _, presented = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise Unauthorized("an access token is needed: Authorization: Bearer …")
    claims = _claims(presented, services.keys.token_signers, services.base_url)
    if claims["exp"] <= services.clock.now().timestamp():
        raise Unauthorized("the access token has expired")
    if scope not in claims["scope"].split():
        raise Forbidden(f"the access token does not cover {scope}", problem="wrong-scope")
    try:
        card = (await services.store.get(Authority, claims["client_id"])).details(services.keys.signers)
    except NotFound:
        raise Unauthorized("the client does not exist any more") from None
    if card.disabled:
        raise Unauthorized("the client is disabled")
    if scope not in card.scopes:
        raise Forbidden(f"this client may not ask for {scope} any more", problem="wrong-scope")
    return card


@lru_cache(maxsize=4096)
def _claims(presented: str, signers: tuple[Signer, ...], issuer: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(presented)
        if header.get("typ") != TOKEN_TYP:
            raise Unauthorized("this is no access token")
        signer = next((signer for signer in signers if signer.kid == header.get("kid")), signers[0])
        return jwt.decode(
            presented,
            signer.key.public_key(),
            algorithms=["EdDSA"],
            issuer=issuer,
            audience=issuer,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "client_id", "scope"]},
        )
    except (jwt.PyJWTError, UnicodeEncodeError) as error:
        raise Unauthorized(f"the access token is not valid here: {error}") from None
