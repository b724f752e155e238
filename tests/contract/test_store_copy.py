"""All of a store, as of one moment, and brought back into an empty one."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from sk.clock import microseconds
from sk.errors import Conflict, Invalid
from sk.events import Unreadable
from sk.ids import new_id
from sk.store.port import Row, Store, StoredAggregate, StoredEvent
from tests.contract.conftest import OpenStore
from tests.contract.peer import open_store as open_store_at
from tests.contract.things import MINUTE, NOON, Thing, Thingamajig, thing, thing_with_event
from tests.servers import Servers

A_DAY = timedelta(days=1)


@pytest.fixture
async def other(store_url: str, servers: Servers, tmp_path: Path) -> AsyncIterator[Store]:
    """Return a second store, of the same kind, that holds nothing."""
    is_file = store_url.startswith("sqlite")
    url = f"sqlite://{tmp_path}/other.db" if is_file else servers.shared("mongodb").url()
    async with open_store_at(url) as opened:
        yield opened


async def these(rows: Iterable[Row]) -> AsyncIterator[Row]:
    for row in rows:
        yield row


async def test_what_was_copied_is_there_as_it_was(store: Store, other: Store) -> None:
    odd = Thing(id=new_id(), name='Ä"\\\0\u2028€𝄞', place=-(2**40), content=bytes(range(256)), also_in=["$row", ""])
    later, event = thing_with_event("later", due=NOON + A_DAY, lane="Ä", place=-1)
    await store.save(odd, later, Thingamajig(id="a"), *(thing(f"{number}", place=number) for number in range(600)))
    odd.row = "elsewhere"
    await store.save(odd)

    assert await other.load(these([row async for row in store.everything()])) == []

    for kind in (Thing, Thingamajig):
        ids = await store.scan(kind, limit=10_000)
        assert await other.scan(kind, limit=10_000) == ids
        assert await other.get_many(kind, ids) == await store.get_many(kind, ids)
    assert (await other.get(Thing, odd.id)).version == 2
    assert await other.find(Thing, "row", "elsewhere") == [odd]
    assert [found.name for found in await other.find(Thing, "row", "row", limit=3)] == ["later", "0", "1"]
    assert await other.due(event.id) == await store.due(event.id)
    assert {row async for row in other.everything()} == {row async for row in store.everything()}


async def test_a_copy_goes_on_like_the_first(store: Store, other: Store) -> None:
    await store.save(first := thing("taken"))
    await other.load(store.everything())

    with pytest.raises(Conflict):
        await other.save(thing("taken"))
    stale = await other.get(Thing, first.id)
    stale.name = "given up"
    await other.save(stale)
    await other.save(thing("taken"))

    assert (await other.get(Thing, first.id)).version == 2


async def test_events_wait_in_a_copy_as_they_did_and_are_out_with_nobody(store: Store, other: Store) -> None:
    (due, first), (gone, second), (tried, third) = (thing_with_event(name) for name in ("due", "gone", "tried"))
    await store.save(due, gone, tried)
    await store.take_due("somebody", NOON, limit=10, lease=A_DAY)
    await store.set_aside(second, error="gave up")
    await store.retry(third, at=NOON + MINUTE, error="not yet")

    await other.load(store.everything())

    assert await other.take_due("me", NOON, limit=10, lease=MINUTE) == [first]
    assert [waiting.event for waiting in await other.aside()] == [second]
    again = await other.due(third.id)
    assert again
    assert (again.at, again.tries, again.error) == (NOON + MINUTE, 1, "not yet")


async def test_nothing_is_brought_back_into_a_store_that_holds_something(store: Store, other: Store) -> None:
    await store.save(thing("a"))
    await other.save(kept := thing("kept"))

    with pytest.raises(Conflict, match="not empty"):
        await other.load(store.everything())

    assert await other.scan(Thing) == [kept.id]


async def test_what_nobody_can_read_comes_back_and_is_named(store: Store) -> None:
    rows: list[Row] = [
        StoredAggregate("test-thing", "damaged", 3, "{"),
        StoredAggregate("test-thing", "whole", 2, thing("whole").model_copy(update={"id": "whole"}).body()),
        StoredEvent("event", "FromALaterVersion", "{}", microseconds(NOON), "lane", 0, "", set_aside=False),
    ]

    assert await store.load(these(rows)) == ["test-thing damaged"]

    assert await store.scan(Thing) == ["damaged", "whole"]
    assert await store.take_due("me", NOON, limit=10, lease=MINUTE) == [Unreadable(id="event")]
    assert [row async for row in store.everything()] == rows


async def test_of_two_that_claim_one_unique_key_both_come_back_and_one_is_named(store: Store) -> None:
    first, second = (thing("claimed").model_copy(update={"id": id_}) for id_ in ("first", "second"))
    rows = [StoredAggregate("test-thing", one.id, 1, one.body()) for one in (first, second)]

    assert await store.load(these(rows)) == ["test-thing second"]

    assert [found.id for found in await store.find(Thing, "name", "claimed")] == ["first"]
    assert [found.id for found in await store.find(Thing, "row", "row")] == ["first", "second"]


async def test_a_kind_that_this_program_does_not_know_is_refused_by_name(store: Store) -> None:
    with pytest.raises(Invalid, match="what a hovercraft is"):
        await store.load(these([StoredAggregate("hovercraft", "eels", 1, "{}")]))


async def test_no_write_that_comes_meanwhile_is_in_a_copy_by_half(open_store: OpenStore, other: Store) -> None:
    async with open_store() as writer, open_store() as reader:
        padding = [thing(f"padding-{number}", row="padding") for number in range(600)]
        await writer.save(counter := thing("counter", row="counter"), *padding)

        async def write_once() -> None:
            counter.place += 1
            child, _ = thing_with_event(f"child-{counter.place}", place=counter.place)
            await writer.save(counter, child, remove=[padding.pop()])

        async def write() -> None:
            while padding:
                await write_once()

        async def slowly() -> AsyncIterator[Row]:
            async for row in reader.everything():
                await asyncio.sleep(0)
                yield row

        await write_once()
        writing = asyncio.create_task(write())
        rows = [row async for row in slowly()]
        padding.clear()
        await writing
        await other.load(these(rows))

        copied = await other.get(Thing, counter.id)
        assert 1 <= copied.place < counter.place
        children = await other.find(Thing, "row", "row", limit=10_000)
        assert [child.place for child in children] == [*range(1, copied.place + 1)]
        assert len(await other.find(Thing, "row", "padding", limit=600)) == 600 - copied.place
        events = await other.take_due("me", NOON, limit=10_000, lease=MINUTE)
        assert len(events) == copied.place
