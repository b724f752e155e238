"""The evidence worker: gives statements their place in the log, as soon as they are written."""

import asyncio
import contextlib
import logging

from sk.errors import Damaged, SkError
from sk.evidence.sequence import BATCH, sequence, sign_head
from sk.installation import ensure_installation
from sk.services import Services

LOOK_SECONDS = 0.5
TROUBLE_SECONDS = 2.0
log = logging.getLogger(__name__)


async def keep_log(services: Services, origin: str) -> int:
    """Put the next statements into the log and sign it as it stands then; return how many they were."""
    count = await sequence(services.store, services.keys.signers, services.clock.now())
    await sign_head(services.store, origin, services.keys.signer("log").key)
    return count


async def run_sequencer(services: Services, stopping: asyncio.Event) -> None:
    """Sequence until told to stop."""
    origin = (await ensure_installation(services)).log_origin
    while not stopping.is_set():
        try:
            if await keep_log(services, origin) == BATCH:
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
