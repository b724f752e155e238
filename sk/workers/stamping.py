"""Time stamps: a stranger confirms how the log stands, so that nobody can say later that it stood otherwise.

While leaves arrive, the newest checkpoint is stamped every ten minutes. An authority that cannot be reached delays the
stamp and nothing else.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from cryptography.x509 import Certificate

from sk.ask import ask
from sk.errors import Conflict, Damaged, SkError
from sk.evidence.sequence import signed_head
from sk.evidence.stamped import StampedCheckpoint, tsa_of
from sk.evidence.stamps import read_stamp, stamp_request
from sk.installation import ensure_installation
from sk.services import Services

EVERY_SECONDS = 600.0
TROUBLE_SECONDS = 60.0
ANSWER_SECONDS = 30
ANSWER_MAX_BYTES = 64 * 1024
ASKED, ANSWERED = "application/timestamp-query", "application/timestamp-reply"
log = logging.getLogger(__name__)


async def run_stamping(services: Services, stopping: asyncio.Event) -> None:
    """Have the newest checkpoint stamped, and again every ten minutes, until told to stop."""
    authorities = tsa_of(services.settings)
    while not stopping.is_set():
        pause = EVERY_SECONDS
        try:
            await stamp_log(services, authorities)
        except (SkError, Damaged) as error:
            log.warning("stamping-trouble", extra={"error": str(error) or "the answer is no time stamp"})
            pause = TROUBLE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


async def stamp_log(services: Services, authorities: Sequence[Certificate]) -> bool:
    """Have the newest checkpoint stamped unless it was, and tell whether it was done now.

    What the authority's certificates do not vouch for is `Damaged` and not kept.
    """
    signed = await signed_head(services.store)
    number = (await ensure_installation(services)).log_number
    newest = await services.store.find(StampedCheckpoint, "stamps", str(number), limit=1, newest_first=True)
    if not signed.note or (newest and newest[0].note == signed.note):
        return False
    request = stamp_request(signed.note)
    answer = await ask(
        "the time-stamp authority",
        services.settings.tsa.get_secret_value(),
        request.as_bytes(),
        {"Content-Type": ASKED},
        seconds=ANSWER_SECONDS,
        max_bytes=ANSWER_MAX_BYTES,
        answers_in=ANSWERED,
    )
    if not read_stamp(answer, signed.note, signed.size, authorities, request.nonce).trusted:
        raise Damaged
    stamp = StampedCheckpoint(
        id=f"{number}-{signed.size}", log_number=number, size=signed.size, note=signed.note, token=answer
    )
    try:
        await services.store.save(stamp)
    except Conflict:
        return False  # another process has stamped this size
    return True
