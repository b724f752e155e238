"""The relay: takes events that are due, in turn over the lanes, and nudges the workers with their ids.

It keeps a bounded number out at a time and chooses the next when one has ended, so that order and fairness are the
store's and no queue is ever long.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from datetime import timedelta

from sk.errors import SkError
from sk.services import Services
from sk.workers.table import HANDLERS

LOOK_SECONDS = 0.1
TROUBLE_SECONDS = 1.0
log = logging.getLogger(__name__)


class Relay:
    """One relay. `woken` makes it look at once; otherwise it looks ten times a second."""

    def __init__(self, services: Services, holder: str, woken: asyncio.Event) -> None:
        """Relay for as long as `run` runs."""
        self._services = services
        self._holder = holder
        self._woken = woken
        self._began = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until told to stop."""
        while not stopping.is_set():
            try:
                pause = 0.0 if await self._relay_some() else LOOK_SECONDS
            except SkError as error:
                log.warning("relay-trouble", extra={"error": str(error)})
                pause = TROUBLE_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def let_go(self) -> None:
        """Let others have at once what is out and was not done: the handlers here have ended, or were killed."""
        await self._services.store.release(self._holder)

    async def _relay_some(self) -> bool:
        """Publish what is due, as far as there is room, and tell whether there may be more."""
        if not self._began:
            await self.let_go()  # what it held before it was killed
            self._began = True
        settings, store, now = self._services.settings, self._services.store, self._services.clock.now()
        room = settings.events_out_max - await store.held(self._holder, now)
        if room <= 0:
            return False
        lease = timedelta(seconds=settings.events_lease_seconds)
        taken = await store.take_due(self._holder, now, limit=room, lease=lease)
        queues: defaultdict[str, list[str]] = defaultdict(list)
        for event in taken:
            queues[HANDLERS[type(event)].worker].append(event.id)
        for queue, ids in queues.items():
            await self._services.bus.publish(queue, ids)
        return bool(taken)
