"""The worked cases of the law, days drawn at random, and holidays computed without the package of `sk`."""

import json
import os
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from sk.postbox.bekanntgabe import Bekanntgabe, compute_bekanntgabe
from sk.postbox.bekanntgabe_terms import Moments, Recipient
from sk.postbox.holidays import LAND_NAMES, Land
from sk.postbox.rechtsbehelf import KINDS, Rechtsbehelf, compute_rechtsbehelf
from sk.postbox.regimes import REGIMES, Law

BERLIN = ZoneInfo("Europe/Berlin")
OZG_BEGINS_ON = date(2020, 12, 10)
LAW = (
    "bekanntgabe",
    "bekanntgabe_doubts",
    "bekanntgabe_facts",
    "bekanntgabe_rules",
    "bekanntgabe_terms",
    "days",
    "explanation",
    "fiction",
    "holidays",
    "last_days",
    "rechtsbehelf",
    "regimes",
    "waiting",
)
"""The files of `sk/postbox/` that say what the law is. They are tested without a platform around them."""


class Case(BaseModel):
    """One worked case, with the day of Bekanntgabe and the end of the Frist that were found by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    law: str
    event: datetime
    abruf: datetime | None
    zugang: date | None = None
    flags: tuple[str, ...]
    recipient_land: Land
    seat_land: Land
    rechtsbehelf: str
    belehrung: bool
    ausland: bool
    bekanntgabe_on: date | None
    frist_ends_on: date | None
    frist_expires_at: datetime | None
    confidence: str
    why: str

    def bekanntgabe(self) -> Bekanntgabe:
        """Return what `sk` makes of the moments."""
        moments = Moments(
            event=self.event,
            abruf=self.abruf,
            zugang_on=self.zugang,
            bereitstellung_proven="bereitstellung_unproven" not in self.flags,
            benachrichtigung_proven="benachrichtigung_unproven" not in self.flags,
            lenient_ten_days="lenient_ten_days" in self.flags,
        )
        return compute_bekanntgabe(self.law, moments, Recipient(land=self.recipient_land, abroad=self.ausland))

    def frist(self) -> Rechtsbehelf:
        """Return what `sk` makes of the Rechtsbehelf."""
        return compute_rechtsbehelf(
            self.rechtsbehelf,
            self.bekanntgabe(),
            seat=self.seat_land,
            belehrung=self.belehrung,
            abroad=self.ausland,
        )


ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "law.json").read_text(encoding="utf-8"))
CASES = tuple(map(Case.model_validate, ROWS))


def named(case: Case) -> str:
    """Return how a case is called in the list of tests."""
    return case.id


# One act ----------------------------------------------------------------------------------------------------

NW = Recipient(land="NW")
ABROAD = Recipient(land="NW", abroad=True)
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=BERLIN)  # the fourth day is a Sunday


def announced(law: Law, event: datetime = WEDNESDAY, recipient: Recipient = NW, **known: object) -> Bekanntgabe:
    """Return what a law makes of an event and what else is known."""
    return compute_bekanntgabe(law, Moments.model_validate({"event": event, **known}), recipient)


def at(day: str, hour: int = 12) -> datetime:
    """Return an hour of a local day."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), BERLIN) + timedelta(hours=hour)


def other_on(found: Bekanntgabe) -> date | None:
    """Return the other day of Bekanntgabe."""
    return found.other.on if found.other else None


# Whatever may come ------------------------------------------------------------------------------------------

DAYS = st.dates(OZG_BEGINS_ON, date(2040, 12, 31))
LAST_MOMENT = datetime(2040, 12, 31)  # noqa: DTZ001 - the zone is given where it is used
MOMENTS = st.datetimes(datetime(2020, 12, 10), LAST_MOMENT, timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it
LAWS: st.SearchStrategy[Law] = st.sampled_from(sorted(REGIMES))


def moments_since(law: Law) -> st.SearchStrategy[datetime]:
    """Draw a moment from the first version of a law on, or from 1997 on."""
    first = datetime.combine(REGIMES[law].versions[0].begins_on, time())
    return st.datetimes(first, LAST_MOMENT, timezones=st.just(UTC))


LAENDER: st.SearchStrategy[Land] = st.sampled_from(sorted(LAND_NAMES))
KIND_NAMES: st.SearchStrategy[str] = st.sampled_from(sorted(KINDS))


@st.composite
def moments_of_one_day(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[datetime, datetime]:
    """Draw two moments of one local day, days of 23 and 25 hours among them."""
    changes = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2031, 3, 30), date(2031, 10, 26)])
    day = draw(DAYS | changes)
    begins, ends = (datetime.combine(day + timedelta(days=n), time(), BERLIN).astimezone(UTC) for n in (0, 1))
    seconds = st.integers(0, int((ends - begins).total_seconds()) - 1)
    return begins + timedelta(seconds=draw(seconds)), begins + timedelta(seconds=draw(seconds))


@contextmanager
def server_in(zone: str) -> Iterator[None]:
    """Put the machine into another time zone for a while."""
    before = os.environ.get("TZ")
    _set_zone(zone)
    try:
        yield
    finally:
        _set_zone(before)


def _set_zone(zone: str | None) -> None:
    if zone is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = zone
    clock.tzset()


# Holidays by hand -------------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """Return Easter Sunday by golden number and epact, as Knuth wrote down the work of Clavius and Lilius."""
    golden, century = year % 19 + 1, year // 100 + 1
    leap_years_left_out, moon_correction = 3 * century // 4 - 12, (8 * century + 5) // 25 - 5
    epact = (11 * golden + 20 + moon_correction - leap_years_left_out) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    full_moon = 44 - epact if epact <= 23 else 74 - epact
    sunday = 5 * year // 4 - leap_years_left_out - 10
    march = full_moon + 7 - (sunday + full_moon) % 7
    return date(year, 3, 1) + timedelta(days=march - 1)


def common_holidays(year: int) -> set[date]:
    """Return the holidays of every Land, Reformationstag of 2017 among them."""
    after_easter = {easter(year) + timedelta(days=days) for days in (-2, 1, 39, 50)}
    fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
    return after_easter | fixed | ({date(2017, 10, 31)} if year == 2017 else set())


def holidays_of_nordrhein_westfalen(year: int) -> set[date]:
    """Return the eleven holidays of § 2 Abs. 1 FeiertG NW, and Reformationstag of 2017."""
    return common_holidays(year) | {easter(year) + timedelta(days=60), date(year, 11, 1)}
