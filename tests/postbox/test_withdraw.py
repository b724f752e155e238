"""Withdrawing: until when an authority can take a notice back, and what is left of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sk.errors import Forbidden
from sk.postbox.release import release
from sk.workers.handle import receiver
from tests.fakes import FakeClock
from tests.refusals import NOTICES, Answer, Office, open_office
from tests.workers.cases import MESSAGE, Raced, due, fetch, logged_in, notice_of, stands, steps_of, take_back
from tests.world import A_FILE, World, a_notice, open_world

PATH = f"{NOTICES}/{{id}}/withdraw"
SUBJECT = "Bescheid über Ihren Antrag"
DAY_BEGINS = datetime(2026, 11, 26, 23, tzinfo=UTC)
"""That of the Bekanntgabe of what was made available on the Monday on which the tests' clock begins."""


@pytest.fixture
async def office(world: World) -> Office:
    return await open_office(world, laws=("ozg-9", "vwvfg-41-2a", "ao-122a"))


async def posted(office: Office, *, settled: bool = True, **changes: Any) -> str:
    """Post a notice and, unless told otherwise, have it delivered and told of."""
    answer = await office.post(a_notice(office.handle, **changes), [A_FILE])
    assert answer.status == 202, answer.body
    if settled:
        await office.world.settle()
    return str(answer.json()["id"])


async def withdraw(office: Office, notice_id: str) -> Answer:
    return await office.send(b"", PATH.format(id=notice_id))


async def with_token(office: Office) -> Office:
    """Return the desk with a token that is not worn out yet, after days have passed."""
    return replace(office, token=await office.authority.token())


def until(clock: FakeClock, moment: datetime, seconds: float) -> None:
    """Let time pass until some seconds after a moment."""
    clock.advance(seconds=(moment - clock.now()).total_seconds() + seconds)


# Withdrawn


async def test_before_its_bereitstellung_a_notice_is_withdrawn_and_the_citizen_sees_nothing(office: Office) -> None:
    notice_id = await posted(office, settled=False)
    answer = await withdraw(office, notice_id)
    answer.is_described(PATH)
    await office.world.settle()

    told = answer.json()
    assert (answer.status, told["status"], told["bereitgestellt_at"]) == (200, "withdrawn", None)
    assert told["withdrawn_at"]
    assert await steps_of(office.world, notice_id) == ["accepted", "withdrawn"]
    assert office.world.mails.sent == []
    async with office.world.browser(office.citizen) as browser:
        assert SUBJECT not in (await browser.open("/postfach")).text
        assert (await browser.open(f"/postfach/{notice_id}")).status == 404


async def test_after_its_bereitstellung_the_citizen_keeps_an_entry_that_opens_nothing(
    office: Office, clock: FakeClock
) -> None:
    notice_id = await posted(office)
    assert (await withdraw(office, notice_id)).status == 200
    clock.advance(days=30)
    await office.world.settle()

    async with office.world.browser(office.citizen) as browser:
        listed, told = await browser.open("/postfach"), await browser.open(f"/postfach/{notice_id}")
        file = await browser.open(f"/postfach/{notice_id}/dateien/1")
    with pytest.raises(Forbidden) as refused:
        await release(notice_id, logged_in(office.citizen), office.world.web, by_post=True)
    assert refused.value.problem == "withdrawn"
    assert "Von der Behörde zurückgezogen am Montag, 23. November 2026" in listed.text
    assert "Frist" not in listed.text
    assert "Die Behörde hat diese Nachricht zurückgezogen." in told.text
    assert [form.action for form in (*listed.forms, *told.forms)] == ["/abmelden", "/postfach/suche", "/abmelden"]
    assert (told.status, file.status, "anbei Ihr Bescheid" in told.text) == (200, 403, False)
    assert await steps_of(office.world, notice_id) == ["accepted", "bereitgestellt", "benachrichtigt", "withdrawn"]


async def test_between_bereitstellung_and_mail_no_mail_is_sent(office: Office) -> None:
    notice_id = await posted(office, settled=False)
    office.world.clock.advance(seconds=1)
    for event in await due(office.world):
        await receiver(office.world.workers)(event.id)
    assert (await withdraw(office, notice_id)).status == 200
    await office.world.settle()

    assert office.world.mails.sent == []
    assert await steps_of(office.world, notice_id) == ["accepted", "bereitgestellt", "withdrawn"]


@pytest.mark.parametrize("kind", [{"law": "vwvfg-41-2a"}, MESSAGE], ids=["by Abruf", "a message"])
async def test_what_waits_for_its_abruf_can_be_withdrawn_and_does_not_lapse(
    office: Office, clock: FakeClock, kind: dict[str, Any]
) -> None:
    notice_id = await posted(office, **kind)
    clock.advance(days=5)
    assert (await withdraw(await with_token(office), notice_id)).status == 200
    clock.advance(days=30)
    await office.world.settle()

    assert (await notice_of(office.world, notice_id)).status == "withdrawn"
    assert (await steps_of(office.world, notice_id))[-1] == "withdrawn"


