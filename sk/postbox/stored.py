"""Attachments as they are stored: opened with the key in the envelope, and read as the bytes that were posted."""

from sk.crypto.stream import Reader, open_stream
from sk.errors import Damaged, NotFound
from sk.objects.port import StoredObject
from sk.postbox.attachments import attachment_context
from sk.postbox.envelope import SealedAttachment
from sk.postbox.history import alarm
from sk.postbox.notice import Notice
from sk.services import Services


async def open_attachment(account_id: str, attachment: SealedAttachment, services: Services) -> Reader:
    """Return what reads an attachment, whose length is known to be right; else `Damaged`, or `NotFound`."""
    stored = StoredObject(attachment.object, await services.objects.size(attachment.object), services.objects)
    return await open_stream(stored, attachment.key, attachment_context(account_id, attachment.object))


async def open_or_alarm(notice: Notice, attachment: SealedAttachment, services: Services) -> Reader:
    """Return what reads an attachment; one that is missing or does not open raises the alarm about its notice."""
    try:
        return await open_attachment(notice.account_id, attachment, services)
    except (Damaged, NotFound) as error:
        raise alarm(notice) from error
