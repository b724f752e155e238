"""Processes of ours in a test: started, waited for, killed, and never left behind."""

import asyncio
import os
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from time import monotonic

import pytest

from tests.keeper import tool

PATIENCE_SECONDS = 30
STOP_SECONDS = 20
"""What the platform promises: told to stop, it is gone after so long."""


class Process:
    """A Python program with its log in a file. It dies with the thread that started it: the test's."""

    def __init__(self, folder: Path, name: str, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        """Describe the process; `start` starts it, as often as wanted."""
        self.log = folder / f"{name}.log"
        self.command = command
        self._environment = environment
        self._lives: list[subprocess.Popen[bytes]] = []

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._running().pid

    def start(self, *more: str) -> None:
        """Start it in a process group of its own, so that Ctrl-C in a terminal leaves its end to the test.

        The second time, what the life before has left behind is left alone.
        """
        command = [tool("setpriv", "Debian's package util-linux"), "--pdeathsig", "KILL", sys.executable]
        with self.log.open("ab") as log:
            life = subprocess.Popen(
                [*command, *self.command, *more],
                cwd=self.log.parent,
                env=_surroundings(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                process_group=0,
            )
        self._lives.append(life)

    def ready(self) -> str:
        """Wait for the line `ready URL` and return the URL."""
        said = self._running().stdout
        assert said
        if not select.select([said], [], [], PATIENCE_SECONDS)[0]:
            pytest.fail(f"{self.log.stem} is not ready; it says: {self.tail()}")
        word, _, url = said.readline().decode().strip().partition(" ")
        assert word == "ready", f"{self.log.stem} has ended; it says: {self.tail()}"
        return url

    def signal(self, number: int) -> None:
        """Send a signal to this process, not to its children."""
        self._running().send_signal(number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for its end and return its exit code."""
        try:
            return self._running().wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.log.stem} has not ended within {seconds} seconds; it says: {self.tail()}")

    def end(self) -> int:
        """End it in good order and return its exit code."""
        self.signal(SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """Kill it alone, as a crash would, and return when it is gone."""
        self.signal(SIGKILL)
        self.wait()

    def said(self) -> str:
        """Return what it has written to standard output since it was ready, after its end."""
        stdout = self._running().stdout
        return stdout.read().decode() if stdout else ""

    def tail(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def forget(self) -> None:
        """Kill what is left of all its lives and their children, at the end of a test."""
        for life in self._lives:
            with suppress(ProcessLookupError):
                os.killpg(life.pid, SIGKILL)
            life.wait()
            if life.stdout:
                life.stdout.close()
        self._lives.clear()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._lives, f"{self.log.stem} was not started"
        return self._lives[-1]


def run_sk(folder: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator would, in a folder, and return what became of it."""
    command = [sys.executable, "-m", "sk", *arguments]
    surroundings = _surroundings(environment)
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )


def children_of(pid: int) -> dict[str, int]:
    """Return the children of an `sk up` by their commands; one that nobody buried is "zombie"."""
    with suppress(FileNotFoundError, ProcessLookupError):
        pids = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return {_command_of(child): child for child in pids}
    return {}


def peak_megabytes(pid: int) -> float:
    """Return how much memory a process has had at most since it was started."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds that no process tells us of."""
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it has not come so far in time"
        await asyncio.sleep(0.01)


def _surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SK_")}
    return {**ours, **environment}


def _command_of(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[3].decode() if len(words) > 3 else "zombie"
