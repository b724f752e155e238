"""Work that keeps a core busy: in a thread of its own, one piece after the other, so that nobody else waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from sk.errors import Unavailable

WAITING_MAX = 16
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class OneByOne:
    """A thread that does one piece of work after the other. What waits for it is in memory, so that little may."""

    def __init__(self, name: str, full: str) -> None:
        """Begin with nothing to do; `full` is what they are told who find a long queue."""
        self._thread = ThreadPoolExecutor(1, name)
        self._full = full
        self._waiting = 0

    async def close(self, _: object = None) -> None:
        """Wait for what is being done."""
        self._thread.shutdown()

    async def run(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return what some work returns; who finds a long queue is told to come back."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable(self._full)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        finally:
            self._waiting -= 1
