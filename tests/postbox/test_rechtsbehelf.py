from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.bekanntgabe import Bekanntgabe, compute_bekanntgabe
from sk.postbox.bekanntgabe_terms import Moments, Recipient
from sk.postbox.explanation import sentence
from sk.postbox.holidays import Holidays, Land, is_working_day
from sk.postbox.rechtsbehelf import Rechtsbehelf, compute_days, compute_rechtsbehelf, frist_ends_on, months_later
from sk.postbox.regimes import Law
from tests.postbox.cases import (
    BERLIN,
    CASES,
    KIND_NAMES,
    LAENDER,
    LAWS,
    MOMENTS,
    OZG_BEGINS_ON,
    Case,
    holidays_of_nordrhein_westfalen,
    moments_of_one_day,
    moments_since,
    named,
    server_in,
)

ANY_DAY = st.dates(date(1997, 1, 1), date(2040, 12, 31))
MONTHS = st.sampled_from([1, 3, 12])


def announced(event: datetime, land: Land = "NW") -> Bekanntgabe:
    return compute_bekanntgabe("ozg-9", Moments(event=event), Recipient(land=land))


def announced_on(day: date) -> Bekanntgabe:
    return announced(datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN) - timedelta(days=4))


def frist(bekanntgabe: Bekanntgabe, kind: str = "klage-vwgo", seat: Land = "NW", **said: bool) -> Rechtsbehelf:
    belehrung, abroad = said.get("belehrung", True), said.get("abroad", False)
    return compute_rechtsbehelf(kind, bekanntgabe, seat=seat, belehrung=belehrung, abroad=abroad)


# The worked cases


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_frist_ends_as_in_the_worked_case(case: Case) -> None:
    found = case.frist()

    assert (found.frist_ends_on, found.frist_expires_at) == (case.frist_ends_on, case.frist_expires_at)


@pytest.mark.parametrize("case", [case for case in CASES if case.law in ("ozg-9", "egovg-nrw-5-3")], ids=named)
def test_a_worked_case_has_another_reading_only_if_its_fourth_day_is_no_working_day(case: Case) -> None:
    assert case.bekanntgabe_on is not None
    working = is_working_day(case.bekanntgabe_on, Holidays(case.recipient_land))

    assert (case.frist().other_reading is None) == working


# The end of the Frist


@pytest.mark.parametrize(
    ("bekanntgabe_on", "months", "ends_on"),
    [
        ("2026-11-29", 1, "2026-12-29"),
        ("2024-02-29", 1, "2024-04-02"),  # 29.03. is Karfreitag
        ("1998-05-11", 1, "1998-06-12"),  # 11.06. is Fronleichnam
        ("2027-01-31", 1, "2027-03-01"),  # 28.02. is a Sunday
        ("2028-01-31", 1, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-31", 1, "2027-02-01"),  # 31.01. is a Sunday
        ("2026-11-30", 3, "2027-03-01"),
        ("2026-12-27", 12, "2027-12-27"),
    ],
)
def test_the_frist_ends_on_the_day_that_was_found_by_hand(bekanntgabe_on: str, months: int, ends_on: str) -> None:
    holidays = Holidays("NW")

    assert frist_ends_on(date.fromisoformat(bekanntgabe_on), months, holidays) == date.fromisoformat(ends_on)


@given(ANY_DAY, MONTHS, LAENDER)
def test_the_last_day_is_a_working_day_at_the_seat(day: date, months: int, land: Land) -> None:
    assert is_working_day(frist_ends_on(day, months, Holidays(land)), Holidays(land))


@given(ANY_DAY, MONTHS)
def test_the_last_day_is_a_working_day_by_a_calendar_of_nordrhein_westfalen_made_by_hand(
    day: date, months: int
) -> None:
    last = frist_ends_on(day, months, Holidays("NW"))

    assert last.weekday() < 5
    assert last not in holidays_of_nordrhein_westfalen(last.year)


@given(ANY_DAY, MONTHS, LAENDER)
def test_the_last_day_is_never_before_the_whole_months_are_over(day: date, months: int, land: Land) -> None:
    month = day.month + months
    year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
    days_of_month = [n for n in range(1, 32) if _exists(year, month, n)]
    whole_months = date(year, month, max(n for n in days_of_month if n <= day.day))

    assert months_later(day, months) == whole_months
    assert whole_months <= frist_ends_on(day, months, Holidays(land)) <= whole_months + timedelta(days=5)


def test_every_day_until_2040_gives_the_end_that_a_calendar_made_by_hand_gives() -> None:
    holidays = set().union(*map(holidays_of_nordrhein_westfalen, range(2020, 2043)))
    days = (OZG_BEGINS_ON + timedelta(days=n) for n in range((date(2041, 1, 1) - OZG_BEGINS_ON).days))
    for day in days:
        on = day + timedelta(days=3 if day < date(2025, 1, 1) else 4)
        last = months_later(on, 1)
        while last.weekday() in (5, 6) or last in holidays:
            last += timedelta(days=1)
        found = frist(announced(datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN)))
        assert found.frist_ends_on == last


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("ends_on", "expires_at"),
    [("2026-12-28", "2026-12-28T23:00:00Z"), ("2026-04-30", "2026-04-30T22:00:00Z")],
)
def test_the_frist_expires_at_the_next_local_midnight(ends_on: str, expires_at: str) -> None:
    found = frist(announced_on(months_later(date.fromisoformat(ends_on), -1)))

    assert found.frist_ends_on == date.fromisoformat(ends_on)
    assert found.frist_expires_at == datetime.fromisoformat(expires_at)


