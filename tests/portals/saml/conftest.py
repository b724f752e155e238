"""A platform that speaks SAML, and whose clock goes: those who read its messages compare them with the time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import WallClock
from tests.saml.parties import party
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform within this process that speaks SAML."""
    saml = party("provider").files(tmp_path / "saml")
    async with open_world(tmp_path / "data", WallClock(), saml=saml) as opened:
        yield opened
