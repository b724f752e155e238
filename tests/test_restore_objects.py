"""A restore from an object store in which something is damaged, missing or nobody's."""

import asyncio

import pytest

from sk.errors import Invalid
from sk.evidence.sequence import signed_head
from sk.workers.evidence import keep_log
from tests.machines import Machines
from tests.process import run_sk
from tests.world import a_notice


async def test_an_object_that_has_its_size_and_other_bytes_is_brought_back(machines: Machines) -> None:
    await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down()
    objects = [file for file in (backup / "objects").rglob("*") if file.is_file()]
    there = [machines.fresh / file.relative_to(backup) for file in objects]
    for file in there:
        file.write_bytes(bytes(file.stat().st_size))

    done = await machines.restore(backup)

    assert done.objects == len(objects) == 1
    assert [file.read_bytes() for file in there] == [file.read_bytes() for file in objects]


async def test_a_lost_notice_is_named_by_whatever_is_known_about_it(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    authority, erika = await world.authority(), await world.citizen()
    _, answer = await authority.post(a_notice(erika.handle))
    await keep_log(world.workers, world.memory)
    only_accepted = (await signed_head(world.web.store)).size
    await world.settle()
    machines.burn_down()
    next((machines.fresh / "objects").rglob(f"log-*{only_accepted:018}")).unlink()

    told = await asyncio.to_thread(run_sk, machines.fresh, {"SK_DATA": str(machines.fresh)}, "restore", str(backup))
    lost = (await machines.restore(backup)).lost

    assert f"lost: notice {answer['id']} of" in told.stdout
    assert "accepted at a moment that no anchor has" in told.stdout
    assert [(one.notice_id, one.accepted_at) for one in lost.notices.values()] == [(answer["id"], None)]
    assert lost.unknown


async def test_a_damaged_newest_anchor_is_named_and_moving_it_away_is_a_way_out(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    await world.delivered()
    machines.burn_down()
    anchor = max((machines.fresh / "objects").rglob("log-*"))
    anchor.write_bytes(anchor.read_bytes()[:100])

    with pytest.raises(Invalid, match=f"{anchor.name} in the object store is damaged.*move it away"):
        await machines.restore(backup)
    anchor.unlink()

    assert (await machines.restore(backup)).goes_on.endswith("/2")


async def test_a_folder_that_is_named_like_no_day_is_no_hindrance(machines: Machines) -> None:
    await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down()
    for odd in ("2026/13/45", "2026/1/2", "2026/11/31a"):
        (machines.fresh / "objects" / odd).mkdir(parents=True)
        (machines.fresh / "objects" / odd / "x").write_text("x")

    assert (await machines.restore(backup)).goes_on.endswith("/2")
