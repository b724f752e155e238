"""`sk doctor` finds what does not agree, mends what is nobody's, and deletes nothing while something is damaged."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sk.clock import local_day
from sk.doctor import Finding, examine
from sk.objects.port import new_object_name
from sk.postbox.notice import Notice
from tests.fakes import WallClock
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform whose clock goes, because doctor compares it with the store's."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


async def findings(world: World) -> list[Finding]:
    return [finding async for finding in examine(world.web, all_days=True)]


async def nobodys(world: World) -> str:
    """Put an object into the store that no notice owns."""
    name = new_object_name(local_day(world.clock.now()))
    async with world.web.objects.upload(name, 3) as upload:
        await upload.write(b"abc")
    return name


async def test_a_platform_in_order_has_no_findings(world: World) -> None:
    await world.delivered()

    assert await findings(world) == []


async def test_an_object_that_nobody_owns_is_told_and_removed_on_repair(world: World) -> None:
    await world.delivered()
    name = await nobodys(world)

    (found,) = await findings(world)
    assert name in found.sentence
    assert found.repair
    await found.repair()

    assert await findings(world) == []


async def test_an_object_of_today_is_left_alone_because_its_notice_may_be_coming_in(world: World) -> None:
    await nobodys(world)

    assert [finding async for finding in examine(world.web)] == []


async def test_a_missing_object_is_told_and_cannot_be_mended(world: World) -> None:
    notice = await world.web.store.get(Notice, (await world.delivered()).notice_id)
    await world.web.objects.delete(*notice.objects)

    (found,) = await findings(world)
    assert notice.objects[0] in found.sentence
    assert found.repair is None


async def test_a_notice_whose_list_of_objects_was_changed_is_told_and_none_of_them_is_deleted(world: World) -> None:
    notice = await world.web.store.get(Notice, (await world.delivered()).notice_id)
    notice.objects.clear()
    await world.web.store.save(notice)

    found = await findings(world)
    assert notice.id in found[0].sentence
    assert len(found) == 2
    assert not any(finding.repair for finding in found)
