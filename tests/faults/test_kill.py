"""Processes are killed while notices are posted: what was acknowledged is delivered, and happens once."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.bad_day import Accident, live_through
from tests.platforms import MODES, Embedded, Mode, Platform, running, started
from tests.process import run_sk, until
from tests.servers import Servers
from tests.upload import half_posted

LEASE_SECONDS = 3


def a_kill(platform: Platform, random: Random) -> Accident:
    """Return the accident that one of the processes is killed, and not always the same."""

    async def kill() -> None:
        await until(lambda: bool(platform.pids()))
        platform.kill(random.choice(sorted(platform.pids())))

    return kill


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_acknowledged_between_kills_happens_once(
    mode: Mode, tmp_path: Path, servers: Servers, random: Random
) -> None:
    with started(mode, tmp_path, servers, events_lease_seconds=LEASE_SECONDS) as platform:
        await live_through(platform, a_kill(platform, random), notices=60, times=6, random=random)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES)
async def test_of_five_hundred_notices_posted_between_twenty_kills_each_happens_once(
    mode: Mode, tmp_path: Path, servers: Servers, random: Random
) -> None:
    with started(mode, tmp_path, servers, events_lease_seconds=LEASE_SECONDS) as platform:
        await live_through(platform, a_kill(platform, random), notices=500, times=20, random=random)


async def test_what_a_killed_upload_has_left_is_cleared_away_by_the_doctor_when_nothing_is_posted(
    tmp_path: Path,
) -> None:
    with running(Embedded(tmp_path, {})) as platform:
        left = tmp_path / "objects" / "incoming"
        async with half_posted(platform):
            await until(lambda: any(left.iterdir()))  # what was sent is still on its way
            platform.kill("web")
        assert len(list(left.iterdir())) == 1

        assert run_sk(tmp_path, platform.environment, "doctor", "--repair").stdout == "all well\n"
        assert len(list(left.iterdir())) == 1  # of today: it might be under way
        platform.end()
        mended = run_sk(tmp_path, platform.environment, "doctor", "--repair").stdout
        assert mended.endswith(" is nobody's: mended\nall well\n")
        assert list(left.iterdir()) == []
