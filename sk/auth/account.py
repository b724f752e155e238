"""The account of a citizen: what others may know of it in the clear, and what is locked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from sk.auth.credentials import Credentials
from sk.auth.mail_target import MailSettings
from sk.auth.profile import Profile
from sk.auth.trust import TrustLevel, reaches
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import Signer, Signers, decode, encode
from sk.errors import Damaged
from sk.ids import id_to_bytes
from sk.store.port import Aggregate, Key

KEY_CARD_TYP = "sk-account-key+jws"
STANDING_TYP = "sk-account-standing+jws"
EVERY_AUTHORITY = "*"
Reason = Literal["no-einwilligung", "postbox-closed", "unreachable"]


class PublicKey(BaseModel):
    """The public half of an account's key pair, vouched for by web."""

    model_config = ConfigDict(frozen=True)

    generation: int
    raw: bytes


class Standing(BaseModel):
    """How an account stands: whether it takes notices, from whom, and how surely it belongs to its person.

    `excepted` are the authorities to which a general Einwilligung does not extend, and since when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str
    state: Literal["pending", "active", "closed"]
    log_in_locked: bool = False
    trust: TrustLevel
    einwilligung: Mapping[str, datetime] = {}
    excepted: Mapping[str, datetime] = {}

    @property
    def is_open(self) -> bool:
        """Tell whether the postbox takes notices. A locked log-in stops no delivery."""
        return self.state == "active"

    @property
    def may_log_in(self) -> bool:
        """Tell whether anybody may log in."""
        return self.is_open and not self.log_in_locked

    def has_einwilligung(self, authority_id: str) -> bool:
        """Tell whether the citizen agreed to electronic Bekanntgabe by this authority."""
        general = EVERY_AUTHORITY in self.einwilligung and authority_id not in self.excepted
        return general or authority_id in self.einwilligung

    def with_einwilligung(self, authority_id: str, at: datetime) -> "Standing":
        """Return how it stands with an Einwilligung; a general one holds for those that were excepted before, too.

        Given twice, it holds since the first moment.
        """
        given = {authority_id: at, **self.einwilligung}
        excepted = {} if authority_id == EVERY_AUTHORITY else _without(authority_id, self.excepted)
        return self.model_copy(update={"einwilligung": given, "excepted": excepted})

    def without_einwilligung(self, authority_id: str, at: datetime) -> "Standing":
        """Return how it stands without an Einwilligung; an authority is excepted from a general one that stays."""
        left = _without(authority_id, self.einwilligung)
        excepted = {authority_id: at, **self.excepted} if EVERY_AUTHORITY in left else {}
        return self.model_copy(update={"einwilligung": left, "excepted": excepted})

    def refuses(self, authority_id: str, minimum_trust: TrustLevel) -> Reason | None:
        """Return why a notice of this authority cannot be delivered, or None if it can."""
        if not self.is_open:
            return "postbox-closed"
        if not self.has_einwilligung(authority_id):
            return "no-einwilligung"
        return None if reaches(self.trust, minimum_trust) else "unreachable"


class Account(Aggregate):
    """A citizen's account. Its id is known to nobody outside; authorities know handles.

    How it stands and which is its public key are cards signed by web: workers read them, and a writer in the database
    changes nothing.
    """

    kind: ClassVar[str] = "account"
    leaves_no_trace: ClassVar[bool] = True

    username_index: str = ""
    activation_index: str = ""
    de_mail_index: str = ""
    passkey_indexes: list[str] = []
    card_indexes: list[str] = []
    standing_card: str = ""
    key_card: str
    credentials: bytes
    mail: bytes
    profile: bytes = b""
    created_at: datetime

    def keys(self) -> Iterable[Key]:
        """Be found by blind indexes: of what its owner logs in with, of an open activation code, of a De-Mail address.

        Whoever registers with the card alone has no user name.
        """
        single = (("username", self.username_index), ("activation", self.activation_index))
        several = (("passkey", self.passkey_indexes), ("card", self.card_indexes))
        yield from (
            Key(name, index, unique=True) for name, index in (*single, ("de-mail", self.de_mail_index)) if index
        )
        yield from (Key(name, index, unique=True) for name, indexes in several for index in indexes)

    def standing(self, signers: Signers) -> Standing:
        """Return how the account stands, as web vouches for it, or raise `Damaged`."""
        standing = _verified(self.standing_card, signers)
        if standing.account != self.id:
            raise Damaged
        return standing

    def change(self, standing: Standing, sign: Signer) -> None:
        """Let the account stand otherwise from now on."""
        self.standing_card = sign.sign(STANDING_TYP, standing.model_dump(mode="json"))

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

    def lock_profile(self, own: LockKey, profile: Profile) -> None:
        """Lock what is known about the person to this account."""
        self.profile = own.lock(_context("profile", self.id), profile.model_dump_json().encode())

    def open_profile(self, own: LockKey) -> Profile:
        """Return what is known about the person, or raise `Damaged`."""
        if not self.profile:
            return Profile()
        return Profile.model_validate_json(own.unlock(_context("profile", self.id), self.profile))

    def lock_mail(self, mail: LockKey, settings: MailSettings) -> None:
        """Lock to this account where and how its owner is written to."""
        self.mail = mail.lock(_context("mail", self.id), settings.model_dump_json(exclude_defaults=True).encode())

    def open_mail(self, mail: LockKey) -> MailSettings:
        """Return where and how its owner is written to, or raise `Damaged`."""
        return MailSettings.model_validate_json(mail.unlock(_context("mail", self.id), self.mail))


class AccountKey(Aggregate):
    """The private half of an account's key pair, locked under `vault`, in a collection of its own."""

    kind: ClassVar[str] = "account_key"
    leaves_no_trace: ClassVar[bool] = True

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


def _without(authority_id: str, given: Mapping[str, datetime]) -> dict[str, datetime]:
    return {name: at for name, at in given.items() if name != authority_id}


def key_card(sign: Signer, account_id: str, generation: int, public: bytes) -> str:
    """Return web's word that this is the public key of this account."""
    card: dict[str, Any] = {"account": account_id, "generation": generation, "public_key": encode(public)}
    return sign.sign(KEY_CARD_TYP, card)


def account_digest(account_id: str) -> bytes:
    """Return the digest by which statements commit to an account, or raise `Damaged` if this is no id."""
    try:
        return sha256(id_to_bytes(account_id)).digest()
    except ValueError as error:
        raise Damaged from error


@lru_cache(maxsize=1024)
def _verified(card: str, signers: Signers) -> Standing:
    return Standing.model_validate(signers.verify(card, typ=STANDING_TYP, use="sign-web"))


def _context(what: str, account_id: str) -> Context:
    return Context(what, account_id, account_id)
