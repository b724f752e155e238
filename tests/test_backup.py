"""`sk backup` copies all but the keys while everything goes on, and leaves no half of a backup."""

import asyncio
import json
import subprocess
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from sk.account_keys import collections, keys_in, read_collection
from sk.auth.account import AccountKey
from sk.backup import ANCHORS_KEPT, back_up
from sk.backup_files import ACCOUNT_KEYS, ROWS, digest, read_rows
from sk.crypto.keyring import ROLES
from sk.errors import Invalid, Unavailable
from sk.evidence.anchor import anchor_name
from sk.postbox.notice import Notice
from sk.store.port import StoredAggregate, StoredEvent
from tests.evidence.cases import anchor_names
from tests.workers.cases import notice_of
from tests.world import World, a_notice


async def test_a_backup_says_what_it_is_of_and_what_is_in_it(world: World, tmp_path: Path) -> None:
    delivered = await world.delivered()

    about = await back_up(world.web, tmp_path / "backup")

    said = json.loads((tmp_path / "backup" / "backup.json").read_text())
    assert (said["v"], said["trial"], said["log_number"]) == ("sk-backup/2", True, 1)
    assert said["checkpoint"].startswith(f"{said['origin']}\n{said['size']}\n")
    assert said["rows_sha256"] == digest(tmp_path / "backup" / ROWS)
    rows = [*read_rows(tmp_path / "backup" / ROWS)]
    assert said["aggregates"] == sum(isinstance(row, StoredAggregate) for row in rows)
    assert said["events"] == sum(isinstance(row, StoredEvent) for row in rows)
    assert delivered.notice_id in {row.id for row in rows}
    assert (about.objects, about.missing) == (1, [])


async def test_the_keys_of_accounts_lie_in_a_file_of_their_own_and_in_the_object_store(
    world: World, tmp_path: Path
) -> None:
    erika = await world.citizen()
    mia = await world.citizen("mia")

    about = await back_up(world.web, tmp_path / "backup")

    rows = [row for row in read_rows(tmp_path / "backup" / ROWS) if isinstance(row, StoredAggregate)]
    assert AccountKey.kind not in {row.kind for row in rows}
    file = tmp_path / "backup" / ACCOUNT_KEYS
    assert {row.id for row in keys_in(file)} == {erika.account.id, mia.account.id}
    assert (about.account_keys, about.account_keys_sha256) == (2, digest(file))
    assert read_collection(file, world.web.keys.signers).keys == 2
    [name] = [name async for name in collections(world.web.objects)]
    assert (world.data / "objects" / name).read_bytes() == file.read_bytes()


async def test_the_list_of_objects_is_what_sha256sum_checks(world: World, tmp_path: Path) -> None:
    await world.delivered()

    await back_up(world.web, tmp_path / "backup")

    assert sha256sum(tmp_path / "backup").count(": OK") == 1


def sha256sum(backup: Path) -> str:
    command = ["sha256sum", "--check", "--strict", "objects.sha256"]
    return subprocess.run(command, cwd=backup, capture_output=True, text=True, check=True).stdout


async def test_no_key_is_in_a_backup(world: World, tmp_path: Path) -> None:
    await world.delivered()
    await back_up(world.web, tmp_path / "backup")

    files = [file for file in (tmp_path / "backup").rglob("*") if file.is_file()]
    assert sorted(file.name for file in files if len(file.name) != 32) == [
        "account-keys.jsonl.gz",
        "backup.json",
        "objects.sha256",
        "store.jsonl.gz",
    ]
    secrets = {
        secret
        for held in (world.data / "keys").glob("*/keys.json")
        for generations in json.loads(held.read_text()).values()
        for secret in generations.values()
    }
    rows = "".join(map(str, read_rows(tmp_path / "backup" / ROWS)))
    assert len(secrets) > len(ROLES)
    assert not [secret for secret in secrets if secret in rows]


async def test_what_is_posted_meanwhile_is_in_a_backup_with_its_objects_or_not_at_all(
    world: World, tmp_path: Path
) -> None:
    first = await world.delivered()

    async def post() -> None:
        while True:
            await first.authority.post(a_notice(first.citizen.handle), [])

    posting = asyncio.create_task(post())
    for number in range(3):
        folder = tmp_path / f"backup-{number}"
        await back_up(world.web, folder)
        rows = [row for row in read_rows(folder / ROWS) if isinstance(row, StoredAggregate)]
        of_kind = {kind: {row.id for row in rows if row.kind == kind} for kind in ("notice", "receipt", "statement")}
        assert of_kind["notice"] == of_kind["receipt"]
        assert {f"{id_}.1" for id_ in of_kind["notice"]} <= of_kind["statement"]
        waiting = [row for row in read_rows(folder / ROWS) if isinstance(row, StoredEvent)]
        assert len([row for row in waiting if row.event == "NoticeAccepted"]) == len(of_kind["notice"]) - 1
    assert len(of_kind["notice"]) > 1
    posting.cancel()
    with suppress(asyncio.CancelledError):
        await posting


