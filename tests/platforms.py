"""The platform as processes, started as an operator starts it, and ended with the test however that ends.

Embedded is `sk up` on a folder. Distributed is one `sk serve` and two `sk work`, each with the keys of its own roles
only, on RabbitMQ, the MongoDB protocol and S3, with a mail catcher that belongs to none of them.
"""

import asyncio
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any, Literal, TypeVar

import aiohttp

from sk.client import AuthorityClient, new_key
from sk.crypto.keyring import ROLES
from sk.demo.story import AUTHORITY, Cast
from sk.mail.catcher import caught_mails
from tests import catcher
from tests.keeper import free_port
from tests.process import PATIENCE_SECONDS, Process, children_of, run_sk
from tests.servers import Kind, Server, Servers

Mode = Literal["embedded", "distributed"]
MODES: tuple[Mode, ...] = ("embedded", "distributed")
LEANS_ON: Mapping[str, Kind] = {"store": "mongodb", "objects": "s3", "bus": "rabbitmq"}
SHARES = {"deliverer": ("delivery", "relay", "expiry"), "notifier": ("notification", "evidence")}
"""The two worker processes of the distributed platform, and which workers live in each."""


class Platform:
    """A platform under a base URL, with its data and logs in a folder."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        """Describe it; `start` starts it."""
        self.folder = folder
        self.environment = {f"SK_{name.upper()}": str(value) for name, value in settings.items()}
        self.base_url = ""
        self.port = str(free_port(folder / "port"))
        self.processes: dict[str, Process] = {}

    @property
    def store_url(self) -> str:
        """Return where its store is."""
        return self.environment.get("SK_STORE") or f"sqlite://{self.folder}/store.db"

    @property
    def objects_url(self) -> str:
        """Return where its objects are."""
        return self.environment.get("SK_OBJECTS") or f"file://{self.folder}/objects"

    def start(self) -> None:
        """Start it, always on the same port, and return when it serves."""
        raise NotImplementedError

    def pids(self) -> dict[str, int]:
        """Return its processes that a test may kill: "web", those of the workers, perhaps "render"."""
        raise NotImplementedError

    def kill(self, name: str) -> None:
        """Kill one of them. Whoever looks after it starts it again."""
        raise NotImplementedError

    def end(self) -> list[int]:
        """End all of it in good order and return the exit codes."""
        for process in self.processes.values():
            process.signal(SIGTERM)
        return [process.wait() for process in self.processes.values()]

    def forget(self) -> None:
        """Kill what is left, at the end of a test; the logs are shown if it has failed."""
        for process in self.processes.values():
            process.forget()
            print(f"--- {process.log.name}\n{process.tail()}")  # noqa: T201 - pytest keeps it for a failure

    def sk(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json as the operator would, and return what it says."""
        done = run_sk(self.folder, self.environment, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def cast(self, username: str = "erika") -> Cast:
        """Register an authority and a citizen."""
        key, jwk = new_key()
        file = self.folder / f"{jwk['kid']}.json"
        file.write_text(json.dumps(jwk))
        authority = self.sk("authority", "add", AUTHORITY, "--key", str(file), "--law", "ozg-9")
        wanted = ("--username", username, "--email", f"{username}@example.org", "--trust", "high", "--einwilligung")
        citizen = self.sk("account", "add", *wanted)
        secret, handle, vkey = citizen["password"], citizen["handle"], authority["log_vkey"]
        return Cast(authority["client_id"], key, jwk["kid"], username, secret, handle, vkey)

    def authority(self, http: aiohttp.ClientSession, players: Cast) -> AuthorityClient:
        """Return the authority's client."""
        return AuthorityClient(http, self.base_url, players.client_id, players.key, players.kid)

    def mails(self) -> list[Message]:
        """Return all mails that the catcher has taken."""
        return [message_from_bytes(raw) for raw in caught_mails(self.folder, limit=1_000_000)]


class Embedded(Platform):
    """`sk up` on a folder."""

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        """See `Platform`."""
        super().__init__(folder, {"data": folder, **settings})
        self.up = self.processes["up"] = Process(folder, "up", ("-m", "sk", "up"), self.environment)

    def start(self) -> None:
        """See `Platform.start`."""
        self.up.start("--port", self.port)
        self.base_url = self.up.ready()

    def pids(self) -> dict[str, int]:
        """See `Platform.pids`; one that is being started again is left out."""
        children = children_of(self.up.pid)
        names = {"serve": "web", "work": "work", "render": "render"}
        return {name: children[command] for command, name in names.items() if command in children}

    def kill(self, name: str) -> None:
        """See `Platform.kill`. The parent looks after its children."""
        os.kill(self.pids()[name], SIGKILL)


class Distributed(Platform):
    """One `sk serve` and two `sk work`, on real servers, beside a mail catcher."""

    def __init__(self, folder: Path, settings: Mapping[str, object], servers: Mapping[Kind, Server]) -> None:
        """See `Platform`; `servers` are those that it leans on."""
        places = {name: servers[kind].url() for name, kind in LEANS_ON.items()}
        super().__init__(folder, {**places, "keys": f"file://{folder}/keys/web", **settings})
        self._catcher = Process(folder, "catcher", (catcher.__file__, str(folder)), {})

    def start(self) -> None:
        """See `Platform.start`."""
        if not self.processes:
            self._prepare()
        self.processes["web"].start("--port", self.port)
        for name in SHARES:
            self.processes[name].start()
        self.base_url = self.processes["web"].ready()

    def pids(self) -> dict[str, int]:
        """See `Platform.pids`."""
        return {name: process.pid for name, process in self.processes.items()}

    def kill(self, name: str) -> None:
        """See `Platform.kill`. It is started again at once, as an orchestrator would."""
        process = self.processes[name]
        process.kill()
        process.start(*(("--port", self.port) if name == "web" else ()))

    def forget(self) -> None:
        """See `Platform.forget`."""
        super().forget()
        self._catcher.forget()

    def _prepare(self) -> None:
        """Start the catcher, make the keys, and describe the processes, each with the keys of its own roles."""
        self._catcher.start()
        self.environment["SK_MAIL"] = self._catcher.ready()
        keys = self.folder / "keys"
        made = run_sk(self.folder, self.environment, "keys", "init", str(keys))
        assert made.returncode == 0, made.stderr
        self._describe("web", keys / "web", "serve")
        for name, workers in SHARES.items():
            for role in ROLES.keys() & set(workers):
                shutil.copytree(keys / role, self.folder / f"keys-{name}" / role)
            self._describe(name, self.folder / f"keys-{name}", "work", *workers)

    def _describe(self, name: str, keys: Path, *command: str) -> None:
        environment = {**self.environment, "SK_KEYS": f"file://{keys}"}
        self.processes[name] = Process(self.folder, name, ("-m", "sk", *command), environment)


P = TypeVar("P", bound=Platform)


@contextmanager
def started(mode: Mode, folder: Path, servers: Servers, **settings: object) -> Iterator[Platform]:
    """Start a platform in either mode, in a fresh folder, on the servers of the run."""
    if mode == "embedded":
        platform: Platform = Embedded(folder, settings)
    else:
        platform = Distributed(folder, settings, {kind: servers.shared(kind) for kind in LEANS_ON.values()})
    with running(platform):
        yield platform


@contextmanager
def running(platform: P) -> Iterator[P]:
    """Start a platform, and leave nothing of it behind."""
    with forgotten(platform):
        platform.start()
        yield platform


@contextmanager
def forgotten(platform: P) -> Iterator[P]:
    """Leave nothing behind of a platform that the test itself starts."""
    try:
        yield platform
    finally:
        platform.forget()


async def until_bereitgestellt(authority: AuthorityClient, notice_id: str) -> None:
    """Wait until a notice is in its postbox."""
    cursor: dict[str, str] = {}
    while True:
        _, page = await authority.get("/api/v1/events", wait="10", **cursor)
        if any((event["notice_id"], event["step"]) == (notice_id, "bereitgestellt") for event in page["events"]):
            return
        cursor = {"after": page["cursor"]}


async def until_ready(platform: Platform) -> None:
    """Wait until a platform serves again, and all that it leans on."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"{platform.base_url}/readyz") as answer:
                    if answer.status == HTTPStatus.OK:
                        return
            await asyncio.sleep(0.05)
