"""What is SQLite's own: two processes at one file, a full disk, and removed bytes that are gone."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from sk.errors import Unavailable
from sk.ids import new_id
from sk.store.sqlite import open_sqlite
from sk.store.sqlite_writer import SCHEMA_VERSION
from tests.contract.things import Thing, thing
from tests.contract.writers import assert_whole, lines, peer, rest

PATIENCE_SECONDS = 30


class Large(Thing):
    """Something that takes more room than there is."""

    kind: ClassVar[str] = "test-large"

    def body(self) -> str:
        """Fill some pages."""
        return super().body() + " " * 200_000


async def test_two_processes_that_write_at_once_both_go_on_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    url = f"sqlite://{path}"
    async with peer("save", url, "one") as one, peer("save", url, "two") as two:
        async with asyncio.timeout(PATIENCE_SECONDS):
            both = await asyncio.gather(*(lines(process, lambda said: len(said) >= 200) for process in (one, two)))
        for process in (one, two):
            process.kill()
        acknowledged = [id for said in both for id in said] + (await rest(one))[:-1] + (await rest(two))[:-1]

    async with open_sqlite(path) as store:
        await assert_whole(store, acknowledged)


async def test_a_full_disk_is_unavailable_changes_nothing_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_sqlite(path) as store:
        await store.save(before := thing("before"))
        pages = store._writer._db.execute("PRAGMA page_count").fetchone()[0]  # noqa: SLF001 - nobody else may fill a disk
        store._writer._db.execute(f"PRAGMA max_page_count = {pages + 8}")  # noqa: SLF001

        outcomes = await asyncio.gather(
            store.save(thing("small")), store.save(Large(id=new_id(), name="large")), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} <= {Unavailable, type(None)}
        assert type(outcomes[1]) is Unavailable
        assert await store.scan(Large) == []
        assert (await store.get(Thing, before.id)).name == "before"

        store._writer._db.execute("PRAGMA max_page_count = 1000000")  # noqa: SLF001
        await store.save(Large(id=new_id(), name="large"))
        assert len(await store.scan(Large)) == 1


async def test_a_removed_body_leaves_no_byte_behind_once_the_log_is_folded_in(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    canary = "canary-" + new_id()
    others = [thing(f"{number}") for number in range(50)]
    async with open_sqlite(path) as store:
        await store.save(new := Thing(id=new_id(), name=canary, row=canary, content=canary.encode() * 500), *others)
        await store.save(remove=[new, *others[::2]])

    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert [file.name for file in files_with(canary.encode(), tmp_path)] == []


def files_with(canary: bytes, folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if canary in file.read_bytes()]


async def test_a_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "store.db") as store:
        db = store._writer._db  # noqa: SLF001 - a setting of this connection alone
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA secure_delete").fetchone() == (1,)


async def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_sqlite(path):
        pass
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(Unavailable, match="schema"):
        async with open_sqlite(path):
            pass


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something else entirely" * 100)

    with pytest.raises(Unavailable):
        async with open_sqlite(tmp_path / "store.db"):
            pass
