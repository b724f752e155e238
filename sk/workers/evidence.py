"""The evidence worker: gives statements their place in the log, as soon as they are written."""

import asyncio
import contextlib
import logging

from sk.errors import Damaged, SkError
from sk.evidence.log import Log, Memory
from sk.evidence.publish import BEHIND, hold_to_anchors, publish
from sk.evidence.sequence import BATCH, introduce_signers, sequence
from sk.installation import CLOCKS_APART, check_clock, ensure_installation
from sk.services import Services

LOOK_SECONDS = 0.5
TROUBLE_SECONDS = 2.0
log = logging.getLogger(__name__)


async def log_of(services: Services) -> Log:
    """Return the log of an installation, as it is now, with what it is kept with."""
    installation = await ensure_installation(services)
    return Log(
        services.store,
        services.objects,
        services.clock,
        services.keys.signers,
        services.keys.signer("log"),
        installation.log_origin,
        installation.log_number,
        installation.log_began_at_size,
    )


async def keep_log(services: Services, memory: Memory) -> int:
    """Put the next statements into the log and publish it as it stands then; return how many they were.

    What another sequencer has left unpublished goes first, so that there is never more in the log than one batch that
    no anchor holds.
    """
    ours = await log_of(services)
    memory.turn_to(ours.number)
    await hold_to_anchors(ours, memory)
    await publish(ours, memory)
    introduced = await introduce_signers(ours, memory)
    count = await sequence(ours, memory)
    if count or introduced:
        await publish(ours, memory)
    return count


async def run_sequencer(services: Services, stopping: asyncio.Event) -> None:
    """Sequence until told to stop.

    Each time the clock is compared first: `logged_at` never goes back, so that what a clock ahead has put into the log
    would stand on every leaf until that moment has come.
    """
    memory = Memory()
    while not stopping.is_set():
        try:
            await check_clock(services)
            if await keep_log(services, memory) == BATCH:
                continue  # there are more; else a pause lets them gather, so that one write puts all of them in
            pause = LOOK_SECONDS
        except SkError as error:
            serious = logging.CRITICAL if error.problem in (BEHIND, CLOCKS_APART) else logging.WARNING
            log.log(serious, "sequencer-trouble", extra={"error": str(error)})
            pause = TROUBLE_SECONDS
        except Damaged:
            log.critical("log-damaged")  # nothing is passed over; `sk doctor` names it
            pause = TROUBLE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
