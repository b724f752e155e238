"""The command line loads what a command needs: whoever verifies or audits has nothing of the server and no settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.evidence.bundles import FETCHED, KNOWN, raw_of
from tests.process import run_sk

SERVER = (
    "aio_pika", "aiohttp.web", "aiosmtpd", "aiosmtplib", "argon2", "jinja2", "minio", "motor", "pydantic_settings",
    "pymongo", "uvloop",
)  # fmt: skip
OURS = ("auth", "bus", "config", "installation", "mail", "objects", "services", "store", "up", "web", "workers")
BROKEN_SETTINGS = "SK_NONSENSE=1\nSK_PORT=many\nSK_STORE=postgres://localhost\n"


def ran(code: str, folder: Path) -> tuple[str, set[str]]:
    """Return what some code has said in a fresh process, and the modules that were there afterwards."""
    told = f"import sys\ntry:\n {code}\nexcept SystemExit:\n pass\nprint('loaded:', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=folder, capture_output=True, text=True, check=True)
    said, _, loaded = done.stdout.rpartition("loaded:")
    return said, set(loaded.split())


def of_the_server(modules: set[str]) -> list[str]:
    names = (*SERVER, *(f"sk.{name}" for name in OURS))
    return sorted(module for module in modules if any(f"{module}.".startswith(f"{name}.") for name in names))


@pytest.mark.parametrize(
    "module",
    ["sk.evidence.verify", "sk.evidence.sentences", "sk.commands.verify", "sk.evidence.watch", "sk.commands.log"],
)
def test_what_verifies_and_what_watches_loads_nothing_of_the_server(module: str, tmp_path: Path) -> None:
    _, loaded = ran(f"import {module}", tmp_path)

    assert module in loaded
    assert of_the_server(loaded) == []


def test_whoever_verifies_needs_neither_server_nor_network_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_bytes(raw_of(FETCHED))
    command = ["verify", "evidence.json", "--trust", str(KNOWN["konto"])]

    said, loaded = ran(f"from sk.cli import main; main({command})", tmp_path)

    assert "Gültig: " in said
    assert (of_the_server(loaded), "aiohttp" in loaded) == ([], False)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.json"]


def test_whoever_audits_needs_no_server(tmp_path: Path) -> None:
    command = ["log", "audit", "http://127.0.0.1:1", "--state", "state.json"]

    _, loaded = ran(f"from sk.cli import main; main({command})", tmp_path)

    assert "aiohttp" in loaded
    assert of_the_server(loaded) == []


def test_the_command_line_itself_loads_no_command(tmp_path: Path) -> None:
    _, loaded = ran("import sk.cli", tmp_path)
    assert {module for module in loaded if module.startswith("sk.commands.")} == {"sk.commands.common"}


def test_settings_that_would_stop_the_platform_do_not_matter_to_commands_for_strangers(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(BROKEN_SETTINGS)

    assert "SK_" in run_sk(tmp_path, {}, "config").stderr
    audited = run_sk(tmp_path, {"SK_PORT": "many"}, "log", "audit", "http://127.0.0.1:1", "--state", "state.json")
    verified = run_sk(tmp_path, {"SK_PORT": "many"}, "verify", "none.json")
    assert [(done.returncode, "SK_" in done.stderr) for done in (audited, verified)] == [(2, False), (2, False)]


def test_a_command_that_is_spelled_wrongly_is_told_the_right_one(tmp_path: Path) -> None:
    assert "verify" in run_sk(tmp_path, {}, "verfy").stderr
