"""Running workers: consumers, relay and sequencer in one process, until it is told to stop."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack

from sk.services import Services
from sk.workers.evidence import run_sequencer
from sk.workers.handle import receiver
from sk.workers.relay import Relay
from sk.workers.table import CONSUMERS

log = logging.getLogger(__name__)


async def run_workers(names: Sequence[str], services: Services, relay: Relay, stopping: asyncio.Event) -> None:
    """Run the named workers. On the signal they take no new work, finish what they hold, and return."""
    async with AsyncExitStack() as stack:
        for name in names:
            if name in CONSUMERS:
                consumer = services.bus.consume(name, receiver(services), at_once=services.settings.handlers_at_once)
                await stack.enter_async_context(consumer)
        async with asyncio.TaskGroup() as tasks:
            if "relay" in names:
                tasks.create_task(relay.run(stopping))
            if "evidence" in names:
                tasks.create_task(run_sequencer(services, stopping))
            log.info("workers-running", extra={"workers": list(names)})
            await stopping.wait()
    if "relay" in names:
        await relay.let_go()
    log.info("workers-stopped", extra={"workers": list(names)})
