"""Expiry: forgets what has had its time."""

import logging

from sk.auth.account import Account, AccountKey
from sk.auth.assertions import SpentAssertion
from sk.auth.errands import StoredErrand
from sk.auth.sessions import Session
from sk.auth.throttle import FORGOTTEN, Attempts
from sk.clock import SKEW
from sk.errors import Invalid, NotFound
from sk.events import (
    ActivationEnded,
    AssertionExpired,
    AttemptsEnded,
    ErrandEnded,
    Event,
    NoticeClosed,
    SessionEnded,
    Unreadable,
)
from sk.postbox.closing import retention_ends_at
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.store.port import Aggregate

log = logging.getLogger(__name__)


async def forget_session(event: SessionEnded, services: Services) -> None:
    """Forget a session that has reached its absolute end."""
    await _forget(event, services, Session, event.session_id)


async def forget_assertion(event: AssertionExpired, services: Services) -> None:
    """Forget a client assertion that nobody can use any more."""
    await _forget(event, services, SpentAssertion, event.assertion_id)


async def forget_attempts(event: AttemptsEnded, services: Services) -> None:
    """Forget what was tried in vain, a day after the last time."""
    try:
        attempts = await services.store.get(Attempts, event.attempts_id)
    except NotFound:
        await services.store.save(done=event)
        return
    now = services.clock.now() + SKEW
    if attempts.looked_at > now:  # the event of an earlier count, which a success has forgotten
        await services.store.save(done=event)
    elif attempts.last_at + FORGOTTEN <= now:
        await services.store.save(done=event, remove=[attempts])
    else:
        attempts.look_again(attempts.last_at)
        await services.store.save(attempts, done=event)


async def forget_errand(event: ErrandEnded, services: Services) -> None:
    """Forget what somebody has begun in their browser and not come back to."""
    await _forget(event, services, StoredErrand, event.errand_id)


async def forget_unactivated(event: ActivationEnded, services: Services) -> None:
    """Forget an account that nobody has activated in time; its user name is free again."""
    try:
        account = await services.store.get(Account, event.account_id)
    except NotFound:
        account = None
    if account is None or not account.activation_index:
        await services.store.save(done=event)
        return
    keys = await services.store.get_many(AccountKey, [account.id])  # a restore may have brought none back
    await services.store.save(done=event, remove=[account, *keys.values()])


async def forget_openings(event: NoticeClosed, services: Services) -> None:
    """Forget what opens the statements about a notice whose account is gone, once its authority needs it no more."""
    notice = await services.store.get(Notice, event.notice_id)
    await history_of(notice, services)
    ends_at = retention_ends_at(notice.accepted_at, services.settings.retention_years)
    if not notice.closed:
        log.critical("openings-still-needed", extra={"notice_id": notice.id})
        await services.store.save(done=event)
    elif services.clock.now() < ends_at:
        notice.emit(NoticeClosed(notice_id=notice.id), due=ends_at, lane=notice.authority_id)
        await services.store.save(notice, done=event)
    else:
        await _forget(event, services, Receipt, notice.id)


async def refuse_unreadable(event: Unreadable, _: Services) -> None:
    """Have an event tried again later, perhaps by a version that can read it, and in the end looked at by a person."""
    raise Invalid(f"this version cannot read the event {event.id}")


async def _forget(event: Event, services: Services, kind: type[Aggregate], id_: str) -> None:
    try:
        gone = [await services.store.get(kind, id_)]
    except NotFound:
        gone = []
    await services.store.save(done=event, remove=gone)
