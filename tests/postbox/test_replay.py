"""Replay: a notice that was put back to an earlier state comes forward to what was stated, by the same steps."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sk.evidence.statement import Place, Statement, make_statement
from sk.postbox.notice import Notice
from sk.postbox.replay import move_forward
from sk.store.port import Write
from sk.workers.bounces import record_bounce
from tests.workers.cases import (
    MESSAGE,
    REFUSED,
    accepted,
    bereitgestellt,
    fetch,
    notice_of,
    stands,
    statements_of,
    take_back,
)
from tests.world import Citizen, World

Way = Callable[[World, str, Citizen], Awaitable[None]]


async def announced(world: World, _: str, erika: Citizen) -> None:
    await world.settle()
    await fetch(world, erika)
    await pass_days(world, 40)


async def unread(world: World, _: str, __: Citizen) -> None:
    await world.settle()
    await pass_days(world, 40)


async def pass_days(world: World, count: int) -> None:
    for _ in range(count):
        world.clock.advance(days=1)
        await world.settle()


async def refused(world: World, _: str, erika: Citizen) -> None:
    world.mails.trouble.append(REFUSED)
    await world.settle()
    await fetch(world, erika)
    await pass_days(world, 3)


async def came_back(world: World, notice_id: str, erika: Citizen) -> None:
    await world.settle()
    await record_bounce(notice_id, "5.1.1", world.workers)
    await fetch(world, erika)
    await pass_days(world, 3)


async def taken_back(world: World, notice_id: str, _: Citizen) -> None:
    await world.settle()
    await take_back(world, notice_id)


async def rejected(world: World, _: str, erika: Citizen) -> None:
    await stands(world, erika, state="closed")
    await world.settle()


OZG = {"law": "ozg-9"}
VWVFG = {"law": "vwvfg-41-2a"}


@pytest.mark.parametrize(
    ("way", "kind", "steps", "events"),
    [
        (
            announced,
            OZG,
            "bereitgestellt benachrichtigt abgerufen bekanntgegeben",
            "NoticeBereitgestellt BekanntgabeDue",
        ),
        (
            unread,
            OZG,
            "bereitgestellt benachrichtigt bekanntgegeben",
            "NoticeBereitgestellt BekanntgabeDue ReminderDue",
        ),
        (
            announced,
            VWVFG,
            "bereitgestellt benachrichtigt abgerufen bekanntgegeben",
            "NoticeBereitgestellt AbrufOverdue ReminderDue BekanntgabeDue",
        ),
        (unread, VWVFG, "bereitgestellt benachrichtigt lapsed", "NoticeBereitgestellt AbrufOverdue ReminderDue"),
        (
            refused,
            VWVFG,
            "bereitgestellt benachrichtigung-failed abgerufen bekanntgegeben",
            "NoticeBereitgestellt BekanntgabeDue",
        ),
        (
            came_back,
            OZG,
            "bereitgestellt benachrichtigt bounce-reported abgerufen",
            "NoticeBereitgestellt BekanntgabeDue",
        ),
        (taken_back, OZG, "bereitgestellt benachrichtigt withdrawn", "NoticeBereitgestellt BekanntgabeDue"),
        (rejected, OZG, "rejected", ""),
        (announced, MESSAGE, "bereitgestellt benachrichtigt abgerufen", "NoticeBereitgestellt"),
    ],
)
async def test_every_way_is_gone_once_more_by_the_same_steps(
    way: Way, kind: dict[str, Any], steps: str, events: str, world: World
) -> None:
    notice_id, erika = await accepted(world, **kind)
    early = await notice_of(world, notice_id)
    await way(world, notice_id, erika)
    late, statements = await notice_of(world, notice_id), await statements_of(world, notice_id)

    taken = await move_forward(early, statements[1:], world.workers)

    assert [one.step for one in taken] == steps.split()
    assert early.model_dump(exclude={"version"}) == late.model_dump(exclude={"version"})
    assert {type(due.event).__name__ for due in Write.of([early], None, []).due} == set(events.split())


async def test_it_goes_on_from_any_step(world: World) -> None:
    notice_id, erika = await bereitgestellt(world)
    early = await notice_of(world, notice_id)
    await announced(world, notice_id, erika)
    late, statements = await notice_of(world, notice_id), await statements_of(world, notice_id)

    await move_forward(early, statements[2:], world.workers)

    assert early.model_dump(exclude={"version"}) == late.model_dump(exclude={"version"})


async def test_a_statement_that_is_missing_ends_it_there(world: World) -> None:
    notice_id, erika = await accepted(world)
    early = await notice_of(world, notice_id)
    await announced(world, notice_id, erika)
    statements = await statements_of(world, notice_id)

    taken = await move_forward(early, [statements[1], statements[3]], world.workers)

    assert [one.step for one in taken] == ["bereitgestellt"]
    assert (early.statements, early.status) == (2, "bereitgestellt")


async def test_a_statement_by_another_key_than_that_for_its_step_is_not_followed(world: World) -> None:
    notice_id, _ = await bereitgestellt(world)
    early = await notice_of(world, notice_id)
    forged = stated(world, early, "withdrawn", "sign-delivery")

    assert await move_forward(early, [forged], world.workers) == []
    assert early == await notice_of(world, notice_id)


async def test_days_that_do_not_follow_are_not_shown(world: World) -> None:
    notice_id, _ = await bereitgestellt(world)
    early = await notice_of(world, notice_id)
    days = {"law": "ozg-9", "version": "2025-01-01", "bekanntgabe_on": "2026-12-24", "frist_ends_on": "2027-01-25"}
    wrong = stated(world, early, "bekanntgegeben", "sign-delivery", **days, days="A" * 43)

    assert await move_forward(early, [wrong], world.workers) == []
    assert early == await notice_of(world, notice_id)


async def test_a_damaged_notice_is_not_moved(world: World) -> None:
    notice_id, erika = await accepted(world)
    early = await notice_of(world, notice_id)
    await announced(world, notice_id, erika)
    early.minimum_trust = "substantial"

    assert await move_forward(early, (await statements_of(world, notice_id))[1:], world.workers) == []


def stated(world: World, notice: Notice, step: str, key: str, **says: Any) -> Statement:
    """Return a statement that continues a notice, signed by any key."""
    sign = (world.workers if key == "sign-delivery" else world.web).keys.signer(key)
    place = Place(notice.authority_id, notice.id, notice.statements + 1, notice.last_hash)
    return make_statement(sign, step, world.clock.now(), says, place)
