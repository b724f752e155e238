"""An upload that may break off and go on for a day: how much has come, durably, and what is to become of it.

Once the whole is there and was looked at, it is a document, or a version of one. The upload then stays until its day is
over, so that whoever did not hear the last answer learns that there is nothing left to send.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.journal import belongs_to
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged
from sk.events import UploadEnded
from sk.safe.safe import Opened as SafeOpened
from sk.safe.streams import Stream
from sk.services import Services
from sk.store.port import Aggregate, Key

KEPT = timedelta(hours=24)
STREAMS_MAX = 1000
"""As often can it break off, or be sent in so many parts."""


class Wanted(NamedTuple):
    """What somebody is about to upload: how it is called, where it goes, and how long it is.

    `document` is one of which it is to be a new version, `metadata` what a client wants to be told again of it.
    """

    name: str
    length: int
    folder: str = ""
    document: str = ""
    metadata: str = ""


class Plan(BaseModel):
    """What is locked in an upload: what it is to be, what is there of it, and which document it has become."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    wanted: Wanted
    key: bytes
    streams: tuple[Stream, ...] = ()
    became: str = ""

    @property
    def offset(self) -> int:
        """Return how many bytes are durable."""
        return self.wanted.length if self.became else sum(stream.size for stream in self.streams)

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it is durable."""
        return self.offset == self.wanted.length


class Upload(Aggregate):
    """An upload as the store keeps it."""

    kind: ClassVar[str] = "upload"

    belongs: str
    objects: list[str] = []
    touched_at: AwareDatetime
    locked: bytes = b""

    @classmethod
    def new(cls, upload_id: str, account_id: str, services: Services) -> Self:
        """Return an upload of which nothing has come, and which ends by itself."""
        now = services.clock.now()
        upload = cls(id=upload_id, belongs=belongs_to(account_id, services), touched_at=now)
        upload.emit(UploadEnded(account_id=account_id, upload_id=upload_id), due=upload.ends_at)
        return upload

    def keys(self) -> Iterable[Key]:
        """Be found by the account, which may be erased."""
        yield Key("belongs", self.belongs)

    @property
    def ends_at(self) -> AwareDatetime:
        """Return when it is given up, unless something more comes."""
        return self.touched_at + KEPT

    def keep(self, account_id: str, plan: Plan, own: LockKey) -> None:
        """Lock what is known of it from now on."""
        self.objects = [stream.object for stream in plan.streams]
        self.locked = own.lock(_context(account_id, self.id), plan.model_dump_json().encode())

    def open(self, account_id: str, own: LockKey) -> Plan:
        """Return what is known of it, or raise `Damaged`, also if its objects are not those that it names."""
        plan = Plan.model_validate_json(own.unlock(_context(account_id, self.id), self.locked))
        if self.objects != [stream.object for stream in plan.streams]:
            raise Damaged
        return plan


class Opened(NamedTuple):
    """An upload, what is known of it, and the safe into which it goes."""

    upload: Upload
    plan: Plan
    safe: SafeOpened

    @classmethod
    def of(cls, upload: Upload, safe: SafeOpened) -> Self:
        """Open an upload, or raise `Damaged`.

        Also one that has become a document since: a row that somebody has brought back would share its bytes.
        """
        plan = upload.open(safe.account_id, safe.own)
        if not plan.became and upload.id not in safe.contents.coming:
            raise Damaged
        return cls(upload, plan, safe)


def _context(account_id: str, upload_id: str) -> Context:
    return Context("upload", account_id, upload_id)
