"""Whoever verifies needs nothing of the server: what it is made of is not even loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.evidence.bundles import FETCHED, KNOWN, raw_of

SERVER = (
    "aiohttp", "aio_pika", "aiosmtplib", "aiosmtpd", "argon2", "minio", "motor", "pymongo",
    "pydantic_settings", "uvloop", "sk.bus", "sk.config", "sk.mail", "sk.objects", "sk.services", "sk.store",
    "sk.web", "sk.workers",
)  # fmt: skip
LOADED = "import sys; {}; print(*sys.modules)"
VERIFYING = (
    "import sys; sys.argv = ['sk', 'verify', 'evidence.json', '--trust', {!r}]\n"
    "from sk.cli import main\n"
    "try:\n    main()\nfinally:\n    print('loaded:', *sys.modules)"
)


def of_the_server(modules: list[str]) -> list[str]:
    """Return those of the modules that only the server needs."""
    return [name for name in modules if any(name == one or name.startswith(f"{one}.") for one in SERVER)]


def printed_by(script: str, folder: Path) -> str:
    """Return what a fresh interpreter prints, in a folder that is not the project's."""
    ran = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout


@pytest.mark.parametrize("module", ["sk.evidence.verify", "sk.evidence.sentences", "sk.commands.verify"])
def test_a_module_that_verifies_loads_nothing_of_the_server(module: str, tmp_path: Path) -> None:
    loaded = printed_by(LOADED.format(f"import {module}"), tmp_path).split()

    assert module in loaded
    assert of_the_server(loaded) == []


def test_the_whole_command_loads_nothing_of_the_server_and_opens_no_connection(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_bytes(raw_of(FETCHED))

    said, _, loaded = printed_by(VERIFYING.format(str(KNOWN["konto"])), tmp_path).rpartition("loaded:")

    assert "Gültig: " in said
    assert of_the_server(loaded.split()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["evidence.json"]
