"""Fixtures of the tests of workers."""

from collections.abc import AsyncIterator

import pytest

from sk.workers.bounces import taking_bounces
from tests.workers.lmtp import NAMES, Bring, by
from tests.world import World


@pytest.fixture
async def bring(world: World) -> AsyncIterator[Bring]:
    """Return how a mail server brings a mail; bounces are taken while the test lasts."""
    async with taking_bounces(NAMES, world.workers):
        yield by(world)
