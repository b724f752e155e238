"""How days, moments, sizes and sentences are written out, in each language."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from sk.auth.countries import country_name
from sk.auth.profile import FIELDS, FieldName
from sk.clock import BERLIN, local_day
from sk.postbox.explanation import Language, Words
from sk.postbox.holidays import LAND_NAMES

LOCALES: Mapping[Language, str] = {"de": "de_DE", "en": "en_GB"}
SHORT: Mapping[Language, str] = {"de": "EE, d. MMMM y", "en": "EE d MMMM y"}
BIRTHDAYS = ("yyyy", "MMMM yyyy", {"de": "d. MMMM yyyy", "en": "d MMMM yyyy"})
"""How a day is written of which the year is known, or the month as well, or all of it."""
OCLOCK: Mapping[Language, str] = {"de": "\N{NO-BREAK SPACE}Uhr", "en": ""}
KILOBYTE, MEGABYTE, GIGABYTE = 1_000, 1_000_000, 1_000_000_000


def day(value: date | datetime, language: Language) -> str:
    """Write a day out: Montag, 28. Dezember 2026; Monday, 28 December 2026."""
    return _written(_on(value), "full", language)


def short_day(value: date | datetime, language: Language) -> str:
    """Write a day as short as it can be said whole: Mo., 28. Dezember 2026; Mon 28 December 2026."""
    return _written(_on(value), SHORT[language], language)


def moment(value: datetime, language: Language) -> str:
    """Write a moment out, in local time: Montag, 28. Dezember 2026, 10:15 Uhr. The time of day stays on one line."""
    return f"{day(value, language)}, {value.astimezone(BERLIN):%H:%M}{OCLOCK[language]}"


def size(value: int, language: Language) -> str:
    """Write a size out: 93 KB, 1,2 MB; 1.2 MB, 200 MB; 1.07 GB."""
    if value < MEGABYTE:
        return f"{max(min(value, 1), round(value / KILOBYTE))} KB"
    if value < GIGABYTE:
        return f"{format_decimal(value / MEGABYTE, format='0.#', locale=LOCALES[language])} MB"
    return f"{format_decimal(value / GIGABYTE, format='0.##', locale=LOCALES[language])} GB"


def line(words: Words, language: Language) -> str:
    """Write a step of a reasoning as a line of its own, which begins with a capital."""
    text = words.in_language(language)
    return text[:1].upper() + text[1:]


def datum(value: str, name: FieldName, language: Language) -> str:
    """Write a datum about a person as people read it."""
    if not value:
        return ""
    match FIELDS[name].form:
        case "country":
            return country_name(value, language)
        case "land":
            return next(words.in_language(language) for land, words in LAND_NAMES.items() if land == value)
        case "day":
            return _birthday(value, language)
        case _:
            return value


@lru_cache
def _written(on: date, form: str, language: Language) -> str:
    """Write a day out. Lists say the same few again and again, and babel takes its time."""
    return format_date(on, form, locale=LOCALES[language])


def _on(value: date | datetime) -> date:
    return local_day(value) if isinstance(value, datetime) else value


def _birthday(value: str, language: Language) -> str:
    """Write out a day of which parts may be unknown: 12. August 1964, August 1964, 1964."""
    parts = [int(part) for part in value.split("-")]
    year, month, number = (*parts, 1, 1)[:3]
    form = BIRTHDAYS[len(parts) - 1]
    known = form if isinstance(form, str) else form[language]
    return format_date(date(year, month, number), known, locale=LOCALES[language])
