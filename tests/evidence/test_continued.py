"""A log whose end was lost is closed and goes on under another name: nothing of the old one is shown any more."""

import asyncio
from typing import Any

import pytest

from sk.client import AuthorityClient
from sk.crypto.sign import decode
from sk.errors import Unavailable
from sk.evidence.log import Memory
from sk.evidence.note import Checkpoint
from sk.evidence.publish import check_anchors, publish
from sk.evidence.sequence import SignedHead, log_head, sequence, signed_head
from sk.evidence.statement import verified
from sk.evidence.tiles import hash_over, tiles_for
from sk.evidence.tree import consistency_ranges, roots_by_consistency
from sk.installation import ONLY, Installation, continue_log
from sk.workers.evidence import keep_log, log_of
from tests.evidence.cases import newest
from tests.evidence.earlier import copy_of, restore
from tests.evidence.moments import Frozen, between_the_anchor_and_showing_it
from tests.evidence.reader import Reader
from tests.evidence.whole import anchors_of, check_keys, check_order, in_the_log
from tests.workers.cases import MESSAGE, accepted
from tests.world import World, a_notice


async def lost(world: World) -> Checkpoint:
    """Have the store lose what comes after now, with notices in it, and its log be continued; return what was lost."""
    copy = copy_of(world)
    await world.delivered(**MESSAGE)
    closed = await newest(world)
    restore(world, copy)
    await continue_log(world.web, world.workers.keys.signer("log"), closed, world.clock.now())
    return closed


async def test_the_next_leaf_names_the_closed_log_and_nothing_that_waits_comes_before_it(world: World) -> None:
    await world.delivered(**MESSAGE)
    size = (await log_head(world.web.store)).size
    await accepted(world)

    closed = await lost(world)
    await world.settle()

    log = await in_the_log(world.web.store)
    says = verified(log[size], world.web.keys.signers, "log-continued")
    stated = (says["origin"], says["closed_origin"], says["closed_size"], decode(says["closed_root"]))
    assert stated == (f"{closed.origin}/2", *closed)
    assert closed.size > size
    assert "accepted" in {one.step for one in log[size:]}
    check_order(log, world.web.keys.signers)
    check_keys(log, world.web.keys.signers)


async def test_of_a_log_of_which_nothing_was_brought_back_the_first_leaf_introduces_the_key_of_the_log(
    world: World,
) -> None:
    await lost(world)
    await world.settle()

    log = await in_the_log(world.web.store)
    assert [one.step for one in log[:2]] == ["key", "log-continued"]


async def test_what_was_brought_back_keeps_its_places_and_the_new_checkpoints_continue_the_old_ones(
    world: World,
) -> None:
    await world.delivered(**MESSAGE)
    before, log = await newest(world), await in_the_log(world.web.store)
    await lost(world)
    await world.delivered(**MESSAGE)

    kept = (await in_the_log(world.web.store))[: len(log)]
    assert [(one.position, one.logged_at, one.jws) for one in kept] == [(o.position, o.logged_at, o.jws) for o in log]
    reader = Reader(world)
    after = await reader.checkpoint()
    ranges = consistency_ranges(before.size, after.size)
    tiles = await reader.tiles(tiles_for(ranges), after.size)
    proof = [hash_over(found, tiles) for found in ranges]
    assert roots_by_consistency(before.size, after.size, before.root, proof) == (before.root, after.root)


async def test_after_a_restore_no_checkpoint_of_the_closed_log_is_shown(world: World) -> None:
    authority = (await world.delivered(**MESSAGE)).authority
    await world.delivered(**MESSAGE)
    closed = await lost(world)
    assert (await Reader(world).ask("/log/checkpoint"))[0] == 404
    assert (await authority.get("/api/v1/events"))[1]["checkpoint"] is None

    await world.settle()

    shown = await Reader(world).checkpoint()
    assert shown.origin == f"{closed.origin}/2"
    assert (await authority.get("/api/v1/events"))[1]["checkpoint"].startswith(f"{shown.origin}\n{shown.size}\n")
    assert [anchor.size for anchor in await anchors_of(world.web.objects, 2)] == [shown.size]
    log = await log_of(world.workers)
    await check_anchors(log.store, log.objects, log.signers, log.number, log.origin)


