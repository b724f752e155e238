"""What tests of the simulated eID-Server share, and those with the client that citizens have."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sk.auth.eid.server import EidServer
from sk.auth.eid.simulator import Simulator
from tests.auth.eid.asking import BASE_URL
from tests.auth.eid.ausweisapp import AusweisApp, ausweisapp
from tests.auth.eid.tls import Pair, new_pair
from tests.fakes import FakeClock


@pytest.fixture
def simulator(clock: FakeClock) -> Simulator:
    """Return a simulator."""
    return Simulator(clock, BASE_URL)


@pytest.fixture
def server(simulator: Simulator) -> EidServer:
    """Return it as the platform asks it."""
    return simulator.client()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Return the key and certificate of a server."""
    return new_pair(tmp_path_factory.mktemp("tls"), "server")


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AusweisApp]:
    """Return a client that runs."""
    async with ausweisapp(tmp_path) as running:
        yield running
