"""Clients of the token endpoint: the software of an authority, or a portal."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sk.auth.authorities import registered
from sk.auth.authority import AuthorityCard, public_jwk
from sk.auth.portal import PortalCard, open_portal
from sk.errors import Invalid, NotFound
from sk.services import Services

Client = AuthorityCard | PortalCard


async def client_named(client_id: str, services: Services) -> Client:
    """Return a client that may ask for tokens, or raise `NotFound`."""
    try:
        card = await registered(client_id, services)
    except NotFound:
        return await open_portal(client_id, services)
    if card.disabled:
        raise NotFound("the client is disabled")
    return card


async def key_of(client: Client, kid: object, key_type: str, services: Services) -> Mapping[str, Any] | None:
    """Return the public key of a client that has a name and is of a type, or None."""
    keys = client.jwks
    if isinstance(client, PortalCard) and client.jwks_uri:
        keys = tuple(await services.jwks.keys(client.jwks_uri, kid))
    for key in keys:
        if key.get("kid") == kid and key.get("kty") == key_type:
            try:
                return public_jwk(key)
            except Invalid:
                return None
    return None


def secret_digest(secret: str) -> str:
    """Return by what the secret of a portal is known again: it is random, and needs no slow hash."""
    return sha256(secret.encode(errors="replace")).hexdigest()
