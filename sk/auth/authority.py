"""Authorities: who may post, with which key, under which law, and where they sit."""

import unicodedata
from functools import lru_cache
from typing import Any, ClassVar

import jwt
from pydantic import BaseModel, ConfigDict, field_validator

from sk.crypto.context import Context
from sk.crypto.seal import SEED_BYTES, seal
from sk.crypto.sign import Signer, Signers, decode, encode, load_public, thumbprint
from sk.errors import Damaged, Invalid
from sk.store.port import Aggregate

CARD_TYP = "sk-authority+jws"
MEMBERS: tuple[str, ...] = ("kty", "crv", "x", "y", "kid")
KEY_TYPES = (("OKP", "Ed25519"), ("EC", "P-256"))
NAME_MAX = 200
SCOPES = ("notices:write", "notices:read", "replies:read", "safe:read")


class AuthorityCard(BaseModel):
    """What an operator has registered about an authority."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: str
    name: str
    land: str
    laws: tuple[str, ...]
    jwks: tuple[dict[str, Any], ...]
    scopes: tuple[str, ...] = SCOPES
    disabled: bool = False
    four_eyes: bool = False
    """Whether what one member wrote goes out only when another one has released it."""
    sealing_key: str = ""
    """The public key to which what citizens share with it is sealed, in base64url; without one it gets open bytes."""

    @property
    def client_id(self) -> str:
        """Return what it is called at the token endpoint."""
        return self.authority

    @field_validator("name")
    @classmethod
    def _is_a_line(cls, name: str) -> str:
        return name_of(name)


def name_of(said: str) -> str:
    """Return what an operator calls somebody, or raise `Invalid` if it is not one line."""
    if not 0 < len(said) <= NAME_MAX or any(unicodedata.category(char)[0] == "C" for char in said):
        raise Invalid(f"a name is one line of at most {NAME_MAX} characters")
    return said


def public_jwk(key: dict[str, Any]) -> dict[str, Any]:
    """Return a client's public key as it is registered: Ed25519 or P-256, with a kid; a private one is refused."""
    if "d" in key:
        raise Invalid("this is a private key; register the public half, without the member d")
    if (key.get("kty"), key.get("crv")) not in KEY_TYPES:
        raise Invalid("the key must be an Ed25519 (OKP) or P-256 (EC) key")
    try:
        jwt.PyJWK(key)
        if key["crv"] == "Ed25519":
            load_public(decode(key["x"]))
    except (jwt.PyJWTError, Damaged, KeyError, ValueError):
        raise Invalid("the key cannot be read") from None
    members: dict[str, str] = {name: str(key[name]) for name in MEMBERS if name in key}
    return {"kid": thumbprint(members), **members}


def public_sealing_key(read: bytes) -> str:
    """Return an authority's public key of X-Wing as it is registered, in base64url; the private one is refused."""
    try:
        raw = read if len(read) == SEED_BYTES else decode(read.decode("ascii", "replace").strip())
        if len(raw) == SEED_BYTES:
            raise Invalid("this is the seed, which is private; register the public key, which has 1216 bytes")
        seal(raw, Context("share-key", "", ""), 1, b"")  # what is none cannot be sealed to
    except Damaged:
        raise Invalid("the key must be the 1216 bytes of a public key of X-Wing, in base64url") from None
    return encode(raw)


class Authority(Aggregate):
    """An authority as the store keeps it: a card signed by web, so that a writer in the database changes nothing."""

    kind: ClassVar[str] = "authority"

    card: str

    @classmethod
    def registered(cls, card: AuthorityCard, sign: Signer) -> "Authority":
        """Return a new authority with its card."""
        return cls(id=card.authority, card=sign.sign(CARD_TYP, card.model_dump(mode="json")))

    def change(self, card: AuthorityCard, sign: Signer) -> None:
        """Replace the card."""
        self.card = sign.sign(CARD_TYP, card.model_dump(mode="json"))

    def details(self, signers: Signers) -> AuthorityCard:
        """Return what web vouches for, or raise `Damaged`."""
        card = _verified(self.card, signers)
        if card.authority != self.id:
            raise Damaged
        return card


@lru_cache(maxsize=1024)
def _verified(card: str, signers: Signers) -> AuthorityCard:
    return AuthorityCard.model_validate(signers.verify(card, typ=CARD_TYP, use="sign-web"))
