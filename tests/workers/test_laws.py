"""One notice under each law: what it waits for, what is stated when, and what a mail that was refused or late does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sk.errors import Invalid, Unavailable
from sk.postbox.days import days_of
from sk.postbox.regimes import POSTED, Law
from sk.store.port import MAX_TRIES, MAX_TRIES_UNAVAILABLE
from sk.workers.bounces import record_bounce
from tests.fakes import FakeClock
from tests.workers.cases import REFUSED, bereitgestellt, days_said, fetch, notice_of, said_of
from tests.world import Delivered, World, open_world

NONE = (None, None)
MONDAY_2025 = datetime(2025, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
async def in_2025(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform of 2025, when § 122a AO still counted from the Benachrichtigung."""
    async with open_world(tmp_path / "2025", FakeClock(MONDAY_2025)) as opened:
        yield opened


async def told(notice: Delivered) -> dict[str, Any]:
    """Return what the authority is told of a notice."""
    status, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert status == 200, answer
    return answer


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3", "ao-122a"])
async def test_what_counts_from_the_bereitstellung_states_its_days_from_then_on(world: World, law: Law) -> None:
    notice = await world.delivered(law=law)
    await fetch(world, notice.citizen)
    world.clock.advance(days=5)
    await world.settle()

    days = ("2026-11-27", "2026-12-28")
    steps = ("bereitgestellt", "benachrichtigt", "abgerufen", "bekanntgegeben")
    assert await days_said(world, notice.notice_id) == dict.fromkeys(steps, days)
    assert (await told(notice))["status"] == "bekanntgegeben"


@pytest.mark.parametrize("law", ["sgbx-37-2a", "ao-122a"])
async def test_what_counts_from_the_benachrichtigung_states_its_days_once_the_mail_was_taken(
    in_2025: World, law: Law
) -> None:
    notice = await in_2025.delivered(law=law)
    in_2025.clock.advance(days=5)
    await in_2025.settle()

    days = ("2025-11-28", "2025-12-29")
    expected = {"bereitgestellt": NONE, "benachrichtigt": days, "bekanntgegeben": days}
    assert await days_said(in_2025, notice.notice_id) == expected
    assert (await told(notice))["bekanntgabe"]["version"] == "2025-01-01"


