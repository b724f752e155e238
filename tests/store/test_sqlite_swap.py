"""Another SQLite store takes the place of the one that is there, which is kept with all that it holds."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from sk.errors import Invalid, Unavailable
from sk.store.sqlite import open_sqlite
from sk.store.sqlite_swap import fresh_beside, wait_until_unused
from sk.store.sqlite_writer import connect

AT = datetime(2026, 11, 25, 21, 30, tzinfo=UTC)
ASIDE = "store.db.before-20261125T213000.000000Z"
KILLED = """
import os, signal, sys
from pathlib import Path
from sk.store.sqlite_writer import connect
db = connect(Path(sys.argv[1]))
db.execute("CREATE TABLE one (said TEXT)")
db.execute("INSERT INTO one VALUES ('old')")
os.kill(os.getpid(), signal.SIGKILL)
"""
SWAP_AND_DIE = """
import os, signal, sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sk.store.sqlite_swap import fresh_beside
from sk.store.sqlite_writer import connect
store, point, count, armed = Path(sys.argv[1]), int(sys.argv[2]), 0, False
def at_a_point(event, arguments):
    global count
    if armed and event in ("os.link", "os.rename", "os.remove", "open", "sqlite3.connect"):
        count += 1
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(at_a_point)
with fresh_beside(store, datetime(2026, 11, 25, 21, 30, tzinfo=UTC)) as fresh:
    with closing(connect(fresh)) as db:
        db.execute("CREATE TABLE one (said TEXT)")
        db.execute("INSERT INTO one VALUES ('new')")
    armed = True
"""


def fill(store: Path, said: str) -> None:
    with closing(connect(store)) as db:
        db.execute("CREATE TABLE one (said TEXT)")
        db.execute("INSERT INTO one VALUES (?)", (said,))


def be_no_store(store: Path) -> None:
    store.write_bytes(b"This is no database." * 1000)
    store.with_name("store.db-wal").write_bytes(b"nor is this")


def said_by(store: Path) -> str:
    with closing(sqlite3.connect(store)) as db:
        return str(db.execute("SELECT said FROM one").fetchone()[0])


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, but for the files that are only there to be locked."""
    return sorted(file.name for file in folder.iterdir() if not file.name.endswith(("-use", "-turn")))


def test_what_a_killed_process_had_not_yet_put_into_the_file_is_kept_too(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "store.db")], check=False)
    assert "store.db-wal" in names(tmp_path)

    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert (said_by(tmp_path / "store.db"), said_by(tmp_path / ASIDE)) == ("new", "old")
    assert names(tmp_path) == ["store.db", ASIDE]


def killed_at_every_point(folder: Path, fill_it: Callable[[Path], object]) -> list[Path]:
    """Swap stores in folders of their own, each process killed a step later, until one is not; return all but that."""
    killed: list[Path] = []
    while True:
        store = folder / str(len(killed)) / "store.db"
        store.parent.mkdir()
        fill_it(store)
        swapping = [sys.executable, "-c", SWAP_AND_DIE, str(store), str(len(killed) + 1)]
        if not (ended := subprocess.run(swapping, check=False).returncode):
            return killed
        assert ended == -SIGKILL
        killed.append(store)


def test_a_restore_that_is_killed_at_any_point_leaves_the_old_store_or_the_new_one(tmp_path: Path) -> None:
    def old(store: Path) -> None:
        subprocess.run([sys.executable, "-c", KILLED, str(store)], check=False)

    stores = killed_at_every_point(tmp_path, old)

    said = [said_by(store) for store in stores]
    assert said == [*sorted(said, reverse=True)]  # once it is the new one, it stays so
    assert {*said} == {"old", "new"}
    for store, word in zip(stores, said, strict=True):
        assert word == "old" or said_by(store.with_name(ASIDE)) == "old"
        with fresh_beside(store, AT + timedelta(minutes=1)) as fresh:
            fill(fresh, "newest")
        assert said_by(store) == "newest"


def test_of_what_is_no_store_any_more_a_kill_leaves_every_byte_somewhere_under_one_name(tmp_path: Path) -> None:
    stores = killed_at_every_point(tmp_path, be_no_store)

    assert len(stores) > 10
    for store in stores:
        whole = [
            file
            for file in (store, store.with_name(ASIDE))
            if file.exists() and file.read_bytes().startswith(b"This") and file.with_name(f"{file.name}-wal").exists()
        ]
        assert whole, names(store.parent)
        assert store.exists()


async def test_nothing_is_acknowledged_by_a_store_whose_place_is_being_taken(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    async with open_sqlite(store):
        with pytest.raises(Invalid, match="still uses"), fresh_beside(store, AT, seconds=0.2):
            pass

    with fresh_beside(store, AT) as fresh:
        async with open_sqlite(fresh):
            pass
        with pytest.raises(Unavailable, match="a restore is under way"):
            async with open_sqlite(store):
                pass

    async with open_sqlite(store):
        pass


def test_a_program_that_has_the_store_open_when_its_place_would_be_taken_keeps_it_in_place(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", "old")
    opened: list[sqlite3.Connection] = []

    with pytest.raises(Invalid, match="still uses"):
        swap_while_somebody_writes(tmp_path / "store.db", opened)

    opened[0].close()
    assert said_by(tmp_path / "store.db") == "acknowledged"


def swap_while_somebody_writes(store: Path, opened: list[sqlite3.Connection]) -> None:
    with fresh_beside(store, AT, seconds=0.2) as fresh:
        fill(fresh, "new")
        opened.append(connect(store))
        opened[0].execute("UPDATE one SET said = 'acknowledged'")


def test_where_there_is_none_the_fresh_one_is_put_in_place_alone(tmp_path: Path) -> None:
    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert names(tmp_path) == ["store.db"]


def test_what_is_no_store_any_more_is_kept_with_what_lies_beside_it(tmp_path: Path) -> None:
    be_no_store(tmp_path / "store.db")

    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert said_by(tmp_path / "store.db") == "new"
    assert names(tmp_path) == ["store.db", ASIDE, f"{ASIDE}-wal"]


def test_a_block_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", "old")

    with pytest.raises(sqlite3.OperationalError), fresh_beside(tmp_path / "store.db", AT) as fresh:
        said_by(fresh)

    assert said_by(tmp_path / "store.db") == "old"
    assert names(tmp_path) == ["store.db"]


def test_what_a_killed_restore_has_left_is_no_hindrance(tmp_path: Path) -> None:
    fill(tmp_path / "store.db.restoring", "half")

    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert said_by(tmp_path / "store.db") == "new"
    assert names(tmp_path) == ["store.db"]


def test_it_waits_for_the_last_process_that_has_the_store_open(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", "old")
    used = connect(tmp_path / "store.db")
    said_by(tmp_path / "store.db")
    used.execute("SELECT * FROM one").fetchall()

    with pytest.raises(Invalid, match="still uses"):
        wait_until_unused(tmp_path / "store.db", seconds=0.2)
    threading.Timer(0.3, used.close).start()
    wait_until_unused(tmp_path / "store.db", seconds=20)

    assert said_by(tmp_path / "store.db") == "old"
