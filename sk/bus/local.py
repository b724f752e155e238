"""The bus inside one process: a queue in memory for every handler."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sk.bus.port import Receive


class LocalBus:
    """`Bus` within a process. What it held when the process ended is published again when its lease runs out."""

    def __init__(self) -> None:
        """Begin with empty queues."""
        self._queues: defaultdict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)

    async def publish(self, queue: str, event_ids: Sequence[str]) -> None:
        """See `Bus.publish`."""
        for event_id in event_ids:
            self._queues[queue].put_nowait(event_id)

    @asynccontextmanager
    async def consume(self, queue: str, receive: Receive, *, at_once: int) -> AsyncIterator[None]:
        """See `Bus.consume`."""
        stopping = asyncio.Event()
        idle: set[asyncio.Task[None] | None] = set()
        workers = [asyncio.create_task(self._work(queue, receive, stopping, idle)) for _ in range(at_once)]
        try:
            yield
        finally:
            stopping.set()
            for worker in workers:
                if worker in idle:
                    worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def check(self) -> None:
        """See `Bus.check`."""

    async def _work(
        self, queue: str, receive: Receive, stopping: asyncio.Event, idle: set[asyncio.Task[None] | None]
    ) -> None:
        me = asyncio.current_task()
        while not stopping.is_set():
            idle.add(me)
            event_id = await self._queues[queue].get()
            idle.discard(me)
            await receive(event_id)