async def test_what_counts_from_the_abruf_states_its_days_at_the_abruf(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    waiting = await told(notice)
    world.clock.advance(days=2)
    await fetch(world, notice.citizen)
    world.clock.advance(days=1)
    await world.settle()

    days = ("2026-11-26", "2026-12-28")
    expected = {"bereitgestellt": NONE, "benachrichtigt": NONE, "abgerufen": days, "bekanntgegeben": days}
    assert await days_said(world, notice.notice_id) == expected
    assert (waiting["bekanntgabe"]["on"], waiting["rechtsbehelf"]["frist_ends_on"]) == NONE
    assert "zehnter Tag: Donnerstag, 03.12.2026; ohne Abruf keine Bekanntgabe" in waiting["bekanntgabe"]["why"]
    assert waiting["rechtsbehelf"]["why"].startswith("ohne Bekanntgabe läuft keine Frist; Grundlage: ")
    assert (waiting["lapses_on"], (await told(notice))["status"]) == ("2026-12-03", "bekanntgegeben")


# A mail that was refused


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3", "ao-122a"])
async def test_a_refused_mail_leaves_a_day_that_counts_from_the_bereitstellung(world: World, law: Law) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(law=law)
    world.clock.advance(days=5)
    await world.settle()

    days = ("2026-11-27", "2026-12-28")
    steps = ("bereitgestellt", "benachrichtigung-failed", "bekanntgegeben")
    assert await days_said(world, notice.notice_id) == dict.fromkeys(steps, days)
    assert "eine rechtzeitige Benachrichtigung" in (await told(notice))["bekanntgabe"]["why"]


@pytest.mark.parametrize("law", ["sgbx-37-2a", "ao-122a"])
async def test_after_a_refused_mail_the_abruf_alone_announces_what_counts_from_the_mail(
    in_2025: World, law: Law
) -> None:
    in_2025.mails.trouble.append(REFUSED)
    notice = await in_2025.delivered(law=law)
    in_2025.clock.advance(days=20)
    await in_2025.settle()
    waiting = await told(notice)
    await fetch(in_2025, notice.citizen)
    await in_2025.settle()

    assert (waiting["status"], waiting["bekanntgabe"]["on"]) == ("bereitgestellt", None)
    assert "ohne Abruf keine Bekanntgabe" in waiting["bekanntgabe"]["why"]
    days = ("2025-12-14", "2026-01-14")  # a Sunday: the day of a real Abruf is never moved
    expected = {
        "bereitgestellt": NONE,
        "benachrichtigung-failed": NONE,
        "abgerufen": days,
        "bekanntgegeben": days,
    }
    assert await days_said(in_2025, notice.notice_id) == expected


async def test_after_a_refused_mail_an_act_that_is_fetched_does_not_lapse_and_its_abruf_announces(
    world: World,
) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(law="vwvfg-41-2a")
    world.clock.advance(days=30)
    await world.settle()
    waiting = await told(notice)
    await fetch(world, notice.citizen)
    world.clock.advance(days=1)
    await world.settle()

    assert (waiting["status"], waiting["lapses_on"], waiting["bekanntgabe"]["on"]) == ("bereitgestellt", None, None)
    after = await told(notice)
    assert (after["status"], after["bekanntgabe"]["on"]) == ("bekanntgegeben", "2026-12-24")
    assert "Absendung" not in after["bekanntgabe"]["why"]


# A mail that never left


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3", "ao-122a"])
async def test_a_mail_that_never_leaves_is_told_of_with_the_day_of_bekanntgabe(world: World, law: Law) -> None:
    world.mails.trouble += [Unavailable("the mail server does not answer")] * MAX_TRIES_UNAVAILABLE
    notice = await world.delivered(law=law)
    for _ in range(9):
        world.clock.advance(hours=12)
        await world.settle()

    after = await told(notice)
    assert (after["status"], after["bekanntgabe"]["on"]) == ("bekanntgegeben", "2026-11-27")
    assert "eine rechtzeitige Benachrichtigung" in after["bekanntgabe"]["why"]
    other = after["rechtsbehelf"]["other_reading"]
    assert (other["frist_ends_on"], other["doubt"]) == (None, "law")


async def test_after_a_mail_that_never_left_the_day_of_the_abruf_counts_under_sgbx_37_2a(world: World) -> None:
    world.mails.trouble += [Invalid("the mail server makes no sense")] * MAX_TRIES
    notice = await world.delivered(law="sgbx-37-2a")
    await fetch(world, notice.citizen)
    for _ in range(MAX_TRIES):
        world.clock.advance(hours=2)
        await world.settle()

    after = await told(notice)
    assert (after["status"], after["bekanntgabe"]["on"]) == ("bekanntgegeben", "2026-11-23")
    assert after["rechtsbehelf"]["frist_ends_on"] == "2026-12-23"


# A mail that was late


async def test_a_mail_on_the_next_day_leaves_the_day_of_ozg_9_and_the_reasoning_says_what_a_court_may_hold(
    tmp_path: Path,
) -> None:
    late = FakeClock(datetime(2026, 11, 23, 22, 55, tzinfo=UTC))  # in a trial nothing waits for the next day
    async with open_world(tmp_path / "data", late) as world:
        notice_id, _ = await bereitgestellt(world)
        late.advance(minutes=10)
        await world.settle()

        stored = await notice_of(world, notice_id)
        assert stored.bekanntgabe
        assert stored.benachrichtigt_at
        assert stored.benachrichtigt_at > datetime(2026, 11, 23, 23, tzinfo=UTC)
        assert set((await days_said(world, notice_id)).values()) == {("2026-11-27", "2026-12-28")}
        assert "eine rechtzeitige Benachrichtigung" in stored.bekanntgabe.why


# An Abruf before the mail


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ("vwvfg-41-2a", {"abgerufen": ("2026-11-24", "2026-12-24"), "benachrichtigt": ("2026-11-24", "2026-12-24")}),
        ("sgbx-37-2a", {"abgerufen": NONE, "benachrichtigt": ("2026-11-27", "2026-12-28")}),
        ("ozg-9", {"abgerufen": ("2026-11-27", "2026-12-28"), "benachrichtigt": ("2026-11-27", "2026-12-28")}),
    ],
)
async def test_who_fetches_before_the_mail_has_the_days_that_the_law_ties_to_the_one_or_the_other(
    world: World, law: Law, expected: dict[str, tuple[str | None, str | None]]
) -> None:
    notice_id, erika = await bereitgestellt(world, law=law)
    await fetch(world, erika)
    early = (await notice_of(world, notice_id)).bekanntgabe
    await world.settle()
    found = await days_said(world, notice_id)
    world.clock.advance(days=40)
    await world.settle()

    assert [*found] == ["bereitgestellt", "abgerufen", "benachrichtigt"]
    assert {step: found[step] for step in expected} == expected
    assert early is None or "Absendung" not in early.why
    assert (await notice_of(world, notice_id)).status == "bekanntgegeben"


