"""All of a MongoDB store: read as of one moment, and brought back into an empty one.

`db` and `session` are motor's: their types are named in `mongo.py`, the one module that imports it.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from sk.errors import Conflict
from sk.store.mongo_write import Document, new_entry
from sk.store.port import Aggregate, Row, StoredAggregate, StoredEvent, declared_kinds, keys_of

BATCH = 250
DUPLICATE_KEY = 11000
Reaching = Callable[[], AbstractContextManager[None]]


async def everything(db: Any, session: Any, reaching: Reaching) -> AsyncIterator[Row]:  # noqa: ANN401 - see above
    """Yield all rows as the transaction of a session sees them."""
    for collection, row_of in ((db.document, _aggregate), (db.event, _event)):
        cursor = collection.find({}, batch_size=BATCH, session=session)
        while True:
            with reaching():
                batch = await cursor.to_list(BATCH)
            if not batch:
                break
            for found in batch:
                yield row_of(found)


async def load(db: Any, rows: AsyncIterator[Row], reaching: Reaching) -> list[str]:  # noqa: ANN401 - see above
    """See `Store.load`."""
    with reaching():
        if await db.document.find_one({}, {"_id": 1}) or await db.event.find_one({}, {"_id": 1}):
            raise Conflict("the store is not empty, and nothing is brought back into one that holds something")
    kinds, odd = declared_kinds(), list[str]()
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            odd += await _insert(db, batch, kinds, reaching)
            batch.clear()
    return odd + await _insert(db, batch, kinds, reaching)


async def _insert(db: Any, rows: Sequence[Row], kinds: Mapping[str, type[Aggregate]], reaching: Reaching) -> list[str]:  # noqa: ANN401
    """Insert rows, and return the names of those that do not get all their entries."""
    documents, entries, owners, odd = list[Document](), list[Document](), list[str](), list[str]()
    for row in rows:
        if isinstance(row, StoredEvent):
            continue
        documents.append({"_id": f"{row.kind}/{row.id}", "version": row.version, "body": row.body})
        keys = keys_of(row, kinds)
        if keys is None:
            odd.append(row.name)
        for key in keys or ():
            entries.append(new_entry(row.kind, row.id, key))
            owners.append(row.name)
    events = [_stored_event(row) for row in rows if isinstance(row, StoredEvent)]
    for collection, found in ((db.document, documents), (db.event, events)):
        if found:
            with reaching():
                await collection.bulk_write([*map(InsertOne, found)], ordered=False)
    return odd + [owners[number] for number in await _insert_free(db.entry, entries, reaching)]


async def _insert_free(collection: Any, entries: Sequence[Document], reaching: Reaching) -> list[int]:  # noqa: ANN401
    """Insert those entries whose key is not taken, and return the numbers of the others."""
    with reaching():
        try:
            if entries:
                await collection.bulk_write([*map(InsertOne, entries)], ordered=False)
        except BulkWriteError as error:
            failed = (error.details or {}).get("writeErrors", [])
            if not failed or any(one["code"] != DUPLICATE_KEY for one in failed):
                raise
            return [one["index"] for one in failed]
    return []


def _aggregate(found: Document) -> StoredAggregate:
    """Return a document as a row. Whatever somebody else has written is no reason to fail: it comes along as text."""
    kind, _, id_ = str(found["_id"]).partition("/")
    return StoredAggregate(kind, id_, _whole(found.get("version")), str(found.get("body", "")))


def _event(found: Document) -> StoredEvent:
    id_, name, body, lane, error = (str(found.get(field, "")) for field in ("_id", "name", "body", "lane", "error"))
    due, tries = _whole(found.get("due")), _whole(found.get("tries"))
    return StoredEvent(id_, name, body, due, lane, tries, error, set_aside="aside" in found)


def _whole(number: object) -> int:
    return number if isinstance(number, int) else 0


def _stored_event(row: StoredEvent) -> Document:
    """Return an event that is free for whoever takes it, or set aside."""
    state = {"aside": True} if row.set_aside else {"run": row.lane}
    said = {"lane": row.lane, "due": row.due, "tries": row.tries, "error": row.error}
    return {"_id": row.id, "name": row.event, "body": row.body, **said, **state}
