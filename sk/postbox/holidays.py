"""Statutory holidays and working days of the sixteen Länder.

Holidays that hold in some municipalities of a Land only (Mariä Himmelfahrt in Bavaria, Fronleichnam in
Saxony and Thuringia, the Friedensfest in Augsburg) are not among them: of a seat or a recipient, only the
Land is known.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal, cast, get_args

from holidays import country_holidays

from sk.errors import Invalid
from sk.postbox.explanation import Steps, Words, say

Land = Literal["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]

LAND_NAMES: Mapping[Land, Words] = {
    "BB": Words(de="Brandenburg", en="Brandenburg"),
    "BE": Words(de="Berlin", en="Berlin"),
    "BW": Words(de="Baden-Württemberg", en="Baden-Württemberg"),
    "BY": Words(de="Bayern", en="Bavaria"),
    "HB": Words(de="Bremen", en="Bremen"),
    "HE": Words(de="Hessen", en="Hesse"),
    "HH": Words(de="Hamburg", en="Hamburg"),
    "MV": Words(de="Mecklenburg-Vorpommern", en="Mecklenburg-Western Pomerania"),
    "NI": Words(de="Niedersachsen", en="Lower Saxony"),
    "NW": Words(de="Nordrhein-Westfalen", en="North Rhine-Westphalia"),
    "RP": Words(de="Rheinland-Pfalz", en="Rhineland-Palatinate"),
    "SH": Words(de="Schleswig-Holstein", en="Schleswig-Holstein"),
    "SL": Words(de="Saarland", en="Saarland"),
    "SN": Words(de="Sachsen", en="Saxony"),
    "ST": Words(de="Sachsen-Anhalt", en="Saxony-Anhalt"),
    "TH": Words(de="Thüringen", en="Thuringia"),
}

# The years that the data covers. Outside of them a holiday would be missed in silence, so they are refused.
FIRST_YEAR, LAST_YEAR = 1991, 2100

SATURDAY = 5


def land_of(code: str) -> Land:
    """Return the Land with this code of two letters; any other text is refused."""
    if code not in get_args(Land):
        raise Invalid(
            f"There is no Land {code!r}; the codes are {', '.join(get_args(Land))}.",
            field="land",
            problem="unknown-land",
        )
    return cast("Land", code)


@cache
def holidays_in(land: Land, year: int) -> Mapping[date, Words]:
    """Return the statutory holidays of a Land in one year, with their names."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(
            f"The holidays of {year} are not known; they are from {FIRST_YEAR} to {LAST_YEAR}.",
            problem="outside-calendar",
        )
    german = country_holidays("DE", subdiv=land, years=year, language="de")
    english = country_holidays("DE", subdiv=land, years=year, language="en_US")
    return {day: Words(de=name, en=english[day]) for day, name in german.items()}


@dataclass(frozen=True)
class Holidays(Container[date]):
    """The statutory holidays of one Land: `day in Holidays("NW")`."""

    land: Land

    def __post_init__(self) -> None:
        """Refuse a code that no Land has."""
        land_of(self.land)

    def __contains__(self, day: object) -> bool:
        """Say whether a day is a statutory holiday in the whole of the Land."""
        return isinstance(day, date) and day in holidays_in(self.land, day.year)

    def why_not_working(self, day: date) -> Words:
        """Return what keeps a day from being a working day, as the rest of a sentence about it."""
        name = holidays_in(self.land, day.year).get(day)
        if name is None:
            return Words(de="kein Werktag", en="no working day")
        return Words(de=f"ein Feiertag ({name.de})", en=f"a holiday ({name.en})")


def is_working_day(day: date, holidays: Container[date]) -> bool:
    """Say whether a day is a Werktag in the sense of § 222 Abs. 2 ZPO, to which no Saturday belongs."""
    return day.weekday() < SATURDAY and day not in holidays


def working_day_from(day: date, holidays: Container[date]) -> date:
    """Return the day itself if it is a working day, otherwise the next one that is."""
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def moving_steps(day: date, land: Land, where: Words) -> Steps:
    """Return why a day moves, day by day, and where it comes to rest; nothing for a working day."""
    holidays = Holidays(land)
    moved = working_day_from(day, holidays)
    if moved == day:
        return ()
    skipped = [day + timedelta(days=n) for n in range((moved - day).days)]
    return (
        *(say("{day} ist {why}", "{day} is {why}", day=off, why=holidays.why_not_working(off)) for off in skipped),
        say(
            "nächster Werktag {where} ({land}): {day}",
            "next working day {where} ({land}): {day}",
            where=where,
            land=LAND_NAMES[land],
            day=moved,
        ),
    )
