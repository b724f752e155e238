"""The platform as processes: the story, told in both modes, and what happens when processes are ended or killed."""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from sk.clock import SystemClock
from sk.demo.story import Story
from tests.platform import MODES, Mode, Platform, started
from tests.servers import Servers


@pytest.fixture
def embedded(tmp_path: Path, servers: Servers) -> Iterator[Platform]:
    """Return `sk up` on a folder of its own, for a test that ends it."""
    with started("embedded", tmp_path, servers, stop_grace_seconds=2) as platform:
        yield platform


@pytest.mark.parametrize("mode", MODES)
async def test_the_story_goes_well_also_over_a_restart(mode: Mode, tmp_path: Path, servers: Servers) -> None:
    told: list[str] = []
    with started(mode, tmp_path, servers) as platform:
        story = Story(platform.base_url, platform.cast(), told.append)
        async with aiohttp.ClientSession() as authority, aiohttp.ClientSession() as citizen:
            notice, bescheid = await story.post(authority, SystemClock().now())
            assert set(platform.end()) == {0}
            platform.start()
            await story.read(citizen, notice, bescheid)
            await story.look_back(authority, notice)

        assert [mail["Message-ID"] for mail in platform.mails()] == [f"<{notice['id']}@localhost>"]
    assert len(told) == 8
