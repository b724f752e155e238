"""What happens around every handler: look the event up, run, and on failure try again later or set it aside."""

import logging
import random
from collections.abc import Awaitable, Callable

from sk.clock import SKEW
from sk.errors import Conflict, Damaged, SkError, Unavailable
from sk.services import Services
from sk.store.port import MAX_TRIES, MAX_TRIES_UNAVAILABLE, Due, backoff
from sk.workers.table import HANDLERS

CONFLICT_TRIES = 5
log = logging.getLogger(__name__)


def receiver(services: Services) -> Callable[[str], Awaitable[None]]:
    """Return what a worker does with an id from the bus. It never raises: the store remembers what is left to do."""

    async def receive(event_id: str) -> None:
        try:
            due = await services.store.due(event_id)
            # The relay that found it due may have a clock that is a little ahead of ours.
            if due and not due.set_aside and due.at <= services.clock.now() + SKEW:
                await _handle(due, services)
        except Exception:
            # The event's lease runs out, and it comes again.
            log.exception("event-left", extra={"event_id": event_id})

    return receive


async def _handle(due: Due, services: Services) -> None:
    """Run the handler; a lost race is a reload, anything else a later try."""
    handle = HANDLERS[type(due.event)].handle
    for _ in range(CONFLICT_TRIES):
        try:
            await handle(due.event, services)
        except Conflict:
            if await services.store.due(due.event.id) is None:
                return  # somebody else has ended it
        except Exception as error:  # noqa: BLE001 - whatever it is, the event must not be lost
            await _later(due, error, services)
            return
        else:
            return
    await _later(due, Conflict("the aggregate is being changed all the time"), services)


async def _later(due: Due, error: Exception, services: Services) -> None:
    # Only our own sentences are kept: a foreign one may repeat content.
    said = str(error) if isinstance(error, SkError) else type(error).__name__
    facts = {"event_id": due.event.id, "event_type": type(due.event).__name__, "tries": due.tries, "error": said}
    trace = None if isinstance(error, SkError) else error
    if due.tries + 1 >= (MAX_TRIES_UNAVAILABLE if isinstance(error, Unavailable) else MAX_TRIES):
        log.error("event-set-aside", extra=facts, exc_info=trace)
        await _give_up(due, services)
        await services.store.set_aside(due.event, error=said)
        return
    level = logging.CRITICAL if isinstance(error, Damaged) else logging.WARNING
    log.log(level, "event-failed", extra=facts, exc_info=trace)
    at = services.clock.now() + backoff(due.tries, jitter=random.random())  # noqa: S311 - spread, not secrecy
    await services.store.retry(due.event, at=at, error=said)


async def _give_up(due: Due, services: Services) -> None:
    """Record what follows from giving up, before the event is set aside; a failure of that must not keep it here."""
    give_up = HANDLERS[type(due.event)].give_up
    if give_up is None:
        return
    try:
        await give_up(due.event, services)
    except Exception:
        log.exception("give-up-failed", extra={"event_id": due.event.id})
