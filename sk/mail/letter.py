"""Letters: mails about an account itself, or to the operator, locked until the notification worker sends them.

The address stands in the letter, as it was when it was written: whoever has it changed is told at the old one as well.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from sk.auth.mail_target import MailTarget
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.events import LetterWritten
from sk.ids import new_id
from sk.store.port import Aggregate, Key

Told = Literal[
    "logged-in-from-new-device", "password-changed", "password-reset", "passkey-added", "passkey-removed",
    "passkey-refused", "card-removed", "bundid-removed", "totp-on", "totp-off", "recovery-codes-renewed",
    "recovery-code-used", "phrase-changed", "vollmacht-granted",
]  # fmt: skip
"""What somebody is told of who may not have done it; the journal has a line of the same name."""
News = Literal[
    "vollmacht-accepted", "vollmacht-rejected", "vollmacht-revoked", "vollmacht-laid-down", "vollmacht-fetched",
]  # fmt: skip
"""What somebody is told that another person has done; the journal has a line of the same name."""
About = Told | News | Literal[
    "address-changed", "addresses-changed", "card-bound", "bundid-bound", "card-expires", "confirm", "confirm-address",
    "new-password", "document-expires", "erasure-asked", "inactivity", "feedback",
    "new-for-another",
]  # fmt: skip

LANGUAGES = ("de", "en")


class Text(NamedTuple):
    """A subject, and paragraphs of one line each, which the reader's screen breaks."""

    subject: str
    body: str


class Content(BaseModel):
    """What is locked in a letter: to whom, about what, and the facts that its text names."""

    model_config = ConfigDict(extra="forbid")

    target: MailTarget
    about: About
    facts: dict[str, str] = {}


class Letter(Aggregate):
    """A mail that waits. Its id is that of the mail, so that one that goes out twice is seen to be one."""

    kind: ClassVar[str] = "letter"

    locked: bytes
    belongs: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by the account it belongs to, which may be erased before it could be sent."""
        if self.belongs:
            yield Key("belongs", self.belongs)

    @classmethod
    def to(
        cls,
        target: MailTarget,
        about: About,
        facts: Mapping[str, str],
        at: datetime,
        mail: LockKey,
        *,
        belongs: str = "",
    ) -> Self:
        """Return a letter; saved with whatever it tells of, it goes out once that is true.

        `belongs` is the blind index of the account that it is about.
        """
        id_ = new_id()
        content = Content(target=target, about=about, facts=dict(facts))
        letter = cls(id=id_, locked=mail.lock(_context(id_), content.model_dump_json().encode()), belongs=belongs)
        letter.emit(LetterWritten(letter_id=id_), due=at)
        return letter

    def open(self, mail: LockKey) -> Content:
        """Return what it says and to whom, or raise `Damaged`."""
        return Content.model_validate_json(mail.unlock(_context(self.id), self.locked))


def _context(letter_id: str) -> Context:
    return Context("letter", "", letter_id)
