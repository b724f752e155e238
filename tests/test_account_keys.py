"""Collections of account keys: one an hour, kept for two weeks, and what is not whole is noticed."""

import gzip
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sk.account_keys import (
    TYP,
    begun_at,
    collect,
    collections,
    fetch,
    is_collection,
    keys_in,
    read_collection,
    unmatched,
)
from sk.auth.account import Account, AccountKey
from sk.clock import local_day, microseconds
from sk.doctor import examine
from sk.doctor_keys import examine_keys
from sk.errors import Damaged
from sk.events import KeyBackupDue
from sk.installation import ensure_installation
from sk.key_backup import KeyBackup, begin_key_backups, go_on_without, outlived
from tests.auth.erasing import erase
from tests.fakes import WallClock
from tests.world import World


async def names(world: World) -> list[str]:
    """Return the names of all collections, the newest first."""
    return [name async for name in collections(world.web.objects)]


async def collected(world: World, tmp_path: Path) -> Path:
    """Return a fresh collection in a file."""
    await collect(world.web, await ensure_installation(world.web), tmp_path / "keys")
    return tmp_path / "keys"


async def findings(world: World) -> list[str]:
    """Return what the doctor says about keys."""
    return [one.sentence async for one in examine_keys(world.web)]


async def test_a_collection_is_made_at_the_start_and_every_hour(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    assert len(await names(world)) == 1

    for minutes in (59, 1, 60):
        world.clock.advance(minutes=minutes)
        await world.settle()

    assert len(await names(world)) == 3


async def test_a_start_begins_no_second_row_of_them(world: World) -> None:
    for _ in range(3):
        await begin_key_backups(world.web)
    await world.settle()
    await begin_key_backups(world.web)
    await world.settle()

    assert len(await names(world)) == 1
    world.clock.advance(minutes=61)
    await world.settle()
    assert len(await names(world)) == 2


async def test_a_start_goes_on_with_what_was_set_aside(world: World) -> None:
    await begin_key_backups(world.web)
    [event] = await world.web.store.take_due("test", world.clock.now(), limit=9, lease=timedelta(0))
    await world.web.store.set_aside(event, error="the object store was away for days")

    await begin_key_backups(world.web)
    await world.settle()

    assert len(await names(world)) == 1


async def test_the_hours_go_on_when_one_is_given_up(world: World) -> None:
    await begin_key_backups(world.web)
    [event] = await world.web.store.take_due("test", world.clock.now(), limit=9, lease=timedelta(0))
    assert isinstance(event, KeyBackupDue)
    await go_on_without(event, world.web)
    await world.web.store.set_aside(event, error="the object store was away for days")

    world.clock.advance(minutes=61)
    await world.settle()

    assert len(await names(world)) == 1


async def test_collections_are_kept_for_two_weeks_and_of_older_days_one(world: World) -> None:
    await begin_key_backups(world.web)
    for _ in range(20 * 6):
        await world.settle()
        world.clock.advance(hours=4)
    await world.settle()

    now, kept = world.clock.now(), [begun_at(name) for name in await names(world)]
    assert min(kept) >= now - timedelta(days=14)
    young = [at for at in kept if at > now - timedelta(days=2)]
    assert len(young) >= 12
    old_days = [local_day(at) for at in kept if at <= now - timedelta(days=2)]
    assert len(old_days) == len(set(old_days)) >= 11
    assert (await world.web.store.get(KeyBackup, "key-backup")).none_before == local_day(min(kept))


def test_the_newest_is_never_deleted() -> None:
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    old = [f"2026/01/0{day}/keys-{microseconds(datetime(2026, 1, day, tzinfo=UTC)):016}" for day in (1, 2, 3)]

    assert outlived(old, now, timedelta(days=14)) == old[:2]
    assert outlived([], now, timedelta(days=14)) == []


async def test_those_of_a_time_in_which_nothing_ran_are_deleted_too(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    world.clock.advance(days=400)
    await world.settle()

    assert len(await names(world)) == 1


async def test_what_a_collection_holds_are_the_keys_as_they_are_stored(world: World, tmp_path: Path) -> None:
    erika = await world.citizen()
    key = await world.web.store.get(AccountKey, erika.account.id)

    [row] = keys_in(await collected(world, tmp_path))

    assert AccountKey.stored(row.id, row.version, row.body).seed == key.seed


@pytest.mark.parametrize("damage", ["cut", "a byte", "a key less", "another signer", "empty", "no gzip"])
async def test_what_is_not_whole_is_no_collection(world: World, tmp_path: Path, damage: str) -> None:
    for username in ("erika", "mia"):
        await world.citizen(username)
    file = await collected(world, tmp_path)
    raw = file.read_bytes()
    first, second, last = gzip.decompress(raw).splitlines(keepends=True)
    delivery = world.workers.keys.signer("sign-delivery")
    changed = {
        "cut": raw[:-20],
        "a byte": raw[:40] + bytes([raw[40] ^ 1]) + raw[41:],
        "a key less": gzip.compress(first + last),
        "another signer": gzip.compress(first + second + delivery.sign(TYP, {"v": "sk-keys/1"}).encode() + b"\n"),
        "empty": b"",
        "no gzip": first + second + last,
    }
    file.write_bytes(changed[damage])

    with pytest.raises(Damaged):
        read_collection(file, world.web.keys.signers)


async def test_an_older_collection_under_a_newer_name_is_none(world: World, tmp_path: Path) -> None:
    await collected(world, tmp_path)
    [old] = await names(world)
    raw = b"".join([block async for block in world.web.objects.read(old)])
    world.clock.advance(days=1)
    now = world.clock.now()
    new = f"{local_day(now):%Y/%m/%d}/keys-{microseconds(now):016}"
    assert is_collection(new)
    await world.web.objects.put(new, raw)

    with pytest.raises(Damaged):
        await fetch(world.web.objects, new, world.web.keys.signers, tmp_path / "fetched")


async def test_the_doctor_tells_when_keys_have_not_been_collected_for_three_hours(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    world.clock.advance(hours=2, minutes=59)
    assert await findings(world) == []

    world.clock.advance(minutes=2)

    [said] = await findings(world)
    assert said.startswith("the newest collection of account keys is of 2026-11-23T09:00:01")


async def test_the_doctor_tells_of_a_collection_that_should_be_gone_and_web_deletes_it(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    [old] = await names(world)
    await hide_before(world, date.max)  # by somebody who writes in the store
    days = world.web.settings.key_backup_days + 1
    world.clock.advance(days=days, hours=1)
    await collect(world.web, await ensure_installation(world.web))

    [said] = await findings(world)
    assert said.startswith(f"the collection of account keys {old} is older than {days} days")

    await world.settle()
    assert old not in await names(world)
    assert await findings(world) == []


async def hide_before(world: World, day: date) -> None:
    """Claim that there is no collection of before a day."""
    backup = await world.web.store.get(KeyBackup, "key-backup")
    backup.none_before = day
    await world.web.store.save(backup)


async def test_the_doctor_tells_of_a_newest_collection_that_is_damaged(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    [name] = await names(world)
    (world.data / "objects" / name).write_bytes(b"not what it was")

    assert await findings(world) == [
        f"the collection of account keys {name} is damaged; a restore takes the one before"
    ]


async def test_the_doctor_tells_of_an_account_without_a_key_and_a_key_without_an_account(world: World) -> None:
    accounts = [(await world.citizen(f"citizen-{number}")).account.id for number in range(5)]
    without = await world.web.store.get(AccountKey, accounts[1])
    gone = await world.web.store.get(Account, accounts[3])
    await world.web.store.save(remove=[without, gone])

    assert {(kind, id_) async for kind, id_ in unmatched(world.web.store)} == {
        (Account, accounts[1]),
        (AccountKey, accounts[3]),
    }
    assert sorted(await findings(world)) == sorted(
        [
            f"the account {accounts[1]} has no key: nothing in its postbox can be opened; see sk restore",
            f"there is a key of the account {accounts[3]}, which is not there",
        ]
    )


async def test_collections_and_the_ledger_are_nobodys_orphans(world: World) -> None:
    await begin_key_backups(world.web)
    await world.settle()
    world.clock.advance(days=20)
    await world.settle()

    await erase(world, await world.citizen())

    services = replace(world.web, clock=WallClock())
    assert [one.sentence async for one in examine(services, all_days=True) if "nobody's" in one.sentence] == []
