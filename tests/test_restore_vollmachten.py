"""What a restore makes of Vollmachten: none of an erased account comes back, and none that was revoked holds again."""

from tests.auth.erasing import erase
from tests.auth.vollmachten import end, granted, max_beispiel, named, represented, terms_in
from tests.machines import Machines, towards
from tests.postbox.proofs import ask, verified
from tests.security.tab import open_tab


async def test_no_vollmacht_comes_back_of_an_account_that_was_erased_after_the_backup(machines: Machines) -> None:
    world = machines.world
    erika = await named(world, await world.citizen(), "Erika", "Mustermann")
    mia = await named(world, await world.citizen("mia"), "Mia", "Muster")
    other = await max_beispiel(world)
    for one in (erika, mia):
        await granted(world, one, other)
    await granted(world, other, erika)
    backup = await machines.back_up()
    await erase(world, erika)

    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        assert [terms.principal_name for terms in await terms_in(restored)] == ["Mia Muster"]


async def test_a_vollmacht_that_was_revoked_after_the_backup_opens_nothing_after_the_restore(
    machines: Machines,
) -> None:
    notice, other, vollmacht_id = await represented(machines.world)
    backup = await machines.back_up()
    await end(machines.world, notice.citizen, vollmacht_id)
    await machines.world.settle()

    machines.burn_down()
    lost = (await machines.restore(backup)).lost

    assert [step.step for step in lost.brought_back] == ["vollmacht-revoked"]
    async with machines.restored() as restored:
        tab = await open_tab(restored, other)
        assert (await tab.get(f"/vertretung/{vollmacht_id}")).status == 404
        assert (await tab.post(f"/postfach/{notice.notice_id}")).status == 404


async def test_an_act_by_a_vollmacht_from_after_the_backup_is_proven_after_the_restore(machines: Machines) -> None:
    notice, other, _ = await represented(machines.world)
    backup = await machines.back_up()
    second = await granted(machines.world, notice.citizen, other, authority=notice.authority.client_id)
    await (await open_tab(machines.world, other)).post(f"/postfach/{notice.notice_id}")
    await machines.world.settle()

    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        answer = await ask(
            restored, towards(restored, notice.authority), f"/api/v1/notices/{notice.notice_id}/evidence.json"
        )
        assert answer.status == 200, answer.body
        assert [one.id for one in (await verified(restored, answer.body)).vollmachten] == [second]
