"""`sk account erase`: for an owner who asks the help desk."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sk.clock import local_day
from tests.process import run_sk


def data_of(folder: Path) -> tuple[str, str]:
    """Return the option that names the data."""
    return "--data", str(folder / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a platform in a folder, with somebody in it."""
    done = run_sk(
        tmp_path, {}, "account", "add", "--username", "erika", "--email", "erika@example.org", *data_of(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_the_help_desk_begins_the_seven_days_and_is_told_the_days(folder: Path) -> None:
    before = datetime.now(UTC)

    done = run_sk(folder, {}, "account", "erase", "erika", "--yes", "--json", *data_of(folder))

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    at = datetime.fromisoformat(said["erased_at"])
    assert timedelta(days=7) <= at - before < timedelta(days=7, minutes=1)
    assert said["erased_on"] == str(local_day(at))
    assert said["final_on"] == str(local_day(at) + timedelta(days=15))


def test_it_is_not_done_without_the_word_of_the_help_desk(folder: Path) -> None:
    done = run_sk(folder, {}, "account", "erase", "erika", *data_of(folder))

    assert done.returncode == 2
    assert "say --yes if its owner wants it" in done.stderr


def test_it_can_be_cancelled(folder: Path) -> None:
    run_sk(folder, {}, "account", "erase", "erika", "--yes", *data_of(folder))

    said = [
        json.loads(run_sk(folder, {}, "account", "erase", "erika", "--cancel", "--json", *data_of(folder)).stdout)
        for _ in range(2)
    ]

    assert [one["cancelled"] for one in said] == [True, False]


def test_somebody_who_is_not_there_cannot_be_erased(folder: Path) -> None:
    done = run_sk(folder, {}, "account", "erase", "mia", "--yes", *data_of(folder))

    assert (done.returncode, done.stderr) == (1, "sk: there is no account with the user name mia\n")
