"""The end of a Frist as an entry for the citizen's own calendar (RFC 5545).

Calendars are synchronised to companies and shown to families and colleagues: the entry names what ends and nothing of
what the notice is about, is marked as private, and says who wrote only where it is opened.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from icalendar import Alarm, Calendar, Event

from sk.clock import BERLIN
from sk.postbox.last_days import LastDays
from sk.postbox.rechtsbehelf import Rechtsbehelf

PRODUCT = "-//sk//Postfach//DE"
WHAT_ENDS = {"klage": "die Klage", "widerspruch": "den Widerspruch", "einspruch": "den Einspruch"}
DAY = timedelta(days=1)
REMINDER = timedelta(days=7)
REMINDER_TIME = time(9)
"""A day begins at midnight, when nobody wants to be reminded of anything."""


class Source(NamedTuple):
    """Which notice an entry is about: whose it is, and where the citizen finds it."""

    notice_id: str
    authority: str
    url: str


def calendar_entry(said: Rechtsbehelf, days: LastDays, source: Source, at: datetime) -> bytes:
    """Return a calendar with one entry on the last day of a Frist. Taken over twice, it is still one."""
    last = days.shown
    event = Event()
    event.add("uid", f"{source.notice_id}.frist")
    event.add("dtstamp", at)
    event.add("dtstart", last)
    event.add("dtend", last + DAY)
    event.add("summary", f"Frist endet: letzter Tag für {_what_ends(said)}")
    event.add("description", "\n".join(_description(said, days, source)))
    event.add("url", source.url)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if datetime.combine(last - REMINDER, REMINDER_TIME, BERLIN) > at:
        event.add_component(_reminder(said))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _reminder(said: Rechtsbehelf) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"In sieben Tagen ist der letzte Tag für {_what_ends(said)}")
    # Before the midnight at which the last day begins, wherever the calendar is.
    alarm.add("trigger", timedelta(hours=REMINDER_TIME.hour) - REMINDER)
    return alarm


def _what_ends(said: Rechtsbehelf) -> str:
    return f"{WHAT_ENDS[said.kind.partition('-')[0]]} gegen einen Bescheid"


def _description(said: Rechtsbehelf, days: LastDays, source: Source) -> Iterator[str]:
    yield f"Die Frist für {_what_ends(said)} endet heute um 24 Uhr. Der Bescheid ist von: {source.authority}"
    if days.doubt == "fact":
        yield (
            "Dieser Tag gilt, wenn die E-Mail des Postfachs angekommen ist. Es gibt eine ungeprüfte Meldung, dass sie "
            f"nicht ankam. Stimmt sie, {_then(days.other, 'läuft vielleicht keine Frist')}."
        )
    elif days.doubt and days.shown == days.ours:
        yield (
            "Dieser Tag folgt aus der Rechtsauffassung, mit der das Postfach rechnet. Nach einer anderen "
            f"{_then(days.other)}."
        )
    elif days.doubt:
        yield f"Dieser Tag folgt aus einer anderen Rechtsauffassung. Nach der des Postfachs {_then(days.ours)}."
    if days.doubt and days.other and days.other < days.shown:
        yield "Wer sich nach dem früheren Tag richtet, ist auf der sicheren Seite."
    elif days.doubt:
        yield "Wer sich nach diesem Tag richtet, ist auf der sicheren Seite."
    yield f"Den Bescheid und wie sich der Tag berechnet finden Sie in Ihrem Postfach: {source.url}"


def _then(day: date | None, otherwise: str = "läuft keine Frist") -> str:
    return f"endet die Frist am {day:%d.%m.%Y}" if day else otherwise
