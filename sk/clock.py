"""Time: moments are aware UTC, days are days of Europe/Berlin."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COMMIT_SECONDS = 10
"""What a write may take, so that the day that was signed is the day on which it was committed."""
SKEW = timedelta(seconds=2)
"""How far the clocks of two machines may be apart; a process further off is not ready."""


class Clock(Protocol):
    """Where moments come from. Handed in everywhere, so that a test can live on another day."""

    def now(self) -> datetime:
        """Return this moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return this moment, aware, in UTC."""
        return datetime.now(UTC)


def local_day(at: datetime) -> date:
    """Return the calendar day in Europe/Berlin in which a moment lies (§ 4 EinhZeitG, § 187 Abs. 1 BGB)."""
    if at.tzinfo is None:
        msg = "a moment needs a time zone"
        raise ValueError(msg)
    return at.astimezone(BERLIN).date()


def day_ends_at(day: date) -> datetime:
    """Return the instant at which a local day is over: the next local midnight, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), BERLIN).astimezone(UTC)


def microseconds(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970, the form in which moments are put in order."""
    return (at - EPOCH) // MICROSECOND


def moment(since_1970: int) -> datetime:
    """Return the moment that `microseconds` counted."""
    return EPOCH + timedelta(microseconds=since_1970)


async def moment_to_sign(clock: Clock) -> datetime:
    """Return this moment, or, in the last ten seconds of a local day, wait for the first of the next one."""
    now = clock.now()
    left = (day_ends_at(local_day(now)) - now).total_seconds()
    if left > COMMIT_SECONDS:
        return now
    await asyncio.sleep(left + 0.001)
    return await moment_to_sign(clock)
