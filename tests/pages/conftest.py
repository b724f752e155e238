"""What the tests of pages share: the platform that is visited."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pages.visit import open_pages
from tests.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform within this process, with a renderer beside it."""
    async with open_pages(tmp_path) as opened:
        yield opened
