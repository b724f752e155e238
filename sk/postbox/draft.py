"""A draft: what somebody writes for an authority in the browser, until it is sent, given up or forgotten.

Its attachments are sealed for the recipient from the first upload on, so that sending copies nothing. Everything else,
their keys among it, is locked under `vault`, bound to the draft and its authority.
"""

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.journal import belongs_to
from sk.clock import microseconds
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged
from sk.events import DraftEnded
from sk.postbox.envelope import SealedAttachment
from sk.services import Services
from sk.store.port import Aggregate, Key

KEPT = timedelta(days=30)
State = Literal["open", "waiting", "returned"]


class Entered(BaseModel):
    """What stands in the fields of the form, as it was entered, whether it can be sent or not."""

    model_config = ConfigDict(extra="forbid")

    to: str = ""
    kind: str = ""
    law: str = ""
    rechtsbehelf: str = ""
    belehrung: str = ""
    land: str = ""
    abroad: str = ""
    case: str = ""
    subject: str = ""
    text: str = ""
    minimum_trust: str = ""
    reply: str = ""


class Content(BaseModel):
    """What is locked in a draft. Waiting, it is with whoever releases it; returned, it came back with a remark.

    `account_id` is the recipient for whom the attachments are sealed, `writer` the account of the one who writes it.
    """

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    entered: Entered
    attachments: list[SealedAttachment] = []
    account_id: str
    writer: str
    written_by: str
    written_at: AwareDatetime
    state: State = "open"
    remark: str = ""
    returned_by: str = ""

    def edited(self, **changes: Any) -> "Content":
        """Return it with changes. What waited to be released waits no more: nobody there has seen what it is now."""
        return self.model_copy(update={**changes, "state": "open" if self.state == "waiting" else self.state})

    def seen(self) -> str:
        """Return the digest of all of it: whoever acts says by it what they have seen."""
        return sha256(self.model_dump_json().encode()).hexdigest()


class Draft(Aggregate):
    """A draft as the store keeps it. `belongs` is the blind index of its recipient, with whose account it goes."""

    kind: ClassVar[str] = "draft"

    authority_id: str
    created_at: AwareDatetime
    belongs: str
    objects: list[str] = []
    locked: bytes

    @classmethod
    def begun(cls, draft_id: str, authority_id: str, services: Services) -> "Draft":
        """Return a new draft, which says nothing yet and ends by itself."""
        now = services.clock.now()
        draft = cls(id=draft_id, authority_id=authority_id, created_at=now, belongs="", locked=b"")
        draft.emit(DraftEnded(draft_id=draft_id), due=draft.ends_at)
        return draft

    def keys(self) -> Iterable[Key]:
        """Be found by the authority, in the order of time, and by the recipient, whose account may be erased."""
        yield Key("authority", self.authority_id, microseconds(self.created_at))
        yield Key("belongs", self.belongs)

    def keep(self, content: Content, services: Services) -> None:
        """Lock what it says from now on."""
        self.belongs = belongs_to(content.account_id, services)
        self.objects = [attachment.object for attachment in content.attachments]
        vault = services.keys.lock_key("vault")
        self.locked = vault.lock(self._context, content.model_dump_json().encode())

    def open(self, vault: LockKey) -> "Opened":
        """Return what it says, or raise `Damaged`, also if its objects are not those that it names."""
        content = Content.model_validate_json(vault.unlock(self._context, self.locked))
        if self.objects != [attachment.object for attachment in content.attachments]:
            raise Damaged
        return Opened(self, content)

    @property
    def ends_at(self) -> AwareDatetime:
        """Return when it is forgotten."""
        return self.created_at + KEPT

    @property
    def reference(self) -> str:
        """Return the reference of the notice that becomes of it: one, however often it is sent."""
        return reference_of_draft(self.id)

    @property
    def _context(self) -> Context:
        return Context("draft", "", f"{self.authority_id}.{self.id}")


class Opened(NamedTuple):
    """A draft, and what it says."""

    draft: Draft
    content: Content


def reference_of_draft(draft_id: str) -> str:
    """Return the reference of the notice that becomes of a draft."""
    return f"hand-{draft_id}"
