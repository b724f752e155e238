"""Events: saved with their aggregate, taken by one worker only, ended in the write of their step and in no other."""

import asyncio

import pytest

from sk.errors import Conflict
from sk.events import BekanntgabeDue, Event, NoticeAccepted, Unreadable
from sk.store.port import Store
from tests.contract.conftest import OpenStore
from tests.contract.things import MINUTE, NOON, Thing, thing, thing_with_event


async def take(store: Store, *, holder: str = "me", at: float = 0, limit: int = 1000) -> list[str]:
    """Take what is due some minutes after noon, for a minute, and return the ids."""
    return [event.id for event in await store.take_due(holder, NOON + at * MINUTE, limit=limit, lease=MINUTE)]


async def test_an_event_is_saved_with_its_aggregate(store: Store) -> None:
    new = thing("a")
    event = BekanntgabeDue(notice_id=new.id)
    new.emit(event, due=NOON, lane="authority")
    await store.save(new)

    due = await store.due(event.id)

    assert due is not None
    assert due.event == event
    assert (due.at, due.lane, due.tries, due.error, due.set_aside) == (NOON, "authority", 0, "", False)


async def test_what_an_aggregate_emits_is_saved_in_the_write_that_removes_it(store: Store) -> None:
    old = thing("a")
    await store.save(old)
    event = NoticeAccepted(notice_id=old.id)
    old.emit(event, due=NOON)

    await store.save(remove=[old])

    assert await store.get_many(Thing, [old.id]) == {}
    assert await take(store) == [event.id]


async def test_a_removal_that_fails_saves_no_event(store: Store) -> None:
    old = thing("a")
    await store.save(old)
    again = await store.get(Thing, old.id)
    await store.save(again)
    old.emit(NoticeAccepted(notice_id=old.id), due=NOON)

    with pytest.raises(Conflict):
        await store.save(remove=[old])

    assert await take(store) == []


