"""The evidence worker: gives statements their place in the log, as soon as they are written."""

import asyncio
import contextlib
import logging

from sk.errors import Damaged, SkError
from sk.evidence.sequence import BATCH, sequence
from sk.services import Services

LOOK_SECONDS = 0.2
TROUBLE_SECONDS = 2.0
log = logging.getLogger(__name__)


async def run_sequencer(services: Services, stopping: asyncio.Event) -> None:
    """Sequence until told to stop."""
    while not stopping.is_set():
        try:
            if await sequence(services.store) == BATCH:
                continue  # there are more; else a pause lets them gather, so that one write puts all of them in
            pause = LOOK_SECONDS
        except SkError as error:
            log.warning("sequencer-trouble", extra={"error": str(error)})
            pause = TROUBLE_SECONDS
        except Damaged:
            log.critical("statement-damaged")  # nothing is passed over; `sk doctor` names it
            pause = TROUBLE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
