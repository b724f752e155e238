"""The command line loads what a command needs: whoever verifies or audits has nothing of the server and no settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import run_sk

SERVER = ("aiohttp.web", "motor", "pymongo", "minio", "aio_pika", "jinja2", "pydantic_settings", "uvloop")
OURS = ("auth", "bus", "config", "installation", "mail", "objects", "services", "store", "up", "web", "workers")
BROKEN_SETTINGS = "SK_NONSENSE=1\nSK_PORT=many\nSK_STORE=postgres://localhost\n"


def loaded_by(code: str, folder: Path) -> set[str]:
    """Return the modules that are there after some code has run in a fresh process."""
    told = f"import sys\ntry:\n {code}\nexcept SystemExit:\n pass\nprint('loaded', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def of_the_server(modules: set[str]) -> list[str]:
    names = (*SERVER, *(f"sk.{name}" for name in OURS))
    return sorted(module for module in modules if any(f"{module}.".startswith(f"{name}.") for name in names))


@pytest.mark.parametrize("module", ["sk.evidence.verify", "sk.commands.verify", "sk.evidence.watch", "sk.commands.log"])
def test_what_verifies_and_what_watches_loads_nothing_of_the_server(module: str, tmp_path: Path) -> None:
    loaded = loaded_by(f"import {module}", tmp_path)

    assert module in loaded
    assert of_the_server(loaded) == []


@pytest.mark.parametrize(
    "command", ["['verify', 'none.json']", "['log', 'audit', 'http://127.0.0.1:1', '--state', 's']"]
)
def test_a_command_for_strangers_is_run_without_the_server(command: str, tmp_path: Path) -> None:
    assert of_the_server(loaded_by(f"from sk.cli import main; main({command})", tmp_path)) == []


def test_the_command_line_itself_loads_no_command(tmp_path: Path) -> None:
    loaded = loaded_by("import sk.cli", tmp_path)
    assert {module for module in loaded if module.startswith("sk.commands.")} == {"sk.commands.common"}


def test_settings_that_would_stop_the_platform_do_not_matter_to_commands_for_strangers(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(BROKEN_SETTINGS)

    assert "SK_" in run_sk(tmp_path, {}, "config").stderr
    audited = run_sk(tmp_path, {"SK_PORT": "many"}, "log", "audit", "http://127.0.0.1:1", "--state", "state.json")
    verified = run_sk(tmp_path, {"SK_PORT": "many"}, "verify", "none.json")
    assert [(done.returncode, "SK_" in done.stderr) for done in (audited, verified)] == [(2, False), (2, False)]


def test_a_command_that_is_spelled_wrongly_is_told_the_right_one(tmp_path: Path) -> None:
    assert "verify" in run_sk(tmp_path, {}, "verfy").stderr
