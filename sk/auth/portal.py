"""Portals: the online services of an authority to which citizens log in with their account.

What an operator has registered about a portal is a card signed by web, so that a writer in the database neither adds a
portal nor leads a log-in to another address.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator

from sk.auth.authorities import posting
from sk.auth.authority import name_of
from sk.auth.claims import ClaimName
from sk.crypto.sign import Signer, Signers
from sk.errors import Damaged, Invalid, NotFound
from sk.saml.metadata import Service
from sk.services import Services
from sk.store.port import Aggregate, Key

CARD_TYP = "sk-portal+jws"
URI_MAX = 1000


class PortalCard(BaseModel):
    """What an operator has registered about a portal.

    `sector` is in which portals know a citizen by one pseudonym: the host of its addresses, or of the list that names
    them. `is_strict` says that it has to push its requests (PAR) and to bind its tokens to a key (DPoP), as FAPI 2.0
    demands; one that shows a secret cannot.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    portal: str
    name: str
    authority: str
    redirect_uris: tuple[str, ...]
    sector: str
    claims: tuple[ClaimName, ...] = ()
    purpose: str = ""
    jwks: tuple[dict[str, Any], ...] = ()
    jwks_uri: str = ""
    secret_digest: str = ""
    logout_uris: tuple[str, ...] = ()
    """Where it may have somebody led who has logged out (post_logout_redirect_uris)."""
    backchannel_logout_uri: str = ""
    is_strict: bool = True
    saml: Service | None = None
    """What its metadata says, if it speaks SAML 2.0 and not OpenID Connect."""
    disabled: bool = False

    @field_validator("name")
    @classmethod
    def _is_a_line(cls, said: str) -> str:
        return name_of(said)

    @field_validator("purpose")
    @classmethod
    def _is_a_line_if_said(cls, said: str) -> str:
        return said and name_of(said)

    @property
    def client_id(self) -> str:
        """Return what it is called at the token endpoint."""
        return self.portal


class Portal(Aggregate):
    """A portal as the store keeps it."""

    kind: ClassVar[str] = "portal"

    card: str
    entity: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by what it calls itself in SAML."""
        if self.entity:
            yield Key("entity", self.entity, unique=True)

    @classmethod
    def registered(cls, card: PortalCard, sign: Signer) -> "Portal":
        """Return a new portal with its card."""
        entity = card.saml.entity if card.saml else ""
        return cls(id=card.portal, entity=entity, card=sign.sign(CARD_TYP, card.model_dump(mode="json")))

    def change(self, card: PortalCard, sign: Signer) -> None:
        """Replace the card."""
        self.card = sign.sign(CARD_TYP, card.model_dump(mode="json"))

    def details(self, signers: Signers) -> PortalCard:
        """Return what web vouches for, or raise `Damaged`."""
        card = _verified(self.card, signers)
        if card.portal != self.id:
            raise Damaged
        return card


async def registered_portal(portal_id: str, services: Services) -> PortalCard:
    """Return what is registered about a portal, or raise `NotFound`."""
    return (await services.store.get(Portal, portal_id)).details(services.keys.signers)


async def portal_name(portal_id: str, services: Services) -> str:
    """Return what a portal is called; one that nobody vouches for goes by its id."""
    try:
        return (await registered_portal(portal_id, services)).name
    except (NotFound, Damaged):
        return portal_id


async def open_portal(portal_id: str, services: Services) -> PortalCard:
    """Return a portal to which citizens can log in, or raise `NotFound`: neither it nor its authority is disabled."""
    card = await registered_portal(portal_id, services)
    if card.disabled:
        raise NotFound("this portal is disabled")
    await posting(card.authority, services)
    return card


async def portal_of_entity(entity: str, services: Services) -> PortalCard:
    """Return the portal that calls itself so in SAML and to which citizens can log in, or raise `NotFound`."""
    for found in await services.store.find(Portal, "entity", entity, limit=1):
        card = await open_portal(found.id, services)
        if card.saml and card.saml.entity == entity:
            return card
    raise NotFound("there is no such portal")


def checked_uri(uri: str, *, is_trial: bool) -> str:
    """Return an address of a portal, or raise `Invalid`: https without a fragment; in a trial also http on loopback."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid(f"{uri} is no address") from None
    is_allowed = parts.scheme == "https" or (is_trial and parts.scheme == "http" and is_loopback(host))
    if not is_allowed or not host or parts.username is not None or len(uri) > URI_MAX or not uri.isascii():
        raise Invalid(f"{uri} must begin with https:// and name a host")
    if "#" in uri or any(char.isspace() for char in uri):
        raise Invalid(f"{uri} must have neither a fragment nor blanks")
    return uri


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def sector_of(redirect_uris: tuple[str, ...]) -> str:
    """Return the host of some addresses, or raise `Invalid` if they have several."""
    hosts = {urlsplit(uri).hostname or "" for uri in redirect_uris}
    if len(hosts) != 1:
        raise Invalid("addresses on several hosts need --sector-uri, a list of them on a host that stays")
    return hosts.pop()


@lru_cache(maxsize=1024)
def _verified(card: str, signers: Signers) -> PortalCard:
    return PortalCard.model_validate(signers.verify(card, typ=CARD_TYP, use="sign-web"))
