"""What is to leave no trace is in no file of the store afterwards: not where it was moved from, not in the log."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from sk.ids import new_id
from sk.store.port import Aggregate
from sk.store.sqlite import SqliteStore, open_sqlite
from sk.store.sqlite_traces import ANEW_EVERY_SECONDS, Traces

PATIENCE_SECONDS = 30


class Secret(Aggregate):
    """Something small that nobody may find once it was removed."""

    kind: ClassVar[str] = "test-secret"
    leaves_no_trace: ClassVar[bool] = True

    text: str


class Neighbour(Aggregate):
    """Something that grows, and has what stands beside it moved from page to page."""

    kind: ClassVar[str] = "test-neighbour"

    text: str = ""


def files(path: Path) -> bytes:
    """Return the bytes of all files of a store."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


async def crowd(store: SqliteStore) -> list[Secret]:
    """Fill a store with secrets, and have their neighbours grow and go; return the secrets.

    Of those that are removed then, one or two are found again in the pages, if the file is not written anew.
    """
    chance, secrets, neighbours = random.Random(4), list[Secret](), list[Neighbour]()  # noqa: S311 - a test
    for _ in range(30):
        fresh = [Secret(id=new_id(), text=new_id() * 5) for _ in range(20)]
        beside = [Neighbour(id=new_id(), text="x" * chance.randint(300, 1500)) for _ in range(20)]
        await store.save(*(one for pair in zip(fresh, beside, strict=True) for one in pair))
        secrets, neighbours = secrets + fresh, neighbours + beside
        grown = chance.sample(neighbours, min(30, len(neighbours)))
        for one in grown:
            one.text = "y" * chance.randint(200, 6000)
        await store.save(*grown)
        gone = chance.sample(neighbours, 5)
        neighbours = [one for one in neighbours if one not in gone]
        await store.save(remove=gone)
    return secrets


async def test_what_was_moved_about_before_it_was_removed_is_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_sqlite(path) as store:
        secrets = await crowd(store)
        removed, kept = secrets[::2], secrets[1::2]
        before = files(path)
        assert all(one.text.encode() in before for one in secrets)

        await store.save(remove=removed)

        left = files(path)
        assert [one.id for one in removed if one.text[:26].encode() in left] == []
        assert all(one.text.encode() in left for one in kept)
        assert path.with_name("store.db-wal").stat().st_size == 0
        assert len(await store.scan(Secret)) == len(kept)


async def test_while_somebody_reads_it_waits_and_is_done_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with open_sqlite(path) as store:
        secret = Secret(id=new_id(), text=new_id() * 5)
        await store.save(secret)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM document").fetchall()
            await store.save(remove=[secret])
            assert secret.text.encode() in files(path)
            await store.save(Neighbour(id=new_id()))  # nobody else has to wait
        await until_gone(path, secret)


async def until_gone(path: Path, secret: Secret) -> None:
    """Wait until something is in no file any more."""
    for _ in range(PATIENCE_SECONDS * 10):
        if secret.text.encode() not in files(path):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError


def test_one_file_is_written_anew_once_a_minute_however_much_is_removed(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        traces = Traces()
        left = []
        for _ in range(2):
            traces.add()
            traces.wipe(db)
            left.append(traces.are_left)

        assert left == [False, True]
        assert ANEW_EVERY_SECONDS - 5 < traces.seconds_to_wait() <= ANEW_EVERY_SECONDS
