"""What statements say about notices, the log and bundles (docs/formats/statement.md).

Whoever verifies needs this and nothing of the server: no store, no settings, no keys but the one that is trusted.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sk.evidence.opening import Commitments, ReplyCommitments
from sk.evidence.spelling import Day, Hash, Moment, Nonce, Number, PublicKey, Strict

REPRESENTATIVE = "representative"
"""By whom something was done that was not done by the account itself."""


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
    `vollmachten` is that of all Vollmachten by which somebody has acted, and is left out where nobody has. `share` is
    what the bundle is about if it is about no notice.
    """

    keys: Number
    stamps: Hash | None
    vollmachten: Hash = ""
    share: Annotated[str, Field(min_length=1)] = ""
