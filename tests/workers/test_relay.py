"""The relay: how many events it has out, and whose turn it is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sk.events import Event
from sk.services import Services
from sk.store.port import Store
from sk.workers.relay import Relay
from tests.contract.things import thing_with_event
from tests.fakes import FakeClock
from tests.world import World

if TYPE_CHECKING:
    from sk.bus.port import Bus

OUT_MAX = 6


class Nudges:
    """`Bus` that shows what it was given, and `Store` that notices when the relay looks."""

    def __init__(self, store: Store) -> None:
        """Begin with nothing."""
        self._store = store
        self._given: asyncio.Queue[str] = asyncio.Queue()
        self._looked: asyncio.Queue[None] = asyncio.Queue()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Hand everything on."""
        return getattr(self._store, name)

    async def held(self, holder: str, now: datetime) -> int:
        """See `Store.held`, with which every look of the relay begins."""
        self._looked.put_nowait(None)
        return await self._store.held(holder, now)

    async def publish(self, _queue: str, event_ids: Sequence[str]) -> None:
        """See `Bus.publish`."""
        for event_id in event_ids:
            self._given.put_nowait(event_id)

    async def next(self, count: int) -> list[str]:
        """Wait for the next so many ids."""
        return [await asyncio.wait_for(self._given.get(), 10) for _ in range(count)]

    async def are_all(self) -> bool:
        """Tell whether nothing more was given after the relay has looked once more."""
        while not self._looked.empty():
            self._looked.get_nowait()
        for _ in range(2):  # when the second look begins, the first has ended
            await asyncio.wait_for(self._looked.get(), 10)
        return self._given.empty()


async def test_no_more_events_are_out_than_allowed_and_the_next_follow_as_they_end(world: World) -> None:
    events = await _waiting(world, "stadt", 15)
    async with relaying(world) as nudges:
        out = await nudges.next(OUT_MAX)
        assert await nudges.are_all()

        for event in events:
            if event.id in out[:2]:
                await world.web.store.save(done=event)
        out += await nudges.next(2)
        assert await nudges.are_all()
    assert out == [event.id for event in events[: OUT_MAX + 2]]


async def test_one_letter_does_not_wait_behind_many(world: World, clock: FakeClock) -> None:
    many = await _waiting(world, "finanzamt", 30)
    clock.advance(seconds=1)
    [letter] = await _waiting(world, "stadt", 1)
    async with relaying(world) as nudges:
        first = await nudges.next(OUT_MAX // 2 + 1)

    assert letter.id in first
    assert {event.id for event in many} >= set(first) - {letter.id}


async def test_lanes_take_turns(world: World) -> None:
    lanes = {name: {event.id for event in await _waiting(world, name, 10)} for name in ("a", "b", "c")}
    async with relaying(world) as nudges:
        out = await nudges.next(OUT_MAX)

    assert [len(ids & set(out)) for ids in lanes.values()] == [2, 2, 2]


async def test_what_a_relay_before_had_out_when_it_was_killed_is_taken_up_at_once(world: World) -> None:
    [event] = await _waiting(world, "stadt", 1)
    async with relaying(world) as nudges:
        assert await nudges.next(1) == [event.id]

    async with relaying(world) as nudges:
        assert await nudges.next(1) == [event.id]


async def test_what_is_due_later_is_not_out_before(world: World, clock: FakeClock) -> None:
    [event] = await _waiting(world, "stadt", 1, later_by_seconds=60)
    async with relaying(world) as nudges:
        assert await nudges.are_all()
        clock.advance(seconds=60)
        assert await nudges.next(1) == [event.id]


@asynccontextmanager
async def relaying(world: World) -> AsyncIterator[Nudges]:
    """Run a relay; at the end it is killed, and says nothing to the store."""
    nudges = Nudges(world.workers.store)
    settings = world.workers.settings.model_copy(update={"events_out_max": OUT_MAX})
    services = replace(world.workers, settings=settings, bus=cast("Bus", nudges), store=cast("Store", nudges))
    task = asyncio.create_task(_run(services))
    try:
        yield nudges
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _run(services: Services) -> None:
    await Relay(services, "relay", asyncio.Event()).run(asyncio.Event())


async def _waiting(world: World, lane: str, count: int, *, later_by_seconds: float = 0) -> list[Event]:
    """Return events that wait in a lane, the oldest first."""
    events: list[Event] = []
    for number in range(count):
        clock = FakeClock(world.clock.now())
        clock.advance(seconds=later_by_seconds, microseconds=number)
        thing, event = thing_with_event(f"{lane} {number}", due=clock.now(), lane=lane)
        await world.web.store.save(thing)
        events.append(event)
    world.clock.advance(microseconds=count)
    return events
