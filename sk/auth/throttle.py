"""Throttling: failed tries are counted, and each one beyond the free ones has the next wait longer.

They are counted for what was tried, whether that exists or not, so that nobody learns what does; and for where it came
from. Nobody is locked out: a delay of a log-in is a quarter of an hour at most, and what a stranger has caused does not
hold for a device that the owner has logged in with before, which is counted for itself (`sk.auth.devices`). Mails that
strangers may have sent to anybody, the operator among them, are counted likewise, and wait for up to a day.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple, Self

from pydantic import AwareDatetime

from sk.errors import Conflict, Invalid, NotFound, Unavailable
from sk.events import AttemptsEnded
from sk.services import Services
from sk.store.port import Aggregate
from sk.store.races import looking_again

FORGOTTEN = timedelta(days=1)
DOUBLINGS_MAX = 20


class Rule(NamedTuple):
    """How many failures are free, and how long a delay becomes at most. The first one is a second."""

    free: int
    delay_max: timedelta

    def delay(self, failures: int) -> timedelta:
        """Return how long nobody may try after so many failures."""
        if failures <= self.free:
            return timedelta()
        return min(timedelta(seconds=2 ** min(failures - self.free - 1, DOUBLINGS_MAX)), self.delay_max)


OF_ACCOUNT = Rule(5, timedelta(minutes=15))
OF_SOURCE = Rule(50, timedelta(minutes=1))
OF_MAILS = Rule(5, timedelta(days=1))


class Attempts(Aggregate):
    """Failed tries at one thing or from one place. The id is a blind index: a thief of the store learns nothing."""

    kind: ClassVar[str] = "attempts"

    failures: int = 0
    last_at: AwareDatetime
    until: AwareDatetime
    """Before this moment nothing is tried."""
    looked_at: AwareDatetime
    """When the event is due that forgets it, unless something was tried since."""

    @classmethod
    def none(cls, id: str, now: datetime) -> Self:
        """Return a fresh count."""
        attempts = cls(id=id, last_at=now, until=now, looked_at=now)
        attempts.look_again(now)
        return attempts

    def count(self, rule: Rule, now: datetime) -> None:
        """Count one failure more."""
        self.failures, self.last_at = self.failures + 1, now
        self.until = now + rule.delay(self.failures)

    def look_again(self, tried_at: datetime) -> None:
        """Have it be forgotten when nothing is tried for a day."""
        self.looked_at = tried_at + FORGOTTEN
        self.emit(AttemptsEnded(attempts_id=self.id), due=self.looked_at)


class Counter(NamedTuple):
    """What is counted, and by which rule."""

    id: str
    rule: Rule


def of_name(username: str, services: Services) -> Counter:
    """Count tries at a user name as it was typed, whether it exists or not."""
    return Counter(_id("name", username.strip().lower(), services), OF_ACCOUNT)


def of_codes(account_id: str, services: Services) -> Counter:
    """Count tries at the second factor. Only who knows the password gets so far as to cause a delay here."""
    return Counter(_id("codes", account_id, services), OF_ACCOUNT)


def of_device(account_id: str, device_id: str, services: Services) -> Counter:
    """Count tries of a device that has logged in to this account before."""
    return Counter(_id("device", f"{account_id} {device_id}", services), OF_ACCOUNT)


def of_resets(username: str, services: Services) -> Counter:
    """Count how often a new password was asked for."""
    return Counter(_id("reset", username.strip().lower(), services), OF_MAILS)


def of_address(address: str, services: Services) -> Counter:
    """Count the mails that strangers had sent to an address, whether it is known here or not; tags do not count."""
    local, _, domain = address.lower().rpartition("@")
    return Counter(_id("address", f"{local.partition('+')[0] or local}@{domain}", services), OF_MAILS)


def of_account_mails(account_id: str, services: Services) -> Counter:
    """Count the mails that an account had sent to addresses that may be those of others."""
    return Counter(_id("account-mails", account_id, services), OF_MAILS)


def of_feedback(source: str, services: Services) -> Counter:
    """Count the mails to the operator that come from an address or a network."""
    return Counter(_id("feedback", source, services), OF_MAILS)


def of_new_names(account_id: str, services: Services) -> Counter:
    """Count the user names that somebody asks for in vain, who would else learn of any name whether it is taken."""
    return Counter(_id("new-name", account_id, services), OF_ACCOUNT)


def of_source(source: str, services: Services) -> Counter:
    """Count tries from an address or a network."""
    return Counter(_id("source", source, services), OF_SOURCE)


@looking_again
async def count_try(counter: Counter, services: Services) -> datetime:
    """Count a try as failed before it is made, or raise `Invalid` while none may be. Success forgets it.

    Return until when nothing may be tried any more.

    Counted afterwards, a thousand tries at the same moment would all be free.
    """
    now = services.clock.now()
    try:
        attempts = await services.store.get(Attempts, counter.id)
    except NotFound:
        attempts = Attempts.none(counter.id, now)
    _refuse(attempts, now)
    attempts.count(counter.rule, now)
    await services.store.save(attempts)
    return attempts.until


async def count_against(source: str, services: Services) -> None:
    """Count a failure of a source, which is delayed only with its next try."""
    with suppress(Invalid, Unavailable):
        await count_try(of_source(source, services), services)


@asynccontextmanager
async def trying_from(source: str, services: Services, *, waits: bool = True) -> AsyncIterator[None]:
    """Have something be tried from a source, or raise `Invalid` while it must wait; `Invalid` inside is a failure.

    Once its free failures are used up, a try is counted before it is made, and taken back if it does not fail: else
    all those of the moment in which a delay ends would be made.
    """
    counter, failed = of_source(source, services), False
    used_up = waits and any(one.failures >= counter.rule.free for one in await counted(services, counter))
    until = await count_try(counter, services) if used_up else None
    try:
        yield
    except Invalid as refused:
        failed = refused.problem != "too-many-tries"
        raise
    finally:
        if until and not failed:
            await _take_back(counter, until, services)
        if failed and not until:
            await count_against(source, services)


async def counted(services: Services, *counters: Counter) -> list[Attempts]:
    """Return what was counted, to be removed in the write of a success."""
    return [*(await services.store.get_many(Attempts, [counter.id for counter in counters])).values()]


async def _take_back(counter: Counter, until: datetime, services: Services) -> None:
    """Count a try less, and end the wait that it had caused, unless another one has caused another since."""
    for attempts in await counted(services, counter):
        attempts.failures -= 1
        if attempts.until == until:
            attempts.until = services.clock.now()
        with suppress(Conflict):
            await services.store.save(attempts)


def _refuse(attempts: Attempts, now: datetime) -> None:
    if (left := (attempts.until - now).total_seconds()) > 0:
        seconds = max(1, round(left))
        said = f"too many tries; try again in {seconds} seconds"
        raise Invalid(said, problem="too-many-tries", more={"seconds": str(seconds)})


def _id(what: str, value: str, services: Services) -> str:
    return services.keys.index.blind("attempts", f"{what} {value}")
