"""Running workers: consumers, relay and sequencer in one process, until it is told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from sk.errors import SkError
from sk.services import Services
from sk.workers.evidence import run_sequencer
from sk.workers.handle import receiver
from sk.workers.relay import Relay
from sk.workers.stamping import run_stamping
from sk.workers.table import CONSUMERS

log = logging.getLogger(__name__)


async def run_workers(names: Sequence[str], services: Services, relay: Relay, stopping: asyncio.Event) -> None:
    """Run the named workers. On the signal they take no new work, finish what they hold, and return.

    What takes longer than the grace time is cut off; its event is due again.
    """
    steps = [_consume(name, services, stopping) for name in names if name in CONSUMERS]
    if "relay" in names:
        steps.append(relay.run(stopping))
    if "evidence" in names:
        steps.append(run_sequencer(services, stopping))
        if services.settings.tsa.get_secret_value():
            steps.append(run_stamping(services, stopping))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
            for step in steps:
                tasks.create_task(step)
            log.info("workers-running", extra={"workers": list(names)})
            await stopping.wait()
            limit.reschedule(asyncio.get_running_loop().time() + services.settings.stop_grace_seconds)
    if "relay" in names:
        with contextlib.suppress(SkError):  # then the leases run out
            await relay.let_go()
    log.info("workers-stopped", extra={"workers": list(names)})


async def _consume(name: str, services: Services, stopping: asyncio.Event) -> None:
    async with services.bus.consume(name, receiver(services), at_once=services.settings.handlers_at_once):
        await stopping.wait()