async def test_an_event_is_saved_once_however_often_its_aggregate_is(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await store.save(new)

    assert await take(store) == [event.id]


async def test_a_second_event_with_the_same_id_is_refused(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    new.emit(event, due=NOON)

    with pytest.raises(Conflict):
        await store.save(new)

    assert (await store.get(Thing, new.id)).version == 1


async def test_an_event_is_ended_in_the_write_of_its_step(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await take(store)
    new.content = b"step taken"
    follows = BekanntgabeDue(notice_id=new.id)
    new.emit(follows, due=NOON)

    await store.save(new, done=event)

    assert await store.due(event.id) is None
    assert await take(store, at=5) == [follows.id]
    assert (await store.get(Thing, new.id)).content == b"step taken"


async def test_an_event_can_be_ended_without_a_step(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)

    await store.save(done=event)

    assert await store.due(event.id) is None


async def test_an_event_that_was_ended_takes_no_second_step(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await store.save(new, done=event)
    follows, after = thing_with_event("follows")
    new.content = b"again"

    with pytest.raises(Conflict):
        await store.save(new, follows, done=event)

    assert (await store.get(Thing, new.id)).content == b""
    assert await store.get_many(Thing, [follows.id]) == {}
    assert await store.due(after.id) is None


async def test_an_event_outlives_a_step_that_was_refused(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    stale = await store.get(Thing, new.id)
    await store.save(new)

    with pytest.raises(Conflict):
        await store.save(stale, done=event)

    assert await store.due(event.id) is not None


async def test_of_many_steps_for_one_event_exactly_one_is_taken(open_store: OpenStore) -> None:
    async with open_store() as one, open_store() as two:
        new, event = thing_with_event("a")
        await one.save(new)
        steps = [thing(f"step-{number}") for number in range(10)]

        outcomes = await asyncio.gather(
            *(store.save(step, done=event) for step, store in zip(steps, [one, two] * 5, strict=True)),
            return_exceptions=True,
        )

        assert sorted(map(repr, map(type, outcomes))) == [repr(type(None))] + [repr(Conflict)] * 9
        found = await one.get_many(Thing, await one.scan(Thing))
        assert {thing.name for thing in found.values()} == {"a", f"step-{outcomes.index(None)}"}


async def test_an_event_is_not_taken_before_it_is_due(store: Store) -> None:
    new, event = thing_with_event("a", due=NOON + MINUTE)
    await store.save(new)

    assert await take(store, at=0.999) == []
    assert await take(store, at=1) == [event.id]


async def test_the_oldest_events_are_taken_first(store: Store) -> None:
    events = []
    for minute in (5, 1, 4, 2, 3):
        new, event = thing_with_event(f"{minute}", due=NOON + minute * MINUTE)
        await store.save(new)
        events.append((minute, event.id))
    in_order = [id for _, id in sorted(events)]

    assert await take(store, at=9, limit=2) == in_order[:2]
    assert await take(store, at=9, limit=9) == in_order[2:]


async def test_an_event_is_taken_by_one_holder_only(open_store: OpenStore) -> None:
    async with open_store() as one, open_store() as two, open_store() as three:
        batch = [thing_with_event(f"{number}", lane=f"lane-{number % 5}") for number in range(300)]
        await one.save(*(new for new, _ in batch))

        async def take_all(store: Store, holder: str) -> list[str]:
            mine: list[str] = []
            while taken := await take(store, holder=holder, limit=10):
                mine += taken
            return mine

        shares = await asyncio.gather(take_all(one, "one"), take_all(two, "two"), take_all(three, "three"))

        assert sorted(id for share in shares for id in share) == sorted(event.id for _, event in batch)


async def test_one_letter_does_not_wait_behind_a_mass_of_others(store: Store) -> None:
    for begin in range(0, 2000, 200):  # one statement of thousands keeps all that the shared server serves waiting
        mass = [thing_with_event(f"{number}", lane="tax-office") for number in range(begin, begin + 200)]
        await store.save(*(new for new, _ in mass))
    letter, event = thing_with_event("letter", due=NOON + MINUTE, lane="registry")
    await store.save(letter)

    taken = await take(store, at=1, limit=10)

    assert event.id in taken
    assert len(taken) > 1


async def test_lanes_take_turns_even_one_event_at_a_time(store: Store) -> None:
    lanes: dict[str, str] = {}
    for lane in ("a", "b", "c"):
        batch = [thing_with_event(f"{lane}{number}", lane=lane) for number in range(4)]
        await store.save(*(new for new, _ in batch))
        lanes |= {event.id: lane for _, event in batch}

    turns = [lanes[id] for _ in range(12) for id in await take(store, limit=1)]

    assert turns == ["a", "b", "c"] * 4


async def test_a_lane_whose_events_are_all_out_keeps_no_other_waiting(store: Store) -> None:
    out, _ = thing_with_event("out", lane="a")
    await store.save(out)
    await take(store)
    waits, event = thing_with_event("waits", due=NOON + MINUTE / 2, lane="b")
    await store.save(waits)

    assert await take(store, at=0.5, limit=1) == [event.id]


async def test_an_event_is_due_again_when_its_holder_has_died(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await take(store, holder="dies")

    assert await take(store, holder="other", at=0.999) == []
    assert await take(store, holder="other", at=1) == [event.id]


async def test_an_event_that_comes_back_keeps_its_place_in_the_order(store: Store) -> None:
    old, old_event = thing_with_event("old")
    await store.save(old)
    await take(store, holder="dies")
    young = [thing_with_event(f"{number}", due=NOON + number * MINUTE / 100) for number in range(1, 9)]
    await store.save(*(new for new, _ in young))

    assert await take(store, at=1, limit=2) == [old_event.id, young[0][1].id]


async def test_a_step_can_still_be_taken_after_the_lease_has_run_out(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await take(store, holder="slow")
    await take(store, holder="other", at=2)

    await store.save(new, done=event)

    assert await take(store, holder="other", at=9) == []


async def test_a_holder_knows_how_many_events_it_has_out(store: Store) -> None:
    batch = [thing_with_event(f"{number}") for number in range(5)]
    await store.save(*(new for new, _ in batch))
    mine = await take(store, holder="me", limit=3)
    await take(store, holder="other", limit=1)

    assert await store.held("me", NOON) == 3
    await store.save(done=next(event for _, event in batch if event.id in mine))
    assert await store.held("me", NOON) == 2
    assert await store.held("other", NOON) == 1
    assert await store.held("me", NOON + MINUTE) == 0
    assert await store.held("nobody", NOON) == 0


async def test_what_a_holder_releases_others_get_at_once(store: Store) -> None:
    batch = [thing_with_event(f"{number}") for number in range(4)]
    await store.save(*(new for new, _ in batch))
    mine = await take(store, holder="me", limit=3)
    await take(store, holder="other", limit=1)

    await store.release("me")

    assert await store.held("me", NOON) == 0
    assert await store.held("other", NOON) == 1
    assert sorted(await take(store, holder="third")) == sorted(mine)


async def test_a_failed_try_is_counted_and_comes_again_later(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await take(store)

    await store.retry(event, at=NOON + 5 * MINUTE, error='$error "quoted" {$x: 1}')

    due = await store.due(event.id)
    assert due is not None
    assert (due.at, due.tries, due.error) == (NOON + 5 * MINUTE, 1, '$error "quoted" {$x: 1}')
    assert await store.held("me", NOON) == 0
    assert await take(store, at=4) == []
    assert await take(store, at=5) == [event.id]


async def test_a_retry_does_not_bring_back_what_was_ended(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await store.save(done=event)

    await store.retry(event, at=NOON, error="too late")
    await store.set_aside(event, error="too late")

    assert await store.due(event.id) is None
    assert await store.aside() == []
    assert await take(store, at=9) == []


async def test_what_is_set_aside_waits_for_a_person_and_is_never_dropped(store: Store) -> None:
    (one, first), (two, second) = thing_with_event("a", due=NOON - MINUTE), thing_with_event("b")
    await store.save(one, two)
    await take(store)

    await store.set_aside(second, error="gave up")
    await store.set_aside(first, error="gave up too")

    assert await take(store, at=99) == []
    assert [(due.event, due.tries, due.error, due.set_aside) for due in await store.aside()] == [
        (first, 1, "gave up too", True),
        (second, 1, "gave up", True),
    ]
    assert len(await store.aside(limit=1)) == 1
    assert await store.held("me", NOON) == 0


async def test_a_person_can_put_back_what_was_set_aside(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await store.set_aside(event, error="gave up")

    await store.retry(event, at=NOON + MINUTE, error="tried again by hand")

    assert await store.aside() == []
    assert await take(store, at=1) == [event.id]


async def test_what_is_set_aside_can_be_ended(store: Store) -> None:
    new, event = thing_with_event("a")
    await store.save(new)
    await store.set_aside(event, error="gave up")

    await store.save(new, done=event)

    assert await store.aside() == []


async def test_events_of_all_kinds_come_back_as_what_they_were(store: Store) -> None:
    new = thing("a")
    events = [NoticeAccepted(notice_id=new.id), BekanntgabeDue(notice_id=new.id)]
    for minute, event in enumerate(events):
        new.emit(event, due=NOON + minute * MINUTE)
    await store.save(new)

    assert await store.take_due("me", NOON + 9 * MINUTE, limit=9, lease=MINUTE) == events


async def test_an_event_that_this_version_cannot_read_is_taken_retried_and_set_aside_like_any_other(
    store: Store,
) -> None:
    class PlanetAligned(Event):
        """Something that only a later version knows."""

    new = thing("a")
    new.emit(event := PlanetAligned(), due=NOON)
    await store.save(new)
    del Event.types["PlanetAligned"]

    unread = Unreadable(id=event.id)
    assert await store.take_due("me", NOON, limit=10, lease=MINUTE) == [unread]
    await store.retry(unread, at=NOON, error="cannot be read")
    await store.set_aside(unread, error="cannot be read")

    [given_up] = await store.aside()
    assert (given_up.event, given_up.tries) == (unread, 2)
