"""Another worker at the same broker, which a test may kill: `python -m tests.contract.bus_peer URL QUEUE`.

It prints every id that it gets and then never finishes with it.
"""

import asyncio
import sys

from sk.bus.rabbit import open_rabbit


async def take_and_hang(event_id: str) -> None:
    """Say what arrived and stay with it."""
    sys.stdout.write(event_id + "\n")
    sys.stdout.flush()
    await asyncio.sleep(3600)


async def main(url: str, queue: str) -> None:
    """Consume until killed."""
    async with open_rabbit(url) as bus, bus.consume(queue, take_and_hang, at_once=10):
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
