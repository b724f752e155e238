"""The ten days of § 41 Abs. 2a VwVfG: until when a notice can be fetched, and what becomes of it then."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sk.clock import day_ends_at
from sk.errors import Forbidden
from sk.events import AbrufOverdue
from sk.postbox.release import release
from sk.workers.delivery import lapse
from sk.workers.handle import receiver
from tests.fakes import FakeClock, RunningClock
from tests.workers.cases import (
    MESSAGE,
    REFUSED,
    Raced,
    bereitgestellt,
    due,
    fetch,
    logged_in,
    notice_of,
    said_of,
    steps_of,
)
from tests.world import Delivered, World, open_world

FETCHED = {"law": "vwvfg-41-2a"}
LAST_DAY_ENDS = datetime(2026, 12, 3, 23, tzinfo=UTC)
"""Of a notice that was told of on the Monday on which the tests' clock begins."""


async def status(notice: Delivered) -> str:
    _, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    return str(answer["status"])


async def test_it_lapses_when_the_tenth_day_is_over_and_not_before(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(seconds=(LAST_DAY_ENDS - clock.now()).total_seconds() - 60)
    await world.settle()
    before = await status(notice)
    clock.advance(minutes=2)
    await world.settle()

    assert (before, await status(notice)) == ("bereitgestellt", "lapsed")
    said = (await said_of(world, notice.notice_id))[-1]
    assert (said["step"], said["lapses_on"]) == ("lapsed", "2026-12-03")
    stored = await notice_of(world, notice.notice_id)
    assert stored.lapsed_at
    assert stored.lapsed_at >= LAST_DAY_ENDS
    assert stored.bekanntgegeben_at is None


async def test_an_abruf_in_time_keeps_it(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(seconds=(LAST_DAY_ENDS - clock.now()).total_seconds() - 60)
    await fetch(world, notice.citizen)
    clock.advance(days=3)
    await world.settle()

    assert await status(notice) == "bekanntgegeben"
    assert "lapsed" not in await steps_of(world, notice.notice_id)


async def test_one_that_was_fetched_before_the_mail_waits_for_no_last_day(world: World, clock: FakeClock) -> None:
    notice_id, erika = await bereitgestellt(world, **FETCHED)
    await fetch(world, erika)
    await world.settle()
    clock.advance(days=30)
    await world.settle()

    stored = await notice_of(world, notice_id)
    assert (stored.status, stored.lapses_on) == ("bekanntgegeben", date(2026, 12, 3))


async def test_without_a_benachrichtigung_the_ten_days_do_not_begin(world: World, clock: FakeClock) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(**FETCHED)
    clock.advance(days=30)
    await world.settle()

    assert await status(notice) == "bereitgestellt"
    await fetch(world, notice.citizen)
    assert await status(notice) == "abgerufen"


@pytest.mark.parametrize("kind", [{"law": "ozg-9"}, {"law": "sgbx-37-2a"}, MESSAGE], ids=["OZG", "SGB X", "message"])
async def test_other_notices_never_lapse(world: World, clock: FakeClock, kind: dict[str, Any]) -> None:
    notice = await world.delivered(**kind)
    clock.advance(days=300)
    await world.settle()

    assert "lapsed" not in await steps_of(world, notice.notice_id)
    await fetch(world, notice.citizen)
    assert (await notice_of(world, notice.notice_id)).abgerufen_at


@pytest.mark.parametrize(
    ("sent", "ends_at"),
    [
        (datetime(2026, 3, 19, 9, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (datetime(2026, 10, 15, 9, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
    ids=["a day of 23 hours", "a day of 25 hours"],
)
async def test_the_tenth_day_ends_at_local_midnight_however_long_it_is(
    tmp_path: Path, sent: datetime, ends_at: datetime
) -> None:
    clock = FakeClock(sent)
    async with open_world(tmp_path / "data", clock) as world:
        notice = await world.delivered(**FETCHED)
        stored = await notice_of(world, notice.notice_id)
        clock.advance(seconds=(ends_at - clock.now()).total_seconds() - 60)
        await world.settle()
        before = await status(notice)
        clock.advance(minutes=2)
        await world.settle()

        assert stored.lapses_at == ends_at
        assert (before, await status(notice)) == ("bereitgestellt", "lapsed")


@pytest.mark.parametrize(("reading", "last"), [("strict", date(2026, 12, 5)), ("lenient", date(2026, 12, 7))])
async def test_a_tenth_day_on_a_saturday_is_the_last_one_or_the_monday_as_the_setting_says(
    tmp_path: Path, reading: str, last: date
) -> None:
    clock = FakeClock(datetime(2026, 11, 25, 9, tzinfo=UTC))
    async with open_world(tmp_path / "data", clock, ten_days=reading) as world:
        notice = await world.delivered(**FETCHED)
        clock.advance(seconds=(day_ends_at(last) - clock.now()).total_seconds() - 60)
        await world.settle()
        before = await status(notice)
        clock.advance(minutes=2)
        await world.settle()

        _, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
        assert (before, answer["status"], answer["lapses_on"]) == ("bereitgestellt", "lapsed", str(last))


async def test_from_the_end_of_the_last_day_on_nothing_is_released_even_if_no_worker_was_there(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(seconds=(LAST_DAY_ENDS - clock.now()).total_seconds())

    async with world.browser(notice.citizen) as browser:
        listed, told = await browser.open("/postfach"), await browser.open(f"/postfach/{notice.notice_id}")
        file = await browser.open(f"/postfach/{notice.notice_id}/dateien/1")
    with pytest.raises(Forbidden) as refused:
        await release(notice.notice_id, logged_in(notice.citizen), world.web, by_post=True)

    assert refused.value.problem == "lapsed"
    assert [form.action for form in (*listed.forms, *told.forms)] == ["/abmelden", "/postfach/suche", "/abmelden"]
    assert (told.status, file.status) == (200, 403)
    assert "anbei Ihr Bescheid" not in told.text
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_a_click_in_the_last_seconds_of_the_last_day_waits_and_is_told_that_it_came_too_late(
    world: World,
) -> None:
    notice = await world.delivered(**FETCHED)
    late = replace(world.web, clock=RunningClock(LAST_DAY_ENDS - timedelta(seconds=0.2)))

    with pytest.raises(Forbidden) as refused:
        await release(notice.notice_id, logged_in(notice.citizen), late, by_post=True)

    assert refused.value.problem == "too-late-to-record"
    assert "abgerufen" not in await steps_of(world, notice.notice_id)


async def test_an_abruf_in_time_that_is_slower_than_the_lapse_is_refused(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(seconds=(LAST_DAY_ENDS - clock.now()).total_seconds())
    raced: Any = Raced(world.web.store, world.settle)
    slower = replace(world.web, store=raced, clock=FakeClock(LAST_DAY_ENDS - timedelta(seconds=30)))

    with pytest.raises(Forbidden) as refused:
        await release(notice.notice_id, logged_in(notice.citizen), slower, by_post=True)

    assert refused.value.problem == "lapsed"
    assert (await steps_of(world, notice.notice_id))[-1] == "lapsed"


async def test_a_lapse_that_is_slower_than_the_abruf_is_none(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(seconds=(LAST_DAY_ENDS - clock.now()).total_seconds())
    in_time = replace(world.web, clock=FakeClock(LAST_DAY_ENDS - timedelta(seconds=30)))
    who = logged_in(notice.citizen)
    raced: Any = Raced(world.workers.store, lambda: release(notice.notice_id, who, in_time, by_post=True))
    [event] = [event for event in await due(world) if isinstance(event, AbrufOverdue)]

    await receiver(replace(world.workers, store=raced))(event.id)

    assert (await steps_of(world, notice.notice_id))[-1] == "abgerufen"


async def test_the_last_day_does_not_come_earlier_because_somebody_has_moved_the_event(world: World) -> None:
    notice = await world.delivered(**FETCHED)
    stored, early = await notice_of(world, notice.notice_id), AbrufOverdue(notice_id=notice.notice_id)
    stored.emit(early, due=world.clock.now())
    await world.web.store.save(stored)

    await lapse(early, world.workers)

    waiting = await world.web.store.due(early.id)
    assert waiting
    assert waiting.at == LAST_DAY_ENDS
    assert await status(notice) == "bereitgestellt"


async def test_a_repeated_event_states_no_second_lapse(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(days=12)
    await world.settle()
    stored, again = await notice_of(world, notice.notice_id), AbrufOverdue(notice_id=notice.notice_id)
    stored.emit(again, due=clock.now())
    await world.web.store.save(stored)
    await world.settle()

    assert (await steps_of(world, notice.notice_id)).count("lapsed") == 1
    assert await world.web.store.due(again.id) is None


async def test_the_feed_tells_of_the_lapse(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**FETCHED)
    clock.advance(days=12)
    await world.settle()

    _, told = await notice.authority.get("/api/v1/events")
    assert [event["step"] for event in told["events"]] == ["accepted", "bereitgestellt", "benachrichtigt", "lapsed"]
