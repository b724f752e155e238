"""The pipe between the two processes of `sk up`, and what web does itself when it is nudged."""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sk.bus.beside import OneQueueBeside, nudged
from sk.bus.local import LocalBus
from sk.ids import new_id
from tests.contract.peer import open_objects
from tests.platforms import MODES, Mode, started
from tests.servers import Servers

COLLECTION = re.compile(r"\d{4}/\d\d/\d\d/keys-\d+")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        with suppress(OSError):
            os.close(end)


async def test_what_is_published_on_one_side_is_received_on_the_other_once_and_in_order(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    here, there, received, all_there = LocalBus(), LocalBus(), list[str](), asyncio.Event()
    sent = [new_id() for _ in range(500)]

    async def receive(event_id: str) -> None:
        received.append(event_id)
        if len(received) == len(sent):
            all_there.set()

    async with nudged(there, "web", reading), there.consume("web", receive, at_once=1):
        await OneQueueBeside(here, "web", writing).publish("web", sent)
        async with asyncio.timeout(5):
            await all_there.wait()

    assert received == sent


async def test_other_queues_stay_on_this_side(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    here, received = LocalBus(), asyncio.Event()

    async def receive(_: str) -> None:
        received.set()

    bus = OneQueueBeside(here, "web", writing)
    async with bus.consume("delivery", receive, at_once=1):
        await bus.publish("delivery", ["an-event"])
        async with asyncio.timeout(5):
            await received.wait()

    os.set_blocking(reading, False)
    with pytest.raises(BlockingIOError):
        os.read(reading, 1)


async def test_a_pipe_that_is_full_or_that_nobody_reads_loses_nudges_and_stops_nobody(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    bus = OneQueueBeside(LocalBus(), "web", writing)
    async with asyncio.timeout(5):
        await bus.publish("web", [new_id() for _ in range(5_000)])
        os.close(reading)
        await bus.publish("web", [new_id()])


@pytest.mark.parametrize("mode", MODES)
async def test_web_does_itself_what_it_alone_has_the_keys_for(mode: Mode, tmp_path: Path, servers: Servers) -> None:
    with started(mode, tmp_path, servers) as platform:
        async with asyncio.timeout(30):
            while True:
                if await _collections(platform.objects_url):
                    break
                await asyncio.sleep(0.1)
        assert set(platform.end()) == {0}


async def _collections(url: str) -> list[str]:
    async with open_objects(url) as objects:
        return [name for day in await objects.days() async for name in objects.names(day) if COLLECTION.fullmatch(name)]
