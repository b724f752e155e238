"""From the postbox into the safe: the attachments of a notice become documents, and keep the evidence about them.

The bytes are copied, under a key of the safe's: a notice and a document each live and go by themselves. The evidence
follows by an event, since the log needs a moment for what was stated last.
"""

import secrets
from collections.abc import Sequence

from sk.auth.sessions import LogIn
from sk.crypto.stream import KEY_BYTES
from sk.errors import Damaged, NotFound
from sk.events import OriginDue
from sk.postbox.envelope import SealedAttachment
from sk.postbox.history import History, alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.proven import prove
from sk.postbox.release import release
from sk.postbox.sender import sender_of
from sk.postbox.stored import open_or_alarm
from sk.safe.document import Content, Document, Origin, Version
from sk.safe.look import Look
from sk.safe.safe import find_safe, open_safe
from sk.safe.steps import bring_back, expect_room, put_new
from sk.safe.streams import forget, take
from sk.services import Services
from sk.store.races import looking_again


async def take_over(notice_id: str, log_in: LogIn, services: Services) -> Sequence[str]:
    """Put the attachments of a notice that was fetched into the safe; return the ids of the documents that they are.

    What was taken over before is not taken twice. Only from one's own postbox: others keep what is theirs.
    """
    notice, envelope = await release(notice_id, log_in, services, by_post=False)
    if notice.account_id != log_in.account_id:
        raise NotFound("there is no such notice in this postbox")
    return [
        await _take_over(notice, number, attachment, services)
        for number, attachment in enumerate(envelope.attachments, 1)
    ]


async def add_evidence(event: OriginDue, services: Services) -> None:
    """Put the evidence about a notice beside the document that was taken over from it; until the log has it, later."""
    opened = await find_safe(event.account_id, services)
    documents = await services.store.get_many(Document, [event.document_id])
    if opened is None or not documents:
        await services.store.save(done=event)
        return
    document = documents[event.document_id]
    versions = document.open(event.account_id, opened.own).versions

    async def read() -> tuple[Notice, History]:
        notice = await services.store.get(Notice, event.notice_id)
        return notice, await history_of(notice, services)

    bundle = (await prove(read, services, for_citizen=True)).bundle
    content = Content(versions=tuple(_with_evidence(one, event, bundle) for one in versions))
    document.keep(event.account_id, content, opened.own)
    await services.store.save(document, done=event)


def _with_evidence(version: Version, event: OriginDue, bundle: str) -> Version:
    origin = version.origin
    if origin is None or origin.notice != event.notice_id or origin.bundle:
        return version
    return version.model_copy(update={"origin": origin.model_copy(update={"bundle": bundle})})


async def _take_over(notice: Notice, number: int, attachment: SealedAttachment, services: Services) -> str:
    """Take one attachment over, unless it is there; what it is not is an alarm about its notice."""
    document_id = _document_id(notice, number, services)
    opened = await open_safe(notice.account_id, services)
    if known := opened.contents.entries.get(document_id):
        if known.trashed_at:
            await bring_back(notice.account_id, document_id, services)
        return document_id
    expect_room(opened.contents, attachment.size, services.settings)
    reader, key, look = await open_or_alarm(notice, attachment, services), secrets.token_bytes(KEY_BYTES), Look(None)
    try:
        stream = await take(reader.read(), key, look, services)
    except Damaged as error:
        raise alarm(notice) from error
    if look.digest != attachment.sha256:
        await forget([stream], services)
        raise alarm(notice)
    version = Version(
        added_at=services.clock.now(),
        name=attachment.name,
        type=attachment.type,
        size=stream.size,
        sha256=look.digest,
        key=key,
        streams=(stream,),
        origin=Origin(notice=notice.id, number=number),
    )
    if not await _enter(document_id, version, notice, services):
        await forget([stream], services)
    return document_id


@looking_again
async def _enter(document_id: str, version: Version, notice: Notice, services: Services) -> bool:
    """Save the document, unless the other press of the button was quicker; tell which it was."""
    opened = await open_safe(notice.account_id, services)
    if document_id in opened.contents.entries:
        return False
    expect_room(opened.contents, version.size, services.settings)
    document = put_new(opened, "", version, document_id, services)
    entry = opened.contents.entry(document_id)
    # What demanded a card must not need less here.
    opened.contents.put(entry._replace(issued_by=await sender_of(notice, services), level=notice.minimum_trust))
    event = OriginDue(account_id=notice.account_id, document_id=document_id, notice_id=notice.id)
    document.emit(event, due=services.clock.now())
    await services.store.save(opened.kept(), document)
    return True


def _document_id(notice: Notice, number: int, services: Services) -> str:
    """Return the id that follows from an attachment, blindly: a thief does not learn what came from where."""
    return services.keys.index.blind_id("taken-over", f"{notice.id} {number}")
