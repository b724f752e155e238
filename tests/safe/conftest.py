"""What tests about the safe share."""

import pytest

from tests.safe.uploads import Uploader, uploader
from tests.security.tab import Tab, open_tab
from tests.world import Citizen, World


@pytest.fixture
async def erika(world: World) -> Citizen:
    """Return somebody with an empty safe."""
    return await world.citizen()


@pytest.fixture
async def tus(world: World, erika: Citizen) -> Uploader:
    """Return a client of hers."""
    return await uploader(world, erika)


@pytest.fixture
async def tab(world: World, erika: Citizen) -> Tab:
    """Return a tab in her browser."""
    return await open_tab(world, erika)
