"""Two sequencers at one log, of which one stands still at the worst moment: there is one log, and nothing is lost."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from sk.errors import Unavailable
from sk.evidence.log import Memory
from sk.services import Services
from sk.workers.evidence import keep_log
from sk.workers.handle import receiver
from tests.evidence.moments import MOMENTS, Frozen, Slowed, slowed_at
from tests.evidence.whole import check_whole_log, in_the_log
from tests.workers.cases import accepted, due, statements_of
from tests.world import World, a_notice


@pytest.mark.parametrize(("first", "second"), [*product(MOMENTS, MOMENTS)])
async def test_of_two_sequencers_that_stand_still_and_a_third_there_is_one_checkpoint_for_each_size(
    first: Slowed, second: Slowed, world: World
) -> None:
    shown: list[str] = []
    moments, tasks = [], []
    authority, erika = await world.authority(), await world.citizen()
    for slowed in (first, second):
        await authority.post(a_notice(erika.handle))
        moments.append(Frozen())
        tasks.append(asyncio.create_task(_look_often(slowed(world.workers, moments[-1], shown))))
        await moments[-1].reached.wait()
    third = slowed_at(world.workers, shown)
    for _ in range(3):
        await authority.post(a_notice(erika.handle))
        await keep_log(third, Memory())
        await world.settle()

    for moment in reversed(moments):
        moment.thaw()
        await authority.post(a_notice(erika.handle))
        await asyncio.sleep(0.01)
        await keep_log(third, Memory())
    await asyncio.gather(*tasks)
    await world.settle()

    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)
    assert len(await in_the_log(world.web.store)) == 4 + 2 + 7 * 3
    sizes = [note.split("\n")[1] for note in {*shown}]
    assert len(sizes) == len({*sizes})
    assert [int(note.split("\n")[1]) for note in shown] == sorted(int(size) for size in sizes)


class TornStore:
    """`Store` that shows of what is written while it is read the second part, and not the first."""

    def __init__(self, services: Services, hidden: set[str]) -> None:
        """Read the store of some services, but for the aggregates with these ids."""
        self._store, self._hidden = services.store, hidden

    async def find(self, *what: Any, **more: Any) -> list[Any]:
        """See `Store.find`."""
        return [one for one in await self._store.find(*what, **more) if one.id not in self._hidden]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        """Do all else as the store does it."""
        return getattr(self._store, name)


async def test_a_statement_that_is_seen_before_the_one_before_it_waits_and_is_not_refused(world: World) -> None:
    notice_id, _ = await accepted(world)
    for event in await due(world):
        await receiver(world.workers)(event.id)
    first, second = [one.id for one in await statements_of(world, notice_id)][:2]
    torn: Any = TornStore(world.workers, {first})

    await keep_log(replace(world.workers, store=torn), Memory())

    assert {one.id for one in await in_the_log(world.web.store)}.isdisjoint({first, second})
    await world.settle()
    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def test_many_sequencers_at_once_make_one_log(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    tasks = [asyncio.create_task(_look_often(world.workers, times=30)) for _ in range(5)]
    for _ in range(20):
        await authority.post(a_notice(erika.handle))
    await asyncio.gather(*tasks)
    await world.settle()

    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def _look_often(services: Services, times: int = 3) -> None:
    """Be a sequencer that looks so often."""
    memory = Memory()
    for _ in range(times):
        with suppress(Unavailable):
            await keep_log(services, memory)
        await asyncio.sleep(0)
