"""What the tests of pages share: a platform that makes previews."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.pages.visit import SAFE_MAX
from tests.rendering import open_renderer
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform within this process, with a renderer beside it."""
    async with (
        open_renderer(tmp_path) as socket,
        open_world(tmp_path / "data", clock, render=socket, safe_max_bytes=SAFE_MAX) as opened,
    ):
        yield opened
