"""Inactivity: an account that nobody has used for two years is erased, two months after its owner was warned.

There is one event for each account, which its handler renews: no log-in has to write one.
"""

from datetime import date, datetime, timedelta

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.erasure import account_of, erase_account
from sk.auth.journal import entry
from sk.auth.tell import letters_to
from sk.clock import day_ends_at, local_day
from sk.events import InactivityDue
from sk.installation import ensure_installation
from sk.postbox.rechtsbehelf import months_later
from sk.services import Services

MONTHS = 24
WARNED_MONTHS = 2


def watch_activity(account: Account, seen_on: date) -> None:
    """Have somebody look, when it may be time to warn its owner, whether an account is still used."""
    _look_again(account, months_later(seen_on, MONTHS - WARNED_MONTHS))


async def look_at_activity(event: InactivityDue, services: Services) -> None:
    """Erase an account that nobody has used although its owner was warned; warn, or wait until it is time.

    Who cannot log in, because the account is locked, is not warned and loses nothing: it is looked at again later.
    """
    account, credentials = await account_of(event.account_id, services)
    if account is None:
        await services.store.save(done=event)
        return
    standing = account.standing(services.keys.signers)
    if standing.state == "closed":  # begun, and killed before its end; no restore changes that
        await erase_account(account, _closed_at(account, credentials, services.clock.now()), event, services)
        return
    now, seen_on = services.clock.now(), last_seen_on(account, credentials)
    today, warned_on = local_day(now), credentials.warned_on
    restored_on = (await ensure_installation(services)).restored_on
    if warned_on and (warned_on <= seen_on or (restored_on and warned_on <= restored_on)):
        warned_on = None  # since then somebody has logged in, or may have: a restore forgets it
    if warned_on and today >= gone_on(seen_on, warned_on):
        await erase_account(account, _begins_at(gone_on(seen_on, warned_on)), event, services)
        return
    if warned_on:
        _look_again(account, gone_on(seen_on, warned_on))
    elif today < (warns_on := months_later(seen_on, MONTHS - WARNED_MONTHS)):
        _look_again(account, warns_on)
    elif standing.may_log_in:
        _warn(account, credentials, gone_on(seen_on, today), now, services)
    else:
        _look_again(account, months_later(today, WARNED_MONTHS))
    await services.store.save(account, done=event)


def last_seen_on(account: Account, credentials: Credentials) -> date:
    """Return the day on which somebody has last logged in, or on which the account was made."""
    return credentials.seen_on or local_day(account.created_at)


def gone_on(seen_on: date, warned_on: date) -> date:
    """Return the day on which an account is erased that stays unused: two months after the warning, or later."""
    return max(months_later(seen_on, MONTHS), months_later(warned_on, WARNED_MONTHS))


def _closed_at(account: Account, credentials: Credentials, now: datetime) -> datetime:
    """Return the moment at which the erasure of a closed account was due: the first of the two that may have come."""
    seen_on, warned_on = last_seen_on(account, credentials), credentials.warned_on
    unused = _begins_at(gone_on(seen_on, warned_on)) if warned_on and warned_on > seen_on else None
    return min((at for at in (unused, credentials.erasure_at) if at and at <= now), default=now)


def _warn(account: Account, credentials: Credentials, last: date, now: datetime, services: Services) -> None:
    credentials.warned_on = local_day(now)
    account.lock_credentials(services.keys.lock_key("vault"), credentials)
    link = f"{services.base_url}/anmelden"
    account.bear(*letters_to(account, "inactivity", now, services, day=str(last), link=link))
    account.bear(entry(account.id, "inactivity-warned", now, services, day=str(last)))
    _look_again(account, last)


def _look_again(account: Account, on: date) -> None:
    account.emit(InactivityDue.of(account.id), due=_begins_at(on))


def _begins_at(day: date) -> datetime:
    return day_ends_at(day - timedelta(days=1))
