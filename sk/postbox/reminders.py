"""When somebody is reminded of a notice that they have not opened: before its Frist ends, or its last day for an Abruf.

No law asks for it and nothing follows from it, so nothing is stated of it.
"""

from datetime import UTC, date, datetime, time, timedelta

from sk.clock import BERLIN
from sk.postbox.last_days import last_days
from sk.postbox.rechtsbehelf import Rechtsbehelf

DAYS_BEFORE_FRIST_ENDS = (7, 2)
DAYS_BEFORE_LAST_ABRUF = (3,)
SENT_AT = time(9)
"""In local time: nobody is woken by it, and the day is still long."""


def look_until(rechtsbehelf: Rechtsbehelf | None, lapses_on: date | None) -> date | None:
    """Return the day until which a notice should be looked at: the last of its Frist or else for its Abruf, if any."""
    days = last_days(rechtsbehelf)
    return days.shown if days else lapses_on


def next_reminder(rechtsbehelf: Rechtsbehelf | None, lapses_on: date | None, *, after: date) -> date | None:
    """Return the next day, after another one, on which somebody is reminded who has not opened a notice."""
    last_on = look_until(rechtsbehelf, lapses_on)
    before = DAYS_BEFORE_FRIST_ENDS if last_days(rechtsbehelf) else DAYS_BEFORE_LAST_ABRUF
    days = [last_on - timedelta(days=count) for count in before] if last_on else []
    return min((day for day in days if day > after), default=None)


def reminded_at(day: date) -> datetime:
    """Return the moment of a local day at which reminders go out."""
    return datetime.combine(day, SENT_AT, BERLIN).astimezone(UTC)
