"""Another SQLite store takes the place of the one that is there, which is kept with all that it holds."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sk.errors import Invalid
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


def fill(store: Path, said: str) -> None:
    with closing(connect(store)) as db:
        db.execute("CREATE TABLE one (said TEXT)")
        db.execute("INSERT INTO one VALUES (?)", (said,))


def said_by(store: Path) -> str:
    with closing(sqlite3.connect(store)) as db:
        return str(db.execute("SELECT said FROM one").fetchone()[0])


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_what_a_killed_process_had_not_yet_put_into_the_file_is_kept_too(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "store.db")], check=False)
    assert "store.db-wal" in names(tmp_path)

    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert (said_by(tmp_path / "store.db"), said_by(tmp_path / ASIDE)) == ("new", "old")
    assert names(tmp_path) == ["store.db", ASIDE]


def test_where_there_is_none_the_fresh_one_is_put_in_place_alone(tmp_path: Path) -> None:
    with fresh_beside(tmp_path / "store.db", AT) as fresh:
        fill(fresh, "new")

    assert names(tmp_path) == ["store.db"]


def test_what_is_no_store_any_more_is_kept_with_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"This is no database." * 1000)
    (tmp_path / "store.db-wal").write_bytes(b"nor is this")

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
