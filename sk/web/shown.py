"""Data about a person, as people read them."""

from datetime import date

from babel.dates import format_date

from sk.auth.countries import country_name
from sk.auth.profile import FIELDS, FieldName
from sk.postbox.holidays import LAND_NAMES

DAY_FORMS = ("yyyy", "MMMM yyyy", "d. MMMM yyyy")
"""How a day is written out of which the year is known, or the month as well, or all of it."""


def shown(name: FieldName, value: str) -> str:
    """Return a datum as people read it."""
    if not value:
        return ""
    match FIELDS[name].form:
        case "country":
            return country_name(value)
        case "land":
            return next(words.de for land, words in LAND_NAMES.items() if land == value)
        case "day":
            return _written(value)
        case _:
            return value


def _written(day: str) -> str:
    """Write out a day of which parts may be unknown: 12. August 1964, August 1964, 1964."""
    parts = [int(part) for part in day.split("-")]
    year, month, number = (*parts, 1, 1)[:3]
    return format_date(date(year, month, number), DAY_FORMS[len(parts) - 1], locale="de")
