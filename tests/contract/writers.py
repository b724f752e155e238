"""Writers in other processes, and what must be true of a store whatever became of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sk.store.port import Store, all_of
from tests.contract.things import MINUTE, NOON, Thing

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def peer(what: str, url: str, who: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run another process at the same store; it does not survive the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.contract.peer", what, url, who), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def lines(process: asyncio.subprocess.Process, until: Callable[[list[str]], bool]) -> list[str]:
    """Read what a peer says until that is enough."""
    assert process.stdout
    said: list[str] = []
    while not until(said):
        said.append((await process.stdout.readline()).decode().strip())
        assert said[-1], "the peer has ended"
    return said


async def rest(process: asyncio.subprocess.Process) -> list[str]:
    """Read what a peer had said when it was killed."""
    assert process.stdout
    return (await process.stdout.read()).decode().split()


async def assert_whole(store: Store, acknowledged: list[str]) -> None:
    """Check that no acknowledged thing is missing, and that each thing has its entries and its event."""
    found = [here async for here in all_of(store, Thing)]
    assert set(acknowledged) <= {here.id for here in found}
    in_row: list[Thing] = await store.find(Thing, "row", "row", limit=100_000)
    assert {here.id for here in in_row} == {here.id for here in found}
    for here in found:
        assert await store.find(Thing, "name", here.name) == [here]
        assert await store.due(here.also_in[0]) is not None
    taken = await store.take_due("me", NOON, limit=100_000, lease=MINUTE)
    assert {event.id for event in taken} == {here.also_in[0] for here in found}
