"""A restore brings no erased account back: not its rows, not its key, and nothing into its postbox."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from sk.account_keys import collect
from sk.auth.account import AccountKey
from sk.auth.erasure import ask_for_erasure, cancel_erasure, erasure_at
from sk.auth.journal import StoredEntry, belongs_to, entry
from sk.auth.sessions import Session
from sk.backup_files import ACCOUNT_KEYS
from sk.config import load_settings
from sk.errors import Invalid
from sk.installation import ensure_installation
from sk.key_backup import begin_key_backups
from sk.postbox.notice import Notice
from sk.restore import restore, restore_around
from tests.auth.erasing import erase, files_with, is_there, rows_naming, seed_of, spelled, statements
from tests.auth.visitors import begin_session
from tests.machines import Machines, towards
from tests.postbox.proofs import verified
from tests.workers.cases import fetch, notice_of, steps_of
from tests.world import A_FILE, a_notice


async def test_an_account_that_was_erased_after_the_backup_does_not_come_back(machines: Machines) -> None:
    world = machines.world
    delivered, mia = await world.delivered(), await world.citizen("mia")
    erika = delivered.citizen
    await world.web.store.save(entry(erika.account.id, "logged-in", world.clock.now(), world.web, means="password"))
    seed, belongs = await seed_of(world, erika), belongs_to(erika.account.id, world.web)
    backup = await machines.back_up()
    await erase(world, erika)
    (backup / ACCOUNT_KEYS).unlink()  # as the operator is told to, after two weeks
    await collect(world.web, await ensure_installation(world.web))

    machines.burn_down()
    done = await machines.restore(backup)

    assert [one.account_id for one in done.erased] == [erika.account.id]
    async with machines.restored() as restored:
        await restored.settle()
        assert not await is_there(restored, erika)
        assert await is_there(restored, mia)
        assert {*await rows_naming(restored, erika.account.id)} <= {"notice"}
        assert await restored.web.store.find(StoredEntry, "belongs", belongs) == []
        assert await restored.web.store.find(Notice, "postbox", erika.account.id) == []
        assert files_with(spelled(seed), restored.data / "store.db") == []
        assert files_with(spelled(seed), restored.data.parent / "fresh" / "keys") == []


async def test_its_notices_come_back_as_evidence_and_the_authority_is_told_once(machines: Machines) -> None:
    world = machines.world
    authority, erika = await world.authority(), await world.citizen()
    _, old = await authority.post(a_notice(erika.handle, subject="Alt"), [A_FILE])
    await world.settle()
    world.clock.advance(days=6)
    _, running = await authority.post(a_notice(erika.handle), [A_FILE])
    await world.settle()
    backup = await machines.back_up()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=3)
    _, later = await authority.post(a_notice(erika.handle, subject="Danach"), [A_FILE])
    await world.settle()
    world.clock.advance(days=4)
    await world.settle()
    world.clock.advance(minutes=5)
    await world.settle()

    machines.burn_down()
    done = await machines.restore(backup)

    assert [*done.lost.notices] == [later["id"]]
    async with machines.restored() as restored:
        await restored.settle()
        restored.clock.advance(minutes=5)
        await restored.settle()
        for notice_id in (old["id"], running["id"]):
            status, told = await towards(restored, authority).get(f"/api/v1/notices/{notice_id}")
            assert (status, told["status"]) == (200, "bekanntgegeben")
        assert (await notice_of(restored, running["id"])).closed
        stated = [one for one in await statements(restored) if one.step == "erased"]
        assert len(stated) == 1


async def test_a_notice_that_was_running_is_closed_once_more_if_no_anchor_knows_of_it(machines: Machines) -> None:
    world = machines.world
    authority, erika = await world.authority(), await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=6)
    _, running = await authority.post(a_notice(erika.handle), [A_FILE])
    await world.settle()
    backup = await machines.back_up()
    world.clock.advance(days=1)
    await world.settle()
    assert await steps_of(world, running["id"]) == ["accepted", "bereitgestellt", "benachrichtigt", "postbox-closed"]
    machines.burn_down()
    for anchor in (machines.fresh / "objects").rglob("log-*"):
        anchor.unlink()

    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        assert (await steps_of(restored, running["id"]))[-1] == "postbox-closed"
        name = (await notice_of(restored, running["id"])).objects[0]
        assert not (restored.data / "objects" / name).exists()


async def test_a_store_that_others_have_brought_back_loses_what_was_erased_since(machines: Machines) -> None:
    world = machines.world
    delivered = await world.delivered()
    erika = delivered.citizen
    await world.web.store.save(entry(erika.account.id, "logged-in", world.clock.now(), world.web, means="password"))
    seed = await seed_of(world, erika)
    copy_to(machines, "copy.db")
    await erase(world, erika)
    machines.burn_down()
    shutil.copy(machines.folder / "copy.db", machines.fresh / "store.db")

    done = await restore_around(load_settings({"data": machines.fresh}), world.clock)

    assert [one.account_id for one in done.erased] == [erika.account.id]
    async with machines.restored() as restored:
        await restored.settle()
        assert not await is_there(restored, erika)
        assert await restored.web.store.find(Notice, "postbox", erika.account.id) == []
        assert await restored.web.store.find(StoredEntry, "belongs", belongs_to(erika.account.id, world.web)) == []
    assert files_with(spelled(seed), machines.fresh) == []


async def test_the_newest_collection_is_taken_so_that_an_account_added_since_has_its_key(machines: Machines) -> None:
    world = machines.world
    delivered = await world.delivered()
    backup = await machines.back_up()
    (backup / ACCOUNT_KEYS).unlink()
    world.clock.advance(hours=1)
    await collect(world.web, await ensure_installation(world.web))
    machines.burn_down()

    done = await machines.restore(backup)

    assert done.keys.taken
    assert done.keys.taken.at == world.clock.now()
    assert done.keys.without_key == []
    async with machines.restored() as restored:
        await fetch(restored, delivered.citizen)
        assert (await notice_of(restored, delivered.notice_id)).abgerufen_at


async def test_without_the_object_store_the_keys_in_the_backup_do(machines: Machines) -> None:
    delivered = await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)

    await machines.restore(backup)

    async with machines.restored() as restored:
        await fetch(restored, delivered.citizen)


async def test_a_damaged_collection_is_told_and_the_one_before_is_taken(machines: Machines) -> None:
    world = machines.world
    await world.citizen()
    backup = await machines.back_up()
    world.clock.advance(hours=1)
    await collect(world.web, await ensure_installation(world.web))
    machines.burn_down()
    newest = max((machines.fresh / "objects").rglob("keys-*"))
    newest.write_bytes(newest.read_bytes()[:-9])
    (backup / ACCOUNT_KEYS).write_bytes(b"")

    done = await machines.restore(backup)

    assert sorted(said.rpartition("/")[2] for said in done.keys.passed_over) == sorted(
        [f"{newest.name} is not whole", f"{ACCOUNT_KEYS} is not whole"]
    )
    assert done.keys.taken
    assert done.keys.taken.at == world.clock.now() - timedelta(hours=1)
    assert done.keys.without_key == []


async def test_a_file_that_is_named_is_taken_or_refused(machines: Machines, tmp_path: Path) -> None:
    world = machines.world
    erika = await world.citizen()
    file, broken = tmp_path / "named", tmp_path / "broken"
    await collect(world.web, await ensure_installation(world.web), file)
    mia = await world.citizen("mia")
    backup = await machines.back_up()
    machines.burn_down()
    broken.write_bytes(file.read_bytes()[:-9])
    settings = load_settings({"data": machines.fresh})

    for wrong in (broken, tmp_path / "nowhere"):
        with pytest.raises(Invalid, match="nothing was brought back"):
            await restore(backup, settings, clock=world.clock, account_keys_file=wrong)
    assert not (machines.fresh / "store.db").exists()
    done = await restore(backup, settings, clock=world.clock, account_keys_file=file)

    assert done.keys.without_key == [mia.account.id]
    async with machines.restored() as restored:
        assert await seed_of(restored, erika) == await seed_of(world, erika)


async def test_keys_of_another_installation_are_not_taken(machines: Machines) -> None:
    world = machines.world
    erika = await world.citizen()
    backup = await machines.back_up()
    (backup / ACCOUNT_KEYS).unlink()
    installation = await ensure_installation(world.web)
    world.clock.advance(hours=1)
    by_mistake = installation.model_copy(update={"began_at": world.clock.now()})  # begun anew in an empty folder
    await collect(world.web, by_mistake)
    machines.burn_down()

    done = await machines.restore(backup)

    assert done.keys.taken
    assert done.keys.taken.at == world.clock.now() - timedelta(hours=1)
    assert done.keys.without_key == []
    assert [said.partition(" is ")[2] for said in done.keys.passed_over] == ["of another installation"]
    async with machines.restored() as restored:
        assert await seed_of(restored, erika)


async def test_a_key_whose_account_did_not_come_back_does_not_either(machines: Machines) -> None:
    world = machines.world
    backup = await machines.back_up()
    world.clock.advance(hours=1)
    await world.citizen()
    await collect(world.web, await ensure_installation(world.web))
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        assert await restored.web.store.scan(AccountKey) == []


async def test_who_had_cancelled_after_the_backup_has_seven_days_to_do_so_again(machines: Machines) -> None:
    world = machines.world
    erika = await world.citizen()
    at = await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=6)
    backup = await machines.back_up()
    await cancel_erasure(erika.account.id, world.web)
    world.clock.advance(days=5)
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        restored.clock.advance(days=6)
        await restored.settle()
        told = await erasure_at(erika.account.id, restored.web)
        assert told
        assert told > restored.clock.now() > at
        assert await cancel_erasure(erika.account.id, restored.web)


async def test_who_had_cancelled_is_not_erased_at_once_by_a_store_that_others_have_brought_back(
    machines: Machines,
) -> None:
    world = machines.world
    erika, mia = await world.citizen(), await world.citizen("mia")
    for who in (erika, mia):
        await ask_for_erasure(who.account.id, world.web)
        await begin_session(who.account, "high", "password", world.web)
    copy_to(machines, "copy.db")
    for who in (erika, mia):
        await cancel_erasure(who.account.id, world.web)
    world.clock.advance(days=20)
    machines.burn_down()
    shutil.copy(machines.folder / "copy.db", machines.fresh / "store.db")

    await restore_around(load_settings({"data": machines.fresh}), world.clock)

    async with machines.restored() as restored:
        assert await restored.web.store.scan(Session) == []
        await restored.settle()
        restored.clock.advance(days=6, hours=23)
        await restored.settle()
        assert await cancel_erasure(erika.account.id, restored.web)
        restored.clock.advance(days=2)
        await restored.settle()
        assert await is_there(restored, erika)
        assert not await is_there(restored, mia)


def copy_to(machines: Machines, name: str) -> None:
    """Copy the store as it is, by means that are not ours."""
    with closing(sqlite3.connect(machines.world.data / "store.db")) as db:
        db.execute("VACUUM INTO ?", (str(machines.folder / name),))


async def test_an_erasure_that_is_asked_for_after_a_restore_takes_no_longer(machines: Machines) -> None:
    await machines.world.citizen("mia")
    erika = await machines.world.citizen()
    backup = await machines.back_up()
    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        await erase(restored, erika)
        assert not await is_there(restored, erika)


async def test_who_was_warned_before_a_restore_is_warned_once_more(machines: Machines) -> None:
    world = machines.world
    erika = await world.citizen()
    world.clock.advance(days=670)  # the 23rd of September 2028
    await world.settle()
    assert len(world.mails.sent) == 1
    backup = await machines.back_up()
    world.clock.advance(days=1)  # on which somebody logs in, perhaps
    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        restored.clock.advance(days=60)
        await restored.settle()
        assert await is_there(restored, erika)
        assert len(restored.mails.sent) == 1
        restored.clock.advance(days=62)
        await restored.settle()
        assert not await is_there(restored, erika)


async def test_a_restored_installation_collects_keys_at_once(machines: Machines) -> None:
    world = machines.world
    await begin_key_backups(world.web)
    await world.settle()
    backup = await machines.back_up()
    world.clock.advance(days=3)
    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        await begin_key_backups(restored.web)
        await restored.settle()
        newest = max((machines.fresh / "objects").rglob("keys-*"))
        assert newest.parent.name == "26"


async def test_a_made_up_entry_of_the_ledger_is_told_and_erases_nobody(machines: Machines) -> None:
    world = machines.world
    erika = await world.citizen()
    backup = await machines.back_up()
    name = f"2026/11/23/erased-{erika.account.id}"
    await world.web.objects.put(name, b"not signed")
    machines.burn_down()

    done = await machines.restore(backup)

    assert ([*done.odd_entries], [*done.erased]) == ([name], [])
    async with machines.restored() as restored:
        assert await is_there(restored, erika)


async def test_evidence_of_a_notice_verifies_after_erasure_and_restore(machines: Machines) -> None:
    world = machines.world
    delivered = await world.delivered()
    backup = await machines.back_up()
    await erase(world, delivered.citizen)
    machines.burn_down()
    await machines.restore(backup)

    async with machines.restored() as restored:
        await restored.settle()
        authority = towards(restored, delivered.authority)
        headers = {"Authorization": f"Bearer {await authority.token()}"}
        url = f"{restored.base_url}/api/v1/notices/{delivered.notice_id}/evidence.json"
        async with restored.http.get(url, headers=headers) as answer:
            found = await verified(restored, await answer.read())
        assert [one.step for one in found.statements][-1] == "bekanntgegeben"
