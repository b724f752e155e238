"""Group commit: saves that wait at the same time are written in one transaction.

While one group is being committed, the next one gathers. A group that fails because of one save among them is halved
until that one stands alone, so that each save gets the outcome it would have had by itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from sk.errors import Unavailable
from sk.store.port import Write

GROUP = 256
COMMIT_SECONDS = 10.0
"""A write must be committed, or refused, within so long of being handed in, because of the moment that it states."""
PATIENCE_SECONDS = 5.0
"""A write that has waited for longer than this has not enough of that left."""


class Contended(Unavailable):
    """Others keep writing the same things; try again."""


class Job(NamedTuple):
    """A write that waits, and who waits for it."""

    write: Write
    outcome: asyncio.Future[None]
    handed_in: float


class GroupCommit:
    """The queue in front of a store, and the task that empties it."""

    def __init__(self, commit: Callable[[Sequence[Write], float], Awaitable[None]]) -> None:
        """Use a function that writes all it is given or nothing, within the seconds that it is given.

        It raises `Unavailable` if the store cannot be reached: then nobody in the group needs to try alone.
        """
        self._commit = commit
        self._waiting: list[Job] = []
        self._running: asyncio.Task[None] | None = None

    async def submit(self, write: Write) -> None:
        """Have a write committed with those that wait beside it; raises what became of this one."""
        job = Job(write, asyncio.get_running_loop().create_future(), time.monotonic())
        self._waiting.append(job)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await job.outcome

    async def close(self) -> None:
        """Write what waits."""
        if self._running:
            await self._running

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            await self._settle(group)
        self._running = None  # no await since the queue was seen empty, so nothing was added to it

    async def _settle(self, group: list[Job]) -> None:
        outcome: Exception | None = None
        try:
            await self._commit_in_time(group)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to whoever waits
            if len(group) > 1 and (isinstance(error, Contended) or not isinstance(error, Unavailable)):
                await self._settle(group[: len(group) // 2])
                await self._settle(group[len(group) // 2 :])
                return
            outcome = error
        for job in group:
            if job.outcome.done():
                continue  # cancelled: nobody waits any more
            if outcome:
                job.outcome.set_exception(outcome)
            else:
                job.outcome.set_result(None)

    async def _commit_in_time(self, group: list[Job]) -> None:
        waited = time.monotonic() - group[0].handed_in
        if waited > PATIENCE_SECONDS:
            raise Contended("the store was busy for too long; nothing was written")
        await self._commit([job.write for job in group], COMMIT_SECONDS - waited)
