"""What all tests share: the servers of the run, and a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from argon2 import PasswordHasher
from playwright.async_api import Browser

from sk.auth import passwords
from tests.chromium import open_chromium
from tests.fakes import FakeClock
from tests.machines import Machines
from tests.process import Process
from tests.refusals import Office, open_office
from tests.security.alarms import Alarms
from tests.servers import Servers, begin_run, end_run
from tests.world import World, open_world

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SERVERS = pytest.StashKey[Servers]()
LOCK = pytest.StashKey[IO[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run, or join the one that this process works for."""
    if told := getattr(config, "workerinput", None):
        config.stash[SERVERS] = Servers(Path(told["servers"]))
    else:
        config.stash[SERVERS], config.stash[LOCK] = begin_run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - pytest-xdist has no types
    """Tell a parallel worker where the servers of this run are."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started, also after a failure or Ctrl-C."""
    if LOCK in config.stash:
        end_run(config.stash[SERVERS], config.stash[LOCK])


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a hash cost next to nothing in the process of a test: thousands of tests make an account."""
    monkeypatch.setattr(passwords, "HASHER", CHEAP)


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    """Return the servers of this run."""
    return pytestconfig.stash[SERVERS]


@pytest.fixture
def mongo_url(servers: Servers) -> str:
    """Return the URL of a fresh database on a real server."""
    return servers.shared("mongodb").url()


@pytest.fixture
def s3_url(servers: Servers) -> str:
    """Return the URL of a fresh bucket on a real server."""
    return servers.shared("s3").url()


@pytest.fixture
def amqp_url(servers: Servers) -> str:
    """Return the URL of a real broker with a fresh prefix."""
    return servers.shared("rabbitmq").url()


@pytest.fixture
def clamd_url(servers: Servers) -> str:
    """Return the URL of a real scanner, which knows the EICAR test file."""
    return servers.shared("clamd").url()


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that a test moves."""
    return FakeClock()


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform within this process, with a clock to move."""
    async with open_world(tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture
def rendering(tmp_path: Path) -> Iterator[Path]:
    """Return the socket of a process that makes previews."""
    process = Process(tmp_path, "render", ("-m", "sk", "render", "--socket", "render.socket"), {})
    try:
        process.start()
        process.ready()
        yield tmp_path / "render.socket"
    finally:
        process.forget()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Return Debian's Chromium."""
    async with open_chromium() as browser:
        yield browser


@pytest.fixture
def alarms(caplog: pytest.LogCaptureFixture) -> Alarms:
    """Return what the operator hears during a test."""
    return Alarms(caplog)


@pytest.fixture
async def office(world: World) -> Office:
    """Return an authority with a token and somebody to write to."""
    return await open_office(world)


@pytest.fixture
def machines(world: World, tmp_path: Path) -> Machines:
    """Return a platform that runs, and where it may be brought back."""
    return Machines(world, tmp_path)
