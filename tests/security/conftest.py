"""What tests about attackers share."""

from collections.abc import Iterator

import pytest

from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, intrusion
from tests.world import World


@pytest.fixture
def intruder(world: World) -> Iterator[Intruder]:
    """Return a writer in the database of the world."""
    with intrusion(world) as writer:
        yield writer


@pytest.fixture
def alarms(caplog: pytest.LogCaptureFixture) -> Alarms:
    """Return what the operator hears during a test. Nothing may have failed without being understood."""
    return Alarms(caplog)
