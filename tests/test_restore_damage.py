"""A backup in which anything is not as it was written is refused before anything is touched."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sk.backup_files import digest
from sk.errors import Invalid
from tests.machines import Machines


def change_a_row(backup: Path) -> None:
    rows = bytearray((backup / "store.jsonl.gz").read_bytes())
    rows[len(rows) // 2] ^= 1
    (backup / "store.jsonl.gz").write_bytes(rows)


def leave_rows_out(backup: Path) -> None:
    lines = gzip.decompress((backup / "store.jsonl.gz").read_bytes()).splitlines(keepends=True)
    (backup / "store.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[1:])))


def forge(backup: Path, rows: bytes) -> None:
    """Put other rows in their place, with the digest of these."""
    (backup / "store.jsonl.gz").write_bytes(rows)
    said = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps({**said, "rows_sha256": digest(backup / "store.jsonl.gz")}))


def be_no_rows(backup: Path) -> None:
    forge(backup, b"these are no rows")


def be_other_rows(backup: Path) -> None:
    forge(backup, gzip.compress(b'{"kind": "notice", "colour": "red"}\n'))


def be_no_installation(backup: Path) -> None:
    forge(backup, gzip.compress(b""))


def lose_an_object(backup: Path) -> None:
    next(file for file in (backup / "objects").rglob("*") if file.is_file()).unlink()


def change_an_object(backup: Path) -> None:
    next(file for file in (backup / "objects").rglob("*") if file.is_file()).write_bytes(b"something else")


def change_the_list_of_objects(backup: Path) -> None:
    (backup / "objects.sha256").write_text("")


def lead_out_of_the_folder(backup: Path) -> None:
    listed = (backup / "objects.sha256").read_text().replace("objects/2026", "objects/../2026")
    (backup / "objects.sha256").write_text(listed)
    said = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps({**said, "objects_sha256": digest(backup / "objects.sha256")}))


def lose_what_it_says_of_itself(backup: Path) -> None:
    (backup / "backup.json").unlink()


def say_what_no_backup_says(backup: Path) -> None:
    (backup / "backup.json").write_text("{}")


def be_of_a_real_installation(backup: Path) -> None:
    said = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps({**said, "trial": False}))


def be_of_another_installation(backup: Path) -> None:
    said = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps({**said, "checkpoint": said["checkpoint"].replace("— 1", "— 2")}))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (change_a_row, "store.jsonl.gz is not what was written"),
        (leave_rows_out, "store.jsonl.gz is not what was written"),
        (be_no_rows, "cannot be read as the rows of a store"),
        (be_other_rows, "cannot be read as the rows of a store"),
        (be_no_installation, "0 rows with 0 installations"),
        (lose_an_object, "is missing"),
        (change_an_object, "is not what was written"),
        (change_the_list_of_objects, "objects.sha256 is not what was written"),
        (lead_out_of_the_folder, "the name of no object"),
        (lose_what_it_says_of_itself, "is no backup, or not all of one"),
        (say_what_no_backup_says, "cannot be read as what a backup says"),
        (be_of_a_real_installation, "SK_MAIL says otherwise"),
        (be_of_another_installation, "signed by none of these keys"),
    ],
)
async def test_a_damaged_backup_is_refused_before_anything_is_touched(
    damage: Callable[[Path], None], said: str, machines: Machines
) -> None:
    await machines.world.delivered()
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)
    (machines.fresh / "store.db").write_bytes(b"whatever is there")
    damage(backup)

    with pytest.raises(Invalid, match=said):
        await machines.restore(backup)

    assert sorted(file.name for file in machines.fresh.iterdir()) == ["keys", "store.db"]
    assert (machines.fresh / "store.db").read_bytes() == b"whatever is there"
