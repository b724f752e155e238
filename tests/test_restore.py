"""`sk restore` names what was lost, brings back what can be, and changes nothing before it knows that it can."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sk.auth.consent import Consent
from sk.auth.portal_log_in import PortalLogIn
from sk.auth.sessions import Session
from sk.config import load_settings
from sk.errors import Invalid, Unavailable
from sk.evidence.keys import revoke
from sk.evidence.statement import Statement
from sk.installation import ensure_installation
from sk.postbox.notice import Notice
from sk.restore import restore
from tests.auth.portals import a_portal
from tests.fakes import FakeClock
from tests.machines import Machines, goes_off_before_the_objects, towards
from tests.security.tab import open_tab
from tests.workers.cases import fetch, notice_of, statements_of
from tests.world import a_notice, open_world


async def test_notices_that_came_after_the_backup_are_named(machines: Machines) -> None:
    world = machines.world
    before = await world.delivered()
    backup = await machines.back_up()
    after = [await world.delivered() for _ in range(3)]
    _, one_more = await before.authority.post(a_notice(before.citizen.handle, reference="2026/4711"))
    await world.settle()

    machines.burn_down()
    lost = (await machines.restore(backup)).lost

    named = {(one.authority, one.notice_id, one.accepted_at) for one in lost.notices.values()}
    expected = {("an authority that is lost as well", one.notice_id) for one in after}
    assert {one[:2] for one in named} == expected | {("Stadt Musterstadt", one_more["id"])}
    accepted_at = {one.notice_id: (await notice_of(world, one.notice_id)).accepted_at for one in after}
    assert accepted_at.items() <= {id_: at for _, id_, at in named}.items()
    assert (lost.brought_back, lost.left, lost.unknown) == ([], [], [])
    async with machines.restored() as restored:
        authority = towards(restored, before.authority)
        assert (await authority.get(f"/api/v1/notices/{before.notice_id}"))[0] == 200
        assert (await authority.get(f"/api/v1/notices/{one_more['id']}"))[0] == 404
        status, again = await authority.post(a_notice(before.citizen.handle, reference="2026/4711"))
        assert (status, again["id"] == one_more["id"]) == (202, False)


async def test_an_abruf_after_the_backup_is_brought_back_with_its_evidence(machines: Machines) -> None:
    world = machines.world
    delivered = await world.delivered()
    backup = await machines.back_up()
    await fetch(world, delivered.citizen)
    await world.settle()
    original = await notice_of(world, delivered.notice_id)

    machines.burn_down()
    lost = (await machines.restore(backup)).lost

    assert [(step.step, step.notice_id) for step in lost.brought_back] == [("abgerufen", delivered.notice_id)]
    async with machines.restored() as restored:
        assert without_version(await notice_of(restored, delivered.notice_id)) == without_version(original)
        await restored.settle()
        stated = await statements_of(restored, delivered.notice_id)
        assert [one.jws for one in stated] == [one.jws for one in await statements_of(world, delivered.notice_id)]
        assert all(one.position is not None for one in stated)
        status, shown = await towards(restored, delivered.authority).get(f"/api/v1/notices/{delivered.notice_id}")
        assert (status, shown["status"]) == (200, "abgerufen")


def without_version(notice: Notice) -> dict[str, object]:
    return notice.model_dump(exclude={"version"})


async def test_what_was_only_accepted_in_the_backup_is_delivered_once_and_told_of_once(machines: Machines) -> None:
    world = machines.world
    authority, erika = await world.authority(), await world.citizen()
    _, answer = await authority.post(a_notice(erika.handle))
    backup = await machines.back_up()
    await world.settle()
    original = await notice_of(world, answer["id"])

    machines.burn_down()
    lost = (await machines.restore(backup)).lost

    assert [step.step for step in lost.brought_back] == ["bereitgestellt", "benachrichtigt"]
    async with machines.restored() as restored:
        await restored.settle()
        assert restored.mails.sent == []
        assert without_version(await notice_of(restored, answer["id"])) == without_version(original)
        restored.clock.advance(days=5)
        await restored.settle()
        assert (await notice_of(restored, answer["id"])).status == "bekanntgegeben"


async def test_the_log_is_closed_where_it_was_published_and_the_next_one_goes_on(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    await world.delivered()
    origin = (await ensure_installation(world.web)).log_origin

    machines.burn_down()
    done = await machines.restore(backup)

    assert (done.closed.origin, done.goes_on) == (origin, f"{origin}/2")
    assert done.closed.size > json.loads((backup / "backup.json").read_text())["size"]
    async with machines.restored() as restored:
        await restored.delivered()
        assert (await ensure_installation(restored.web)).log_origin == f"{origin}/2"


async def test_the_name_of_a_log_that_an_earlier_restore_has_begun_is_not_given_again(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    machines.burn_down()
    first = await machines.restore(backup)
    async with machines.restored() as restored:
        lost = await restored.delivered()

    second = await machines.restore(backup)

    assert first.goes_on.endswith("/2")
    assert (second.closed.origin, second.goes_on) == (first.goes_on, f"{first.goes_on.removesuffix('/2')}/3")
    assert [*second.lost.notices] == [lost.notice_id]
    async with machines.restored() as restored:
        await restored.delivered()


async def test_the_present_store_is_moved_aside_and_not_deleted(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    machines.burn_down()
    await machines.restore(backup)
    before = documents(machines.fresh / "store.db")

    world.clock.advance(minutes=1)
    await machines.restore(backup)

    [aside] = machines.fresh.glob("store.db.before-*")
    assert documents(aside) == before != documents(machines.fresh / "store.db")
    assert [*machines.fresh.glob("*restoring*")] == []


async def test_a_restore_that_breaks_off_has_changed_nothing_and_is_begun_again(machines: Machines) -> None:
    world, backup = machines.world, await machines.back_up()
    await world.delivered()
    later = await machines.back_up("later")
    machines.burn_down()
    await machines.restore(later)
    before = documents(machines.fresh / "store.db")

    with pytest.raises(Unavailable, match="the machine goes off"):
        await restore(backup, load_settings({"data": machines.fresh}), goes_off_before_the_objects, world.clock)
    assert documents(machines.fresh / "store.db") == before

    assert (await machines.restore(backup)).goes_on.endswith("/2")  # of the second log nothing was ever published


def documents(store: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store)) as db:
        return db.execute("SELECT kind, id, version, body FROM document ORDER BY kind, id").fetchall()


async def test_missing_objects_are_brought_back(machines: Machines) -> None:
    delivered = await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)

    done = await machines.restore(backup)

    assert done.objects == 1
    async with machines.restored() as restored, restored.browser(delivered.citizen) as browser:
        page = await browser.send((await browser.open("/postfach")).form("Bescheid über Ihren Antrag"))
        assert "bescheid.pdf" in page.text


async def test_without_anchors_the_log_is_closed_where_the_backup_has_it(machines: Machines) -> None:
    await machines.world.delivered()
    backup = await machines.back_up()
    await machines.world.delivered()
    machines.burn_down(with_objects=True)

    done = await machines.restore(backup)

    assert done.closed.size == json.loads((backup / "backup.json").read_text())["size"]
    assert done.lost.notices == {}


async def test_a_gap_between_the_anchors_is_told(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    await world.delivered()
    await world.delivered()
    machines.burn_down()
    for anchor in sorted((machines.fresh / "objects").rglob("log-*"))[1:-1]:
        anchor.unlink()

    done = await machines.restore(backup)

    assert len(done.lost.unknown) == 1
    assert "no anchor has what log 1 holds from position" in done.lost.unknown[0]


async def test_a_key_that_was_revoked_after_the_backup_stays_revoked(machines: Machines) -> None:
    world = machines.world
    await world.delivered()
    backup = await machines.back_up()
    kid = world.web.keys.signer("sign-web").kid
    await revoke(world.web.store, world.workers.keys.signer("log"), kid, world.clock.now())
    await world.settle()
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        waiting = await restored.web.store.find(Statement, "unsequenced", "")
        assert [one.step for one in waiting] == ["key-revoked"]


async def test_what_was_stated_about_accounts_since_is_told(machines: Machines) -> None:
    world = machines.world
    backup = await machines.back_up()
    await world.citizen()
    await world.settle()
    machines.burn_down()

    lost = (await machines.restore(backup)).lost

    assert {step.step for step in lost.about_accounts} == {"account-added", "einwilligung-given"}


async def test_nobody_is_logged_in_after_a_restore_and_every_portal_asks_anew(machines: Machines) -> None:
    world = machines.world
    erika = await world.citizen()
    portal = await a_portal(world)
    async with world.browser(erika):
        await portal.tokens(await open_tab(world, erika))
        backup = await machines.back_up()
        assert [bool(await world.web.store.scan(kind)) for kind in (Session, PortalLogIn, Consent)] == [True] * 3
    machines.burn_down()

    await machines.restore(backup)

    async with machines.restored() as restored:
        assert [await restored.web.store.scan(kind) for kind in (Session, PortalLogIn, Consent)] == [[], [], []]


async def test_a_restore_without_the_key_of_the_log_says_which_keys_it_needs(machines: Machines) -> None:
    backup = await machines.back_up()
    machines.burn_down()
    shutil.rmtree(machines.fresh / "keys" / "evidence")

    with pytest.raises(Unavailable, match="log; a restore needs the keys of the role evidence"):
        await machines.restore(backup)


async def test_anchors_of_another_log_are_not_taken_for_this_one(machines: Machines, tmp_path: Path) -> None:
    async with open_world(tmp_path / "other", FakeClock()) as other:
        await other.delivered()
    await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)
    shutil.copytree(tmp_path / "other" / "objects", machines.fresh / "objects")

    with pytest.raises(Invalid, match="signed by no key of this log"):
        await machines.restore(backup)

    assert not (machines.fresh / "store.db").exists()


async def test_what_two_logs_have_because_a_restore_has_put_it_back_is_brought_back_once(machines: Machines) -> None:
    world = machines.world
    delivered = await world.delivered()
    backup = await machines.back_up()
    await fetch(world, delivered.citizen)
    await revoke(world.web.store, world.workers.keys.signer("log"), "sign-web-nobodys", world.clock.now())
    await world.settle()
    machines.burn_down()
    await machines.restore(backup)
    async with machines.restored() as restored:
        restored.clock.advance(days=5)
        await restored.settle()

    lost = (await machines.restore(backup)).lost

    assert [step.step for step in lost.brought_back] == ["abgerufen", "bekanntgegeben"]
    assert lost.left == []
    async with machines.restored() as restored:
        await restored.settle()
        assert (await notice_of(restored, delivered.notice_id)).status == "bekanntgegeben"
