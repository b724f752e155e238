"""A worker that remembers what it got."""

import asyncio
from collections.abc import Collection

PATIENCE_SECONDS = 60


class Worker:
    """Receives ids from a bus; one that is `holding` keeps them in hand until told to let go."""

    def __init__(self, *, holding: bool = False) -> None:
        """Begin empty-handed."""
        self.received: list[str] = []
        self.in_hand = 0
        self.most_in_hand = 0
        self._free = asyncio.Event()
        self._changed = asyncio.Condition()
        if not holding:
            self._free.set()

    async def receive(self, event_id: str) -> None:
        """Take an id in hand, and put it away when free to."""
        await self._count(1)
        await self._free.wait()
        self.received.append(event_id)
        await self._count(-1)

    def let_go(self) -> None:
        """Put away what is in hand and whatever comes."""
        self._free.set()

    async def has(self, ids: Collection[str]) -> None:
        """Wait until all of these have arrived."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: set(ids) <= set(self.received))

    async def has_in_hand(self, number: int) -> None:
        """Wait until so many are in hand."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.in_hand >= number)

    async def _count(self, more: int) -> None:
        async with self._changed:
            self.in_hand += more
            self.most_in_hand = max(self.in_hand, self.most_in_hand)
            self._changed.notify_all()
