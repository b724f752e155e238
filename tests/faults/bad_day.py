"""The story of a bad day: notices are posted, accidents happen, and in the end all is well."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import aiohttp

from tests.faults.crowd import AT_ONCE, Crowd
from tests.faults.ledger import check_all, check_documents
from tests.platforms import Platform, until_ready
from tests.process import until

A_MOMENT = 0.3
Accident = Callable[[], Awaitable[None]]


async def happen(accident: Accident, crowd: Crowd, notices: int, times: int, random: Random) -> None:
    """Have an accident happen so often while so many notices are being posted."""
    for moment in sorted(random.sample(range(notices - AT_ONCE), times)):
        await until(lambda moment=moment: crowd.dealt_with >= moment, seconds=120)  # type: ignore[misc]
        await asyncio.sleep(random.uniform(0, A_MOMENT))  # an accident keeps to no beat
        await accident()


async def live_through(platform: Platform, accident: Accident, notices: int, times: int, random: Random) -> None:
    """Post so many notices while an accident happens so often, and check that nothing is lost and nothing doubled.

    What no sender was told of is posted once more: it is there whole, or it never was.
    """
    players = platform.cast()
    async with aiohttp.ClientSession() as http:
        authority = platform.authority(http, players)
        crowd = Crowd(http, platform.base_url, authority, random)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(happen(accident, crowd, notices, times, random))
            tasks.create_task(crowd.post(players.handle, notices))
        await until_ready(platform)
        told = await check_all(platform, crowd, authority)

        known = {events[0]["reference"] for events in told.values()}
        for posting in [posting for posting in crowd.postings if not posting.answers]:
            status, _ = await crowd.again(posting)
            assert status == (200 if posting.reference in known else 202)
        await check_all(platform, crowd, authority)
    await check_documents(platform, players, crowd.postings)
