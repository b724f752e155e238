"""The bus of `sk up` between its two processes: a pipe for the one queue whose handlers run in the other.

What web alone can do, because it alone holds the keys, it does when it is nudged: in containers by RabbitMQ, here by
the ids that the relay's process writes into the pipe.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sk.bus.port import Bus, Receive

READ_BYTES = 4096


class OneQueueBeside:
    """`Bus` that hands one queue to the process beside, and leaves the others to another bus."""

    def __init__(self, bus: Bus, queue: str, fd: int) -> None:
        """Use the end of a pipe; whoever reads at the other end handles the queue."""
        self._bus = bus
        self._queue = queue
        self._fd = fd
        os.set_blocking(fd, False)

    async def publish(self, queue: str, event_ids: Sequence[str]) -> None:
        """See `Bus.publish`. A pipe that is full, or that nobody reads, loses nudges; they come again."""
        if queue != self._queue:
            await self._bus.publish(queue, event_ids)
            return
        for event_id in event_ids:  # a write of so few bytes is done whole or not at all
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                os.write(self._fd, f"{event_id}\n".encode())

    def consume(self, queue: str, receive: Receive, *, at_once: int) -> AbstractAsyncContextManager[None]:
        """See `Bus.consume`."""
        return self._bus.consume(queue, receive, at_once=at_once)

    async def check(self) -> None:
        """See `Bus.check`."""
        await self._bus.check()


@asynccontextmanager
async def nudged(bus: Bus, queue: str, fd: int | None) -> AsyncIterator[None]:
    """Put the ids that come through a pipe into a queue of this process while the block lasts."""
    if fd is None:
        yield
        return
    os.set_blocking(fd, False)
    reader = asyncio.create_task(_read(bus, queue, fd))
    try:
        yield
    finally:
        reader.cancel()
        await asyncio.wait([reader])


async def _read(bus: Bus, queue: str, fd: int) -> None:
    readable, loop, cut = asyncio.Event(), asyncio.get_running_loop(), b""
    loop.add_reader(fd, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            with contextlib.suppress(BlockingIOError):
                if not (data := os.read(fd, READ_BYTES)):
                    return
                *ids, cut = (cut + data).split(b"\n")
                await bus.publish(queue, [id_.decode() for id_ in ids])
    finally:
        loop.remove_reader(fd)
