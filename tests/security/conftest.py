"""What tests about attackers share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.security.intruder import Intruder, intrusion
from tests.security.serving import REAL
from tests.world import World, open_world


@pytest.fixture
def intruder(world: World) -> Iterator[Intruder]:
    """Return a writer in the database of the world."""
    with intrusion(world) as writer:
        yield writer


@pytest.fixture
async def real(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform that is no trial."""
    async with open_world(tmp_path / "real", clock, mail=REAL) as opened:
        yield opened
