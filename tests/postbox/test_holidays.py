from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.errors import Invalid
from sk.postbox.explanation import Words
from sk.postbox.holidays import (
    FIRST_YEAR,
    LAND_NAMES,
    LAST_YEAR,
    Holidays,
    Land,
    holidays_in,
    is_working_day,
    land_of,
    working_day_from,
)
from tests.postbox.cases import LAENDER, common_holidays, easter, holidays_of_nordrhein_westfalen

YEARS = range(1997, 2041)


def test_easter_is_computed_here_as_the_church_announced_it() -> None:
    announced = [
        "1997-03-30",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2024-03-31",
        "2026-04-05",
        "2038-04-25",
    ]

    assert [easter(int(day[:4])).isoformat() for day in announced] == announced


@pytest.mark.parametrize("year", YEARS)
def test_nordrhein_westfalen_has_eleven_holidays_and_reformationstag_in_2017(year: int) -> None:
    assert set(holidays_in("NW", year)) == holidays_of_nordrhein_westfalen(year)


@pytest.mark.parametrize("year", YEARS)
def test_nine_holidays_are_those_of_all_sixteen_laender(year: int) -> None:
    assert set.intersection(*(set(holidays_in(land, year)) for land in LAND_NAMES)) == common_holidays(year)


def test_there_are_sixteen_laender_and_every_code_names_one() -> None:
    assert len(LAND_NAMES) == 16
    assert [land_of(code) for code in LAND_NAMES] == list(LAND_NAMES)


@pytest.mark.parametrize("code", ["", "nw", "XX", "DE", "Augsburg", "BYP", "NRW"])
def test_a_code_that_is_no_land_is_refused(code: str) -> None:
    with pytest.raises(Invalid, match="There is no Land") as refusal:
        land_of(code)

    assert (refusal.value.field, refusal.value.problem) == ("land", "unknown-land")


def test_holidays_of_a_place_that_is_no_land_are_refused() -> None:
    with pytest.raises(Invalid, match="There is no Land"):
        Holidays("Augsburg")  # type: ignore[arg-type] # what a setting or a request could bring


@pytest.mark.parametrize(
    ("day", "land"),
    [
        (date(2026, 1, 6), "BY"),
        (date(2026, 3, 8), "BE"),
        (date(2026, 10, 31), "BB"),
        (date(2022, 8, 15), "SL"),
        (date(2027, 9, 20), "TH"),
        (date(2026, 10, 31), "NI"),
        (date(2026, 11, 18), "SN"),
    ],
)
def test_a_holiday_of_another_land_is_none_in_nordrhein_westfalen(day: date, land: Land) -> None:
    assert day in Holidays(land)
    assert day not in Holidays("NW")


@pytest.mark.parametrize(
    ("day", "land"),
    [
        (date(2025, 8, 15), "BY"),  # Mariä Himmelfahrt
        (date(2025, 8, 8), "BY"),  # Augsburger Friedensfest
        (date(2025, 6, 19), "SN"),  # Fronleichnam
        (date(2025, 6, 19), "TH"),
    ],
)
def test_a_holiday_of_some_municipalities_is_none_of_their_land(day: date, land: Land) -> None:
    assert day not in Holidays(land)


@pytest.mark.parametrize("day", [date(2027, 2, 8), date(2026, 12, 24), date(2026, 12, 31), date(2025, 10, 31)])
def test_carnival_christmas_eve_and_new_years_eve_are_working_days(day: date) -> None:
    assert is_working_day(day, Holidays("NW"))


def test_what_is_no_day_is_no_holiday() -> None:
    assert "2026-12-25" not in Holidays("NW")


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_a_year_whose_holidays_are_not_known_is_refused_and_not_taken_for_one_without(year: int) -> None:
    with pytest.raises(Invalid, match="are not known") as refusal:
        holidays_in("NW", year)

    assert refusal.value.problem == "outside-calendar"


@pytest.mark.parametrize("land", LAND_NAMES)
@pytest.mark.parametrize("year", [FIRST_YEAR, LAST_YEAR])
def test_the_first_and_the_last_year_have_their_holidays(land: Land, year: int) -> None:
    assert {date(year, 1, 1), easter(year) + timedelta(days=1)} <= set(holidays_in(land, year))


@given(st.dates(date(1997, 1, 1), date(2040, 12, 31)), LAENDER)
def test_the_next_working_day_is_the_first_one_and_at_most_five_days_away(day: date, land: Land) -> None:
    holidays = Holidays(land)
    found = working_day_from(day, holidays)

    assert is_working_day(found, holidays)
    assert not any(is_working_day(day + timedelta(days=n), holidays) for n in range((found - day).days))
    assert found - day <= timedelta(days=5)


def test_a_saturday_is_never_a_working_day() -> None:
    assert working_day_from(date(2026, 11, 28), set()) == date(2026, 11, 30)


def test_the_reason_names_the_holiday_in_both_languages() -> None:
    holidays = Holidays("NW")

    assert holidays.why_not_working(date(2026, 4, 6)) == Words(
        de="ein Feiertag (Ostermontag)", en="a holiday (Easter Monday)"
    )
    assert holidays.why_not_working(date(2026, 4, 5)) == Words(de="kein Werktag", en="no working day")
