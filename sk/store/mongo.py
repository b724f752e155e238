"""The store on MongoDB: a replica set, transactions, and nothing acknowledged before a majority has it on disk.

Collections: `document` holds the aggregates' bodies as the text that they gave, `entry` the index entries of all of
them, so that one compound index serves every `find`, `event` what waits, `meta` the version of this schema.

An event is in one of three states: in the run (it has the field `run`, its lane), leased (`leased_until`), or set aside
(`aside`). The index over `run` and `due` so holds what may be taken and nothing else, and the oldest event of every
lane is found without a scan, however many wait.

One thing no client can know: what became of a commit when the connection broke before the answer, and the server stays
away. Such a save raises `Unavailable` and is there whole or not at all; whoever repeats it gets `Conflict` if it is.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pymongo
from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from sk.clock import microseconds, moment
from sk.errors import Conflict, Invalid, NotFound, Unavailable
from sk.events import Event
from sk.store.group import Contended, GroupCommit
from sk.store.mongo_copy import DUPLICATE_KEY, everything, load
from sk.store.mongo_setup import client_options, prepare
from sk.store.mongo_write import Document, bulks_of, document_id
from sk.store.port import A, Aggregate, Cursor, Due, Row, Write, event_of, in_turn

TRIES = 8  # of a transaction that loses against others; the waits between them add up to about a second
OPERATIONS = 2  # as many times longer than a single operation a transaction may take
COMMIT_TRIES = 2  # beside the driver's own second try
WRITE_CONFLICT = 112
READ_CONCERN, WRITE_CONCERN = ReadConcern("majority"), WriteConcern("majority", j=True)
T = TypeVar("T")
LANES: list[Document] = [
    {"$match": {"run": {"$gt": ""}}},
    {"$sort": {"run": 1, "due": 1}},
    {"$group": {"_id": "$run", "due": {"$first": "$due"}}},  # one step in the index for each lane
]
BACK_IN_THE_RUN: list[Document] = [{"$set": {"run": "$lane"}}, {"$unset": ["leased_until", "aside"]}]


class MongoStore:
    """`Store` on a MongoDB database. Made by `open_mongo`."""

    def __init__(
        self, client: AsyncIOMotorClient[Document], db: AsyncIOMotorDatabase[Document], wake: Callable[[], None]
    ) -> None:
        """Use a database; `wake` is called after a commit that left events."""
        self._client = client
        self._seconds: float = client.delegate.options.timeout
        self._db = db
        self._wake = wake
        self._last_lane = ""
        self._group = GroupCommit(self._commit)

    async def prepare(self) -> None:
        """Check the server, and make what is missing."""
        with self._reaching():
            await prepare(self._db)

    async def close(self) -> None:
        """Finish what was handed in."""
        await self._group.close()

    async def get(self, kind: type[A], id: str) -> A:
        """See `Store.get`."""
        found = await self.get_many(kind, [id])
        if id not in found:
            raise NotFound(f"there is no {kind.kind} {id}")
        return found[id]

    async def get_many(self, kind: type[A], ids: Sequence[str]) -> dict[str, A]:
        """See `Store.get_many`."""
        wanted = {"_id": {"$in": [document_id(kind, id) for id in ids]}}
        with self._reaching():
            rows = await self._db.document.find(wanted).to_list(None)
        return {found.id: found for found in (_stored(kind, row) for row in rows)}

    async def find(
        self,
        kind: type[A],
        index: str,
        key: str,
        *,
        after: Cursor | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[A]:
        """See `Store.find`.

        Entries and documents are read one after the other. What has left its place in between is left out, and the
        page filled up from behind it, so that a page that is not full is the last one and every cursor is true.
        """
        found: list[A] = []
        while room := limit - len(found):
            places = await self._places(kind, index, key, after, room, newest_first=newest_first)
            there = await self.get_many(kind, [place.id for place in places])
            found += (
                there[place.id]
                for place in places
                if place.id in there and (index, key, place.order) in {held[:3] for held in there[place.id].stored_keys}
            )
            if len(places) < room:
                break
            after = places[-1]
        return found

    async def scan(self, kind: type[Aggregate], *, after: str = "", limit: int = 1000) -> list[str]:
        """See `Store.scan`."""
        within = {"_id": {"$gt": document_id(kind, after), "$lt": f"{kind.kind}0"}}  # "0" is what follows "/"
        with self._reaching():
            rows = await self._db.document.find(within, {"_id": 1}).sort("_id", 1).limit(limit).to_list(None)
        return [_id_of(row) for row in rows]

    async def save(self, *aggregates: Aggregate, done: Event | None = None, remove: Sequence[Aggregate] = ()) -> None:
        """See `Store.save`."""
        write = Write.of(aggregates, done, remove)
        await self._group.submit(write)
        write.settle()
        if write.due:
            self._wake()

    async def take_due(self, holder: str, now: datetime, *, limit: int, lease: timedelta) -> list[Event]:
        """See `Store.take_due`."""
        at, until = microseconds(now), microseconds(now + lease)
        with self._reaching():
            await self._put_back({"leased_until": {"$lte": at}})
            while oldest := await self._oldest(at, limit):
                if taken := await self._in_transaction(partial(self._lease, oldest, holder, until)):
                    return taken  # and if others were quicker with every one of them, look again
        return []

    async def held(self, holder: str, now: datetime) -> int:
        """See `Store.held`."""
        with self._reaching():
            return await self._db.event.count_documents({"leased_until": {"$gt": microseconds(now)}, "holder": holder})

    async def release(self, holder: str) -> None:
        """See `Store.release`."""
        with self._reaching():
            await self._put_back({"leased_until": {"$exists": True}, "holder": holder})

    async def due(self, event_id: str) -> Due | None:
        """See `Store.due`."""
        with self._reaching():
            row = await self._db.event.find_one({"_id": event_id})
        return _due(row) if row else None

    async def retry(self, event: Event, *, at: datetime, error: str) -> None:
        """See `Store.retry`."""
        change: Document = {"due": microseconds(at), "error": {"$literal": error}, "tries": {"$add": ["$tries", 1]}}
        steps: list[Document] = [{"$set": change}, *BACK_IN_THE_RUN]
        with self._reaching():
            await self._db.event.update_one({"_id": event.id}, steps)

    async def set_aside(self, event: Event, *, error: str) -> None:
        """See `Store.set_aside`."""
        change = {"$set": {"aside": True, "error": error}, "$inc": {"tries": 1}}
        with self._reaching():
            await self._db.event.update_one({"_id": event.id}, change | {"$unset": {"run": "", "leased_until": ""}})

    async def aside(self, *, limit: int = 1000) -> list[Due]:
        """See `Store.aside`."""
        with self._reaching():
            return [_due(row) async for row in self._db.event.find({"aside": True}).sort("due", 1).limit(limit)]

    async def everything(self) -> AsyncIterator[Row]:
        """See `Store.everything`. It is one transaction, in which every read is of one moment.

        MongoDB ends a transaction after 60 seconds, unless its `transactionLifetimeLimitSeconds` says otherwise; then
        this is `Unavailable`. A session with snapshot reads would last five minutes, but a server may take the word
        and not keep it, SecantusDB for one.
        """
        with self._reaching():
            session = await self._client.start_session()
        async with session:
            session.start_transaction(ReadConcern("snapshot"), WRITE_CONCERN)
            async for row in everything(self._db, session, self._reaching):
                yield row
            with self._reaching():
                await _commit(session)  # only now is it certain that a majority has what was read

    async def load(self, rows: AsyncIterator[Row]) -> list[str]:
        """See `Store.load`. It is many writes, so that what fails has to begin again with another database."""
        return await load(self._db, rows, self._reaching)

    async def now(self) -> datetime:
        """See `Store.now`."""
        with self._reaching():
            answer = await self._db.command("hello")
        at: datetime = answer["localTime"]  # UTC, though a command's answer does not say so
        return at.replace(tzinfo=UTC)

    async def check(self) -> None:
        """See `Store.check`."""
        with self._reaching():
            await self._db.meta.update_one({"_id": "check"}, {"$inc": {"times": 1}}, upsert=True)

    async def about(self) -> str:
        """See `Store.about`."""
        with self._reaching():
            is_ = f"the store is MongoDB {(await self._db.command('buildInfo'))['version']}"
            try:
                told = await self._client.admin.command("getDefaultRWConcern")
            except OperationFailure:  # not every server that speaks the protocol has them
                return f"{is_}, which does not tell its own defaults"
        return f"{is_}; its own defaults: {told.get('defaultReadConcern')}, {told.get('defaultWriteConcern')}"

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Have all that happens within the block share one deadline, in the driver and its threads too."""
        try:
            with pymongo.timeout(self._seconds):
                yield
        except PyMongoError as error:
            raise _unavailable(error) from error

    async def _places(
        self, kind: type[A], index: str, key: str, after: Cursor | None, limit: int, *, newest_first: bool
    ) -> list[Cursor]:
        beyond, direction = ("$lt", -1) if newest_first else ("$gt", 1)
        where: Document = {"kind": kind.kind, "name": index, "key": key}
        if after:
            where["place"] = {f"{beyond}e": after.order}  # where to begin in the index; the rest is decided row by row
            where["$or"] = [{"place": {beyond: after.order}}, {"place": after.order, "id": {beyond: after.id}}]
        with self._reaching():
            entries = self._db.entry.find(where).sort([("place", direction), ("id", direction)]).limit(limit)
            return [Cursor(row["place"], row["id"]) async for row in entries]

    async def _oldest(self, at: int, limit: int) -> list[Any]:
        lanes = await self._db.event.aggregate([*LANES, {"$match": {"due": {"$lte": at}}}]).to_list(None)
        turn = in_turn([lane["_id"] for lane in lanes], limit, self._last_lane)
        if turn:
            self._last_lane = turn[-1][0]
        found = await asyncio.gather(*(self._oldest_of(lane, at, share) for lane, share in turn))
        return [id for ids in found for id in ids]

    async def _oldest_of(self, lane: str, at: int, share: int) -> list[Any]:
        waiting = self._db.event.find({"run": lane, "due": {"$lte": at}}, {"_id": 1})
        return [row["_id"] async for row in waiting.sort("due", 1).limit(share)]

    async def _lease(self, ids: list[str], holder: str, until: int, session: AsyncIOMotorClientSession) -> list[Event]:
        free = {"_id": {"$in": ids}, "run": {"$gt": ""}}
        rows = {row["_id"]: row async for row in self._db.event.find(free, session=session)}
        lease = {"$set": {"leased_until": until, "holder": holder}, "$unset": {"run": ""}}
        await self._db.event.update_many({"_id": {"$in": [*rows]}}, lease, session=session)
        return [event_of(id, rows[id]["name"], rows[id]["body"]) for id in ids if id in rows]

    async def _put_back(self, leased: Document) -> None:
        """Put leased events back in the run. Mostly there are none, and looking costs less than a transaction."""
        if await self._db.event.find_one(leased, {"_id": 1}):
            await self._in_transaction(
                lambda session: self._db.event.update_many(leased, BACK_IN_THE_RUN, session=session)
            )

    async def _commit(self, writes: Sequence[Write], seconds: float) -> None:
        with pymongo.timeout(min(seconds, self._seconds * OPERATIONS)):
            try:
                await self._in_transaction(partial(self._write, writes))
            except InvalidDocument as error:
                raise Invalid("this is too large to be stored") from error
            except PyMongoError as error:
                if isinstance(error, BulkWriteError) and _is_duplicate(error):
                    raise Conflict("this exists already, or something with the same unique key") from None
                raise _unavailable(error) from error

    async def _in_transaction(self, work: Callable[[AsyncIOMotorClientSession], Awaitable[T]]) -> T:
        """Do all of some work or nothing, again if it only lost against others, and return what it returned.

        Nothing else changes more than one document: outside a transaction the server itself would try again, for as
        long as a transaction that was left open holds one of them.
        """
        for attempt in range(TRIES):
            try:
                async with await self._client.start_session() as session:
                    session.start_transaction(READ_CONCERN, WRITE_CONCERN)
                    done = await work(session)
                    await _commit(session)
                    return done
            except PyMongoError as error:
                if error.timeout or not error.has_error_label("TransientTransactionError"):
                    raise
            await asyncio.sleep(random.uniform(0, 0.01) * 2**attempt)  # noqa: S311 - not a secret
        raise Contended

    async def _write(self, writes: Sequence[Write], session: AsyncIOMotorClientSession) -> None:
        for bulk in bulks_of(writes):
            if not (requests := bulk.requests()):
                continue
            result = await self._db[bulk.collection].bulk_write(requests, session=session)
            if bulk.guarded and (result.deleted_count, result.matched_count) != (len(bulk.deletes), len(bulk.updates)):
                raise Conflict  # the session ends without a commit, which takes back what was written


