"""The receipt of a notice: web's first answer, kept byte for byte, because a replay gets it again."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import NotFound
from sk.evidence.opening import NoticeOpening, ReplyOpening, VollmachtOpening
from sk.services import Services
from sk.store.port import Aggregate


class ByHand(BaseModel):
    """Who has written a notice in the browser, and who has released it, if another one has: their user names."""

    model_config = ConfigDict(extra="forbid")

    written_by: str
    approved_by: str = ""


class Kept(BaseModel):
    """What is locked under `records`: what the authority may see again, and what a replay is compared with.

    `opening` opens what the statements commit to, but for those about replies, which have their own, by the reply's
    id, and those about the Vollmachten by which somebody has acted, by theirs.
    """

    model_config = ConfigDict(extra="forbid")

    reference: str
    case: str = ""
    handle: str
    content_digest: str
    opening: NoticeOpening
    replies: dict[str, ReplyOpening] = {}
    vollmachten: dict[str, VollmachtOpening] = {}
    answer: str
    by_hand: ByHand | None = None


class Receipt(Aggregate):
    """What web keeps of a notice for itself and its authority. Its id is that of the notice."""

    kind: ClassVar[str] = "receipt"

    locked: bytes

    @classmethod
    def of(cls, notice_id: str, kept: Kept, records: LockKey) -> "Receipt":
        """Lock what is kept to its notice."""
        receipt = cls(id=notice_id, locked=b"")
        receipt.keep(kept, records)
        return receipt

    def keep(self, kept: Kept, records: LockKey) -> None:
        """Lock what is kept from now on."""
        self.locked = records.lock(_context(self.id), kept.model_dump_json().encode())

    def open(self, records: LockKey) -> Kept:
        """Return what was kept, or raise `Damaged`."""
        return Kept.model_validate_json(records.unlock(_context(self.id), self.locked))


async def reference_of(notice_id: str, services: Services) -> str:
    """Return what the authority calls the notice; after the openings were deleted, nobody here knows."""
    try:
        receipt = await services.store.get(Receipt, notice_id)
    except NotFound:
        return ""
    return receipt.open(services.keys.lock_key("records")).reference


def _context(notice_id: str) -> Context:
    return Context("receipt", "", notice_id)
