"""Closing a safe: when its account is erased, the bytes of its documents follow. Nobody can open them any more."""

import logging
from collections.abc import Iterable

from sk.auth.own_key import own_lock
from sk.errors import Damaged
from sk.events import ObjectsLeft
from sk.safe.document import Document
from sk.safe.importing import Import
from sk.safe.leaving import left
from sk.safe.upload import Upload
from sk.services import Services
from sk.store.port import Aggregate

log = logging.getLogger(__name__)


async def objects_of(account_id: str, removed: Iterable[Aggregate], services: Services) -> list[ObjectsLeft]:
    """Return the event by which objects follow whose documents, uploads or imports are removed, if there are any.

    Of a row that does not open none is deleted: it may claim what is somebody else's.
    """
    rows = [one for one in removed if isinstance(one, Document | Import | Upload)]
    names: list[str] = []
    if rows:
        own = await own_lock(account_id, services)
    for row in rows:
        try:
            row.open(account_id, own)
        except Damaged:
            log.critical("document-damaged", extra={"document_id": row.id})
        else:
            names += row.objects
    return [left(names, services)] if names else []
