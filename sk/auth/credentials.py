"""Credentials: by what a person is known at log-in, in one record that is locked under `vault` to its account."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.trust import TrustLevel

NAME_LENGTH = 16


class Totp(BaseModel):
    """A second factor that shows six digits (RFC 6238). `last_step` is that of the last code taken: none is twice."""

    model_config = ConfigDict(extra="forbid")

    secret: str
    last_step: int
    since: AwareDatetime


class Passkey(BaseModel):
    """A passkey (WebAuthn). `id` and `public_key` are base64url; the name is what its owner calls it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    public_key: str
    sign_count: int
    name: str
    created_at: AwareDatetime
    used_at: AwareDatetime | None = None


class Card(BaseModel):
    """An ID card, or an account at BundID that stands for one.

    `index` is the blind index of the pseudonym that this card, or this account, and no other shows to us.
    """

    model_config = ConfigDict(extra="forbid")

    index: str
    document_type: str
    level: TrustLevel
    expires_on: date | None
    bound_at: AwareDatetime
    means: Literal["card", "bundid"] = "card"
    reminded_on: date | None = None
    """When its owner was told that it will soon expire."""

    @property
    def name(self) -> str:
        """Return what this card is called towards its owner."""
        return self.index[:NAME_LENGTH]

    def has_expired(self, today: date) -> bool:
        """Tell whether nobody can show it any more."""
        return self.expires_on is not None and self.expires_on < today


class Credentials(BaseModel):
    """All of it. `trust` is what a log-in with the password yields: beyond low in a trial alone.

    `seen_on` is the day of the last log-in, `warned_on` that of the last letter saying that there was none for long.
    At `erasure_at` the account is erased, as its owner has asked.

    The indexes stand here as well as beside the account, where others write, too: an index that leads here and is not
    here was put there by somebody else.
    """

    model_config = ConfigDict(extra="forbid")

    username: str = ""
    password_hash: str = ""
    trust: TrustLevel = "low"
    activation_index: str = ""
    activation_ends_at: AwareDatetime | None = None
    totp: Totp | None = None
    recovery_codes: list[str] = []
    passkeys: list[Passkey] = []
    cards: list[Card] = []
    devices_since: int = 0
    seen_on: date | None = None
    erasure_at: AwareDatetime | None = None
    warned_on: date | None = None
