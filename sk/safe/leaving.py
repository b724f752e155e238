"""What is left when a document goes: objects that are to follow, however often the store of objects does not answer.

That they may go is an event of the same write. It names them under lock: whoever writes into the database must not be
able to have the attachments of notices deleted.
"""

import logging
from collections.abc import Iterable

from sk.crypto.context import Context
from sk.crypto.sign import decode, encode
from sk.errors import Damaged
from sk.events import ObjectsLeft
from sk.ids import new_id
from sk.services import Services

log = logging.getLogger(__name__)


def left(objects: Iterable[str], services: Services) -> ObjectsLeft:
    """Return the event by which objects are deleted, to be saved in the write that removes what owns them."""
    id_ = new_id()
    locked = services.keys.lock_key("vault").lock(_context(id_), "\n".join(objects).encode())
    return ObjectsLeft(id=id_, locked=encode(locked))


async def delete_left(event: ObjectsLeft, services: Services) -> None:
    """Delete objects whose owner is gone."""
    try:
        names = services.keys.lock_key("vault").unlock(_context(event.id), decode(event.locked)).decode()
    except Damaged:
        log.critical("objects-left-damaged", extra={"event_id": event.id})
    else:
        await services.objects.delete(*filter(None, names.split("\n")))
    await services.store.save(done=event)


def _context(event_id: str) -> Context:
    return Context("objects-left", "", event_id)
