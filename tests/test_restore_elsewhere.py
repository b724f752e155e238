"""A restore into a database and a bucket, and around a store that somebody's own means have brought back."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

import sk
from sk.account_keys import collect
from sk.auth.account import Account, AccountKey
from sk.auth.erasure import ask_for_erasure, erase, follow
from sk.auth.journal import StoredEntry, entry
from sk.auth.ledger import write_entry
from sk.backup import back_up
from sk.config import Settings, load_settings
from sk.errors import Conflict, Invalid, Unavailable
from sk.events import AccountErased, ErasureDue, Event
from sk.installation import Installation, ensure_installation
from sk.postbox.notice import Notice
from sk.restore import restore, restore_around
from sk.services import Services, open_services
from tests.machines import goes_off_before_the_objects
from tests.process import run_sk
from tests.workers.cases import fetch
from tests.world import Delivered, World, open_world

SILENT_BROKER = "amqp://127.0.0.1:9/"
"""A restore needs no bus: what waits lies in the store."""


@dataclass(frozen=True)
class Burnt:
    """A platform whose store is gone, and the settings of the place to which it is brought back."""

    world: World
    before: Delivered
    after: Delivered
    backup: Path
    places: dict[str, str]

    def settings(self, role: str) -> Settings:
        """Return the settings of a process in a role."""
        keys = f"file://{self.world.data}/keys/{role}"
        return load_settings({"data": self.backup.parent / "elsewhere", "keys": keys, **self.places})

    def opened(self) -> AbstractAsyncContextManager[Services]:
        """Open what was brought back, as web does."""
        return open_services(self.settings("web"), ["web"], clock=self.world.clock)


@pytest.fixture
async def burnt(world: World, tmp_path: Path, mongo_url: str) -> Burnt:
    """Return a platform with one notice before its backup, and one after it; its objects are left."""
    before = await world.delivered()
    await back_up(world.web, tmp_path / "backup")
    await fetch(world, before.citizen)
    after = await world.delivered()
    places = {"store": mongo_url, "objects": f"file://{world.data}/objects", "bus": SILENT_BROKER}
    return Burnt(world, before, after, tmp_path / "backup", places)


async def test_the_backup_of_a_folder_comes_back_in_a_database(burnt: Burnt) -> None:
    done = await restore(burnt.backup, burnt.settings("evidence"), clock=burnt.world.clock)

    assert [*done.lost.notices] == [burnt.after.notice_id]
    assert [step.step for step in done.lost.brought_back] == ["abgerufen"]
    async with burnt.opened() as services:
        assert (await ensure_installation(services)).log_origin == done.goes_on
        assert (await services.store.get(Notice, burnt.before.notice_id)).status == "abgerufen"


async def test_a_database_that_holds_something_is_not_touched(burnt: Burnt) -> None:
    await restore(burnt.backup, burnt.settings("evidence"), clock=burnt.world.clock)

    with pytest.raises(Conflict, match="not empty"):
        await restore(burnt.backup, burnt.settings("evidence"), clock=burnt.world.clock)

    async with burnt.opened() as services:
        assert (await services.store.get(Installation, "installation")).log_number == 2


async def test_objects_come_back_into_an_empty_bucket(burnt: Burnt, s3_url: str) -> None:
    burnt.places["objects"] = s3_url

    done = await restore(burnt.backup, burnt.settings("evidence"), clock=burnt.world.clock)

    assert done.objects == 1
    async with burnt.opened() as services:
        notice = await services.store.get(Notice, burnt.before.notice_id)
        content = b"".join([block async for block in services.objects.read(notice.objects[0])])
    assert content == (burnt.backup / "objects" / notice.objects[0]).read_bytes()


async def test_a_restore_that_did_not_end_is_not_taken_for_an_installation(burnt: Burnt) -> None:
    with pytest.raises(Unavailable, match="the machine goes off"):
        await restore(burnt.backup, burnt.settings("evidence"), goes_off_before_the_objects, burnt.world.clock)

    async with burnt.opened() as services:
        assert await services.store.scan(Notice)
        with pytest.raises(Unavailable, match="a restore into it did not end"):
            await ensure_installation(services)


async def test_an_account_that_was_erased_since_comes_back_into_no_database(burnt: Burnt, s3_url: str) -> None:
    erika, mia = burnt.before.citizen, burnt.after.citizen
    await back_up(burnt.world.web, burnt.backup.parent / "later")
    burnt.places["objects"] = s3_url  # where the ledger and the keys lie, too
    async with open_services(burnt.settings("web"), ["web"], clock=burnt.world.clock) as services:
        await write_entry(erika.account.id, burnt.world.clock.now(), services)
        await collect(services, (await ensure_installation(burnt.world.web)))

    done = await restore(burnt.backup.parent / "later", burnt.settings("evidence"), clock=burnt.world.clock)

    assert [one.account_id for one in done.erased] == [erika.account.id]
    async with burnt.opened() as services:
        assert await services.store.scan(Account) == [mia.account.id]
        assert set(await services.store.scan(AccountKey)) <= {mia.account.id}
        [event] = [one for one in await due_in(services) if isinstance(one, AccountErased)]
        await follow(event, services)
        assert await services.store.find(Notice, "postbox", erika.account.id) == []
        assert await services.store.find(Notice, "postbox", mia.account.id)


async def due_in(services: Services) -> list[Event]:
    """Return what is due."""
    return await services.store.take_due("test", services.clock.now(), limit=100, lease=timedelta(minutes=1))


async def test_an_account_is_erased_in_a_database(burnt: Burnt) -> None:
    await restore(burnt.backup, burnt.settings("evidence"), clock=burnt.world.clock)
    erika = burnt.before.citizen
    async with burnt.opened() as services:
        await services.store.save(
            entry(erika.account.id, "logged-in", services.clock.now(), services, means="password")
        )
        await ask_for_erasure(erika.account.id, services)
        burnt.world.clock.advance(days=7)
        [event] = [one for one in await due_in(services) if isinstance(one, ErasureDue)]

        await erase(event, services)

        for kind in (Account, AccountKey, StoredEntry):
            assert await services.store.scan(kind) == []
        assert await services.store.find(Notice, "postbox", erika.account.id) == []
        assert await services.store.due(event.id) is None


async def test_around_a_store_that_was_brought_back_by_other_means_the_same_is_done(
    world: World, tmp_path: Path
) -> None:
    before = await world.delivered()
    with closing(sqlite3.connect(world.data / "store.db")) as db:
        db.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    await fetch(world, before.citizen)
    after = await world.delivered()
    fresh = tmp_path / "fresh"
    shutil.copytree(world.data / "keys", fresh / "keys")
    shutil.copytree(world.data / "objects", fresh / "objects")
    shutil.copy(tmp_path / "copy.db", fresh / "store.db")

    done = await restore_around(load_settings({"data": fresh}), world.clock)

    assert [*done.lost.notices] == [after.notice_id]
    assert [step.step for step in done.lost.brought_back] == ["abgerufen"]
    async with open_world(fresh, world.clock) as restored:
        await restored.settle()
        assert (await restored.delivered()).notice_id
        assert (await ensure_installation(restored.web)).log_origin == done.goes_on


async def test_there_is_nothing_to_be_done_around_an_empty_store(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.data / "keys", tmp_path / "fresh" / "keys")

    with pytest.raises(Invalid, match="bring the store back first"):
        await restore_around(load_settings({"data": tmp_path / "fresh"}), world.clock)


def test_the_command_says_everything_as_json(burnt: Burnt) -> None:
    environment = {f"SK_{name.upper()}": place for name, place in burnt.places.items()}
    keys = f"file://{burnt.world.data}/keys/evidence"

    done = run_sk(
        burnt.world.data, {**environment, "SK_KEYS": keys}, "restore", str(burnt.backup), "--stopped", "--json"
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["goes_on"] == f"{said['closed']['origin']}/2"
    [lost] = said["lost"]
    assert (lost["notice"], lost["authority"]) == (burnt.after.notice_id, burnt.after.authority.client_id)
    assert [(step["step"], step["notice"]) for step in said["brought_back"]] == [("abgerufen", burnt.before.notice_id)]
    assert {step["step"] for step in said["about_accounts"]} == {"account-added", "einwilligung-given"}
    assert (said["left"], said["unknown"], said["unreadable"], said["objects_brought_back"]) == ([], [], [], 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["restore"], "either the FOLDER of a backup is needed, or --store-brought-back"),
        (["restore", "backup", "--store-brought-back"], "either the FOLDER of a backup is needed"),
        (["restore", "backup"], "say so with --stopped"),
        (["restore", "backup", "--stopped"], "needs the keys of the role evidence"),
    ],
)
def test_what_a_restore_needs_is_said(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    environment = {"SK_KEYS": f"file://{tmp_path}/keys", "SK_BUS": SILENT_BROKER, "SK_DATA": str(tmp_path)}

    done = run_sk(tmp_path, environment, *arguments)

    assert (done.returncode != 0, done.stdout) == (True, "")
    assert done.stderr.startswith("sk: ")
    assert said in done.stderr


def test_there_is_no_backup_of_nothing(tmp_path: Path) -> None:
    done = run_sk(tmp_path, {"SK_DATA": str(tmp_path / "data")}, "backup", str(tmp_path / "backup"))

    assert done.stderr == f"sk: there is no store {tmp_path}/data/store.db, and so nothing to be backed up\n"
    assert [*tmp_path.iterdir()] == []


def test_a_restore_knows_every_kind_of_aggregate() -> None:
    listed = "print(*sorted(f'{kind.__module__}.{kind.__name__}' for kind in declared_kinds().values()))"
    alone = f"import sk.restore; from sk.store.port import declared_kinds; {listed}"
    known = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True).stdout.split()

    root = Path(sk.__file__).parent
    named = re.compile(r"^class (\w+)\(Aggregate\):", re.MULTILINE)
    files = [(".".join(file.relative_to(root.parent).with_suffix("").parts), file) for file in root.rglob("*.py")]
    assert known == sorted(f"{module}.{name}" for module, file in files for name in named.findall(file.read_text()))
