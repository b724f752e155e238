"""Somebody erases their account, and everybody looks afterwards: thief, authority, court, operator."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from sk.account_keys import collections
from sk.auth.account import Account, AccountKey
from sk.auth.erasure import ask_for_erasure, final_on
from sk.auth.journal import belongs_to, entry
from sk.auth.own_key import open_seed
from sk.backup import back_up
from sk.backup_files import ACCOUNT_KEYS
from sk.client import AuthorityClient
from sk.clock import local_day
from sk.config import load_settings
from sk.errors import Damaged, NotFound
from sk.installation import log_vkey
from sk.key_backup import begin_key_backups
from sk.postbox.envelope import open_envelope
from sk.postbox.fristen import running_fristen
from sk.postbox.notice import Notice
from sk.restore import restore
from tests.auth.erasing import files_with, rows_naming, spelled
from tests.process import run_sk
from tests.security.search import files_below, search
from tests.workers.cases import fetch, logged_in, notice_of
from tests.world import A_FILE, Citizen, World, a_notice, open_world


@dataclass
class Story:
    """What was there before: an account with three notices, its key, and a backup of all of it."""

    world: World
    authority: AuthorityClient
    erika: Citizen
    fetched: str
    unread: str
    seed: bytes
    locked: bytes
    backup: Path
    running: str = ""

    @property
    def account_id(self) -> str:
        """Return the id that the account had."""
        return self.erika.account.id

    @property
    def indexes(self) -> list[str]:
        """Return the blind indexes under which it was found."""
        return [belongs_to(self.account_id, self.world.web), self.erika.account.username_index]


async def test_an_erased_account_is_gone_and_its_evidence_is_not(world: World, tmp_path: Path) -> None:
    story = await begin(world, tmp_path / "backup")

    await ask_for_erasure(story.account_id, world.web, log_in=logged_in(story.erika))
    await later(world, days=5)
    story.running = await post(story, "Läuft noch")
    running = await running_fristen(story.account_id, world.web)
    assert [one.subject for one in running] == ["Gelesen", "Ungelesen", "Läuft noch"]
    assert {one.sender for one in running} == {"Stadt Musterstadt"}
    await later(world, days=2)
    await later(world, minutes=5)
    erased_on = local_day(world.clock.now())

    await expect_gone(world, story)
    await expect_nothing_opens(world, story)
    await expect_evidence(world, story, tmp_path)

    while local_day(world.clock.now()) < final_on(erased_on, world.web.settings):
        await later(world, hours=6)
    assert files_with(spelled(story.locked), world.data) == []
    assert search(files_below(world.data), {}, {"seed": story.seed, "locked": story.locked[20:60]}) == []
    assert len([name async for name in collections(world.web.objects)]) > world.web.settings.key_backup_days

    # A machine burns down whose operator has not deleted the keys from the backup, as they were told to.
    assert files_with(spelled(story.locked), story.backup) == [f"in {story.backup / ACCOUNT_KEYS}"]
    await expect_no_return(world, story, tmp_path / "fresh")


async def begin(world: World, backup: Path) -> Story:
    """Have somebody live here for a day, and back it up."""
    await begin_key_backups(world.web)
    authority, erika, mia = await world.authority(), await world.citizen(), await world.citizen("mia")
    story = Story(world, authority, erika, "", "", b"", b"", backup)
    story.fetched, story.unread = await post(story, "Gelesen"), await post(story, "Ungelesen")
    await fetch(world, erika, "Gelesen")
    await world.web.store.save(entry(erika.account.id, "logged-in", world.clock.now(), world.web, means="password"))
    story.seed = await open_seed(erika.account.id, world.web)
    story.locked = (await world.web.store.get(AccountKey, erika.account.id)).seed
    assert await may_log_in(world, mia)
    await later(world, days=1)
    assert (await back_up(world.web, backup)).account_keys == 2
    return story


async def expect_gone(world: World, story: Story) -> None:
    """Assert that no row and no entry of an index leads to the account, and no file but collections holds its key."""
    assert await rows_naming(world, *story.indexes) == []
    assert {*await rows_naming(world, story.account_id)} <= {"notice"}
    with closing(sqlite3.connect(world.data / "store.db")) as db:
        found = db.execute("SELECT name, key, id FROM entry").fetchall()
    assert [row for row in found if {*row} & {story.account_id, *story.indexes}] == []
    assert [file for file in files_with(spelled(story.locked), world.data) if "/keys-" not in file] == []
    assert not await may_log_in(world, story.erika)


async def expect_nothing_opens(world: World, story: Story) -> None:
    """Assert that whoever has all keys of the platform, and all that it stores, opens none of the notices."""
    with pytest.raises(Damaged):
        await open_seed(story.account_id, world.web)
    for notice_id in (story.fetched, story.unread, story.running):
        notice = await notice_of(world, notice_id)
        assert open_envelope(notice, story.seed).subject  # with the key that nobody has any more it would
        with pytest.raises(NotFound):
            await world.web.objects.size(notice.objects[0])


async def expect_evidence(world: World, story: Story, folder: Path) -> None:
    """Assert that the authority is told, sees its notices, and has evidence that verifies."""
    _, page = await story.authority.get("/api/v1/events", limit="1000")
    assert [one["notice_id"] for one in page["events"] if one["step"] == "postbox-closed"] == [story.running]
    (folder / A_FILE.name).write_bytes(A_FILE.data)
    expected = {story.fetched: "bekanntgegeben", story.unread: "bekanntgegeben", story.running: "bereitgestellt"}
    for notice_id, status in expected.items():
        assert (await story.authority.get(f"/api/v1/notices/{notice_id}"))[1]["status"] == status
        _, bundle = await story.authority.get(f"/api/v1/notices/{notice_id}/evidence.json")
        file = folder / f"{notice_id}.json"
        file.write_text(json.dumps(bundle, separators=(",", ":"), ensure_ascii=False))
        files = (str(file), str(folder / A_FILE.name))
        verified = run_sk(world.data, {}, "verify", *files, "--trust", str(await log_vkey(world.web)))
        assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "seitdem lässt sich die Nachricht nicht mehr abrufen" in verified.stdout


async def expect_no_return(world: World, story: Story, fresh: Path) -> None:
    """Assert that a restore of the older backup brings back everybody else."""
    for folder in ("keys", "objects"):
        shutil.copytree(world.data / folder, fresh / folder)
    done = await restore(story.backup, load_settings({"data": fresh}), clock=world.clock)
    assert [one.account_id for one in done.erased] == [story.account_id]
    async with open_world(fresh, world.clock) as restored:
        await later(restored, minutes=5)
        assert await restored.web.store.get_many(Account, [story.account_id]) == {}
        assert await restored.web.store.get_many(AccountKey, [story.account_id]) == {}
        assert await restored.web.store.find(Notice, "postbox", story.account_id) == []
        assert await rows_naming(restored, *story.indexes) == []
        assert len(await restored.web.store.scan(Account)) == 1
    assert files_with(spelled(story.locked), fresh) == []


async def post(story: Story, subject: str) -> str:
    """Post a notice, and have it delivered."""
    status, answer = await story.authority.post(a_notice(story.erika.handle, subject=subject), [A_FILE])
    assert status == 202, answer
    await story.world.settle()
    return str(answer["id"])


async def later(world: World, **by: float) -> None:
    """Let time pass, and what is due in it happen."""
    world.clock.advance(**by)
    await world.settle()


async def may_log_in(world: World, who: Citizen) -> bool:
    """Tell whether somebody's password leads into a postbox."""
    async with world.browser() as browser:
        await browser.log_in(who.username, who.password)
        return (await browser.open("/postfach")).url.endswith("/postfach")
