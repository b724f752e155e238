"""The servers of the distributed platform die or fall silent: what was acknowledged is there when they are back."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.bad_day import live_through
from tests.platforms import LEANS_ON, Distributed, running
from tests.servers import Kind, Servers
from tests.upload import half_posted

LEASE_SECONDS = 3
KINDS = tuple(LEANS_ON.values())


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_is_killed_and_comes_back_costs_no_acknowledged_notice(
    kind: Kind, tmp_path: Path, servers: Servers, random: Random
) -> None:
    with servers.private(kind) as mortal:
        others = {other: servers.shared(other) for other in KINDS if other != kind}
        with running(
            Distributed(tmp_path, {"events_lease_seconds": LEASE_SECONDS}, {**others, kind: mortal})
        ) as platform:

            async def die_and_come_back() -> None:
                await asyncio.to_thread(mortal.kill)
                await asyncio.to_thread(mortal.start)

            await live_through(platform, die_and_come_back, notices=100, times=2, random=random)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_falls_silent_does_not_keep_the_platform_from_ending(
    kind: Kind, tmp_path: Path, servers: Servers
) -> None:
    with servers.private(kind) as mute:
        others = {other: servers.shared(other) for other in KINDS if other != kind}
        with running(Distributed(tmp_path, {}, {**others, kind: mute})) as platform:
            async with half_posted(platform) as posted:
                mute.freeze()
                try:
                    posted.upload.go_on.set()
                    codes = await asyncio.to_thread(platform.end)
                finally:
                    mute.thaw()

            assert codes == [0, 0, 0]
