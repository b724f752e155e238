"""What a group of writes asks of MongoDB: one bulk write for each collection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import DeleteOne, InsertOne, UpdateOne

from sk.clock import microseconds
from sk.store.port import Aggregate, Due, Key, Write

Document = dict[str, Any]


@dataclass
class Bulk:
    """The requests to one collection.

    If it is guarded, each deletion and each update meets exactly one document, or somebody else was quicker.
    """

    collection: str
    guarded: bool = True
    deletes: list[DeleteOne] = field(default_factory=list)
    updates: list[UpdateOne] = field(default_factory=list)
    inserts: list[InsertOne[Document]] = field(default_factory=list)

    def requests(self) -> list[DeleteOne | UpdateOne | InsertOne[Document]]:
        """Return them in an order in which a unique key that is given up is free for whoever takes it."""
        return [*self.deletes, *self.updates, *self.inserts]


def bulks_of(writes: Sequence[Write]) -> tuple[Bulk, Bulk, Bulk]:
    """Return the requests of all writes, to events, documents and entries."""
    events, documents, entries = Bulk("event"), Bulk("document"), Bulk("entry", guarded=False)
    for write in writes:
        if write.done:
            events.deletes.append(DeleteOne({"_id": write.done.id}))
        events.inserts += (InsertOne(_event(due)) for due in write.due)
        for old in write.removed:
            documents.deletes.append(DeleteOne({"_id": document_id(old, old.id), "version": old.version}))
            _enter(entries, old, old.stored_keys, ())
        for change in write.updated:
            changed = change.aggregate
            held = {"_id": document_id(changed, changed.id), "version": changed.version}
            documents.updates.append(UpdateOne(held, {"$set": {"body": change.body}, "$inc": {"version": 1}}))
            _enter(entries, changed, change.out, change.into)
        for new, body, keys in write.inserted:
            documents.inserts.append(InsertOne({"_id": document_id(new, new.id), "version": 1, "body": body}))
            _enter(entries, new, (), keys)
    return events, documents, entries


def document_id(kind: type[Aggregate] | Aggregate, id: str) -> str:
    """Return the id of an aggregate's document: in the order of ids within its kind."""
    return f"{kind.kind}/{id}"


def _event(due: Due) -> Document:
    return {
        "_id": due.event.id,
        "name": type(due.event).__name__,
        "body": due.event.model_dump_json(),
        "lane": due.lane,
        "run": due.lane,
        "due": microseconds(due.at),
        "tries": 0,
        "error": "",
    }


def new_entry(kind: str, id: str, key: Key) -> Document:
    """Return the entry by which an aggregate is found."""
    return _entry(kind, id, key) | ({"single": True} if key.unique else {})


def _enter(entries: Bulk, aggregate: Aggregate, out: Iterable[Key], into: Iterable[Key]) -> None:
    entries.deletes += (DeleteOne(_entry(aggregate.kind, aggregate.id, key)) for key in out)
    entries.inserts += (InsertOne(new_entry(aggregate.kind, aggregate.id, key)) for key in into)


def _entry(kind: str, id: str, key: Key) -> Document:
    return {"kind": kind, "name": key.index, "key": key.key, "place": key.order, "id": id}
