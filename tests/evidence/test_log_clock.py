"""The clock of the log: it never goes back, so a sequencer whose clock is wrong is not let near it."""

import asyncio
from dataclasses import replace

import pytest

from sk.clock import SystemClock
from sk.evidence.log import Memory
from sk.evidence.sequence import log_head
from sk.workers.evidence import keep_log, run_sequencer
from tests.evidence.cases import a_statement
from tests.fakes import FakeClock
from tests.world import World


async def test_while_the_clocks_disagree_nothing_is_logged_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.web.store.save(a_statement(world))
    ahead = FakeClock(SystemClock().now())
    ahead.advance(days=300)

    await _sequence_for_a_moment(world, ahead)

    assert (await log_head(world.web.store)).size == 0
    [told] = [record for record in caplog.records if record.getMessage() == "sequencer-trouble"]
    assert (told.levelname, "seconds apart" in vars(told)["error"]) == ("CRITICAL", True)


async def test_while_the_clocks_agree_it_is_logged(world: World) -> None:
    await world.web.store.save(a_statement(world))

    await _sequence_for_a_moment(world, SystemClock())

    assert (await log_head(world.web.store)).size > 0


async def test_a_log_whose_clock_was_ahead_goes_on_with_that_moment_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.clock.advance(days=300)
    await world.web.store.save(a_statement(world))
    await keep_log(world.workers, world.memory)
    before = await log_head(world.web.store)
    assert "log-clock-ahead" not in caplog.messages
    world.clock.advance(days=-300)

    await world.web.store.save(a_statement(world))
    await keep_log(world.workers, Memory())

    after = await log_head(world.web.store)
    assert after.size > before.size
    assert after.logged_at == before.logged_at
    assert {record.levelname for record in caplog.records if record.getMessage() == "log-clock-ahead"} == {"CRITICAL"}


async def _sequence_for_a_moment(world: World, clock: SystemClock | FakeClock) -> None:
    stopping = asyncio.Event()
    task = asyncio.create_task(run_sequencer(replace(world.workers, clock=clock), stopping))
    await asyncio.sleep(0)  # it has begun, and ends what it is at
    stopping.set()
    await task
