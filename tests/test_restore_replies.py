"""Replies and restores: what was backed up comes back, what came later is named, and what was erased stays erased."""

from sk.backup import back_up
from sk.evidence.bundle import Bundle
from sk.postbox.reply import Reply
from tests.auth.erasing import collect_hourly, erase
from tests.machines import Machines, towards
from tests.postbox.proofs import evidence_of
from tests.postbox.replies import SCAN, TEXT, asked, replied, reply
from tests.refusals import objects
from tests.world import Delivered, World


async def test_a_reply_in_the_backup_comes_back_with_its_files(machines: Machines) -> None:
    notice, _ = await replied(machines.world)
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)

    lost = (await machines.restore(backup)).lost

    assert lost.replies == []
    async with machines.restored() as restored:
        await restored.settle()
        authority = towards(restored, notice.authority)
        _, page = await authority.replies()
        path = f"/api/v1/replies/{page['replies'][0]['id']}"
        assert (await authority.get(path))[1]["text"] == TEXT
        assert (await authority.download(f"{path}/attachments/1"))[1] == SCAN.data


async def test_a_reply_that_came_after_the_backup_is_named_and_that_it_was_sent_stays_proven(
    machines: Machines,
) -> None:
    world = machines.world
    notice, tab = await asked(world)
    backup = await machines.back_up()
    assert (await reply(tab, notice.notice_id, TEXT, [SCAN])).status == 303
    await world.settle()
    [reply_id] = await world.web.store.scan(Reply)
    machines.burn_down()

    lost = (await machines.restore(backup)).lost

    assert [(one.notice_id, one.reply_id) for one in lost.replies] == [(notice.notice_id, reply_id)]
    assert [one.step for one in lost.brought_back] == ["replied"]
    async with machines.restored() as restored:
        await restored.settle()
        authority = towards(restored, notice.authority)
        _, page = await authority.replies()
        assert [(one["id"], one["available"]) for one in page["replies"]] == [(reply_id, False)]
        told = Delivered(authority, notice.citizen, notice.notice_id, notice.answer)
        assert Bundle.model_validate_json(await evidence_of(restored, told)).replies == [None]


async def test_the_replies_of_whoever_was_erased_after_the_backup_do_not_stay(machines: Machines) -> None:
    world = machines.world
    await collect_hourly(world)
    notice, _ = await replied(world)
    [name] = (await world.web.store.get(Reply, (await world.web.store.scan(Reply))[0])).objects[:1]
    backup = await machines.back_up()
    await erase(world, notice.citizen)
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        assert await restored.web.store.scan(Reply) == []
        assert not [one for one, _ in objects(restored.data) if name in one]


async def test_a_backup_holds_the_files_of_replies(world: World) -> None:
    await replied(world)

    about = await back_up(world.web, world.data / "backup")

    assert about.objects == 3
