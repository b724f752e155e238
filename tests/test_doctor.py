"""`sk doctor` finds what does not agree, mends what is nobody's, and deletes nothing while something is damaged."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sk.auth.account import Account
from sk.auth.erasure import ask_for_erasure, erase_account
from sk.auth.ledger import write_entry
from sk.auth.steps import stated_erased
from sk.clock import local_day
from sk.config import load_settings
from sk.doctor import examine, longest_upload
from sk.events import ErasureDue
from sk.evidence.statement import Statement
from sk.finding import Finding
from sk.mail.smtp import SmtpMailer
from sk.objects.port import new_object_name
from sk.postbox.notice import Notice
from sk.store.port import Aggregate
from tests.fakes import WallClock
from tests.workers.cases import notice_of
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform whose clock goes, because doctor compares it with the store's."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


async def findings(world: World, *, all_days: bool = True) -> list[Finding]:
    found = [finding async for finding in examine(world.web, all_days=all_days)]
    remarks = [finding.sentence for finding in found if finding.is_remark]
    assert ["keys" in remarks[0], "SQLite" in remarks[1]] == [True, True]
    return [finding for finding in found if not finding.is_remark]


async def nobodys(world: World, *, days_ago: float = 0) -> str:
    """Put an object into the store that no notice owns."""
    name = new_object_name(local_day(world.clock.now() - timedelta(days=days_ago)))
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


async def test_an_object_is_left_alone_as_long_as_its_notice_may_still_be_coming_in(world: World) -> None:
    slowest = longest_upload(world.web.settings).days
    await nobodys(world)
    await nobodys(world, days_ago=1)
    await nobodys(world, days_ago=slowest)
    old = await nobodys(world, days_ago=slowest + 1)

    (found,) = await findings(world, all_days=False)
    assert old in found.sentence


def test_the_slowest_upload_is_all_attachments_as_slow_as_is_borne() -> None:
    settings = load_settings({"attachments_max": 10, "attachment_max_bytes": 10**9, "body_min_bytes_per_second": 10**5})
    assert longest_upload(settings) == timedelta(days=2)  # 10^10 bytes in 10^5 seconds, and a grace


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


@pytest.mark.parametrize("kind", [Notice, Statement])
async def test_a_row_that_cannot_be_read_is_named_and_keeps_nothing_else_from_being_looked_at(
    kind: type[Aggregate], world: World
) -> None:
    await world.delivered()
    old = await nobodys(world)
    [broken, *_] = await world.web.store.scan(kind)
    with sqlite3.connect(world.data / "store.db") as db:
        db.execute("UPDATE document SET body = '{' WHERE kind = ? AND id = ?", (kind.kind, broken))

    told = [finding.sentence for finding in await findings(world)]
    assert any(broken in sentence for sentence in told)
    assert any(old in sentence for sentence in told)


async def test_a_notice_that_somebody_has_taken_out_of_its_postbox_is_told(world: World) -> None:
    notice = await notice_of(world, (await world.delivered()).notice_id)
    notice.closed = True
    await world.web.store.save(notice)

    told = [finding.sentence for finding in await findings(world)]

    assert f"the notice {notice.id} has left its postbox although its account is there; its owner misses it" in told


async def test_of_an_account_that_was_erased_nothing_is_missed(world: World) -> None:
    erika = (await world.delivered()).citizen
    await write_entry(erika.account.id, world.clock.now(), world.web)
    [told] = await findings(world)
    assert told.sentence == f"the account {erika.account.id} is there, although the ledger says that it was erased"

    at = await ask_for_erasure(erika.account.id, world.web)
    due = await world.web.store.take_due("test", at, limit=100, lease=timedelta(minutes=1))
    [event] = [one for one in due if isinstance(one, ErasureDue)]
    account = await world.web.store.get(Account, erika.account.id)
    await erase_account(account, world.clock.now(), event, world.web)

    assert await findings(world) == []


async def test_an_account_that_was_stated_to_be_erased_and_is_there_is_told(world: World) -> None:
    erika = await world.citizen()
    await world.web.store.save(*stated_erased(erika.account.id, world.clock.now(), world.web))
    await world.settle()

    [told] = await findings(world)

    assert told.sentence == (f"the account {erika.account.id} is there, although it was stated that it was erased")


async def test_a_mail_server_that_does_not_answer_is_told(world: World) -> None:
    silent = replace(world.web, mailer=SmtpMailer(load_settings({"mail": "catcher://127.0.0.1:9"})))

    told = [finding.sentence async for finding in examine(silent)]
    assert "mail: the mail server 127.0.0.1 does not answer" in told


async def test_a_renderer_that_does_not_answer_is_told(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data", WallClock(), render=str(tmp_path / "nobody")) as world:
        (found,) = await findings(world)

    assert found.sentence == "previews: the renderer does not answer (SK_RENDER)"
