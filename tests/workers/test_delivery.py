"""Delivery: when a notice is in its postbox, when it is not, and on which day it counts as announced."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sk.auth.account import Account
from sk.clock import local_day
from sk.events import NoticeAccepted
from sk.postbox.notice import Notice
from sk.workers.delivery import deliver
from tests.fakes import FakeClock, RunningClock
from tests.workers.cases import MESSAGE, accepted, due, notice_of, said_of, stands
from tests.world import World, open_world


async def test_a_repeated_event_keeps_the_first_bereitstellung(world: World, clock: FakeClock) -> None:
    notice_id, _ = await accepted(world)
    [event] = [event for event in await due(world) if isinstance(event, NoticeAccepted)]
    await deliver(event, world.workers)
    first = await notice_of(world, notice_id)

    clock.advance(hours=1)
    again = NoticeAccepted(notice_id=notice_id)
    first.emit(again, due=clock.now())
    await world.web.store.save(first)
    await deliver(again, world.workers)

    second = await notice_of(world, notice_id)
    assert (second.bereitgestellt_at, second.statements) == (first.bereitgestellt_at, 2)
    assert await world.web.store.due(again.id) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"einwilligung": {}}, "no-einwilligung"),
        ({"state": "closed"}, "postbox-closed"),
        ({"trust": "low"}, "unreachable"),
    ],
    ids=["Einwilligung withdrawn", "postbox closed", "level lowered"],
)
async def test_what_changed_after_acceptance_rejects_the_notice_and_does_nothing_else(
    world: World, change: dict[str, Any], reason: str
) -> None:
    notice_id, erika = await accepted(world, minimum_trust="high")
    await stands(world, erika, **change)

    await world.settle()

    notice = await notice_of(world, notice_id)
    assert (notice.status, notice.rejected_because) == ("rejected", reason)
    assert (notice.bereitgestellt_at, notice.bekanntgabe, notice.rechtsbehelf) == (None, None, None)
    assert await world.web.store.find(Notice, "postbox", erika.account.id) == []
    assert world.mails.sent == []
    assert [said["step"] for said in await said_of(world, notice.id)] == ["accepted", "rejected"]
    assert (await said_of(world, notice.id))[-1]["reason"] == reason


async def test_a_notice_to_an_account_that_is_gone_is_rejected(world: World) -> None:
    notice_id, erika = await accepted(world)
    await world.web.store.save(remove=[await world.web.store.get(Account, erika.account.id)])

    await world.settle()

    assert (await notice_of(world, notice_id)).rejected_because == "postbox-closed"


async def test_a_rejected_notice_stays_rejected(world: World) -> None:
    notice_id, erika = await accepted(world)
    await stands(world, erika, einwilligung={})
    await world.settle()

    await stands(world, erika, einwilligung={"*": world.clock.now()})
    rejected = await notice_of(world, notice_id)
    rejected.emit(NoticeAccepted(notice_id=notice_id), due=world.clock.now())
    await world.web.store.save(rejected)
    await world.settle()

    assert (await notice_of(world, notice_id)).status == "rejected"


async def test_a_locked_log_in_stops_no_delivery(world: World) -> None:
    notice_id, erika = await accepted(world)
    await stands(world, erika, log_in_locked=True)

    await world.settle()

    assert (await notice_of(world, notice_id)).status == "bereitgestellt"


async def test_late_in_the_evening_a_notice_waits_for_the_next_day(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 23, 22, 30, 1, tzinfo=UTC))  # 23:30:01 in Berlin
    async with open_world(tmp_path / "data", clock, last_bereitstellung="23:30") as world:
        notice_id, _ = await accepted(world)
        await world.settle()
        assert (await notice_of(world, notice_id)).status == "accepted"

        clock.advance(minutes=30)
        await world.settle()

        notice = await notice_of(world, notice_id)
        assert notice.bereitgestellt_at
        assert notice.benachrichtigt_at
        days = [local_day(at) for at in (notice.accepted_at, notice.bereitgestellt_at, notice.benachrichtigt_at)]
        assert days == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 24)]


async def test_until_then_it_is_delivered_on_the_same_day(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 23, 22, 29, 50, tzinfo=UTC))
    async with open_world(tmp_path / "data", clock, last_bereitstellung="23:30") as world:
        notice_id, _ = await accepted(world)
        await world.settle()

        assert (await notice_of(world, notice_id)).status == "bereitgestellt"


async def test_nothing_is_signed_in_the_last_ten_seconds_of_a_day(world: World) -> None:
    notice_id, _ = await accepted(world)
    [event] = [event for event in await due(world) if isinstance(event, NoticeAccepted)]
    midnight = datetime(2026, 11, 23, 23, tzinfo=UTC)

    await deliver(event, replace(world.workers, clock=RunningClock(midnight - timedelta(seconds=0.2))))

    notice = await notice_of(world, notice_id)
    assert notice.bereitgestellt_at
    assert notice.bereitgestellt_at >= midnight
    assert (await said_of(world, notice.id))[-1]["bekanntgabe_on"] == "2026-11-28"


async def test_on_its_day_a_notice_is_bekanntgegeben_and_not_before(world: World, clock: FakeClock) -> None:
    notice = await world.delivered()
    stored = await notice_of(world, notice.notice_id)
    assert stored.bekanntgabe
    assert stored.bekanntgabe.due_at

    clock.advance(seconds=(stored.bekanntgabe.due_at - clock.now()).total_seconds() - 60)
    await world.settle()
    _, before = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    clock.advance(minutes=1)
    await world.settle()
    _, after = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")

    assert (before["status"], after["status"]) == ("bereitgestellt", "bekanntgegeben")
    said = await said_of(world, notice.notice_id)
    assert said[-1]["step"] == "bekanntgegeben"
    stated = ("law", "version", "bekanntgabe_on", "frist_ends_on", "days")
    assert {name: said[-1][name] for name in stated} == {name: said[1][name] for name in stated}
    assert said[-1]["bekanntgabe_on"] == after["bekanntgabe"]["on"] == "2026-11-27"


async def test_a_notice_that_was_fetched_before_its_day_is_bekanntgegeben_all_the_same(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).form("Bescheid über Ihren Antrag"))

    clock.advance(days=5)
    await world.settle()

    stored = await notice_of(world, notice.notice_id)
    assert (stored.status, bool(stored.abgerufen_at)) == ("bekanntgegeben", True)


async def test_a_message_is_delivered_and_never_bekanntgegeben(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(**MESSAGE)

    clock.advance(days=400)
    await world.settle()

    stored = await notice_of(world, notice.notice_id)
    assert (stored.status, stored.bekanntgabe, stored.rechtsbehelf) == ("bereitgestellt", None, None)
