"""Safes and restores: what was backed up comes back, and what was erased stays erased."""

from sk.safe.document import Document
from sk.safe.steps import delete
from tests.auth.erasing import collect_hourly, erase
from tests.machines import Machines
from tests.safe.uploads import DATA, bytes_of, filled, kept_in


async def test_documents_in_the_backup_come_back_with_their_bytes(machines: Machines) -> None:
    erika = await machines.world.citizen()
    await filled(machines.world, erika)
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)

    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        assert await bytes_of(restored, erika, "Zeugnis.bin") == DATA
        assert (await kept_in(restored, erika))["Alt.bin"].trashed_at


async def test_what_was_deleted_after_the_backup_is_back_as_it_was(machines: Machines) -> None:
    erika = await machines.world.citizen()
    await filled(machines.world, erika)
    backup = await machines.back_up()
    await delete(erika.account.id, (await kept_in(machines.world, erika))["Alt.bin"].id, machines.world.web)
    await machines.world.settle()
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        assert await bytes_of(restored, erika, "Alt.bin") == DATA


async def test_the_safe_of_whoever_was_erased_after_the_backup_does_not_stay(machines: Machines) -> None:
    world = machines.world
    await collect_hourly(world)
    erika, otto = await world.citizen(), await world.citizen("otto")
    for citizen in (erika, otto):
        await filled(world, citizen)
    backup = await machines.back_up()
    await erase(world, erika)
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        assert len(await restored.web.store.scan(Document)) == 2
        assert await bytes_of(restored, otto, "Zeugnis.bin") == DATA
