"""What a restore makes of shares: what was fetched or revoked after the backup stays so, and is proven."""

from sk.evidence.verify import verify_any
from sk.installation import log_vkeys
from sk.safe.share import Share, own_share
from sk.safe.share_proof import share_evidence
from sk.safe.share_steps import revoke
from tests.auth.erasing import erase
from tests.machines import Machines, towards
from tests.safe.shares import fetch, problem, shared


async def test_a_share_that_was_revoked_after_the_backup_gives_nothing_after_the_restore(machines: Machines) -> None:
    erika, authority, share_id = await shared(machines.world)
    await machines.world.settle()
    backup = await machines.back_up()
    await fetch(machines.world, authority, share_id, 1)
    await revoke(share_id, erika.account.id, machines.world.web)
    await machines.world.settle()

    machines.burn_down()
    lost = (await machines.restore(backup)).lost

    assert [step.step for step in lost.brought_back] == ["share-fetched", "share-revoked"]
    async with machines.restored() as restored:
        answer = await fetch(restored, towards(restored, authority), share_id, 1)
        assert problem(answer) == (410, "share-revoked")
        await restored.settle()
        bundle = await share_evidence(await own_share(share_id, erika.account.id, restored.web), restored.web)
        found = verify_any(bundle.encode(), await log_vkeys(restored.web))
        assert [one.step for one in found.statements] == ["share-granted", "share-fetched", "share-revoked"]


async def test_what_was_fetched_up_after_the_backup_stays_so_after_the_restore(machines: Machines) -> None:
    _, authority, share_id = await shared(machines.world, fetches=1)
    backup = await machines.back_up()
    await fetch(machines.world, authority, share_id, 1)
    await machines.world.settle()

    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        answer = await fetch(restored, towards(restored, authority), share_id, 1)
        assert problem(answer) == (410, "share-used-up")


async def test_no_share_comes_back_of_an_account_that_was_erased_after_the_backup(machines: Machines) -> None:
    erika, _, _ = await shared(machines.world)
    _, _, others = await shared(machines.world, who=await machines.world.citizen("otto"))
    backup = await machines.back_up()
    await erase(machines.world, erika)

    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        assert await restored.web.store.scan(Share) == [others]