@given(MOMENTS, KIND_NAMES, LAENDER, st.fixed_dictionaries({"belehrung": st.booleans(), "abroad": st.booleans()}))
def test_the_frist_expires_when_its_last_day_does(
    event: datetime, kind: str, land: Land, said: dict[str, bool]
) -> None:
    found = frist(announced(event, land), kind, land, **said)

    assert found.frist_ends_on is not None
    assert found.frist_expires_at is not None
    assert found.frist_expires_at.utcoffset() == timedelta(0)
    assert local_day(found.frist_expires_at) == found.frist_ends_on + timedelta(days=1)
    assert local_day(found.frist_expires_at - timedelta(microseconds=1)) == found.frist_ends_on


# The kinds of Rechtsbehelf


@pytest.mark.parametrize(
    ("kind", "basis"),
    [
        ("klage-vwgo", "§ 74 Abs. 1 Satz 2 VwGO; § 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB"),
        ("widerspruch-vwgo", "§ 70 Abs. 1 VwGO; § 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB"),
        ("klage-sgg", "§ 87 Abs. 1 SGG; § 64 SGG"),
        ("widerspruch-sgg", "§ 84 Abs. 1 SGG; § 64 SGG"),
        ("einspruch-ao", "§ 355 Abs. 1 AO; § 108 Abs. 1, 3 AO, §§ 187, 188 BGB"),
        ("klage-fgo", "§ 47 Abs. 1 FGO; § 54 Abs. 2 FGO, § 222 ZPO, §§ 187, 188 BGB"),
    ],
)
def test_each_rechtsbehelf_has_one_month_and_names_its_provisions(kind: str, basis: str) -> None:
    found = frist(announced_on(date(2026, 11, 27)), kind)

    assert (found.kind, found.basis, found.frist_ends_on) == (kind, basis, date(2026, 12, 28))


@pytest.mark.parametrize(
    ("kind", "basis"),
    [
        ("klage-vwgo", "§ 58 Abs. 2 VwGO"),
        ("widerspruch-vwgo", "§ 58 Abs. 2 VwGO"),
        ("klage-sgg", "§ 66 Abs. 2 SGG"),
        ("widerspruch-sgg", "§ 66 Abs. 2 SGG"),
        ("einspruch-ao", "§ 356 Abs. 2 AO"),
        ("klage-fgo", "§ 55 Abs. 2 FGO"),
    ],
)
@pytest.mark.parametrize("abroad", [False, True])
def test_without_a_right_belehrung_a_rechtsbehelf_has_one_year(kind: str, basis: str, *, abroad: bool) -> None:
    found = frist(announced_on(date(2026, 11, 27)), kind, belehrung=False, abroad=abroad)

    assert found.frist_ends_on == date(2027, 11, 29)  # 27.11.2027 is a Saturday
    assert str(found.basis).startswith(f"{basis}; ")
    assert "ein Jahr, weil die Belehrung fehlt oder unrichtig ist" in found.why


@pytest.mark.parametrize("kind", ["klage-sgg", "widerspruch-sgg"])
def test_under_sgg_a_recipient_abroad_has_three_months(kind: str) -> None:
    found = frist(announced_on(date(2026, 11, 27)), kind, abroad=True)

    assert found.frist_ends_on == date(2027, 3, 1)  # 27.02.2027 is a Saturday
    assert "drei Monate, weil im Ausland bekannt gegeben: Samstag, 27.02.2027" in found.why


@pytest.mark.parametrize("kind", ["klage-vwgo", "widerspruch-vwgo", "einspruch-ao", "klage-fgo"])
def test_under_the_other_laws_a_recipient_abroad_has_one_month_as_well(kind: str) -> None:
    assert frist(announced_on(date(2026, 11, 27)), kind, abroad=True).frist_ends_on == date(2026, 12, 28)


