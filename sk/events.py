"""Events: what happened, or will be due, and is still to be acted upon.

An event is saved in the same atomic write as the aggregate it is about, and ended in the write of the step that it
caused. On the bus travels its id and nothing else.
"""

from datetime import date
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from sk.ids import id_that_follows, new_id

CITIZEN_LANE = "citizen"


class Event(BaseModel):
    """Something that happened. Subclasses are named in the past tense and carry ids, never content."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    types: ClassVar[dict[str, type["Event"]]] = {}

    id: str = Field(default_factory=new_id)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Remember the type by its name, under which the store keeps it."""
        Event.types[cls.__name__] = cls


class Unreadable(Event):
    """An event that this version of the program cannot read, after a step back from a later one perhaps."""


class NoticeEvent(Event):
    """Something about one notice."""

    notice_id: str


class WatchEvent(Event):
    """Something about an account that is looked at again and again. An account has one of each kind, and ends with it.

    Its id follows from the account, by which it is found.
    """

    account_id: str

    @classmethod
    def of(cls, account_id: str) -> Self:
        """Return the one event of this kind that an account has."""
        return cls(id=id_that_follows(cls.__name__, account_id), account_id=account_id)


class NoticeAccepted(NoticeEvent):
    """A notice was accepted from an authority and waits to be put into its postbox."""


class NoticeBereitgestellt(NoticeEvent):
    """A notice is in its postbox; the citizen is to be told."""


class BekanntgabeDue(NoticeEvent):
    """The day has come on which a notice counts as announced."""


class AbrufOverdue(NoticeEvent):
    """The last day is over on which a notice could be fetched (§ 41 Abs. 2a VwVfG)."""


class ReminderDue(NoticeEvent):
    """The day has come to remind of a notice, if nobody has opened it yet."""

    on: date


class CopyDue(NoticeEvent):
    """A mail about a notice went to the first address, and its copy to the second one is to follow.

    The mail is that about a new notice, or the one that reminds on a day.
    """

    reminder_on: date | None = None


class RepresentativesDue(NoticeEvent):
    """Somebody was told of a notice for whom others may act, who are to be told as well."""


class NoticeClosed(NoticeEvent):
    """A notice has left its postbox for good; what opens its statements is kept as long as its authority needs it."""


class SessionEnded(Event):
    """A session has reached its absolute limit and can be forgotten."""

    session_id: str


class LoggedOut(Event):
    """A citizen has logged out, or was; the portals that they were logged in to from there are to be told.

    `sid` names the session, and nothing else does.
    """

    sid: str


class PortalLogInEnded(Event):
    """A log-in to a portal is over, and the portal is to be told."""

    log_in_id: str


class AssertionExpired(Event):
    """A client assertion can no longer be replayed, so that its mark can be forgotten."""

    assertion_id: str


class ActivationEnded(Event):
    """The time in which an account could be activated is over."""

    account_id: str


class LetterWritten(Event):
    """A mail about an account waits to be sent."""

    letter_id: str


class AttemptsEnded(Event):
    """A day has passed since something was tried in vain for the first time; perhaps it can be forgotten."""

    attempts_id: str


class PasswordResetAsked(Event):
    """Somebody has forgotten a password, or says so; if there is such an account, its owner gets a mail."""

    ask_id: str


class ErrandEnded(Event):
    """The time is over in which somebody could come back to what they had begun in their browser."""

    errand_id: str


class DraftEnded(Event):
    """The time is over in which somebody could go on with what they write for an authority."""

    draft_id: str


class UploadEnded(Event):
    """The time is over in which somebody could go on with an upload into their safe."""

    account_id: str
    upload_id: str


class TrashEnded(Event):
    """The time is over in which somebody could take a document out of the trash of their safe."""

    account_id: str
    document_id: str


class OriginDue(Event):
    """A document was taken over from a notice, and the evidence about that is to be put beside it."""

    account_id: str
    document_id: str
    notice_id: str


class PictureDue(Event):
    """A document has come into a safe, or a version of one, and a small picture of it is to be made."""

    account_id: str
    document_id: str


class DocumentExpires(Event):
    """The day has come to remind of a document in a safe that is valid until another day, not far from now."""

    account_id: str
    document_id: str
    on: date


class ImportDue(Event):
    """An archive has come into a safe, and the next files of it are to be taken out of it."""

    account_id: str
    import_id: str


class ImportEnded(Event):
    """The time is over in which an import may go on, or in which is said what has become of it."""

    account_id: str
    import_id: str


class ShareEnded(Event):
    """The time is over in which somebody could fetch what was shared with them. Whose it was stands in the share."""

    share_id: str


class ObjectsLeft(Event):
    """What owned some objects is gone, and they are to follow. Their names are locked: nobody else makes this up."""

    locked: str


class CardExpires(WatchEvent):
    """It is time to look whether the cards of an account will soon expire, or have."""


class ErasureDue(Event):
    """The seven days are over after which an account is erased."""

    account_id: str


class AccountErased(Event):
    """An account is gone; what was on its way into its postbox, or written beside it, is to follow.

    `entry` is the name of its entry in the ledger, which alone vouches for that.
    """

    account_id: str
    entry: str


class InactivityDue(WatchEvent):
    """The day has come to look whether anybody still uses an account."""


class KeyBackupDue(Event):
    """It is time to collect the keys of all accounts once more."""