async def test_a_withdrawn_notice_states_no_day_any_more_and_the_feed_tells_of_it(office: Office) -> None:
    notice_id = await posted(office)
    told = (await withdraw(office, notice_id)).json()
    await office.world.settle()

    assert (told["bekanntgabe"], told["rechtsbehelf"]) == (None, None)
    events = (await office.get("/api/v1/events")).json()["events"]
    assert [event["step"] for event in events][-1] == "withdrawn"


async def test_withdrawing_again_changes_nothing(office: Office) -> None:
    notice_id = await posted(office)
    first, second = [(await withdraw(office, notice_id)).json() for _ in range(2)]

    assert first == second
    assert (await steps_of(office.world, notice_id)).count("withdrawn") == 1


async def test_a_notice_can_be_posted_anew_under_another_reference(office: Office) -> None:
    notice_id = await posted(office)
    await withdraw(office, notice_id)
    again = await posted(office)

    assert (await notice_of(office.world, again)).status == "bereitgestellt"


# Too late


async def test_after_the_abruf_it_stays(office: Office) -> None:
    notice_id = await posted(office)
    await fetch(office.world, office.citizen)

    (await withdraw(office, notice_id)).says("already-fetched", path=PATH)
    assert "withdrawn" not in await steps_of(office.world, notice_id)


@pytest.mark.parametrize("law", ["ozg-9", "ao-122a"])
async def test_from_the_first_instant_of_its_day_on_it_stays_even_if_no_worker_has_recorded_it(
    office: Office, clock: FakeClock, law: str
) -> None:
    first, second = await posted(office, law=law), await posted(office, law=law, reference="second")
    until(clock, DAY_BEGINS, -60)
    in_time = await withdraw(await with_token(office), first)
    until(clock, DAY_BEGINS, 0)
    too_late = await withdraw(await with_token(office), second)

    assert in_time.status == 200
    too_late.says("already-bekanntgegeben", path=PATH)


async def test_where_the_law_is_open_the_earlier_of_the_two_days_ends_it(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 25, 9, tzinfo=UTC))  # the fourth day is a Sunday, which moves, or does not
    async with open_world(tmp_path / "data", clock) as world:
        office = await open_office(world, laws=("ao-122a",))
        notice_id = await posted(office, law="ao-122a")
        stored = await notice_of(world, notice_id)
        until(clock, datetime(2026, 11, 28, 23, tzinfo=UTC), 1)

        (await withdraw(await with_token(office), notice_id)).says("already-bekanntgegeben", path=PATH)
        assert stored.bekanntgabe
        assert str(stored.bekanntgabe.on) == "2026-11-30"


async def test_what_was_rejected_or_has_lapsed_is_not_withdrawn(office: Office, clock: FakeClock) -> None:
    lapsed = await posted(office, law="vwvfg-41-2a")
    rejected = await posted(office, settled=False, reference="second")
    await stands(office.world, office.citizen, einwilligung={})
    await office.world.settle()
    clock.advance(days=11)

    office = await with_token(office)
    for notice_id in (lapsed, rejected):
        (await withdraw(office, notice_id)).says("already-ended", path=PATH)


async def test_another_authoritys_notice_is_as_unknown_as_one_that_never_was(office: Office) -> None:
    notice_id = await posted(office)
    other = replace(office, token=await (await office.world.authority("Finanzamt Musterstadt")).token())

    for unknown in (notice_id, "nothing"):
        (await withdraw(other, unknown)).says("not-found", path=PATH)
    assert (await notice_of(office.world, notice_id)).status == "bereitgestellt"


# At the same time


async def test_a_withdrawal_that_is_slower_than_the_abruf_is_refused(office: Office) -> None:
    notice_id = await posted(office)
    raced = Raced(office.world.web.store, lambda: fetch(office.world, office.citizen))

    async with office.with_other(store=raced) as slower:
        (await withdraw(slower, notice_id)).says("already-fetched", path=PATH)

    assert (await steps_of(office.world, notice_id))[-1] == "abgerufen"


async def test_an_abruf_that_is_slower_than_the_withdrawal_is_refused(office: Office) -> None:
    notice_id = await posted(office)
    raced: Any = Raced(office.world.web.store, lambda: take_back(office.world, notice_id))

    with pytest.raises(Forbidden) as refused:
        await release(notice_id, logged_in(office.citizen), replace(office.world.web, store=raced), by_post=True)

    assert refused.value.problem == "withdrawn"
    assert (await steps_of(office.world, notice_id))[-1] == "withdrawn"


async def test_a_withdrawal_that_is_slower_than_the_delivery_comes_behind_it(office: Office) -> None:
    notice_id = await posted(office, settled=False)
    raced = Raced(office.world.web.store, office.world.settle)

    async with office.with_other(store=raced) as slower:
        assert (await withdraw(slower, notice_id)).status == 200

    expected = ["accepted", "bereitgestellt", "benachrichtigt", "withdrawn"]
    assert await steps_of(office.world, notice_id) == expected


async def test_a_delivery_that_is_slower_than_the_withdrawal_delivers_nothing(office: Office) -> None:
    notice_id = await posted(office, settled=False)
    raced: Any = Raced(office.world.workers.store, lambda: take_back(office.world, notice_id))
    [event] = await due(office.world)

    await receiver(replace(office.world.workers, store=raced))(event.id)

    assert await steps_of(office.world, notice_id) == ["accepted", "withdrawn"]