async def test_a_sequencer_of_the_closed_log_that_stood_still_meanwhile_shows_nothing(world: World) -> None:
    await world.delivered(**MESSAGE)
    moment, notes = Frozen(), list[str]()
    late = between_the_anchor_and_showing_it(world.workers, moment, notes)
    copy = copy_of(world)
    await accepted(world)
    task = asyncio.create_task(keep_log(late, Memory()))
    await moment.reached.wait()
    closed = await newest(world)
    restore(world, copy)
    await continue_log(world.web, world.workers.keys.signer("log"), closed, world.clock.now())
    moment.thaw()
    await asyncio.gather(task, return_exceptions=True)

    assert (await signed_head(world.web.store)).note == ""
    await world.settle()
    assert (await Reader(world).checkpoint()).origin == f"{closed.origin}/2"


async def test_a_checkpoint_that_a_sequencer_of_the_closed_log_saves_late_is_not_found(world: World) -> None:
    await world.delivered(**MESSAGE)
    await lost(world)
    await world.settle()
    shown = await Reader(world).checkpoint()

    stale = await world.web.store.get(SignedHead, "log")
    stale.size += 100
    await world.web.store.save(stale)

    assert await Reader(world).checkpoint() == shown


async def test_a_sequencer_that_knows_only_the_closed_log_puts_nothing_into_the_new_one(world: World) -> None:
    await world.delivered(**MESSAGE)
    late = await log_of(world.workers)
    await lost(world)
    await accepted(world)
    head = await log_head(world.web.store)

    with pytest.raises(Unavailable):
        await sequence(late, Memory())
    await publish(late, Memory())

    assert (await log_head(world.web.store), (await signed_head(world.web.store)).note) == (head, "")


async def test_every_restore_has_a_number_of_its_own(world: World) -> None:
    first = await lost(world)
    await world.settle()
    second = await lost(world)
    await world.settle()

    installation = await world.web.store.get(Installation, ONLY)
    assert (first.origin, second.origin) == (first.origin, f"{first.origin}/2")
    assert (installation.log_origin, installation.log_number) == (f"{first.origin}/3", 3)
    assert (await Reader(world).checkpoint()).origin == f"{first.origin}/3"


async def test_a_cursor_of_what_a_restore_has_left_goes_on_and_one_of_what_is_lost_is_gone(world: World) -> None:
    notice = await world.delivered(**MESSAGE)
    authority = notice.authority
    kept = await _page(authority)
    assert kept["cursor"].isdecimal()
    size = (await log_head(world.web.store)).size
    copy = copy_of(world)
    await authority.post(_message(notice.citizen.handle))
    await world.settle()
    gone = await _page(authority)
    closed = await newest(world)
    restore(world, copy)
    await continue_log(world.web, world.workers.keys.signer("log"), closed, world.clock.now())
    await authority.post(_message(notice.citizen.handle))
    await world.settle()

    status, problem = await authority.get("/api/v1/events", after=gone["cursor"])
    assert (status, problem["type"], problem["cursor"]) == (410, "/problems/cursor-gone", f"2.{size - 1}")
    assert (await authority.get("/api/v1/events", after=str(size)))[0] == 410
    after = [await _page(authority, cursor) for cursor in (problem["cursor"], kept["cursor"], str(size - 1))]
    assert after[0] == after[1] == after[2]
    assert [event["step"] for event in after[0]["events"]] == ["accepted", "bereitgestellt", "benachrichtigt"]
    assert after[0]["cursor"].startswith("2.")
    assert (await _page(authority, after[0]["cursor"]))["events"] == []
    assert (await _page(authority, "-1"))["events"] == (await _page(authority))["events"]


@pytest.mark.parametrize(
    ("cursor", "status"),
    [("1", 200), ("4", 410), ("2.4", 200), ("2.6", 410), ("3.1", 200), ("3.99", 410), ("4.1", 410), ("1.1", 422)],
)
async def test_a_cursor_is_as_good_as_what_all_restores_since_have_left(cursor: str, status: int, world: World) -> None:
    authority = await world.authority()
    await world.delivered(**MESSAGE)
    await world.delivered(**MESSAGE)
    installation = await world.web.store.get(Installation, ONLY)
    installation.log_cuts = [3, 6]  # of the first log three leaves are left, of the second six
    await world.web.store.save(installation)

    assert (await authority.get("/api/v1/events", after=cursor))[0] == status


async def _page(authority: AuthorityClient, cursor: str | None = None) -> dict[str, Any]:
    status, page = await authority.get("/api/v1/events", **({"after": cursor} if cursor else {}))
    assert status == 200, page
    return page


def _message(handle: str) -> dict[str, Any]:
    return a_notice(handle, **MESSAGE)
