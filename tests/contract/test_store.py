"""Aggregates: saved together or not at all, guarded by their version, found by their keys."""

import asyncio
import random

import pytest

from sk.errors import Conflict, NotFound
from sk.ids import new_id
from sk.store.port import Cursor, Store, all_of, all_under, cursor_of
from tests.contract.conftest import OpenStore
from tests.contract.things import Thing, Thingamajig, Unwritable, thing, thing_with_event


async def names(store: Store, row: str = "row") -> list[str]:
    return [found.name for found in await store.find(Thing, "row", row)]


async def test_an_aggregate_comes_back_as_it_was_saved(store: Store) -> None:
    new = Thing(id=new_id(), name='Ä"\\\0\u2028€𝄞', place=-(2**40), content=bytes(range(256)), also_in=["$row", ""])
    await store.save(new)

    found = await store.get(Thing, new.id)

    assert found == new
    assert found.version == 1


async def test_what_was_never_saved_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.get(Thing, new_id())


async def test_an_id_of_another_kind_is_not_found(store: Store) -> None:
    await store.save(new := thing("a"))

    with pytest.raises(NotFound):
        await store.get(Thingamajig, new.id)


async def test_of_many_ids_those_that_exist_are_returned(store: Store) -> None:
    await store.save(a := thing("a"), b := thing("b"))

    assert await store.get_many(Thing, [a.id, new_id(), b.id, a.id]) == {a.id: a, b.id: b}
    assert await store.get_many(Thing, []) == {}


async def test_a_save_counts_the_version_and_keeps_the_change(store: Store) -> None:
    await store.save(new := thing("a"))
    new.content = b"changed"
    await store.save(new)

    found = await store.get(Thing, new.id)

    assert (found.version, found.content) == (2, b"changed")


async def test_a_change_made_to_an_old_version_is_refused(store: Store) -> None:
    await store.save(thing_ := thing("a"))
    first, second = await store.get(Thing, thing_.id), await store.get(Thing, thing_.id)
    first.content, second.content = b"first", b"second"
    await store.save(first)

    with pytest.raises(Conflict):
        await store.save(second)

    assert (await store.get(Thing, thing_.id)).content == b"first"
    assert second.version == 1


async def test_of_many_changes_to_one_version_exactly_one_is_made(open_store: OpenStore) -> None:
    async with open_store() as one, open_store() as two, open_store() as three:
        await one.save(new := thing("a"))

        async def change(number: int) -> None:
            store = (one, two, three)[number % 3]
            mine = await store.get(Thing, new.id)
            mine.content = b"%d" % number
            await barrier.wait()
            await store.save(mine)

        barrier = asyncio.Barrier(12)
        outcomes = await asyncio.gather(*map(change, range(12)), return_exceptions=True)

        assert sorted(map(repr, map(type, outcomes))) == [repr(type(None))] + [repr(Conflict)] * 11
        assert (await three.get(Thing, new.id)).content == b"%d" % outcomes.index(None)


async def test_aggregates_are_saved_together_or_not_at_all(store: Store) -> None:
    await store.save(old := thing("old", place=1))
    stale = await store.get(Thing, old.id)
    await store.save(old)
    removed = thing("removed", place=2)
    await store.save(removed)
    new, event = thing_with_event("new")
    stale.place = 5

    with pytest.raises(Conflict):
        await store.save(new, stale, remove=[removed])

    assert await names(store) == ["old", "removed"]
    assert await store.get_many(Thing, [new.id]) == {}
    assert await store.due(event.id) is None
    assert new.version == 0


async def test_what_is_born_with_an_aggregate_is_saved_with_it(store: Store) -> None:
    parent, child = thing("parent"), thing("child")
    parent.bear(child)
    await store.save(parent)

    assert (await store.get(Thing, child.id)).version == 1

    await store.save(parent)
    assert (await store.get(Thing, child.id)).version == 1


async def test_a_batch_of_a_thousand_is_one_write(store: Store) -> None:
    batch = [thing_with_event(f"{number}", place=number) for number in range(1000)]

    await store.save(*(new for new, _ in batch))

    assert len(await store.get_many(Thing, [new.id for new, _ in batch])) == 1000
    assert await store.due(batch[-1][1].id) is not None

    with pytest.raises(Conflict):
        await store.save(*(thing(f"again-{number}") for number in range(999)), thing("0"))
    assert await store.find(Thing, "name", "again-0") == []


async def test_hundreds_of_saves_at_once_all_succeed(store: Store) -> None:
    things = [thing(f"{number}", place=number) for number in range(600)]

    await asyncio.gather(*map(store.save, things))

    assert await store.get_many(Thing, [new.id for new in things]) == {new.id: new for new in things}


async def test_a_unique_key_belongs_to_one(store: Store) -> None:
    await store.save(thing("taken"))

    with pytest.raises(Conflict):
        await store.save(thing("taken"))

    assert await names(store) == ["taken"]


async def test_of_ten_that_want_one_unique_key_at_once_one_gets_it(open_store: OpenStore) -> None:
    async with open_store() as one, open_store() as two:
        rivals = [thing("wanted") for _ in range(10)]

        outcomes = await asyncio.gather(
            *(store.save(rival) for rival, store in zip(rivals, [one, two] * 5, strict=True)), return_exceptions=True
        )

        assert sorted(map(repr, map(type, outcomes))) == [repr(type(None))] + [repr(Conflict)] * 9
        assert await two.find(Thing, "name", "wanted") == [rivals[outcomes.index(None)]]


async def test_a_change_cannot_take_a_unique_key_from_another(store: Store) -> None:
    await store.save(thing("taken"))
    await store.save(other := thing("other"))
    other.name = "taken"

    with pytest.raises(Conflict):
        await store.save(other)

    assert [found.id for found in await store.find(Thing, "name", "other")] == [other.id]


