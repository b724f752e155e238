"""Entering: what follows when somebody has shown who they are, in one write.

There is a fresh session in the place of the one before, the failed tries are forgotten, what was shown cannot be shown
again, and the owner can read of it; of a device that was never here, they get a mail.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.devices import Device
from sk.auth.errands import StoredErrand
from sk.auth.journal import entry, outlived
from sk.auth.sessions import new_session, session_before
from sk.auth.tell import told
from sk.auth.throttle import Counter, counted, of_codes, of_device, of_name
from sk.auth.trust import Means, TrustLevel, yielded
from sk.clock import local_day
from sk.errors import Invalid, NotFound
from sk.services import Services
from sk.store.port import Aggregate
from sk.store.races import looking_again


class Visit(NamedTuple):
    """How somebody comes: from where, with which device, in what browser, and with which session before."""

    source: str
    device: Device
    label: str = ""
    session_token: str = ""


class Entered(NamedTuple):
    """What the browser gets: the token of its session, and the cookie by which its device is known.

    Whose account is about to be erased is asked at each log-in whether it is to be.
    """

    token: str
    device: str
    is_to_be_erased: bool = False


Spend = Callable[[Account, Credentials, datetime], Sequence[Aggregate]]
"""Makes what was shown not be shown again, or raises `Invalid` if it was already; returns what is saved with it."""


@looking_again
async def enter(
    account_id: str,
    means: Means,
    visit: Visit,
    services: Services,
    *,
    spend: Spend = lambda *_: (),
    errand: StoredErrand | None = None,
    level: TrustLevel | None = None,
) -> Entered:
    """Begin a session for somebody who has shown all that was asked for; the errand that led here is over.

    `level` is that of the card. A lost race is judged anew; `NotFound` says that the errand was over already.
    """
    vault = services.keys.lock_key("vault")
    account = await _account(account_id, services)
    credentials, now = account.open_credentials(vault), services.clock.now()
    before = credentials.model_copy(deep=True)
    saved = [*spend(account, credentials, now), *_record(account, before, means, visit, now, services)]
    credentials.devices_since, credentials.seen_on = max(1, before.devices_since), local_day(now)
    if credentials != before:
        account.lock_credentials(vault, credentials)
        saved.append(account)
    before_it, sid = await session_before(visit.session_token, account_id, services)
    reached = level or yielded(means, credentials.trust)
    begun = new_session(account_id, reached, means, services, visit.label, sid=sid)
    gone: list[Aggregate] = [
        *before_it,
        *await counted(services, *counters_of(account_id, credentials, visit, services)),
        *await outlived(account_id, now, services),
        *([await services.store.get(StoredErrand, errand.id)] if errand else []),
    ]
    await services.store.save(begun.session, *saved, remove=gone)
    device = visit.device.cookie(account_id, credentials.devices_since, services)
    return Entered(begun.token, device, is_to_be_erased=credentials.erasure_at is not None)


def is_known(device: Device, account_id: str, credentials: Credentials, services: Services) -> bool:
    """Tell whether the account was logged in to with this device before."""
    return bool(credentials.devices_since) and device.knows(account_id, credentials.devices_since, services)


def counters_of(account_id: str, credentials: Credentials, visit: Visit, services: Services) -> list[Counter]:
    """Return everything by which tries at an account are counted."""
    counters = [of_codes(account_id, services), of_device(account_id, visit.device.id, services)]
    return [of_name(credentials.username, services), *counters] if credentials.username else counters


def log_in_refused() -> Invalid:
    """Return the one refusal for whatever is wrong."""
    return Invalid("user name or password is wrong", field="username", problem="log-in-refused")


async def _account(account_id: str, services: Services) -> Account:
    try:
        account = await services.store.get(Account, account_id)
    except NotFound:
        raise log_in_refused() from None
    if not account.standing(services.keys.signers).may_log_in:
        raise log_in_refused()
    return account


def _record(
    account: Account, credentials: Credentials, means: Means, visit: Visit, now: datetime, services: Services
) -> Sequence[Aggregate]:
    """Record the log-in; nobody is written to about the first one of all."""
    facts = {"means": means, "label": visit.label}
    if credentials.devices_since and not is_known(visit.device, account.id, credentials, services):
        return told(account, "logged-in-from-new-device", now, services, **facts)
    return [entry(account.id, "logged-in", now, services, **facts)]
