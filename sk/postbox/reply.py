"""A reply: what a citizen has written back about a notice, under the lock of their own account.

Its citizen can read it again and, through web, its authority can, as long as the account is there. When the account is
erased nobody can, in whatever copy of the store; that it was sent, and with which digests, stays proven.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from sk.auth.own_key import own_lock
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import NotFound
from sk.evidence.opening import Opening, ReplyOpening
from sk.postbox.envelope import SealedAttachment
from sk.postbox.history import History, Says
from sk.postbox.notice import Notice, objects_digest
from sk.services import Services
from sk.store.port import Aggregate, get_readable


class Content(BaseModel):
    """What is locked in a reply."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    text: str
    attachments: list[SealedAttachment] = []

    def opening(self) -> ReplyOpening:
        """Return fresh salts for all that its statement commits to."""
        attachments = [Opening.of(bytes.fromhex(attachment.sha256)) for attachment in self.attachments]
        return ReplyOpening(text=Opening.of_text(self.text), attachments=attachments)


class Reply(Aggregate):
    """A reply as the store keeps it. It is found by the statement that says that it was sent, which names its id."""

    kind: ClassVar[str] = "reply"

    notice_id: str
    objects: list[str] = []
    locked: bytes

    @classmethod
    def of(cls, reply_id: str, notice: Notice, content: Content, lock: LockKey) -> "Reply":
        """Lock a reply to its account and its id."""
        locked = lock.lock(_context(notice.account_id, reply_id), content.model_dump_json().encode())
        objects = [attachment.object for attachment in content.attachments]
        return cls(id=reply_id, notice_id=notice.id, objects=objects, locked=locked)

    def open(self, account_id: str, lock: LockKey) -> Content:
        """Return what it says, or raise `Damaged`."""
        return Content.model_validate_json(lock.unlock(_context(account_id, self.id), self.locked))

    def owns_what(self, says: Says) -> bool:
        """Tell whether its objects are those that were stated."""
        return bool(objects_digest(self.objects) == says["objects"])


class Replies(NamedTuple):
    """What is kept of the replies to a notice: those that are there, and the ids of those that are gone or damaged."""

    whole: Sequence[Reply]
    gone: Sequence[str]
    damaged: Sequence[str]


async def replies_kept(history: History, services: Services) -> Replies:
    """Return what is kept of the replies that were stated."""
    said = {says["reply"]: says for says in history.replies}
    found = await get_readable(services.store, Reply, [*said])
    whole = [reply for id_, reply in found.items() if reply and reply.owns_what(said[id_])]
    damaged = sorted(found.keys() - {reply.id for reply in whole})
    return Replies(whole, [id_ for id_ in said if id_ not in found], damaged)


def numbered_reply(history: History, number: str) -> Says:
    """Return what was stated about a reply, by its number in an address, from 1 on."""
    found = {str(at): says for at, says in enumerate(history.replies, 1)}
    if number not in found:
        raise NotFound("there is no such reply")
    return found[number]


async def open_reply(says: Says, notice: Notice, services: Services) -> Content:
    """Return what a reply says of which a statement about this notice tells; one that is gone is `NotFound`."""
    reply = await services.store.get(Reply, says["reply"])
    return reply.open(notice.account_id, await own_lock(notice.account_id, services))


def _context(account_id: str, reply_id: str) -> Context:
    return Context("reply", account_id, reply_id)