def test_where_the_authority_names_no_rechtsbehelf_no_frist_is_stated() -> None:
    found = frist(announced_on(date(2026, 11, 27)), "none")

    assert (found.kind, found.frist_ends_on, found.frist_expires_at) == ("none", None, None)
    assert (found.basis, found.other_reading) == (None, None)
    assert found.why == "die Behörde nennt keinen Rechtsbehelf."


def test_an_unknown_rechtsbehelf_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(Invalid, match="There is no Rechtsbehelf 'einrede'; the names are klage-vwgo, ") as refusal:
        frist(announced_on(date(2026, 11, 27)), "einrede")

    assert (refusal.value.field, refusal.value.problem) == ("rechtsbehelf", "unknown-rechtsbehelf")


# The seat of the authority


def test_a_holiday_at_the_seat_of_the_authority_moves_the_end_and_one_elsewhere_does_not() -> None:
    epiphany_is_the_last_day = announced_on(date(2025, 12, 6))

    assert frist(epiphany_is_the_last_day, seat="NW").frist_ends_on == date(2026, 1, 6)
    assert frist(epiphany_is_the_last_day, seat="BY").frist_ends_on == date(2026, 1, 7)


# The other reading


def test_a_bekanntgabe_on_a_sunday_has_another_reading_with_a_later_end() -> None:
    found = frist(announced_on(date(2026, 11, 29)))

    assert found.frist_ends_on == date(2026, 12, 29)
    assert found.other_reading is not None
    assert found.other_reading.frist_ends_on == date(2026, 12, 30)
    assert found.other_reading.frist_expires_at == datetime(2026, 12, 30, 23, tzinfo=UTC)
    assert found.other_reading.why == (
        "nach anderer Ansicht verschiebt sich die Bekanntgabe von Sonntag, 29.11.2026 "
        "auf den nächsten Werktag, Montag, 30.11.2026; eine Entscheidung dazu ist nicht bekannt; "
        "dann endet die Frist am Mittwoch, 30.12.2026, 24 Uhr."
    )


def test_two_readings_that_end_on_the_same_day_are_one() -> None:
    saturday = announced_on(date(2027, 1, 30))  # 28.02.2027 is a Sunday

    assert saturday.other is not None
    assert saturday.other.on == date(2027, 2, 1)
    assert frist(saturday).frist_ends_on == date(2027, 3, 1)
    assert frist(saturday).other_reading is None


@pytest.mark.parametrize("kind", ["klage-vwgo", "none"])
def test_another_day_is_told_with_the_bekanntgabe_where_no_other_frist_tells_it(kind: str) -> None:
    moments = Moments(event=datetime(2027, 1, 26, 9, tzinfo=BERLIN))  # both days give a Frist until 01.03.2027
    found, remedy = compute_days("ozg-9", moments, Recipient(land="NW"), rechtsbehelf=kind, belehrung=True, seat="NW")

    assert remedy.other_reading is None
    assert "nach anderer Ansicht verschiebt sich die Bekanntgabe von Samstag, 30.01.2027" in found.why


def test_another_day_that_the_frist_tells_is_not_told_twice() -> None:
    moments = Moments(event=datetime(2026, 11, 25, 9, tzinfo=BERLIN))
    found, remedy = compute_days(
        "ozg-9", moments, Recipient(land="NW"), rechtsbehelf="klage-vwgo", belehrung=True, seat="NW"
    )

    assert remedy.other_reading is not None
    assert "nach anderer Ansicht" not in found.why


@given(MOMENTS, KIND_NAMES, LAENDER)
def test_under_ozg_9_the_other_reading_never_ends_earlier(event: datetime, kind: str, land: Land) -> None:
    found = frist(announced(event, land), kind, land)

    other_on = found.other_reading.frist_ends_on if found.other_reading else date.max
    assert found.frist_ends_on is not None
    assert other_on is not None
    assert other_on > found.frist_ends_on


def test_without_a_bekanntgabe_no_frist_runs() -> None:
    unproven = Moments(event=datetime(2026, 11, 2, 9, tzinfo=BERLIN), bereitstellung_proven=False)
    found = frist(compute_bekanntgabe("ozg-9", unproven, Recipient(land="NW")))

    assert (found.frist_ends_on, found.frist_expires_at, found.other_reading) == (None, None, None)
    assert "ohne Bekanntgabe läuft keine Frist" in found.why


def test_where_only_the_other_reading_has_a_bekanntgabe_it_alone_has_a_frist() -> None:
    sent, fetched = (datetime(2026, 11, day, 9, tzinfo=BERLIN) for day in (5, 16))  # the tenth day is a Sunday
    found = frist(compute_bekanntgabe("vwvfg-41-2a", Moments(event=sent, abruf=fetched), Recipient(land="NW")))

    assert found.frist_ends_on is None
    assert found.other_reading is not None
    assert found.other_reading.frist_ends_on == date(2026, 12, 17)


