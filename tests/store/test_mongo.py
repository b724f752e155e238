"""What is MongoDB's own: options that would weaken a promise, and the version of the schema."""

import pytest
from pymongo import MongoClient

from sk.errors import Damaged, Invalid, Unavailable
from sk.store.mongo import open_mongo
from sk.store.mongo_setup import SCHEMA_VERSION
from tests.contract.things import Thing, thing


@pytest.mark.parametrize(
    "option",
    [
        "w=1",
        "w=0",
        "w=2",
        "W=1",
        "journal=false",
        "readConcernLevel=local",
        "readConcernLevel=available",
        "readPreference=secondaryPreferred",
        "readPreference=nearest",
    ],
)
async def test_an_option_that_would_weaken_what_is_acknowledged_is_refused_by_name(option: str) -> None:
    with pytest.raises(Invalid, match=f"(?i)SK_STORE: {option} would weaken"):
        async with open_mongo(f"mongodb://127.0.0.1:9/sk?{option}"):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://127.0.0.1:9",
        "mongodb://127.0.0.1:9/",
        "mongodb:///sk",
        "mongodb://127.0.0.1/sk?jurnal=true",
        "mongodb",
    ],
)
async def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="SK_STORE"):
        async with open_mongo(url):
            pass


async def test_options_that_say_what_is_promised_anyway_are_welcome(mongo_url: str) -> None:
    options = "w=majority&journal=true&readConcernLevel=majority&readPreference=primary&retryWrites=false"
    async with open_mongo(f"{mongo_url}?{options}") as store:
        await store.save(new := thing("a"))
        assert await store.get(Thing, new.id) == new


async def test_a_store_of_a_later_version_is_refused(mongo_url: str) -> None:
    async with open_mongo(mongo_url):
        pass
    with MongoClient[dict[str, object]](mongo_url) as client:
        client.get_default_database().meta.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION + 1}})

    with pytest.raises(Unavailable, match="schema"):
        async with open_mongo(mongo_url):
            pass


async def test_the_body_of_one_put_in_the_place_of_another_is_damaged(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as store:
        await store.save(mine := thing("mine"), theirs := thing("theirs"))
        with MongoClient[dict[str, object]](mongo_url) as client:
            documents = client.get_default_database().document
            documents.update_one({"_id": f"test-thing/{mine.id}"}, {"$set": {"body": theirs.body()}})

        with pytest.raises(Damaged):
            await store.get(Thing, mine.id)
        with pytest.raises(Damaged):
            await store.find(Thing, "name", "mine")


async def test_a_body_is_kept_as_the_text_that_the_aggregate_gave(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as store:
        await store.save(new := thing("a"))

    with MongoClient[dict[str, object]](mongo_url) as client:
        (kept,) = client.get_default_database().document.find()
    assert kept == {"_id": f"test-thing/{new.id}", "version": 1, "body": new.body()}