async def test_a_day_that_lies_behind_us_when_it_is_first_known_is_recorded_at_once(world: World) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(law="sgbx-37-2a")
    await fetch(world, notice.citizen)
    await world.settle()

    assert (await told(notice))["status"] == "bekanntgegeben"


# A mail that came back


@pytest.mark.parametrize("law", sorted(POSTED))
async def test_a_bounce_is_stated_once_and_stops_nothing(world: World, law: Law) -> None:
    notice = await world.delivered(law=law)
    before = await told(notice)
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    after = await told(notice)

    said = await said_of(world, notice.notice_id)
    assert [one["status"] for one in said if one["step"] == "bounce-reported"] == ["5.1.1"]
    assert (after["status"], after["bekanntgabe"]["on"]) == (before["status"], before["bekanntgabe"]["on"])
    assert "sie ist ungeprüft" in after["bekanntgabe"]["why"]
    world.clock.advance(days=5)
    await world.settle()
    ends = "bereitgestellt" if law == "vwvfg-41-2a" else "bekanntgegeben"
    assert (await told(notice))["status"] == ends


async def test_where_the_day_hangs_on_the_mail_a_bounce_makes_the_other_reading_that_nothing_runs(
    world: World,
) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    unread = (await told(notice))["rechtsbehelf"]
    world.clock.advance(days=10)
    await fetch(world, notice.citizen)
    fetched = (await told(notice))["rechtsbehelf"]

    assert (unread["frist_ends_on"], unread["other_reading"]["frist_ends_on"]) == ("2026-12-28", None)
    assert (unread["other_reading"]["frist_expires_at"], unread["other_reading"]["doubt"]) == (None, "fact")
    assert "ist die Unzustellbarkeitsnachricht echt" in unread["other_reading"]["why"]
    assert (fetched["frist_ends_on"], fetched["other_reading"]["frist_ends_on"]) == ("2026-12-28", "2027-01-04")


# What was stated is what the pure function finds


@pytest.mark.parametrize("law", sorted(POSTED))
async def test_who_has_the_statements_alone_finds_the_same_days(world: World, law: Law) -> None:
    notice = await world.delivered(law=law)
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    await fetch(world, notice.citizen)
    world.clock.advance(days=5)
    await world.settle()

    stored = await notice_of(world, notice.notice_id)
    said = {one["step"]: one for one in await said_of(world, notice.notice_id)}
    assert days_of(said) == (stored.bekanntgabe, stored.rechtsbehelf)
    assert len(said) == 6


async def test_a_night_of_notices_shares_its_days(world: World) -> None:
    first, second = [await world.delivered() for _ in range(2)]
    said = [{one["step"]: one for one in await said_of(world, notice.notice_id)} for notice in (first, second)]

    assert days_of(said[0])[0] is days_of(said[1])[0]
