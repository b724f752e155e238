"""The law is held to tests of its own: they run every line of it and take every branch, without help from any other.

A date that only a test of the web or of a worker has ever computed is one that nobody has compared with the statute.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.postbox.cases import LAW

ROOT = Path(__file__).parents[2]
TESTS = ("bekanntgabe", "command", "days", "doubts", "holidays", "last_days", "rechtsbehelf", "regimes")
FOREIGN = ("COV", "PYTEST_")
"""How the names of variables begin by which another run would measure along, or tell this one how to run."""


@pytest.mark.timeout(300)  # where all cores are busy; else it takes some twenty seconds
def test_the_tests_of_the_law_leave_no_line_and_no_branch_of_it_out(tmp_path: Path) -> None:
    files = measured(tmp_path)

    assert [
        f"{name}.py: {what} {lines}"
        for name in LAW
        for what in ("missing_lines", "missing_branches", "excluded_lines")
        if (lines := files[f"sk/postbox/{name}.py"][what])
    ] == []
    assert {files[f"sk/postbox/{name}.py"]["summary"]["percent_covered"] for name in LAW} == {100}


def measured(folder: Path) -> dict[str, Any]:
    """Run the tests of the law in a process of their own, and return what coverage says of each file."""
    (folder / "settings").touch()  # empty, so that none of somebody's settings leaves anything out
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    environment = {**kept, "COVERAGE_FILE": str(folder / "data"), "HYPOTHESIS_PROFILE": "covering"}
    settings = f"--rcfile={folder / 'settings'}"

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "coverage", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    measuring = ("run", settings, "--branch", f"--include={','.join(f'sk/postbox/{name}.py' for name in LAW)}")
    tests = [f"tests/postbox/test_{name}.py" for name in TESTS]
    run(*measuring, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-q", *tests)
    run("json", settings, "-q", "-o", str(folder / "report"))
    report: dict[str, Any] = json.loads((folder / "report").read_text())["files"]
    return report
