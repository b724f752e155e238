"""Anchors that are gone, stand under a wrong day or are nobody's: the log goes on, and nobody signs the same twice."""

from datetime import date

import pytest

from sk.clock import local_day
from sk.errors import Unavailable
from sk.evidence.anchor import anchor_name, newest_signed
from sk.evidence.log import Memory
from sk.evidence.publish import check_anchors
from sk.evidence.sequence import signed_head
from sk.installation import continue_log
from sk.workers.evidence import keep_log, log_of
from tests.evidence.cases import a_statement, anchor_names
from tests.evidence.earlier import copy_of, restore
from tests.evidence.whole import anchors_of, in_the_log
from tests.workers.cases import MESSAGE
from tests.world import World


async def test_an_anchor_whose_clock_was_ahead_hides_none_of_the_next_log(world: World) -> None:
    await world.delivered(**MESSAGE)
    before = copy_of(world)
    world.clock.advance(days=40)
    await world.web.store.save(a_statement(world))
    await keep_log(world.workers, world.memory)
    world.clock.advance(days=-40)
    [*_, ahead] = await anchors_of(world.web.objects)
    restore(world, before)
    closed = ahead.checkpoint(world.web.keys.signers)
    await continue_log(world.web, world.workers.keys.signer("log"), closed, world.clock.now())
    await world.settle()
    copy = copy_of(world)
    await world.delivered(**MESSAGE)
    shown = await signed_head(world.web.store)

    found = await newest_signed(world.web.objects, world.web.keys.signers)
    assert found
    assert (found[1].log_number, found[1].size) == (2, shown.size)
    assert found[0] > local_day(world.clock.now())
    restore(world, copy)
    await world.web.store.save(a_statement(world))
    with pytest.raises(Unavailable, match="sk restore"):
        await keep_log(world.workers, Memory())


async def test_if_all_anchors_are_gone_the_newest_is_made_anew_and_the_log_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.delivered(**MESSAGE)
    await world.delivered(**MESSAGE)
    shown = await signed_head(world.web.store)
    await _delete_anchors(world)
    with pytest.raises(Unavailable, match="anchors were deleted"):
        await _check(world)

    await keep_log(world.workers, Memory())

    assert [record.levelname for record in caplog.records if record.getMessage() == "log-unanchored"] == ["CRITICAL"]
    [anchor] = await anchors_of(world.web.objects)
    assert anchor.note == shown.note
    assert [one.jws for one in anchor.logged] == [one.jws for one in await in_the_log(world.web.store)]
    await _check(world)
    await world.delivered(**MESSAGE)
    await _check(world)


async def test_if_the_newest_anchor_alone_is_gone_it_is_made_anew(world: World) -> None:
    await world.delivered(**MESSAGE)
    await world.delivered(**MESSAGE)
    [_, newest] = before = await anchors_of(world.web.objects)
    await _delete_anchors(world, newest.size)

    await keep_log(world.workers, Memory())

    assert [(one.size, one.note) for one in await anchors_of(world.web.objects)] == [(o.size, o.note) for o in before]


async def test_what_is_only_named_like_an_anchor_stops_nobody_and_the_operator_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.delivered(**MESSAGE)
    [genuine] = await anchors_of(world.web.objects)
    [name] = await anchor_names(world)
    content = b"".join([block async for block in world.web.objects.read(name)])
    nobodys = [
        anchor_name(date(2030, 1, 1), 1, genuine.size + 1),
        anchor_name(date(2030, 1, 2), 9, genuine.size),  # the bytes of a genuine one, as if they were of another log
        anchor_name(date(2030, 1, 3), 1, genuine.size),
    ]
    for other, forged in zip(nobodys, [content, content, content.replace(b"\\n\\n", b"0\\n\\n")], strict=True):
        await world.web.objects.put(other, forged)

    await keep_log(world.workers, Memory())
    await world.delivered(**MESSAGE)

    told = [record for record in caplog.records if record.getMessage() == "anchor-not-ours"]
    assert {record.levelname for record in told} == {"CRITICAL"}
    assert {vars(record)["object"] for record in told} == {*nobodys}
    assert (await signed_head(world.web.store)).size > genuine.size


async def _check(world: World) -> None:
    log = await log_of(world.workers)
    await check_anchors(log.store, log.objects, log.signers, log.number, log.origin)


async def _delete_anchors(world: World, size: int | None = None) -> None:
    """Delete the anchors, or the one of a size."""
    names = await anchor_names(world)
    await world.web.objects.delete(*(name for name in names if size is None or name.endswith(f"-{size:018}")))
