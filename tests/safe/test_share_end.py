"""How a share ends: its time is over, it is revoked, its account is erased; then nothing is left that opens it."""

import pytest

from sk.doctor_shares import examine_shares
from sk.finding import Finding
from sk.safe.share import Share
from sk.safe.share_steps import revoke
from tests.auth.erasing import erase, files_with
from tests.auth.visitors import journal
from tests.safe.shares import PASS, fetch, opens, problem, row, shared
from tests.security.intruder import as_bytes, intrusion
from tests.world import World

# No later


async def test_until_the_end_of_the_last_day_and_no_later(world: World) -> None:
    _, authority, share_id = await shared(world)
    world.clock.advance(days=30, hours=13, minutes=58)  # not two minutes before midnight
    last = await fetch(world, authority, share_id, 1)
    world.clock.advance(minutes=2)

    late = [await fetch(world, authority, share_id, number) for number in ("", 1)]

    assert last.body == PASS
    assert [problem(answer) for answer in late] == [(410, "share-over")] * 2


async def test_when_the_time_is_over_nothing_is_left_that_opens_it(world: World) -> None:
    erika, authority, share_id = await shared(world)
    assert await opens(world, share_id)
    world.clock.advance(days=31)

    await world.settle()

    assert await opens(world, share_id) == ()
    assert problem(await fetch(world, authority, share_id, 1)) == (410, "share-over")
    assert await journal(world, erika) == ["share-over", "share-granted"]


async def test_what_is_revoked_is_fetched_by_nobody_from_then_on(world: World) -> None:
    erika, authority, share_id = await shared(world)
    assert (await fetch(world, authority, share_id, 1)).body == PASS
    world.clock.advance(seconds=1)

    await revoke(share_id, erika.account.id, world.web)

    late = [await fetch(world, authority, share_id, number) for number in ("", 1)]
    assert [problem(answer) for answer in late] == [(410, "share-revoked")] * 2
    assert await opens(world, share_id) == ()
    await revoke(share_id, erika.account.id, world.web)
    world.clock.advance(days=31)
    await world.settle()
    assert await journal(world, erika) == ["share-revoked", "share-fetched", "share-granted"]


# The account is gone


async def test_a_share_goes_with_its_account(world: World) -> None:
    erika, authority, share_id = await shared(world)
    _, _, other = await shared(world, who=await world.citizen("otto"))
    held = as_bytes((await row(world, share_id)).access)[:200].encode()
    assert files_with([held], world.data) != []

    await erase(world, erika)
    world.clock.advance(days=40)
    await world.settle()

    assert await world.web.store.scan(Share) == [other]
    assert files_with([held], world.data) == []
    for number in ("", 1, "evidence.json"):
        assert problem(await fetch(world, authority, share_id, number)) == (404, "not-found")
    assert await world.web.store.aside() == []


# What the operator sees


async def findings(world: World) -> list[Finding]:
    return [finding async for finding in examine_shares(world.web)]


async def test_of_shares_in_every_state_there_is_nothing_to_say(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await shared(world, who=erika)
    await fetch(world, authority, share_id, 1)
    await revoke(share_id, erika.account.id, world.web)

    assert await findings(world) == []


@pytest.mark.parametrize("field", ["access", "mine", "belongs", "authority_id"])
async def test_a_share_that_somebody_has_changed_is_named(world: World, field: str) -> None:
    _, _, share_id = await shared(world)
    with intrusion(world) as intruder:
        intruder.change("share", share_id, **{field: "abcd"})

    said = [finding.sentence for finding in await findings(world)]

    assert said == [f"the share {share_id} does not open, or is not what was stated about it"]


async def test_what_opens_a_revoked_share_is_taken_out_on_repair(world: World) -> None:
    erika, _, share_id = await shared(world)
    with intrusion(world) as intruder:
        before = intruder.read("share", share_id)
        await revoke(share_id, erika.account.id, world.web)
        intruder.write("share", share_id, before)

    [finding] = await findings(world)
    assert finding.repair
    assert await opens(world, share_id)
    await finding.repair()

    assert await opens(world, share_id) == ()
    assert await findings(world) == []
