"""Erasure and notices: authorities are told what was not announced yet, and their evidence stays."""

from typing import Any

from sk.auth.erasure import ask_for_erasure
from sk.clock import local_day
from sk.events import ErasureDue
from sk.postbox.closing import retention_ends_at
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from tests.auth.erasing import erase, run
from tests.postbox.proofs import evidence_of, verified
from tests.workers.cases import MESSAGE, fetch, notice_of, steps_of
from tests.world import A_FILE, World, a_notice


async def test_authorities_are_told_of_what_was_not_announced_yet(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()

    async def post(**changes: Any) -> str:
        _, answer = await authority.post(a_notice(erika.handle, **changes), [A_FILE])
        await world.settle()
        return str(answer["id"])

    announced = await post(subject="Längst bekannt gegeben")
    read_message, unread_message = [await post(**MESSAGE, subject=f"Mitteilung {n}") for n in (1, 2)]
    await fetch(world, erika, "Mitteilung 1")
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=5)
    running, fetched = [await post(subject=f"Bescheid {number}") for number in (1, 2)]
    await fetch(world, erika, "Bescheid 2")
    world.clock.advance(days=2)
    await world.settle()

    closed = {
        id_
        for id_ in (announced, read_message, unread_message, running, fetched)
        if "postbox-closed" in await steps_of(world, id_)
    }
    assert closed == {unread_message, running, fetched}
    _, page = await authority.get("/api/v1/events", limit="1000")
    assert {event["notice_id"] for event in page["events"] if event["step"] == "postbox-closed"} == closed
    world.clock.advance(days=5)
    await world.settle()
    assert (await notice_of(world, running)).status == "bereitgestellt"  # nobody could read it on the day
    assert (await notice_of(world, fetched)).status == "bekanntgegeben"


async def test_what_is_posted_and_not_delivered_yet_is_rejected(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=7)
    _, answer = await authority.post(a_notice(erika.handle))
    await run(world, ErasureDue)
    await world.settle()

    stored = await notice_of(world, answer["id"])
    assert (stored.status, stored.rejected_because) == ("rejected", "postbox-closed")
    status, refused = await authority.post(a_notice(erika.handle))
    assert (status, refused["type"]) == (422, "/problems/unknown-handle")


async def test_a_notice_that_was_being_delivered_leaves_the_postbox_a_minute_later(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    _, answer = await authority.post(a_notice(erika.handle))
    await ask_for_erasure(erika.account.id, world.web)
    accepted = await notice_of(world, answer["id"])
    history = await history_of(accepted, world.web)
    world.clock.advance(days=7)
    await run(world, ErasureDue)

    accepted.bereitstellen(world.clock.now(), world.workers.keys.signer("sign-delivery"), history.said)
    await world.workers.store.save(accepted)  # by a worker that has found the account a moment before

    assert await world.web.store.find(Notice, "postbox", erika.account.id)
    world.clock.advance(minutes=1)
    await world.settle()
    assert await world.web.store.find(Notice, "postbox", erika.account.id) == []
    assert await steps_of(world, answer["id"]) == ["accepted", "bereitgestellt", "postbox-closed"]
    assert world.mails.sent[1:] == []


async def test_what_counted_as_announced_before_the_erasure_is_stated_afterwards_too(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=1)
    _, answer = await authority.post(a_notice(erika.handle))
    await world.settle()
    world.clock.advance(days=6)
    await run(world, ErasureDue)  # the worker that states the day has been away

    await world.settle()

    assert await steps_of(world, answer["id"]) == ["accepted", "bereitgestellt", "benachrichtigt", "bekanntgegeben"]


async def test_the_evidence_of_its_authority_still_verifies(world: World) -> None:
    delivered = await world.delivered()
    await fetch(world, delivered.citizen)
    await erase(world, delivered.citizen)

    status, answer = await delivered.authority.get(f"/api/v1/notices/{delivered.notice_id}")
    found = await verified(world, await evidence_of(world, delivered))

    assert (status, answer["status"]) == (200, "bekanntgegeben")
    assert found.opening is not None
    assert [one.step for one in found.statements][-1] == "bekanntgegeben"


async def test_openings_are_forgotten_when_the_retention_ends_and_the_evidence_is_mute(world: World) -> None:
    delivered = await world.delivered(reference="2026/4711")
    await erase(world, delivered.citizen)
    years = world.web.settings.retention_years
    ends_at = retention_ends_at((await notice_of(world, delivered.notice_id)).accepted_at, years)
    assert str(local_day(ends_at)) == f"{2026 + years + 1}-01-01"

    world.clock.advance(seconds=(ends_at - world.clock.now()).total_seconds() - 60)
    await world.settle()
    assert await world.web.store.get_many(Receipt, [delivered.notice_id])
    world.clock.advance(minutes=2)
    await world.settle()

    assert await world.web.store.get_many(Receipt, [delivered.notice_id]) == {}
    status, answer = await delivered.authority.get(f"/api/v1/notices/{delivered.notice_id}")
    assert (status, answer["reference"]) == (200, "")
    _, page = await delivered.authority.get("/api/v1/events")
    assert {event["reference"] for event in page["events"]} == {""}
    found = await verified(world, await evidence_of(world, delivered))
    assert found.opening is None
    status, refused = await delivered.authority.post(a_notice(delivered.citizen.handle, reference="2026/4711"))
    assert (status, refused["type"]) == (409, "/problems/reference-taken")
