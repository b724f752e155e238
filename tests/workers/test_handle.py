"""What happens around every handler: no event is lost, none is acted upon twice, and only a person gives one up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from sk.errors import Invalid, Unavailable
from sk.events import Event, Unreadable
from sk.ids import new_id
from sk.postbox.notice import Notice
from sk.store.port import MAX_TRIES, MAX_TRIES_UNAVAILABLE, Due, Store, backoff
from sk.workers.handle import receiver
from tests.fakes import FakeClock
from tests.process import run_sk
from tests.security.serving import breaks_on_save
from tests.workers.cases import MESSAGE, Raced, accepted, bereitgestellt, due, notice_of, said_of, steps_of
from tests.world import World, open_world


async def test_an_event_that_was_ended_is_dropped(world: World) -> None:
    notice = await world.delivered(**MESSAGE)
    before = await notice_of(world, notice.notice_id)

    await receiver(world.workers)(new_id())

    assert await notice_of(world, notice.notice_id) == before


async def test_an_event_that_is_not_yet_due_is_dropped_and_stays(world: World, clock: FakeClock) -> None:
    notice_id, _ = await accepted(world)
    [event] = await due(world)
    await world.web.store.retry(event, at=clock.now() + timedelta(minutes=1), error="")

    await receiver(world.workers)(event.id)
    assert (await notice_of(world, notice_id)).status == "accepted"

    clock.advance(minutes=1)
    await receiver(world.workers)(event.id)
    assert (await notice_of(world, notice_id)).status == "bereitgestellt"


async def test_a_lost_race_is_a_reload(world: World) -> None:
    notice_id, _ = await accepted(world)
    [event] = await due(world)
    raced = Raced(world.workers.store, lambda: _touch(world, notice_id))

    await receiver(replace(world.workers, store=cast("Store", raced)))(event.id)

    assert raced.lost == 1
    assert [said["step"] for said in await said_of(world, notice_id)] == ["accepted", "bereitgestellt"]
    assert await world.web.store.due(event.id) is None


async def test_two_workers_with_one_event_take_the_step_once(world: World) -> None:
    notice_id, _ = await accepted(world)
    [event] = await due(world)
    receive = receiver(world.workers)
    raced = Raced(world.workers.store, lambda: receive(event.id))

    await receiver(replace(world.workers, store=cast("Store", raced)))(event.id)

    assert raced.lost == 1
    assert [said["step"] for said in await said_of(world, notice_id)] == ["accepted", "bereitgestellt"]


async def test_of_a_foreign_error_only_the_type_is_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.mails.trouble.append(RuntimeError("erika@example.org is unknown here"))
    await bereitgestellt(world)
    [event] = await due(world)

    await receiver(world.workers)(event.id)

    waiting = await world.web.store.due(event.id)
    assert waiting
    assert (waiting.tries, waiting.error) == (1, "RuntimeError")
    assert [record.getMessage() for record in caplog.records] == ["event-failed"]


@pytest.mark.parametrize(("tries", "seconds"), [(0, 1), (1, 2), (5, 32), (11, 2048), (12, 3600), (15, 3600)])
def test_every_try_waits_twice_as_long_up_to_an_hour_and_not_all_at_once(tries: int, seconds: float) -> None:
    waits = [backoff(tries, jitter=jitter).total_seconds() for jitter in (0, 0.5, 0.999)]

    assert waits[1] == seconds
    assert seconds / 2 <= waits[0] < waits[1] < waits[2] < seconds * 1.5


async def test_after_the_last_try_an_event_waits_for_a_person_who_brings_it_back(tmp_path: Path) -> None:
    clock = FakeClock(datetime.now(UTC))  # the command lives in our time
    async with open_world(tmp_path / "data", clock) as world:
        world.mails.trouble += [Invalid("the mail server makes no sense")] * MAX_TRIES
        notice_id, _ = await bereitgestellt(world, **MESSAGE)
        given_up = await _give_up(world, clock)
        assert (given_up.tries, given_up.error) == (MAX_TRIES, "the mail server makes no sense")
        clock.advance(days=30)
        await world.settle()
        assert world.mails.sent == []
        assert (await said_of(world, notice_id))[-1]["step"] == "benachrichtigung-failed"

        environment = {"SK_DATA": str(world.data)}
        listed = run_sk(tmp_path, environment, "events", "list").stdout
        assert (given_up.event.id in listed, "NoticeBereitgestellt" in listed) == (True, True)
        assert run_sk(tmp_path, environment, "events", "retry", given_up.event.id).returncode == 0
        await world.settle()

        assert len(world.mails.sent) == 1
        assert (await notice_of(world, notice_id)).benachrichtigt_at
        assert await world.web.store.aside() == []


async def test_what_cannot_be_recorded_of_giving_up_keeps_no_event_from_being_set_aside(
    world: World, clock: FakeClock
) -> None:
    world.mails.trouble += [Invalid("the mail server makes no sense")] * MAX_TRIES
    notice_id, _ = await bereitgestellt(world, **MESSAGE)
    [event] = await due(world)
    broken = replace(world.workers, store=breaks_on_save(world.workers.store))
    for _ in range(MAX_TRIES):
        await receiver(broken)(event.id)
        clock.advance(hours=2)

    assert [one.event.id for one in await world.web.store.aside()] == [event.id]
    assert await steps_of(world, notice_id) == ["accepted", "bereitgestellt"]


async def test_what_merely_cannot_be_reached_is_tried_for_days(world: World, clock: FakeClock) -> None:
    world.mails.trouble += [Unavailable("the mail server does not answer")] * (MAX_TRIES_UNAVAILABLE - 1)
    notice_id, _ = await bereitgestellt(world, **MESSAGE)
    for _ in range(MAX_TRIES_UNAVAILABLE):
        clock.advance(hours=1.5)
        await world.settle()

    assert (await notice_of(world, notice_id)).benachrichtigt_at
    waits = [backoff(tries, jitter=0.5) for tries in range(MAX_TRIES_UNAVAILABLE)]
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)


async def test_an_event_that_this_version_cannot_read_stops_no_worker_and_waits_for_a_person(
    world: World, clock: FakeClock
) -> None:
    class PlanetAligned(Event):
        """Something that only a later version knows."""

    notice_id, _ = await accepted(world, **MESSAGE)
    notice = await notice_of(world, notice_id)
    notice.emit(PlanetAligned(), due=clock.now())
    await world.web.store.save(notice)
    del Event.types["PlanetAligned"]

    given_up = await _give_up(world, clock)
    assert isinstance(given_up.event, Unreadable)
    assert (await notice_of(world, notice_id)).benachrichtigt_at


async def _give_up(world: World, clock: FakeClock) -> Due:
    """Let time pass until an event is set aside."""
    for _ in range(MAX_TRIES):
        clock.advance(hours=2)
        await world.settle()
        if found := await world.web.store.aside():
            return found[0]
    pytest.fail("nothing was set aside")


async def _touch(world: World, notice_id: str) -> None:
    notice = await world.web.store.get(Notice, notice_id)
    await world.web.store.save(notice)
