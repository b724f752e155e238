"""Evidence: statements are numbered and chained within a notice, and have one order over all of them."""

import asyncio
from hashlib import sha256
from typing import Any

from sk.client import AuthorityClient
from sk.crypto.sign import encode
from sk.evidence.log import Memory
from sk.evidence.sequence import log_head, sequence
from sk.evidence.statement import Statement, verified
from sk.workers.evidence import log_of
from tests.evidence.whole import check_whole_log, in_the_log
from tests.fakes import FakeClock
from tests.workers.cases import accepted, said_of, statements_of
from tests.world import World, a_notice


async def test_statements_about_a_notice_are_numbered_chained_and_signed_by_who_took_the_step(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).form("Bescheid über Ihren Antrag"))
    clock.advance(days=5)
    await world.settle()

    statements = await statements_of(world, notice.notice_id)
    said = [verified(one, world.workers.keys.signers, one.step) for one in statements]
    assert [one["step"] for one in said] == [
        *("accepted", "bereitgestellt", "benachrichtigt", "abgerufen", "bekanntgegeben"),
    ]
    assert [one["number"] for one in said] == [1, 2, 3, 4, 5]
    hashes = [encode(sha256(one.jws.encode()).digest()) for one in statements]
    assert [one["previous"] for one in said] == ["", *hashes[:-1]]
    assert len({one["nonce"] for one in said}) == 5
    moments = [one["at"] for one in said]
    assert moments == sorted(set(moments))


async def test_a_clock_that_runs_behind_does_not_turn_the_order_of_steps_around(world: World, clock: FakeClock) -> None:
    notice_id, _ = await accepted(world)
    clock.advance(seconds=-1)

    for _ in range(2):
        await world.settle()

    moments = [said["at"] for said in await said_of(world, notice_id)]
    assert len(moments) == 3
    assert moments == sorted(set(moments))


async def test_no_statement_says_whose_account_it_is_about(world: World) -> None:
    notice = await world.delivered()

    said = await said_of(world, notice.notice_id)

    assert notice.citizen.account.id not in str(said)
    assert notice.citizen.handle not in str(said)


async def test_two_notices_to_one_account_cannot_be_told_to_be_so(world: World) -> None:
    notice = await world.delivered()
    _, other = await notice.authority.post(a_notice(notice.citizen.handle))

    first, second = (await said_of(world, notice.notice_id))[0], (await said_of(world, other["id"]))[0]

    assert first["account"] != second["account"]
    assert first["commitments"]["to"] != second["commitments"]["to"]


async def test_the_log_has_every_statement_once_without_a_gap(world: World) -> None:
    await _some_notices(world, 5)

    log = await in_the_log(world.web.store)
    everything = await world.web.store.scan(Statement)
    assert [one.position for one in log] == [*range(len(log))]
    assert sorted(one.id for one in log) == everything
    assert (await log_head(world.web.store)).size == len(log)


async def test_the_feed_has_an_authoritys_statements_in_the_order_of_the_log(world: World) -> None:
    [stadt, finanzamt] = await _some_notices(world, 4)

    log = await in_the_log(world.web.store)
    for authority in (stadt, finanzamt):
        expected = [one.jws for one in log if one.authority_id == authority.client_id and one.notice_id]
        assert len(expected) == 12
        assert [event["evidence"] for event in await _feed(authority, limit=5)] == expected


async def test_steps_of_one_notice_stand_in_the_log_in_their_order(world: World) -> None:
    await _some_notices(world, 5)

    numbers: dict[str, list[int]] = {}
    for one in await in_the_log(world.web.store):
        if one.notice_id:
            numbers.setdefault(one.notice_id, []).append(one.number)
    assert {tuple(found) for found in numbers.values()} == {(1, 2, 3)}


async def test_of_two_sequencers_at_once_none_gives_a_place_twice(world: World) -> None:
    for number in range(3):
        authority, erika = await world.authority(), await world.citizen(f"citizen-{number}")
        await authority.post(a_notice(erika.handle))

    log = await log_of(world.workers)
    given = await asyncio.gather(*(sequence(log, Memory()) for _ in range(4)))
    await world.settle()

    assert sorted(given) == [0, 0, 0, 9]
    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def _some_notices(world: World, count: int) -> list[AuthorityClient]:
    """Return two authorities that have each posted so many notices."""
    authorities = [await world.authority(), await world.authority("Finanzamt Musterstadt")]
    erika = await world.citizen()
    for _ in range(count):
        for authority in authorities:
            status, answer = await authority.post(a_notice(erika.handle))
            assert status == 202, answer
    await world.settle()
    return authorities


async def _feed(authority: AuthorityClient, limit: int) -> list[dict[str, Any]]:
    """Follow the feed to its end, page by page."""
    events: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = await authority.get("/api/v1/events", limit=str(limit), **cursor)
        assert status == 200
        if not page["events"]:
            return events
        events += page["events"]
        cursor = {"after": page["cursor"]}
