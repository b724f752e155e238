"""What tests of imports share: a platform that unpacks archives, and somebody with an empty safe."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.safe.importing.imports import open_unpacking_world
from tests.world import Citizen, World


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform that unpacks archives."""
    async with open_unpacking_world(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def otto(world: World) -> Citizen:
    """Return somebody with an empty safe."""
    return await world.citizen("otto")
