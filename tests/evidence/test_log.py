"""The public log: whoever reads it can tell that it only grew, and that a statement is in it."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from sk.clock import microseconds
from sk.doctor_log import examine_log
from sk.evidence.log import Memory
from sk.evidence.note import Checkpoint, VKey, open_note
from sk.evidence.publish import publish
from sk.evidence.sequence import log_head, refused, signed_head
from sk.evidence.statement import Statement
from sk.evidence.tiles import hash_over, path_of, tiles_for
from sk.evidence.tree import (
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    root_by_inclusion,
    roots_by_consistency,
)
from sk.ids import new_id
from sk.workers.evidence import keep_log, log_of
from tests.evidence.cases import not_knowing
from tests.evidence.reader import Reader
from tests.evidence.whole import check_whole_log
from tests.workers.cases import MESSAGE, accepted, statements_of
from tests.world import World


async def test_a_checkpoint_is_the_root_over_all_leaves_that_are_served(world: World) -> None:
    for _ in range(3):
        await world.delivered()
    reader = Reader(world)

    checkpoint = await reader.checkpoint()
    entries = await reader.get(f"/log/tile/{path_of((0, 0), checkpoint.size)}".replace("tile/0", "tile/entries"))
    assert len(entries) == 42 * checkpoint.size
    leaves = [entries[at + 2 : at + 42] for at in range(0, len(entries), 42)]
    tiles = await reader.tiles(tiles_for([(0, checkpoint.size)]), checkpoint.size)
    assert tiles[0, 0] == b"".join(map(leaf_hash, leaves))
    assert hash_over((0, checkpoint.size), tiles) == checkpoint.root
    assert checkpoint.origin.endswith("/trial")


async def test_a_statement_is_proven_to_be_in_the_log(world: World) -> None:
    notice, reader = await world.delivered(), Reader(world)
    checkpoint = await reader.checkpoint()
    for statement in await statements_of(world, notice.notice_id):
        assert statement.position is not None
        assert statement.logged_at
        ranges = inclusion_ranges(statement.position, checkpoint.size)
        tiles = await reader.tiles(tiles_for(ranges), checkpoint.size)
        leaf = microseconds(statement.logged_at).to_bytes(8) + sha256(statement.jws.encode()).digest()

        proof = [hash_over(found, tiles) for found in ranges]
        assert root_by_inclusion(leaf_hash(leaf), statement.position, checkpoint.size, proof) == checkpoint.root


async def test_a_later_checkpoint_continues_every_earlier_one(world: World) -> None:
    reader, seen = Reader(world), []
    for _ in range(4):
        await world.delivered(**MESSAGE)
        seen.append(await reader.checkpoint())

    last = seen[-1]
    for earlier in seen:
        ranges = consistency_ranges(earlier.size, last.size)
        tiles = await reader.tiles(tiles_for(ranges), last.size)
        proof = [hash_over(found, tiles) for found in ranges]
        assert roots_by_consistency(earlier.size, last.size, earlier.root, proof) == (earlier.root, last.root)
    assert len({checkpoint.size for checkpoint in seen}) == 4


async def test_every_page_of_the_feed_carries_the_newest_checkpoint(world: World) -> None:
    notice = await world.delivered()

    _, page = await notice.authority.get("/api/v1/events")
    assert page["checkpoint"].encode() == await Reader(world).get("/log/checkpoint")


async def test_before_the_first_statement_there_is_no_checkpoint(world: World) -> None:
    assert (await Reader(world).ask("/log/checkpoint"))[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        *("0/001", "0/000", "8/000", "-1/000", "0/0", "0/00a", "0/000.p/0", "0/000.p/257", "0/000.p/99", "0/000.p/x"),
        *("0/x000/000", "0/x001/x000", "0/000/000", "0/000.p/1/1", "entries/001", "entries/000", "x/000", "0/../000"),
        *("0/" + "x001/" * 9 + "000", "0/\u0660\u0660\u0660", "hints/000"),
    ],
)
async def test_what_is_no_tile_of_the_log_is_not_there(path: str, world: World) -> None:
    await accepted(world)
    await world.settle()

    assert (await Reader(world).ask(f"/log/tile/{path}"))[0] == 404


async def test_a_statement_that_nobody_may_have_made_is_refused_and_the_log_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    [first, *_] = await statements_of(world, (await world.delivered(**MESSAGE)).notice_id)
    forged = await _waiting(world, first, step="bereitgestellt")
    before = (await log_head(world.web.store)).size

    notice = await world.delivered(**MESSAGE)

    assert [one.id for one in await refused(world.web.store)] == [forged.id]
    told = [record for record in caplog.records if record.getMessage() == "statement-refused"]
    assert [(record.levelname, vars(record)["statement_id"]) for record in told] == [("CRITICAL", forged.id)]
    placed = [one.position or 0 for one in await statements_of(world, notice.notice_id)]
    assert min(placed) >= before


async def test_a_logged_statement_is_not_logged_again_under_another_name(world: World) -> None:
    [first, *_] = await statements_of(world, (await world.delivered(**MESSAGE)).notice_id)
    copy = await _waiting(world, first)
    before = await log_head(world.web.store)

    await world.settle()

    assert [one.id for one in await refused(world.web.store)] == [copy.id]
    assert await log_head(world.web.store) == before


async def test_behind_a_refused_statement_nothing_is_logged_about_its_notice(world: World) -> None:
    notice_id, _ = await accepted(world)
    other = await world.delivered(**MESSAGE)  # which takes the first one along
    chain = await statements_of(world, notice_id)
    second = chain[1]
    assert [one.number for one in chain] == [1, 2, 3]

    await _waiting(world, second, id=second.id, version=second.version, jws=second.jws[:-4] + "AAAA")
    await _waiting(world, chain[2], id=chain[2].id, version=chain[2].version)
    await world.settle()

    assert [one.number for one in await refused(world.web.store)] == [2, 3]
    assert [one.position is None for one in await statements_of(world, notice_id)] == [False, True, True]
    assert all(one.position is not None for one in await statements_of(world, other.notice_id))


async def test_what_was_refused_for_a_key_that_was_not_known_yet_is_logged_when_it_is_asked_for_again(
    world: World,
) -> None:
    notice_id, _ = await accepted(world)
    await keep_log(not_knowing("sign-web", world.workers), Memory())
    assert notice_id in {one.notice_id for one in await refused(world.web.store)}
    assert (await log_head(world.web.store)).size == 0

    waiting = [finding async for finding in examine_log(world.web) if finding.repair]
    assert len(waiting) == 3  # beside the notice, the account and its Einwilligung
    for finding in waiting:
        assert finding.repair
        await finding.repair()
    await world.settle()

    assert await refused(world.web.store) == []
    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def test_only_what_was_saved_is_signed_and_once_for_each_size(world: World) -> None:
    await world.delivered()
    store = world.web.store
    head, first = await log_head(store), await signed_head(store)
    assert (first.size, Checkpoint.read(open_note(first.note, [await _vkey(world)])[0]).root) == (head.size, head.root)

    await publish(replace(await log_of(world.workers), origin="konto.example"), Memory())  # another one, a moment later
    assert await signed_head(store) == first


async def test_a_checkpoint_never_gives_way_to_a_smaller_one(world: World) -> None:
    await world.delivered()
    newer = await signed_head(world.web.store)
    newer.size += 1  # signed by another sequencer after this one has read the head
    await world.web.store.save(newer)

    await publish(await log_of(world.workers), Memory())
    assert await signed_head(world.web.store) == newer


async def _waiting(world: World, statement: Statement, **changes: Any) -> Statement:
    """Put a statement among those that wait, changed as somebody would who can write in the store."""
    fresh = {"id": new_id(), "version": 0, "position": None, "logged_at": None}
    changed = statement.model_copy(update={**fresh, **changes})
    await world.web.store.save(changed)
    return changed


async def _vkey(world: World) -> VKey:
    return VKey.read((await Reader(world).get("/log/vkey")).decode().strip())
