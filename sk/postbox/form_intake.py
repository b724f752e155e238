"""Forms that bring files, as they stream in: what was entered, then the files, each stored as it comes."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from sk.errors import Invalid, Unavailable
from sk.postbox.attachment_types import type_of
from sk.postbox.attachments import take_file
from sk.postbox.envelope import SealedAttachment
from sk.postbox.notice_in import FILE_NAME, NAME_MAX
from sk.services import Services
from sk.web.body import Malformed, Part


async def text_of(part: Part, most: int) -> str:
    """Return what was entered in a field, of so many bytes at most."""
    try:
        return (await part.whole(most)).decode()
    except UnicodeDecodeError:
        raise Malformed(f"the part {part.name} is no text in UTF-8", field=part.name) from None
    except Malformed:
        raise
    except Invalid as error:
        raise Invalid(str(error), field=part.name, problem="field-too-long") from None


async def take_files(
    parts: AsyncIterator[Part], stored: list[SealedAttachment], account_id: str, services: Services
) -> None:
    """Store the files. A field in which none was chosen comes as one without a name and without bytes.

    `stored` knows each one that lies in the object store, also those from before; one that is refused ends it.
    """
    most, left = services.settings.attachments_max, services.settings.attachments_max
    async for part in parts:
        if part.name != "files":
            raise Malformed(f"the part {part.name} does not belong to this form", field=part.name)
        if not left or (part.filename and len(stored) >= most):
            raise Invalid(f"at most {most} files are taken", field="files", problem="attachment-surplus")
        left -= 1
        if part.filename:
            stored.append(await _take_file(part.filename, part.chunks, account_id, services))
        else:
            await part.whole(0)


async def _take_file(name: str, chunks: AsyncIterator[bytes], account_id: str, services: Services) -> SealedAttachment:
    if len(name) > NAME_MAX or re.search(FILE_NAME.pattern, name):
        raise Invalid(FILE_NAME.words, field="files", problem="attachment-name")
    media_type = type_of(name)
    if media_type is None:
        raise Invalid(f"{name} is not taken", field="files", problem="attachment-type", more={"name": name})
    try:
        return await take_file(name, media_type, chunks, account_id, services)
    except Unavailable as error:
        if error.problem != "scanner-silent":
            raise
        raise Invalid(str(error), field="files", problem="scanner-silent") from error


async def forget(stored: Sequence[SealedAttachment], services: Services) -> None:
    """Delete what was stored and belongs to nothing, also when we are told to stop."""
    await asyncio.shield(services.objects.delete(*(attachment.object for attachment in stored)))
