"""Real servers for the tests: RabbitMQ, the MongoDB protocol, S3, a malware scanner.

One of each kind serves a whole run: the first test that needs it starts it, tests in other processes find it, and
`tests/keeper.py` ends it with the run. Tests tell themselves apart by prefix, database and bucket. A test that kills a
server starts one of its own with `private_server`.
"""

import fcntl
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import IO, Literal, cast

import pytest

from tests import keeper

Kind = Literal["mongodb", "s3", "rabbitmq", "clamd"]


@dataclass
class Server:
    """A server in a folder. One that was killed can be started again with what it had on disk."""

    kind: Kind
    folder: Path
    port: int = 0
    pid: int = 0

    def start(self) -> None:
        """Start it, with a keeper that ends it with the run; the second time on the same port."""
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, keeper.__file__, self.kind, str(self.folder)]
        # In a session of its own, so that Ctrl-C ends the run first and the keeper then ends the server.
        started = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        with cast("IO[bytes]", started.stdout) as said:
            told = json.loads(said.readline())
        if error := told.get("error"):
            started.wait()
            pytest.fail(error, pytrace=False)
        (self.folder / "keeper").write_text(str(started.pid))
        KEEPERS.append(started)
        self.port, self.pid = told["port"], told["pid"]

    def url(self) -> str:
        """Return a URL under which its holder is alone: a fresh database, bucket or prefix."""
        name = f"t{secrets.token_hex(6)}"
        return {
            "mongodb": f"mongodb://127.0.0.1:{self.port}/{name}",
            "s3": f"s3://{keeper.S3_KEY}:{keeper.S3_SECRET}@127.0.0.1:{self.port}/{name}?tls=0&region=eu-central-1",
            "rabbitmq": f"amqp://guest:guest@127.0.0.1:{self.port}/?prefix={name}",
            "clamd": f"clamd://127.0.0.1:{self.port}",
        }[self.kind]

    def kill(self) -> None:
        """End it as a power cut would, and return when it is gone."""
        os.killpg(self.pid, signal.SIGKILL)
        _wait_for(self.folder)

    def freeze(self) -> None:
        """Let it keep its connections and answer nothing, not even what its last thread is about to."""
        os.killpg(self.pid, signal.SIGSTOP)
        while set(_threads(self.pid)) - {*"TXZ"}:  # stopped, or dead
            time.sleep(0.01)

    def thaw(self) -> None:
        """Let it answer again."""
        os.killpg(self.pid, signal.SIGCONT)

    def rabbitmqctl(self, *arguments: str) -> str:
        """Ask the node something as its operator; this takes some seconds, for it starts a node of its own."""
        settings = json.loads((self.folder / "settings").read_text())
        command = ["/usr/lib/rabbitmq/bin/rabbitmqctl", *arguments]
        return subprocess.run(command, env=settings, check=True, capture_output=True, text=True, timeout=60).stdout


def _threads(group: int) -> Iterator[str]:
    """Yield the states of all threads of a group of processes: a signal takes a moment to stop each of them."""
    for status in Path("/proc").glob("[0-9]*/task/*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, belongs_to, *_ = status.read_text().rpartition(")")[2].split()
            if int(belongs_to) == group:
                yield state


KEEPERS: list[subprocess.Popen[bytes]] = []  # referred to until the end: a Popen that is forgotten warns


@dataclass
class Servers:
    """The servers of one test run."""

    folder: Path

    def shared(self, kind: Kind) -> Server:
        """Return the one server of a kind, starting it if nobody has yet."""
        known = self.folder / f"{kind}.json"
        with (self.folder / f"{kind}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            server = Server(kind, self.folder / kind)
            if known.exists():
                server.port, server.pid = json.loads(known.read_text())
            else:
                server.start()
                known.write_text(json.dumps([server.port, server.pid]))
            return server

    @contextmanager
    def private(self, kind: Kind, settings: str = "") -> Iterator[Server]:
        """Start a server that a test may kill, or a clamd with settings of its own."""
        server = Server(kind, self.folder / f"{kind}-{secrets.token_hex(4)}")
        if settings:
            server.folder.mkdir()
            (server.folder / "more").write_text(settings)
        server.start()
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.kill()
            rmtree(server.folder)


def begin_run() -> tuple[Servers, IO[str]]:
    """Make the folder of a run, with a lock that is held for as long as this process lives."""
    folder = Path(tempfile.mkdtemp(prefix="sk-tests-"))
    lock = (folder / keeper.RUN_LOCK).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return Servers(folder), lock


def end_run(servers: Servers, lock: IO[str]) -> None:
    """Let go of the lock and wait until the keepers have ended everything."""
    lock.close()
    for folder in servers.folder.glob("*/"):
        _wait_for(folder)
    rmtree(servers.folder, ignore_errors=True)


def _wait_for(folder: Path) -> None:
    """Wait until the keeper of a folder is gone, and with it the server."""
    with suppress(FileNotFoundError, ProcessLookupError):
        watched = os.pidfd_open(int((folder / "keeper").read_text()))
        select.select([watched], [], [], 30)
        os.close(watched)
    for process in KEEPERS:
        process.poll()