@given(event=moments_since("ozg-9"), kind=KIND_NAMES, place=LAENDER, seat=LAENDER, belehrung=st.booleans())
def test_under_the_ao_the_frist_never_ends_before_that_under_ozg_9(
    event: datetime, kind: str, place: Land, seat: Land, *, belehrung: bool
) -> None:
    ozg, ao, ao_by_post = (
        frist(compute_bekanntgabe(law, Moments(event=event), Recipient(land=place)), kind, seat, belehrung=belehrung)
        for law in ("ozg-9", "ao-122a", "ao-122-2")
    )

    assert ozg.frist_ends_on is not None
    assert ao.frist_ends_on is not None
    assert ozg.frist_ends_on <= ao.frist_ends_on == ao_by_post.frist_ends_on


@given(LAWS, KIND_NAMES, LAENDER, LAENDER, st.data())
def test_under_every_law_the_last_day_is_a_working_day_at_the_seat_and_not_before_the_months_are_over(
    law: Law, kind: str, place: Land, seat: Land, data: st.DataObject
) -> None:
    event = data.draw(moments_since(law))
    moments = Moments(event=event, abruf=event + timedelta(days=data.draw(st.integers(0, 20))))
    act = compute_bekanntgabe(law, moments, Recipient(land=place))
    found = frist(act, kind, seat)
    ends = [(act.on, found.frist_ends_on)]
    if act.other and found.other_reading:
        ends.append((act.other.on, found.other_reading.frist_ends_on))

    for on, ends_on in ends:
        assert (on is None) == (ends_on is None)
        if on and ends_on:
            assert is_working_day(ends_on, Holidays(seat))
            assert ends_on >= months_later(on, 1)


def test_for_122a_since_2026_the_other_reading_ends_earlier_because_the_day_is_not_moved() -> None:
    sunday = compute_bekanntgabe(
        "ao-122a", Moments(event=datetime(2026, 11, 25, 9, tzinfo=BERLIN)), Recipient(land="NW")
    )
    found = frist(sunday, "einspruch-ao")

    assert found.other_reading is not None
    assert (found.other_reading.frist_ends_on, found.frist_ends_on) == (date(2026, 12, 29), date(2026, 12, 30))


# The reasoning, and what it must not depend on


def test_the_reasoning_walks_every_day_that_is_no_working_day_in_german() -> None:
    assert frist(announced_on(date(2026, 11, 25))).why == (
        "Mittwoch, 25.11.2026 Bekanntgabe, die nicht mitzählt; ein Monat: Freitag, 25.12.2026; "
        "Freitag, 25.12.2026 ist ein Feiertag (Erster Weihnachtstag); "
        "Samstag, 26.12.2026 ist ein Feiertag (Zweiter Weihnachtstag); Sonntag, 27.12.2026 ist kein Werktag; "
        "nächster Werktag am Sitz der Behörde (Nordrhein-Westfalen): Montag, 28.12.2026; "
        "die Frist endet am Montag, 28.12.2026, 24 Uhr; "
        "Grundlage: § 74 Abs. 1 Satz 2 VwGO; § 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB."
    )


def test_the_reasoning_walks_the_same_steps_in_english() -> None:
    assert sentence(frist(announced_on(date(2027, 1, 31))).steps, "en") == (
        "Sunday, 31 January 2027: announced (Bekanntgabe), not counted; one month: Sunday, 28 February 2027; "
        "the last day of the shorter month; Sunday, 28 February 2027 is no working day; "
        "next working day at the seat of the authority (North Rhine-Westphalia): Monday, 1 March 2027; "
        "the time limit (Frist) ends on Monday, 1 March 2027, 24:00; "
        "basis: § 74 Abs. 1 Satz 2 VwGO; § 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB."
    )


@given(moments_of_one_day(), KIND_NAMES, LAENDER)
def test_two_moments_of_one_local_day_give_the_same_frist(
    moments: tuple[datetime, datetime], kind: str, land: Land
) -> None:
    first, second = (frist(announced(moment, land), kind, land) for moment in moments)

    assert first == second


@given(MOMENTS, KIND_NAMES, st.sampled_from(["UTC", "America/Los_Angeles", "Pacific/Kiritimati"]))
def test_the_frist_does_not_depend_on_the_time_zone_of_the_server(event: datetime, kind: str, zone: str) -> None:
    here = frist(announced(event), kind)
    with server_in(zone):
        there = frist(announced(event.astimezone()), kind)

    assert there == here


@given(MOMENTS, KIND_NAMES, LAENDER)
def test_a_stated_frist_can_be_stored_and_read_again(event: datetime, kind: str, land: Land) -> None:
    found = frist(announced(event, land), kind, land)

    assert Rechtsbehelf.model_validate_json(found.model_dump_json()) == found