async def test_without_objects_a_backup_says_so(world: World, tmp_path: Path) -> None:
    await world.delivered()

    about = await back_up(world.web, tmp_path / "backup", with_objects=False)

    assert about.objects is None
    assert sorted(file.name for file in (tmp_path / "backup").iterdir()) == [ACCOUNT_KEYS, "backup.json", ROWS]


async def test_an_object_that_is_missing_is_named_and_keeps_nothing_else_out(world: World, tmp_path: Path) -> None:
    notice = await notice_of(world, (await world.delivered()).notice_id)
    await world.delivered()
    await world.web.objects.delete(*notice.objects)

    about = await back_up(world.web, tmp_path / "backup")

    assert (about.missing, about.objects) == (notice.objects, 1)


async def test_a_name_that_leads_out_of_the_folder_is_the_name_of_no_object(world: World, tmp_path: Path) -> None:
    notice = await notice_of(world, (await world.delivered()).notice_id)
    notice.objects.append("../../../outside")
    await world.web.store.save(notice)

    about = await back_up(world.web, tmp_path / "backup")

    assert (about.missing, about.objects) == ([], 1)


async def test_a_row_that_nobody_can_read_is_no_reason_for_no_backup(world: World, tmp_path: Path) -> None:
    notice = await notice_of(world, (await world.delivered()).notice_id)
    await world.web.store.save(unreadable(notice))

    await back_up(world.web, tmp_path / "backup")

    rows = [row for row in read_rows(tmp_path / "backup" / ROWS) if isinstance(row, StoredAggregate)]
    assert [row.body for row in rows if (row.kind, row.id) == ("notice", notice.id)] == ["{"]


def unreadable(notice: Notice) -> Notice:
    """Return a notice that is saved as something else."""

    class Broken(Notice):
        def body(self) -> str:
            return "{"

    broken = Broken.stored(notice.id, notice.version, notice.body())
    Broken.kind = Notice.kind
    return broken


async def test_a_folder_that_holds_something_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "mine").touch()

    with pytest.raises(Invalid, match="not empty"):
        await back_up(world.web, tmp_path / "backup")

    assert [file.name for file in (tmp_path / "backup").iterdir()] == ["mine"]


async def test_an_empty_folder_is_filled(world: World, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()

    await back_up(world.web, tmp_path / "backup")

    assert (tmp_path / "backup" / "backup.json").exists()


async def test_what_a_killed_backup_has_left_is_named_and_left_alone(world: World, tmp_path: Path) -> None:
    (tmp_path / "backup.part").mkdir()

    with pytest.raises(Invalid, match="one was killed"):
        await back_up(world.web, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


async def test_a_backup_that_fails_leaves_nothing(world: World, tmp_path: Path) -> None:
    notice = await notice_of(world, (await world.delivered()).notice_id)
    [name] = notice.objects
    (world.data / "objects" / name).unlink()
    (world.data / "objects" / name).mkdir()  # which no disk can read as a file

    with pytest.raises(Unavailable):
        await back_up(world.web, tmp_path / "backup")

    assert not [*tmp_path.glob("backup*")]  # noqa: ASYNC240 - a test waits for nobody


async def test_anchors_are_dropped_when_they_are_old_and_a_backup_holds_what_they_tell(
    world: World, tmp_path: Path
) -> None:
    await world.delivered()
    old = {*await anchor_names(world)}
    world.clock.advance(days=ANCHORS_KEPT.days - 1)
    await world.delivered()
    await back_up(world.web, tmp_path / "first")
    assert old < {*await anchor_names(world)}

    young = {*await anchor_names(world)} - old
    world.clock.advance(days=2)
    await world.delivered()
    await back_up(world.web, tmp_path / "second")

    left = {*await anchor_names(world)}
    assert young < left
    assert len(left & old) == 1  # the newest of them, from which the younger ones go on


async def test_a_backup_of_an_earlier_log_deletes_no_anchor_of_the_one_that_goes_on(
    world: World, tmp_path: Path
) -> None:
    await world.delivered()
    for day, size in ((1, 1), (2, 2)):  # a restore has begun another log, and this store knows nothing of it
        await world.web.objects.put(anchor_name(date(2026, 12, day), 2, size), b"{}")
    before = {*await anchor_names(world)}
    world.clock.advance(days=ANCHORS_KEPT.days + 30)

    await back_up(world.web, tmp_path / "backup")

    assert {*await anchor_names(world)} == before


def test_anchors_are_kept_longer_than_a_month() -> None:
    assert timedelta(days=31) < ANCHORS_KEPT