async def test_a_unique_key_that_was_given_up_is_free(store: Store) -> None:
    await store.save(first := thing("name"))
    first.name = "other"
    await store.save(first)
    await store.save(second := thing("name"))
    await store.save(remove=[second])

    await store.save(third := thing("name"))

    assert await store.find(Thing, "name", "name") == [third]


async def test_a_unique_key_passes_from_one_to_another_in_one_write(store: Store) -> None:
    await store.save(giver := thing("name"))
    giver.name = "other"

    await store.save(giver, taker := thing("name"))

    assert await store.find(Thing, "name", "name") == [taker]


async def test_a_save_that_is_refused_does_not_touch_those_waiting_beside_it(store: Store) -> None:
    await store.save(thing("taken"))
    waiting = [thing("taken" if number in (3, 17) else f"{number}") for number in range(40)]
    waiting[8] = Unwritable(id=new_id(), name="unwritable")

    outcomes = await asyncio.gather(*map(store.save, waiting), return_exceptions=True)

    failed = {number: type(outcome) for number, outcome in enumerate(outcomes) if outcome is not None}
    assert failed == {3: Conflict, 17: Conflict, 8: ZeroDivisionError}
    assert len(await store.scan(Thing)) == 1 + 37


async def test_what_was_removed_is_gone_from_everywhere(store: Store) -> None:
    await store.save(new := thing("a"))
    await store.save(remove=[new])

    assert await store.scan(Thing) == []
    assert await names(store) == []


async def test_what_was_changed_meanwhile_is_not_removed(store: Store) -> None:
    await store.save(new := thing("a"))
    stale = await store.get(Thing, new.id)
    await store.save(new)

    with pytest.raises(Conflict):
        await store.save(remove=[stale])

    assert await names(store) == ["a"]


async def test_an_aggregate_is_found_under_its_present_keys_only(store: Store) -> None:
    new = thing("a", row="left", place=1)
    new.also_in = ["middle"]
    await store.save(new)
    loaded = await store.get(Thing, new.id)
    loaded.row, loaded.place = "right", 7
    await store.save(loaded)

    assert await names(store, "left") == []
    assert await names(store, "middle") == ["a"]
    assert await names(store, "right") == ["a"]
    assert await store.find(Thing, "name", "right") == []
    assert await store.find(Thingamajig, "row", "right") == []


async def test_a_row_is_found_in_its_order_from_either_end(store: Store) -> None:
    await store.save(*(thing(name, place=place) for name, place in (("c", 30), ("a", -10), ("b", 20), ("d", 2**53))))
    await store.save(thing("elsewhere", row="elsewhere"))

    assert await names(store) == ["a", "b", "c", "d"]
    assert [found.name for found in await store.find(Thing, "row", "row", limit=2)] == ["a", "b"]
    backwards = await store.find(Thing, "row", "row", newest_first=True, limit=3)
    assert [found.name for found in backwards] == ["d", "c", "b"]


async def pages(store: Store, *, newest_first: bool) -> list[str]:
    """Follow the cursor to the end and return the names that came by."""
    seen: list[str] = []
    after: Cursor | None = None
    while page := await store.find(Thing, "row", "row", after=after, limit=7, newest_first=newest_first):
        seen += (found.name for found in page)
        after = cursor_of(page[-1], "row")
        await asyncio.sleep(0)
    return seen


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_cursor_misses_and_repeats_nothing_however_many_stand_in_one_place(
    store: Store, *, newest_first: bool
) -> None:
    await store.save(*(thing(f"{number}", place=number // 10) for number in range(60)))

    seen = await pages(store, newest_first=newest_first)

    assert len(seen) == 60
    assert set(seen) == {f"{number}" for number in range(60)}


async def test_all_under_a_key_are_found_in_order_however_few_are_read_at_a_time(store: Store) -> None:
    await store.save(*(thing(f"{number}", place=number // 10) for number in range(60)))

    seen = [one.name async for one in all_under(store, Thing, "row", "row", at_once=7)]

    assert seen == await pages(store, newest_first=False)
    assert [one async for one in all_under(store, Thing, "row", "another")] == []


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_cursor_misses_and_repeats_nothing_while_others_write(
    open_store: OpenStore, *, newest_first: bool
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same every time
    async with open_store() as reader, open_store() as writer:
        staying = [thing(f"stays-{number}", place=number * 10) for number in range(50)]
        leaving = [thing(f"leaves-{number}", place=number * 10 + 5) for number in range(50)]
        await writer.save(*staying, *leaving)

        async def write() -> None:
            for number, old in enumerate(leaving):
                new = thing(f"new-{number}", place=chance.randrange(500))
                stays = chance.choice(staying)
                stays.content += b"."
                await writer.save(new, stays, remove=[old])

        writing = asyncio.create_task(write())
        rounds = 0
        while not writing.done():
            seen = [name for name in await pages(reader, newest_first=newest_first) if name.startswith("stays")]
            expected = [f"stays-{number}" for number in range(50)]
            assert seen == (expected[::-1] if newest_first else expected)
            rounds += 1
        await writing
        assert rounds > 1


async def test_a_scan_goes_through_one_kind_in_the_order_of_ids(store: Store) -> None:
    things = [thing(f"{number}") for number in range(25)]
    await store.save(*things, Thingamajig(id="0"), Thingamajig(id="zz"))

    seen = [found async for found in all_of(store, Thing, at_once=10)]

    assert seen == sorted(things, key=lambda found: found.id)
    assert await store.scan(Thingamajig) == ["0", "zz"]
