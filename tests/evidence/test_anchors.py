"""What was published lies outside of the store too: a store that lost some of it is found out, and that is named."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sk.clock import SystemClock
from sk.config import load_settings
from sk.crypto.keyring import create_keys
from sk.errors import Damaged, Invalid, Unavailable
from sk.evidence.anchor import anchor_name, anchored_since, drop_anchors, is_anchor, newest_anchor, read_anchor
from sk.evidence.log import Memory
from sk.evidence.sequence import log_head, sequence, signed_head
from sk.evidence.spelling import moment_text
from sk.installation import continue_log
from sk.postbox.notice import Notice
from sk.services import open_services
from sk.workers.evidence import keep_log, log_of, run_sequencer
from tests.evidence.cases import a_statement, without_objects
from tests.evidence.earlier import brought_back, copy_of
from tests.evidence.whole import anchors_of, check_whole_log, in_the_log
from tests.workers.cases import MESSAGE
from tests.world import World


async def test_every_checkpoint_is_an_object_with_what_was_logged_since_the_one_before(world: World) -> None:
    for _ in range(3):
        await world.delivered(**MESSAGE)

    anchors, log = await anchors_of(world.web.objects), await in_the_log(world.web.store)
    assert len(anchors) == 3
    assert anchors[-1].note == (await signed_head(world.web.store)).note
    for begin, anchor in zip([0, *(one.size for one in anchors)], anchors, strict=False):
        assert [one.jws for one in anchor.logged] == [one.jws for one in log[begin : anchor.size]]
        assert [one.position for one in anchor.logged] == [*range(begin, anchor.size)]
    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def test_an_anchor_is_plain_json_under_the_day_on_which_its_last_statement_was_logged(world: World) -> None:
    await world.delivered(**MESSAGE)
    world.clock.advance(hours=14.5)  # half past eleven in the evening, in Berlin already the next day
    await world.delivered(**MESSAGE)

    [first, second] = [name for name in await _names(world) if is_anchor(name)]
    anchor = await read_anchor(world.web.objects, second)
    assert first.startswith("2026/11/23/log-0001-0000000000000000")
    assert second == anchor_name(date(2026, 11, 24), 1, anchor.size)
    content = json.loads(b"".join([block async for block in world.web.objects.read(second)]))
    assert content == {
        "checkpoint": anchor.note,
        "from": anchor.size - len(anchor.logged),
        "statements": [[moment_text(one.logged_at), one.jws] for one in anchor.logged],
    }


async def test_what_was_logged_since_a_position_is_named_from_the_anchors_alone(world: World) -> None:
    for day in range(4):
        await world.delivered(**MESSAGE)
        world.clock.advance(days=day)
    log = await in_the_log(world.web.store)

    for size in (0, 1, 8, 12, len(log)):
        named = [one async for one in anchored_since(world.web.objects, 1, size)]
        assert [(one.position, one.jws) for one in named] == [(one.position, one.jws) for one in log[size:]]
    assert [one async for one in anchored_since(world.web.objects, 2, 0)] == []


async def test_what_a_backup_holds_need_not_be_anchored_any_more_but_the_newest_anchor_stays(world: World) -> None:
    for _ in range(4):
        await world.delivered(**MESSAGE)
    log, before = await in_the_log(world.web.store), await anchors_of(world.web.objects)
    backed_up = before[1].size

    assert await drop_anchors(world.web.objects, 1, backed_up) == 1
    left = [one.position async for one in anchored_since(world.web.objects, 1, backed_up)]
    assert left == [*range(backed_up, len(log))]

    assert await drop_anchors(world.web.objects, 1, len(log) + 1) == 2
    assert await anchors_of(world.web.objects) == before[-1:]
    await world.delivered(**MESSAGE)


async def test_a_log_that_is_behind_its_newest_anchor_is_neither_continued_nor_signed(world: World) -> None:
    await world.delivered(**MESSAGE)
    copy = copy_of(world)
    await world.delivered(**MESSAGE)
    newest = await newest_anchor(world.web.objects)

    async with brought_back(world, copy) as earlier:
        before = await log_head(earlier.store), await signed_head(earlier.store)
        await earlier.store.save(a_statement(world))
        for memory in (Memory(), world.memory):
            with pytest.raises(Unavailable, match="sk restore"):
                await keep_log(earlier, memory)

        assert (await log_head(earlier.store), await signed_head(earlier.store)) == before
    assert await newest_anchor(world.web.objects) == newest


async def test_a_sequencer_whose_log_is_behind_keeps_trying_and_tells_the_operator_to_restore(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    copy = copy_of(world)
    await world.delivered(**MESSAGE)
    stopping = asyncio.Event()

    async with brought_back(world, copy) as earlier:
        task = asyncio.create_task(run_sequencer(replace(earlier, clock=SystemClock()), stopping))
        await asyncio.sleep(0)  # it has begun, and ends what it is at
        stopping.set()
        await task

    [told] = [record for record in caplog.records if record.getMessage() == "sequencer-trouble"]
    assert (told.levelname, "sk restore" in vars(told)["error"]) == ("CRITICAL", True)


async def test_in_containers_the_evidence_worker_does_not_start_without_an_object_store(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    settings = load_settings({"bus": "amqp://queue/", "store": "mongodb://store/sk", "keys": f"file://{tmp_path}/keys"})
    with pytest.raises(Invalid, match="SK_OBJECTS"):
        async with open_services(settings, ["evidence"], only_these_keys=False):
            pass


async def test_a_log_of_the_size_that_was_published_but_of_other_statements_is_not_signed(world: World) -> None:
    await world.delivered(**MESSAGE)
    copy = copy_of(world)
    await world.web.store.save(a_statement(world))
    await world.settle()

    async with brought_back(world, copy) as earlier:
        unseen = without_objects(earlier)
        for extra in (1, 1, 2):  # as large as what was published, and then larger
            await earlier.store.save(*(a_statement(world) for _ in range(extra)))
            log = await log_of(unseen)
            await sequence(log, Memory(log_number=1))
            with pytest.raises(Unavailable, match="not those that were published"):
                await keep_log(earlier, Memory())


async def test_a_sequencer_that_has_seen_the_log_larger_signs_nothing_although_the_anchors_are_gone(
    world: World,
) -> None:
    copy = copy_of(world)
    await world.delivered(**MESSAGE)
    await world.web.objects.delete(*await _names(world))

    async with brought_back(world, copy) as earlier:
        with pytest.raises(Unavailable, match="sk restore"):
            await keep_log(earlier, world.memory)


async def test_a_store_that_does_not_know_of_the_newest_log_signs_nothing(world: World) -> None:
    await world.delivered(**MESSAGE)
    copy = copy_of(world)
    closed = await newest_anchor(world.web.objects)
    assert closed
    checkpoint = closed.checkpoint(world.web.keys.signers)
    await continue_log(world.web, world.workers.keys.signer("log"), checkpoint, world.clock.now())
    await world.settle()

    async with brought_back(world, copy) as earlier:
        with pytest.raises(Unavailable, match="number 2 was published"):
            await keep_log(earlier, Memory())


async def test_an_anchor_that_the_key_of_the_log_has_not_signed_is_none(world: World) -> None:
    await world.delivered(**MESSAGE)
    anchor = await newest_anchor(world.web.objects)
    assert anchor
    for size, note in ((anchor.size + 1, anchor.note), (anchor.size, anchor.note.replace("\n\n", "0\n\n"))):
        with pytest.raises(Damaged):
            anchor._replace(size=size, note=note).checkpoint(world.web.keys.signers)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"checkpoint": "", "from": 0, "statements": [["", ""]]}'])
async def test_what_is_no_anchor_under_the_name_of_one_is_damaged(content: bytes, world: World) -> None:
    await world.web.objects.put(anchor_name(date(2026, 11, 25), 1, 1), content)
    with pytest.raises(Damaged):
        await newest_anchor(world.web.objects)


async def test_objects_of_notices_are_no_anchors(world: World) -> None:
    notice = await world.delivered()
    owned = (await world.web.store.get(Notice, notice.notice_id)).objects

    assert [name for name in await _names(world) if not is_anchor(name)] == owned


async def test_while_the_object_store_is_away_not_more_than_one_batch_is_logged_and_nothing_shown(
    world: World,
) -> None:
    away = without_objects(world.workers)
    sizes = []
    for _ in range(3):
        await world.web.store.save(a_statement(world))
        with pytest.raises(Unavailable):
            await keep_log(away, Memory(log_number=1, grown_to=0))
        sizes.append((await log_head(world.web.store)).size)
    assert (await signed_head(world.web.store)).note == ""
    assert len({*sizes}) == 1

    await world.settle()
    await check_whole_log(world.web.store, world.web.objects, world.web.keys.signers)


async def _names(world: World) -> list[str]:
    return [name for day in await world.web.objects.days() async for name in world.web.objects.names(day)]
