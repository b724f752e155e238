"""A platform whose clock goes, because the clients compare what they are told with the time; and Node."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import WallClock
from tests.portals.node import Node, installed
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform within this process."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


@pytest.fixture(scope="session")
def packages() -> Path:
    """Return the folder with the packages of the lock."""
    return installed()


@pytest.fixture
def node(packages: Path, tmp_path: Path) -> Node:
    """Return Node beside our scripts and their packages."""
    return Node.beside(packages, tmp_path / "node")
