"""Small pictures of documents: the first page, made by `sk render` once a version is there, and locked beside it.

A document is kept whether or not there is one: what is too large, too slow or broken has none.
"""

import asyncio
import logging
from typing import Final, NamedTuple

from sk.errors import Damaged, Unavailable
from sk.events import PictureDue
from sk.renderer import NoPicture, Picture
from sk.safe.document import Document, Version
from sk.safe.found import alarm
from sk.safe.safe import Opened, find_safe
from sk.safe.streams import Source
from sk.services import Services

WIDTH = 240
BYTES_MAX = 300_000
TRIES = 16
"""Some four hours, in which the renderer is busy or silent. Then there is no picture, and nobody has to look at it."""
MAKING: Final = asyncio.Semaphore(1)
"""Of the renderer's places, in each process: the others are for people who look at something right now."""
log = logging.getLogger(__name__)


class _Newest(NamedTuple):
    opened: Opened
    document: Document
    version: Version


async def make_picture(event: PictureDue, services: Services) -> None:
    """Put a picture of its newest version beside a document, unless that is gone or cannot be drawn."""
    before = await _newest(event, services)
    png = await _drawn(event, before.version, services) if before else b""
    now = await _newest(event, services) if png else None
    if before is None or now is None or now.version != before.version:  # another one has an event of its own
        await services.store.save(done=event)
        return
    opened, document, _ = now
    document.keep_picture(event.account_id, png, opened.own)
    opened.contents.put(opened.contents.entry(document.id)._replace(has_picture=True))
    await services.store.save(opened.kept(), document, done=event)


async def _newest(event: PictureDue, services: Services) -> _Newest | None:
    opened = await find_safe(event.account_id, services)
    if opened is None or event.document_id not in opened.contents.entries:
        return None
    try:
        document = await services.store.get(Document, event.document_id)
        return _Newest(opened, document, document.open(event.account_id, opened.own).versions[-1])
    except Damaged:
        alarm(event.document_id)
        return None


async def _drawn(event: PictureDue, version: Version, services: Services) -> bytes:
    """Return the first page as a PNG, or nothing if there is no picture of it."""
    try:
        png = (await _first_page(version, services)).png
    except NoPicture:
        return b""
    except Damaged:
        alarm(event.document_id)
        return b""
    except Unavailable:
        due = await services.store.due(event.id)
        if due and due.tries + 1 < TRIES:
            raise
        log.warning("picture-given-up", extra={"document_id": event.document_id})
        return b""
    return png if len(png) <= BYTES_MAX else b""


async def _first_page(version: Version, services: Services) -> Picture:
    if MAKING.locked():
        raise Unavailable("another picture is being made")
    source = Source(version.streams, version.key, services)
    async with MAKING:
        return await services.renderer.picture(version.type, 1, source.size, source.read(), WIDTH)
