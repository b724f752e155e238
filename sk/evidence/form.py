"""What statements say, step by step, and how they are spelled (docs/formats/statement.md).

Whoever verifies needs this and nothing of the server: no store, no settings, no keys but the one that is trusted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sk.crypto.sign import decode, encode, load_public
from sk.errors import Damaged

TYP = "sk-statement+jws"
SALT_BYTES = 32
NONCE_BYTES = 16
HASH_BYTES = 32
ATTACHMENTS_MAX = 1000
DOCUMENT_MAX = 10_000
REPRESENTATIVE = "representative"
"""By whom something was done that was not done by the account itself."""
YEARS = range(1970, 9999)
"""In which moments lie: leaves count from the first, and behind the last there is no local day."""


def hash_of(jws: str) -> str:
    """Return the SHA-256 of a statement's signed bytes, by which the next one points to it."""
    return encode(sha256(jws.encode()).digest())


def moment_text(at: datetime) -> str:
    """Spell a moment as statements do: RFC 3339 in UTC with microseconds."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Read a moment in its one spelling; any other is a ValueError."""
    at = datetime.fromisoformat(text)
    if not text.endswith("Z") or moment_text(at) != text or at.year not in YEARS:
        raise ValueError("not the one spelling of a moment")
    return at


def _a_moment(text: str) -> str:
    read_moment(text)
    return text


def _a_day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("not the one spelling of a day")
    return text


