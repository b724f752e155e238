"""What a MongoDB must promise and hold before the store uses it: options, a replica set, indexes, the schema's version.

`db` is motor's: its types are named in `mongo.py`, the one module that imports it.
"""

from contextlib import suppress
from typing import Any

from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from sk.errors import Invalid, Unavailable

SCHEMA_VERSION = 1
NAMESPACE_EXISTS = 48
INDEXES: dict[str, list[IndexModel]] = {
    "document": [],
    "entry": [
        IndexModel({"kind": 1, "name": 1, "key": 1, "place": 1, "id": 1}, name="place", unique=True),
        IndexModel(
            {"kind": 1, "name": 1, "key": 1},
            name="single",
            unique=True,
            partialFilterExpression={"single": True},
        ),
    ],
    "event": [
        IndexModel({"run": 1, "due": 1}, name="run"),
        IndexModel({"leased_until": 1}, name="leased", sparse=True),
        IndexModel({"aside": 1}, name="aside", sparse=True),
    ],
}
# What "acknowledged" means. The URL may say the same, but nothing else. `retryWrites=false` may stand: it costs a
# retry, not a promise, and some services that speak this protocol need it.
PROMISES = {"w": "majority", "journal": True, "readConcernLevel": "majority", "readPreference": "primary"}
# `timeoutMS` is what an operation may take in all, a server that has to be found again and a second try included.
TIMEOUTS = {"connectTimeoutMS": 3_000, "timeoutMS": 5_000}


def client_options(url: str) -> dict[str, Any]:
    """Return what a client is opened with beside its URL; raise `Invalid`, naming the option that weakens a promise."""
    try:
        parsed = parse_uri(url)
    except (PyMongoError, ValueError) as error:
        raise Invalid(f"SK_STORE: {error}") from error
    if not parsed["database"]:
        raise Invalid("SK_STORE: the URL names no database: mongodb://HOST/DATABASE")
    said = {name.lower(): value for name, value in parsed["options"].items()}  # the parser spells `timeoutms` like this
    for option, promise in PROMISES.items():
        if (value := said.get(option.lower(), promise)) != promise:
            raise Invalid(f"SK_STORE: {option}={value} would weaken what is acknowledged; only {promise} will do")
    waits = {name: value for name, value in TIMEOUTS.items() if name.lower() not in said}
    return {**PROMISES, **waits}


async def prepare(db: Any) -> None:  # noqa: ANN401 - see the module's docstring
    """Check that the server can keep the promises, and make what is missing.

    Collections exist before a transaction writes to them: one that has to make a collection holds up all others.
    """
    hello = await db.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise Invalid("SK_STORE: this MongoDB is no replica set; transactions need one, be it of a single server")
    with suppress(DuplicateKeyError):  # another process was quicker
        await db.meta.update_one({"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True)
    version = (await db.meta.find_one({"_id": "schema"}))["version"]
    if version != SCHEMA_VERSION:
        raise Unavailable(f"the store has schema {version}, this program knows {SCHEMA_VERSION}")
    for name, indexes in INDEXES.items():
        await _create_collection(db, name)
        if indexes:
            await db[name].create_indexes(indexes)


async def _create_collection(db: Any, name: str) -> None:  # noqa: ANN401
    try:
        await db.create_collection(name)
    except CollectionInvalid:
        return  # the driver saw it
    except OperationFailure as error:
        if error.code != NAMESPACE_EXISTS:  # another process was quicker
            raise