async def _commit(session: AsyncIOMotorClientSession) -> None:
    """Commit, or raise what failed: a conflict is told as the driver tells it, of all else the outcome is unknown.

    That a server does not know the transaction may mean that it has committed it and come back from a crash since. To
    write the same once more would find it there, and take it for somebody else's.
    """
    for attempt in range(COMMIT_TRIES):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and error.code == WRITE_CONFLICT:
                raise
            if attempt + 1 == COMMIT_TRIES or not error.has_error_label("UnknownTransactionCommitResult"):
                raise _unavailable(error) from error
        else:
            return


@asynccontextmanager
async def open_mongo(url: str, wake: Callable[[], None] = lambda: None) -> AsyncIterator[MongoStore]:
    """Open a store at `mongodb://HOST[,HOST…]/DATABASE` and close it at the end."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, **client_options(url))
    try:
        db = client.get_default_database()
        store = MongoStore(client, db, wake)
        await store.prepare()
        try:
            yield store
        finally:
            await store.close()
    finally:
        client.close()


def _unavailable(error: PyMongoError) -> Unavailable:
    said = str(error).partition(", Timeout:")[0].partition(", full error:")[0]
    return Unavailable(f"the store does not answer: {type(error).__name__}: {said}")


def _is_duplicate(error: BulkWriteError) -> bool:
    return any(failed["code"] == DUPLICATE_KEY for failed in (error.details or {}).get("writeErrors", ()))


def _stored(kind: type[A], row: Document) -> A:
    return kind.stored(_id_of(row), row["version"], row["body"])


def _id_of(row: Document) -> str:
    id_: str = row["_id"].partition("/")[2]
    return id_


def _due(row: Document) -> Due:
    event = event_of(row["_id"], row["name"], row["body"])
    return Due(event, moment(row["due"]), row["lane"], row["tries"], row["error"], set_aside="aside" in row)
