"""The account of a citizen: what others may know of it in the clear, and what is locked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from sk.auth.trust import TrustLevel, reaches
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import Signer, Signers, decode, encode
from sk.errors import Damaged
from sk.store.port import Aggregate, Key

KEY_CARD_TYP = "sk-account-key+jws"
EVERY_AUTHORITY = "*"
Reason = Literal["no-einwilligung", "postbox-closed", "unreachable"]


class Credentials(BaseModel):
    """What is locked under `vault`: by it a person is known at log-in."""

    model_config = ConfigDict(extra="forbid")

    username: str
    password_hash: str = ""
    trust: TrustLevel = "low"
    activation_ends_at: datetime | None = None


class MailTarget(BaseModel):
    """What is locked under `mail`: where and how the account is written to."""

    model_config = ConfigDict(extra="forbid")

    address: str
    language: Literal["de", "en"] = "de"


class PublicKey(BaseModel):
    """The public half of an account's key pair, vouched for by web."""

    model_config = ConfigDict(frozen=True)

    generation: int
    raw: bytes


class Account(Aggregate):
    """A citizen's account. Its id is known to nobody outside; authorities know handles."""

    kind: ClassVar[str] = "account"

    username_index: str
    activation_index: str = ""
    state: Literal["pending", "active", "closed"]
    log_in_locked: bool = False
    trust: TrustLevel
    key_card: str
    einwilligung: dict[str, datetime] = {}
    credentials: bytes
    mail: bytes
    created_at: datetime

    def keys(self) -> Iterable[Key]:
        """Be found by the blind indexes of the user name and of an activation code that is still open."""
        yield Key("username", self.username_index, unique=True)
        if self.activation_index:
            yield Key("activation", self.activation_index, unique=True)

    @property
    def is_open(self) -> bool:
        """Tell whether the postbox takes notices. A locked log-in stops no delivery."""
        return self.state == "active"

    def has_einwilligung(self, authority_id: str) -> bool:
        """Tell whether the citizen agreed to electronic Bekanntgabe by this authority."""
        return EVERY_AUTHORITY in self.einwilligung or authority_id in self.einwilligung

    def refuses(self, authority_id: str, minimum_trust: TrustLevel) -> Reason | None:
        """Return why a notice of this authority cannot be delivered, or None if it can."""
        if not self.is_open:
            return "postbox-closed"
        if not self.has_einwilligung(authority_id):
            return "no-einwilligung"
        return None if reaches(self.trust, minimum_trust) else "unreachable"

    def public_key(self, signers: Signers) -> PublicKey:
        """Return the key to seal to, after checking that web vouched for it and for this account; else `Damaged`."""
        card = signers.verify(self.key_card, typ=KEY_CARD_TYP, use="sign-web")
        if card.get("account") != self.id:
            raise Damaged
        return PublicKey(generation=card["generation"], raw=decode(card["public_key"]))

    def lock_credentials(self, vault: LockKey, credentials: Credentials) -> None:
        """Lock credentials to this account."""
        self.credentials = vault.lock(_context("credentials", self.id), credentials.model_dump_json().encode())

    def open_credentials(self, vault: LockKey) -> Credentials:
        """Return the credentials, or raise `Damaged`."""
        return Credentials.model_validate_json(vault.unlock(_context("credentials", self.id), self.credentials))

    def lock_mail(self, mail: LockKey, target: MailTarget) -> None:
        """Lock the address to this account."""
        self.mail = mail.lock(_context("mail", self.id), target.model_dump_json().encode())

    def open_mail(self, mail: LockKey) -> MailTarget:
        """Return where mails go, or raise `Damaged`."""
        return MailTarget.model_validate_json(mail.unlock(_context("mail", self.id), self.mail))


class AccountKey(Aggregate):
    """The private half of an account's key pair, locked under `vault`, in a collection of its own."""

    kind: ClassVar[str] = "account_key"

    generation: int
    seed: bytes

    @classmethod
    def locked(cls, vault: LockKey, account_id: str, generation: int, seed: bytes) -> "AccountKey":
        """Lock a seed to its account."""
        sealed = vault.lock(_context("account-key", account_id), seed)
        return cls(id=account_id, generation=generation, seed=sealed)

    def open_seed(self, vault: LockKey) -> bytes:
        """Return the seed, or raise `Damaged`."""
        return vault.unlock(_context("account-key", self.id), self.seed)


def key_card(sign: Signer, account_id: str, generation: int, public: bytes) -> str:
    """Return web's word that this is the public key of this account."""
    card: dict[str, Any] = {"account": account_id, "generation": generation, "public_key": encode(public)}
    return sign.sign(KEY_CARD_TYP, card)


def _context(what: str, account_id: str) -> Context:
    return Context(what, account_id, account_id)
