"""Which Fristen run: what somebody is told who is about to erase their account."""

from datetime import date

from sk.postbox.fristen import running_fristen
from sk.postbox.notice import Notice
from tests.workers.cases import MESSAGE, fetch, take_back
from tests.world import Citizen, World, a_notice


async def post(world: World, who: Citizen, subject: str, **changes: object) -> str:
    authority = await world.authority(f"Amt für {subject}", laws=("ozg-9", "vwvfg-41-2a"))
    status, answer = await authority.post(a_notice(who.handle, subject=subject, **changes))
    assert status == 202, answer
    await world.settle()
    return str(answer["id"])


async def test_running_fristen_are_named_the_first_to_end_first(world: World) -> None:
    erika = await world.citizen()
    await post(world, erika, "Später", rechtsbehelf="klage-vwgo", belehrung=False)
    first = await post(world, erika, "Zuerst")
    await post(world, erika, "Ohne Frist", **MESSAGE)
    await take_back(world, await post(world, erika, "Zurückgezogen"))

    found = await running_fristen(erika.account.id, world.web)

    assert [one.subject for one in found] == ["Zuerst", "Später"]
    assert found[0] == (first, "Amt für Zuerst", "Zuerst", date(2026, 12, 28))


async def test_an_act_that_waits_to_be_opened_has_no_last_day_yet(world: World) -> None:
    erika = await world.citizen()
    await post(world, erika, "Wartet", law="vwvfg-41-2a")

    [one] = await running_fristen(erika.account.id, world.web)
    assert (one.subject, one.last_on) == ("Wartet", None)

    await fetch(world, erika, "Wartet")
    [one] = await running_fristen(erika.account.id, world.web)
    assert one.last_on is not None


async def test_a_frist_that_is_over_and_what_has_lapsed_are_not_named(world: World) -> None:
    erika = await world.citizen()
    await post(world, erika, "Vorbei")
    await post(world, erika, "Nie geöffnet", law="vwvfg-41-2a")
    world.clock.advance(days=60)
    await world.settle()

    assert await running_fristen(erika.account.id, world.web) == []


async def test_of_a_damaged_notice_nothing_is_said(world: World) -> None:
    erika = await world.citizen()
    notice = await world.web.store.get(Notice, await post(world, erika, "Verfälscht"))
    notice.envelope = notice.envelope[:-1] + b"x"
    await world.web.store.save(notice)

    assert await running_fristen(erika.account.id, world.web) == []
