"""Delivery: an accepted notice is put into its postbox, or rejected with the reason.

Content was sealed to the account at intake; this worker holds no key to it and needs none. What it acts upon it takes
from the statement that web has signed, never from the fields beside it.
"""

import logging
from datetime import datetime

from sk.auth.account import Account, Reason
from sk.clock import BERLIN, day_ends_at, local_day, moment_to_sign
from sk.errors import NotFound
from sk.events import AbrufOverdue, BekanntgabeDue, NoticeAccepted, NoticeEvent
from sk.postbox.history import Says, history_of
from sk.postbox.notice import Notice
from sk.services import Services

log = logging.getLogger(__name__)


async def deliver(event: NoticeAccepted, services: Services) -> None:
    """Make a notice retrievable, unless the reason has gone for which it was accepted."""
    notice = await services.store.get(Notice, event.notice_id)
    history = await history_of(notice, services)
    if notice.bereitgestellt_at or notice.has_ended:
        await services.store.save(done=event)
        return
    sign = services.keys.signer("sign-delivery")
    at = await moment_to_sign(services.clock)
    if reason := await _reason_against(notice, history.accepted, services):
        notice.reject(reason, at, sign)
    elif tomorrow := _waits_until(at, services):
        notice.emit(NoticeAccepted(notice_id=notice.id), due=tomorrow, lane=notice.authority_id)
    else:
        notice.bereitstellen(at, sign, history.said)
    await services.store.save(notice, done=event)


async def bekanntgeben(event: BekanntgabeDue, services: Services) -> None:
    """Record that the day has come on which a notice counts as announced."""
    notice = await services.store.get(Notice, event.notice_id)
    said = (await history_of(notice, services)).said
    at = await moment_to_sign(services.clock)
    begins_at = notice.bekanntgabe.due_at if notice.bekanntgabe else None
    if await _is_too_early(event, at, begins_at, services):
        return
    notice.bekanntgeben(at, services.keys.signer("sign-delivery"), said)
    await services.store.save(notice, done=event)


async def lapse(event: AbrufOverdue, services: Services) -> None:
    """Record that the last day is over on which a notice could be fetched, if it was not."""
    notice = await services.store.get(Notice, event.notice_id)
    await history_of(notice, services)
    at = await moment_to_sign(services.clock)
    if await _is_too_early(event, at, notice.lapses_at, services):
        return
    notice.lapse(at, services.keys.signer("sign-delivery"))
    await services.store.save(notice, done=event)


async def _is_too_early(event: NoticeEvent, at: datetime, due_at: datetime | None, services: Services) -> bool:
    """Tell whether somebody has moved an event; the day itself is signed, so it waits for that."""
    if due_at is None or due_at <= at:
        return False
    log.critical("event-before-its-day", extra={"notice_id": event.notice_id})
    await services.store.retry(event, at=due_at, error="it came before its day")
    return True


async def _reason_against(notice: Notice, accepted: Says, services: Services) -> Reason | None:
    try:
        account = await services.store.get(Account, notice.account_id)
    except NotFound:
        return "postbox-closed"
    return account.standing(services.keys.signers).refuses(accepted["authority"], accepted["minimum_trust"])


def _waits_until(at: datetime, services: Services) -> datetime | None:
    """Return the beginning of the next day, if it is so late that the mail might not leave on this one."""
    last = services.settings.latest_bereitstellung()
    if last is None or at.astimezone(BERLIN).time() <= last:
        return None
    return day_ends_at(local_day(at))