def _of_length(count: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            raw = decode(text)
        except Damaged:
            raw = b""
        if len(raw) != count:
            raise ValueError(f"not {count} bytes in base64url")
        return text

    return AfterValidator(check)


def _a_key(text: str) -> str:
    try:
        load_public(decode(text))
    except Damaged:
        raise ValueError("not an Ed25519 public key, or one of small order") from None
    return text


Moment = Annotated[str, AfterValidator(_a_moment)]
Day = Annotated[str, AfterValidator(_a_day)]
Hash = Annotated[str, _of_length(HASH_BYTES)]
Nonce = Annotated[str, _of_length(NONCE_BYTES)]
PublicKey = Annotated[str, AfterValidator(_a_key)]
Number = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """Known fields of known types, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Opening(Strict):
    """What opens one commitment: the salt, and the SHA-256 of the content."""

    salt: Hash
    sha256: Hash

    @classmethod
    def of(cls, digest: bytes) -> "Opening":
        """Return a fresh opening for content with this SHA-256."""
        return cls(salt=encode(token_bytes(SALT_BYTES)), sha256=encode(digest))

    def commitment(self) -> str:
        """Return SHA-256(salt ‖ SHA-256(content)), which says nothing to anybody who has not the salt."""
        return encode(sha256(decode(self.salt) + decode(self.sha256)).digest())


def commitment_to(text: str, salt: str) -> str:
    """Return the commitment to a text under a salt."""
    return Opening(salt=salt, sha256=encode(sha256(text.encode()).digest())).commitment()


class Commitments(Strict):
    """What a notice's statements commit to; attachments in their order."""

    to: Hash
    reference: Hash
    subject: Hash
    text: Hash
    attachments: Annotated[list[Hash], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]


class NoticeOpening(Strict):
    """The openings of everything that the statements about a notice commit to."""

    to: Opening
    reference: Opening
    subject: Opening
    text: Opening
    attachments: Annotated[list[Opening], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]

    def commitments(self) -> Commitments:
        """Return the commitments, in the same shape."""
        named = {name: getattr(self, name).commitment() for name in ("to", "reference", "subject", "text")}
        return Commitments(**named, attachments=[opening.commitment() for opening in self.attachments])


class ReplyCommitments(Strict):
    """What the statement about a reply commits to; attachments in their order."""

    text: Hash
    attachments: Annotated[list[Hash], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]


class ReplyOpening(Strict):
    """The openings of what the statement about a reply commits to."""

    text: Opening
    attachments: Annotated[list[Opening], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]

    def commitments(self) -> ReplyCommitments:
        """Return the commitments, in the same shape."""
        attachments = [opening.commitment() for opening in self.attachments]
        return ReplyCommitments(text=self.text.commitment(), attachments=attachments)


class GrantedCommitments(Strict):
    """What the granting of a Vollmacht commits to: whose postbox, and the words of the document."""

    account: Hash
    document: Hash


class AcceptedCommitments(Strict):
    """What the accepting of a Vollmacht commits to: which account, and whose it says it is."""

    account: Hash
    name: Hash


class VollmachtOpening(Strict):
    """What opens the commitments of a Vollmacht that others may read: its document, and who has accepted it."""

    document: Annotated[str, Field(max_length=DOCUMENT_MAX)]
    document_salt: Hash
    name: Annotated[str, Field(max_length=DOCUMENT_MAX)]
    name_salt: Hash

    def commitments(self) -> tuple[str, str]:
        """Return what document and name were committed to by."""
        return commitment_to(self.document, self.document_salt), commitment_to(self.name, self.name_salt)


class Said(Strict):
    """What every statement says."""

    v: Literal["sk/1"]
    step: str
    at: Moment
    authority: str
    notice: str
    number: Number
    previous: str
    nonce: Nonce


class Days(Said):
    """A step after which days are known, or are not known yet: as they stand then. All are null without a law."""

    law: str | None
    version: Day | None
    bekanntgabe_on: Day | None
    frist_ends_on: Day | None
    days: Hash | None


class RecipientSaid(Strict):
    """Where the recipient is, as the authority states it."""

    land: str
    abroad: bool


class Accepted(Said):
    """The notice was taken: what it is, what its days depend on, and commitments to all that is in it."""

    kind: Literal["verwaltungsakt", "message", "document"]
    law: str | None
    rechtsbehelf: str | None
    belehrung: bool | None
    recipient: RecipientSaid | None
    seat: str
    minimum_trust: str
    envelope: Hash
    objects: Hash
    account: Hash
    commitments: Commitments


class Bereitgestellt(Days):
    """It can be fetched from the postbox."""

    commitments: Commitments


class Answered(Days):
    """What a mail server said, and when."""

    answered_at: Moment
    server: str
    relay: bool
    code: int
    enhanced: str
    queue_id: str
    message_id: str


class Benachrichtigt(Answered):
    """A server took the mail. `lapses_on` is the last day for an Abruf, where the law sets one."""

    lapses_on: Day | None


class Rejected(Said):
    """It cannot be delivered any more."""

    reason: Literal["no-einwilligung", "postbox-closed", "unreachable"]


class Bounced(Days):
    """A mail came back, or somebody says so: it is not verified."""

    status: str


class InSession(Strict):
    """What a session has done: of the account itself, or of somebody with a Vollmacht, which is named then."""

    by: Literal["account", "representative"]
    means: str
    level: str
    vollmacht: Annotated[str, Field(min_length=1)] = ""

    @model_validator(mode="after")
    def _names_it_if_by_representative(self) -> Self:
        if (self.by == REPRESENTATIVE) != bool(self.vollmacht):
            raise ValueError("a Vollmacht is named by what a representative has done, and by nothing else")
        return self


class Abgerufen(Days, InSession):
    """Content was released to a session."""

    commitments: Commitments


class Bekanntgegeben(Days):
    """The day of Bekanntgabe has come, so that there is one."""

    bekanntgabe_on: Day


class Lapsed(Said):
    """No Abruf was recorded until the end of the last day for one."""

    lapses_on: Day


class Replied(Said, InSession):
    """A session has sent a reply, which has an id of its own."""

    reply: str
    objects: Hash
    contents: ReplyCommitments


class AboutAccount(Said):
    """Something about an account, which is named by a commitment only."""

    commitments: dict[str, Hash]


class AccountAdded(AboutAccount):
    """An account was added."""

    by: str


class Einwilligung(AboutAccount):
    """The citizen agreed, or agrees no longer, to electronic Bekanntgabe: by one authority, or in general."""

    general: bool


class AboutVollmacht(Said):
    """Something about a Vollmacht, for one authority or, without one, for every one."""

    vollmacht: str


class VollmachtGranted(AboutVollmacht):
    """Somebody may act for the account in its postbox, from a day to a day, both included, once they have accepted."""

    means: str
    level: str
    replies: bool
    begins_on: Day
    ends_on: Day
    commitments: GrantedCommitments


class VollmachtAccepted(AboutVollmacht):
    """The session of another account has accepted it."""

    means: str
    level: str
    commitments: AcceptedCommitments


class VollmachtEnded(AboutVollmacht):
    """It was refused before it was accepted, or revoked: from this moment on nobody may act by it."""

    by: Literal["principal", "representative"]


class SignersKey(Said):
    """A key may sign statements about these steps, from this leaf of the log on."""

    kid: str
    x: PublicKey
    steps: list[str]


class SignersKeyRevoked(Said):
    """What a key signs is void from this leaf of the log on."""

    kid: str


class LogContinued(Said):
    """A restore has closed a log: this one continues it under a new origin. `root` is that of the closed one."""

    origin: str
    closed_origin: str
    closed_size: Number
    closed_root: Hash


class AsOf(Said):
    """How far a bundle reaches: the last statement there is, how many `key` statements, and its time stamps.

    `number` and `previous` are those of the last statement. `stamps` is the SHA-256 of all time stamps, or null.
    `vollmachten` is that of all Vollmachten by which somebody has acted, and is left out where nobody has.
    """

    keys: Number
    stamps: Hash | None
    vollmachten: Hash = ""


class Form(NamedTuple):
    """Which key may state a step, what it is about, and what it says."""

    signed_by: str
    about: Literal["notice", "account", "vollmacht", "log", "bundle"]
    model: type[Said]


STEPS: Mapping[str, Form] = {
    "accepted": Form("sign-web", "notice", Accepted),
    "bereitgestellt": Form("sign-delivery", "notice", Bereitgestellt),
    "rejected": Form("sign-delivery", "notice", Rejected),
    "benachrichtigt": Form("sign-notification", "notice", Benachrichtigt),
    "benachrichtigung-failed": Form("sign-notification", "notice", Answered),
    "bounce-reported": Form("sign-notification", "notice", Bounced),
    "abgerufen": Form("sign-web", "notice", Abgerufen),
    "bekanntgegeben": Form("sign-delivery", "notice", Bekanntgegeben),
    "lapsed": Form("sign-delivery", "notice", Lapsed),
    "withdrawn": Form("sign-web", "notice", Said),
    "replied": Form("sign-web", "notice", Replied),
    "postbox-closed": Form("sign-web", "notice", Said),
    "account-added": Form("sign-web", "account", AccountAdded),
    "einwilligung-given": Form("sign-web", "account", Einwilligung),
    "einwilligung-withdrawn": Form("sign-web", "account", Einwilligung),
    "erased": Form("sign-web", "account", AboutAccount),
    "vollmacht-granted": Form("sign-web", "vollmacht", VollmachtGranted),
    "vollmacht-accepted": Form("sign-web", "vollmacht", VollmachtAccepted),
    "vollmacht-rejected": Form("sign-web", "vollmacht", VollmachtEnded),
    "vollmacht-revoked": Form("sign-web", "vollmacht", VollmachtEnded),
    "key": Form("log", "log", SignersKey),
    "key-revoked": Form("log", "log", SignersKeyRevoked),
    "log-continued": Form("log", "log", LogContinued),
    "as-of": Form("sign-web", "bundle", AsOf),
}
"""Which key may state which step. A statement by any other key is none."""
