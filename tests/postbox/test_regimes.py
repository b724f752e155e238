"""The regimes beside § 9 OZG: what each counts from, what moves its day, and what takes the place of the day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.bekanntgabe_terms import Recipient
from sk.postbox.explanation import sentence
from sk.postbox.holidays import Holidays, Land, is_working_day
from sk.postbox.regimes import REGIMES, Law
from tests.postbox.cases import (
    ABROAD,
    BERLIN,
    LAENDER,
    WEDNESDAY,
    announced,
    at,
    holidays_of_nordrhein_westfalen,
    moments_since,
    other_on,
)

BY_SENDING: tuple[Law, ...] = ("vwvfg-41-2", "sgbx-37-2", "ao-122-2")
COUNTED: tuple[Law, ...] = tuple(law for law in REGIMES if law != "vwvfg-41-2a")
AO: tuple[Law, ...] = ("ao-122-2", "ao-122a")


# The versions


@pytest.mark.parametrize(
    ("law", "first", "statute"),
    [
        ("egovg-nrw-5-3", "2022-02-19", "§ 5 Abs. 3 EGovG NRW"),
        ("vwvfg-41-2", "1997-01-01", "§ 41 Abs. 2 VwVfG"),
        ("vwvfg-41-2a", "2017-01-01", "§ 41 Abs. 2a VwVfG"),
        ("sgbx-37-2", "1997-01-01", "§ 37 Abs. 2 SGB X"),
        ("sgbx-37-2a", "2020-12-10", "§ 37 Abs. 2a SGB X"),
        ("ao-122-2", "1997-01-01", "§ 122 Abs. 2 AO"),
        ("ao-122a", "2017-01-01", "§ 122a AO"),
    ],
)
def test_an_event_before_the_first_version_of_a_law_is_refused(law: Law, first: str, statute: str) -> None:
    assert announced(law, at(first, 0)).version == date.fromisoformat(first)
    with pytest.raises(Invalid, match=f"{statute} knows a Bekanntgabe since ") as refusal:
        announced(law, at(first, 0) - timedelta(seconds=1))

    assert refusal.value.problem == "before-first-version"


@pytest.mark.parametrize("law", COUNTED)
def test_every_law_that_counts_days_counts_three_until_2024_and_four_since(law: Law) -> None:
    year_ends = at("2025-01-01", 0)

    assert announced(law, year_ends - timedelta(seconds=1)).on == date(2025, 1, 3)
    assert announced(law, year_ends).on == date(2025, 1, 6 if law in AO else 5)


@pytest.mark.parametrize("law", COUNTED)
def test_where_the_number_of_days_changed_in_between_the_reasoning_says_what_decides(law: Law) -> None:
    why = announced(law, at("2024-12-30")).why

    assert "seit 01.01.2025 wäre es ein vierter Tag" in why
    assert ("Art. 97 § 1 Abs. 15 EGAO" if law in AO else "eine Übergangsregelung ist nicht bekannt") in why


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3", "vwvfg-41-2", "sgbx-37-2", "sgbx-37-2a"])
def test_where_no_transitional_rule_is_known_the_newer_number_of_days_is_the_other_reading(law: Law) -> None:
    found = announced(law, at("2024-12-30"))

    assert (found.on, other_on(found)) == (date(2025, 1, 2), date(2025, 1, 3))
    assert found.other is not None
    assert "zählten die Tage des neuen Rechts, wäre die Bekanntgabe am Freitag, 03.01.2025" in sentence(
        found.other.steps
    )
    assert announced("ao-122-2", at("2024-12-30")).other is None


def test_where_the_day_itself_is_open_the_newer_number_of_days_is_said_and_no_other_reading_is_lost() -> None:
    found = announced("ozg-9", at("2024-12-31"), Recipient(land="NW"), benachrichtigung_proven=False)

    assert found.other is not None
    assert found.other.on is None
    assert "seit 01.01.2025 wäre es ein vierter Tag" in found.why


@pytest.mark.parametrize("event", ["2024-12-28", "2025-01-01", "2026-11-25"])
def test_where_the_number_of_days_did_not_change_in_between_nothing_is_said_of_it(event: str) -> None:
    assert "Übergangsregelung" not in announced("vwvfg-41-2", at(event)).why


def test_a_real_event_after_the_change_of_days_is_none_of_the_changes_business() -> None:
    assert "wäre es ein" not in announced("vwvfg-41-2", at("2024-12-30"), zugang_on=date(2025, 1, 9)).why


def test_the_reasoning_says_that_the_wording_of_the_law_of_nordrhein_westfalen_since_2025_was_not_seen() -> None:
    assert "lag nicht vor" in announced("egovg-nrw-5-3").why
    assert "lag nicht vor" not in announced("egovg-nrw-5-3", at("2024-11-25")).why


def test_the_law_of_nordrhein_westfalen_gives_the_days_and_readings_of_the_ozg() -> None:
    ozg, egovg = announced("ozg-9"), announced("egovg-nrw-5-3")

    assert (egovg.on, egovg.other) == (ozg.on, ozg.other)
    assert announced("egovg-nrw-5-3", at("2024-02-26")).basis == "§ 5 Abs. 3 Satz 3 EGovG NRW"


# Saturdays, Sundays and holidays


@pytest.mark.parametrize(
    ("law", "decision"),
    [
        ("vwvfg-41-2", "(OVG NRW, 10 A 1356/21)"),
        ("sgbx-37-2", "(BSG, B 14 AS 12/09 R)"),
        ("sgbx-37-2a", "(§ 37 Abs. 2 SGB X: BSG, B 14 AS 12/09 R)"),
    ],
)
def test_where_courts_leave_the_day_there_is_no_other_reading_and_the_decision_is_named(
    law: Law, decision: str
) -> None:
    found = announced(law)

    assert (found.on, found.other) == (date(2026, 11, 29), None)
    assert f"er ist kein Werktag und verschiebt sich trotzdem nicht {decision}" in found.why


@pytest.mark.parametrize("event", ["1998-05-07", "2024-11-27", "2026-11-25"])
def test_under_the_ao_a_sunday_moves_to_monday_and_nothing_is_left_open(event: str) -> None:
    found = announced("ao-122-2", at(event))

    assert found.on is not None
    assert found.on.weekday() == 0
    assert found.other is None


def test_under_the_ao_the_reasoning_walks_to_the_next_working_day() -> None:
    assert announced("ao-122-2", at("2026-03-30")).why == (
        "Montag, 30.03.2026 Aufgabe zur Post oder Absendung; vierter Tag: Freitag, 03.04.2026; "
        "Freitag, 03.04.2026 ist ein Feiertag (Karfreitag); Samstag, 04.04.2026 ist kein Werktag; "
        "Sonntag, 05.04.2026 ist kein Werktag; Montag, 06.04.2026 ist ein Feiertag (Ostermontag); "
        "nächster Werktag am Ort des Empfängers (Nordrhein-Westfalen): Dienstag, 07.04.2026; "
        "Empfänger laut Behörde: Nordrhein-Westfalen; "
        "Grundlage: § 122 Abs. 2, 2a, § 108 Abs. 3 AO in der Fassung seit 01.01.2025."
    )


def test_under_the_ao_the_holidays_are_those_of_the_recipients_place() -> None:
    event = at("2026-01-02")  # the fourth day is Epiphany

    assert announced("ao-122a", event).on == date(2026, 1, 6)
    assert announced("ao-122a", event, Recipient(land="BY")).on == date(2026, 1, 7)


def test_that_the_day_of_122a_moves_since_2026_is_inferred_so_the_day_itself_is_the_other_reading() -> None:
    found = announced("ao-122a")

    assert (found.on, other_on(found)) == (date(2026, 11, 30), date(2026, 11, 29))
    assert found.other is not None
    assert "verschiebt sich die Bekanntgabe nicht" in sentence(found.other.steps)
    assert announced("ao-122a", at("2025-10-14")).other is None


def test_for_a_recipient_abroad_the_land_that_is_stated_counts_and_weekends_alone_are_the_other_reading() -> None:
    fronleichnam = announced("ao-122-2", at("2026-05-31"), ABROAD)

    assert (fronleichnam.on, other_on(fronleichnam)) == (date(2026, 6, 5), date(2026, 6, 4))
    assert "welche Feiertage am Ort im Ausland gelten, ist nicht bekannt" in fronleichnam.why
    assert "nächster Werktag nach den Feiertagen des genannten Landes (Nordrhein-Westfalen)" in fronleichnam.why


def test_a_weekend_is_one_abroad_as_well_and_leaves_nothing_open() -> None:
    found = announced("ao-122-2", WEDNESDAY, ABROAD)

    assert (found.on, found.other) == (date(2026, 11, 30), None)


# Not received, or later


@pytest.mark.parametrize("law", BY_SENDING)
def test_a_proven_later_zugang_governs_and_is_never_moved(law: Law) -> None:
    found = announced(law, zugang_on=date(2026, 12, 5))  # a Saturday

    assert (found.on, found.other) == (date(2026, 12, 5), None)
    assert "Samstag, 05.12.2026 nachgewiesener späterer Zugang, der maßgeblich ist" in found.why


@pytest.mark.parametrize("law", BY_SENDING)
def test_a_zugang_on_the_day_by_fiction_or_before_it_changes_nothing(law: Law) -> None:
    without = announced(law)
    assert without.on is not None
    for earlier in (0, 1, 2, 9):
        found = announced(law, zugang_on=without.on - timedelta(days=earlier))
        assert (found.on, found.basis) == (without.on, without.basis)
        assert "ändert daran nichts" in found.why


@pytest.mark.parametrize("law", BY_SENDING)
def test_what_was_never_received_is_not_announced(law: Law) -> None:
    found = announced(law, received=False, abruf=WEDNESDAY)

    assert (found.on, found.due_at) == (None, None)
    assert "nicht zugegangen: keine Bekanntgabe" in found.why


@pytest.mark.parametrize("law", BY_SENDING)
def test_abroad_the_day_of_sending_is_said_to_hold_for_what_is_sent_electronically(law: Law) -> None:
    assert "nur bei elektronischer Übermittlung" in announced(law, recipient=ABROAD).why


@pytest.mark.parametrize("year", [1, 1990, 2099, 9999])
def test_a_zugang_in_a_year_without_known_holidays_is_refused(year: int) -> None:
    with pytest.raises(Invalid, match=f"this moment lies in {year}"):
        announced("vwvfg-41-2", zugang_on=date(year, 6, 1))


# The Benachrichtigung


@pytest.mark.parametrize(("law", "event"), [("sgbx-37-2a", "2026-11-25"), ("ao-122a", "2025-03-11")])
@pytest.mark.parametrize("unproven", [{"benachrichtigung_proven": False}, {"received": False}])
def test_without_a_proven_zugang_of_the_benachrichtigung_the_day_of_the_abruf_governs(
    law: Law, event: str, unproven: dict[str, Any]
) -> None:
    abruf = at(event) + timedelta(days=11)  # a Sunday, a Saturday: never moved
    found = announced(law, at(event), abruf=abruf, **unproven)

    assert (found.on, found.other) == (local_day(abruf), None)
    assert announced(law, at(event), **unproven).on is None


def test_a_benachrichtigung_that_came_in_after_the_fourth_day_leaves_the_abruf_alone() -> None:
    abruf = at("2026-12-05")

    assert announced("sgbx-37-2a", zugang_on=date(2026, 11, 29), abruf=abruf).on == date(2026, 11, 29)
    late = announced("sgbx-37-2a", zugang_on=date(2026, 11, 30), abruf=abruf)
    assert (late.on, late.basis) == (date(2026, 12, 5), "§ 37 Abs. 2a Satz 6, 7 SGB X")
    assert "die Benachrichtigung vom 25.11.2026 ging zu spät zu, am Montag, 30.11.2026" in late.why
    assert announced("sgbx-37-2a", zugang_on=date(2026, 11, 30)).on is None


def test_in_2025_the_fourth_day_was_late_by_the_wording_of_the_sgb_x_and_the_fourth_day_is_the_other_reading() -> None:
    sent = at("2025-11-25")
    found = announced("sgbx-37-2a", sent, zugang_on=date(2025, 11, 29), abruf=at("2025-12-03"))

    assert announced("sgbx-37-2a", sent, zugang_on=date(2025, 11, 28)).on == date(2025, 11, 29)
    assert (found.on, other_on(found)) == (date(2025, 12, 3), date(2025, 11, 29))
    assert announced("sgbx-37-2a", sent, zugang_on=date(2025, 11, 30), abruf=at("2025-12-03")).other is None


def test_that_a_benachrichtigung_was_sent_is_not_said_to_prove_its_zugang_unless_that_is_proven() -> None:
    open_still = "belegt ihren Zugang nicht; lässt er sich nicht nachweisen, gilt der Tag des Abrufs"

    assert open_still in announced("sgbx-37-2a").why
    assert open_still not in announced("sgbx-37-2a", zugang_on=date(2026, 11, 26)).why


def test_until_2025_under_the_ao_late_is_after_the_day_that_was_moved() -> None:
    sent, abruf = at("2025-10-14"), at("2025-10-25")  # the fourth day is a Saturday

    assert announced("ao-122a", sent, zugang_on=date(2025, 10, 20), abruf=abruf).on == date(2025, 10, 20)
    assert announced("ao-122a", sent, zugang_on=date(2025, 10, 21), abruf=abruf).on == date(2025, 10, 25)


# The Bereitstellung


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3", "ao-122a"])
def test_where_the_bereitstellung_cannot_be_proven_the_first_abruf_governs_and_without_one_nothing(law: Law) -> None:
    abruf = at("2026-12-06")  # a Sunday

    assert announced(law, abruf=abruf, bereitstellung_proven=False).on == date(2026, 12, 6)
    without = announced(law, bereitstellung_proven=False)
    assert (without.on, without.basis) == (None, REGIMES[law].versions[-1].otherwise_basis)


@pytest.mark.parametrize("law", ["ozg-9", "egovg-nrw-5-3"])
def test_whether_an_early_abruf_governs_after_a_second_bereitstellung_is_said_to_be_undecided(law: Law) -> None:
    undecided = "ob er bei einer erneuten Bekanntgabe maßgeblich bliebe"

    assert undecided in announced(law, abruf=at("2026-11-26")).why
    assert undecided not in announced(law, abruf=at("2026-11-29")).why
    assert undecided not in announced("ao-122a", abruf=at("2026-11-26")).why


# The Abruf of § 41 Abs. 2a VwVfG

NOVEMBER_5 = at("2026-11-05", 9)  # the tenth day is a Sunday


@pytest.mark.parametrize(("fetched", "on"), [("2026-11-10", "2026-11-11"), ("2026-11-14", "2026-11-15")])
def test_the_bekanntgabe_is_on_the_day_after_the_abruf_even_on_a_sunday(fetched: str, on: str) -> None:
    found = announced("vwvfg-41-2a", NOVEMBER_5, abruf=at(fetched))

    assert (found.on, found.other, found.basis) == (date.fromisoformat(on), None, "§ 41 Abs. 2a Satz 3 VwVfG")


@given(event=moments_since("vwvfg-41-2a"), land=LAENDER, lenient=st.booleans())
def test_without_an_abruf_there_is_no_day_and_never_a_default(event: datetime, land: Land, *, lenient: bool) -> None:
    found = announced("vwvfg-41-2a", event, Recipient(land=land), lenient_ten_days=lenient)

    assert (found.on, found.other) == (None, None)
    assert "ohne Abruf keine Bekanntgabe" in found.why


def test_an_abruf_on_the_tenth_day_is_in_time_and_one_on_the_eleventh_is_not() -> None:
    monday = at("2026-11-02", 9)  # the tenth day is a Thursday

    assert announced("vwvfg-41-2a", monday, abruf=at("2026-11-12", 23)).on == date(2026, 11, 13)
    late = announced("vwvfg-41-2a", monday, abruf=at("2026-11-13", 0), lenient_ten_days=True)
    assert (late.on, late.other, late.basis) == (None, None, "§ 41 Abs. 2a Satz 4, 5 VwVfG")
    assert "zu spät: keine Bekanntgabe" in late.why


def test_a_tenth_day_on_a_sunday_strictly_ends_the_time_and_the_lenient_reading_is_told() -> None:
    found = announced("vwvfg-41-2a", NOVEMBER_5, abruf=at("2026-11-16"))

    assert (found.on, other_on(found)) == (None, date(2026, 11, 17))
    assert found.other is not None
    assert "verlängern sich die zehn Tage bis zum nächsten Werktag, Montag, 16.11.2026" in sentence(found.other.steps)


def test_strictly_counted_a_tenth_day_that_is_no_working_day_has_the_lenient_view_told_before_any_abruf() -> None:
    view = "nach anderer Ansicht verlängern sich die zehn Tage bis Montag, 16.11.2026"

    assert f"{view} (§ 31 Abs. 3 VwVfG); gerechnet wird streng" in announced("vwvfg-41-2a", NOVEMBER_5).why
    assert view not in announced("vwvfg-41-2a", NOVEMBER_5, lenient_ten_days=True).why
    assert "anderer Ansicht" not in announced("vwvfg-41-2a", at("2026-11-02")).why  # the tenth day is a Thursday


def test_read_leniently_the_next_working_day_is_in_time_and_the_strict_reading_is_told() -> None:
    monday, tuesday = (
        announced("vwvfg-41-2a", NOVEMBER_5, abruf=at(day), lenient_ten_days=True)
        for day in ("2026-11-16", "2026-11-17")
    )

    assert monday.on == date(2026, 11, 17)
    assert monday.other is not None
    assert (monday.other.on, monday.other.doubt) == (None, "law")
    assert "streng gelesen endet die Frist am zehnten Tag, und es gibt keine Bek" in sentence(monday.other.steps)
    assert (tuesday.on, tuesday.other) == (None, None)


def test_without_a_proven_benachrichtigung_the_ten_days_have_not_begun_and_the_abruf_announces() -> None:
    found = announced("vwvfg-41-2a", NOVEMBER_5, abruf=at("2026-11-30"), benachrichtigung_proven=False)

    assert found.on == date(2026, 12, 1)
    assert "dass die zehn Tage für den Abruf begonnen haben, lässt sich nicht zeigen" in found.why


# For all days


@st.composite
def any_case(
    draw: Callable[[st.SearchStrategy[Any]], Any], laws: tuple[Law, ...] = COUNTED
) -> tuple[Law, datetime, Recipient]:
    law = draw(st.sampled_from(laws))
    return law, draw(moments_since(law)), Recipient(land=draw(LAENDER), abroad=draw(st.booleans()))


@given(any_case())
def test_the_day_by_fiction_is_three_or_four_days_later_and_under_the_ao_the_next_working_day(
    case: tuple[Law, datetime, Recipient],
) -> None:
    law, event, recipient = case
    event_on = local_day(event)
    on = event_on + timedelta(days=3 if event_on < date(2025, 1, 1) else 4)
    while law in AO and not is_working_day(on, Holidays(recipient.land)):
        on += timedelta(days=1)

    assert announced(law, event, recipient).on == on


@given(st.sampled_from(AO), st.data())
def test_under_the_ao_the_day_by_fiction_is_a_working_day_by_a_calendar_made_by_hand(
    law: Law, data: st.DataObject
) -> None:
    on = announced(law, data.draw(moments_since(law))).on

    assert on is not None
    assert on.weekday() < 5
    assert on not in holidays_of_nordrhein_westfalen(on.year)


@given(any_case(("ao-122a",)), st.integers(0, 400))
def test_the_day_of_a_real_abruf_is_never_moved(case: tuple[Law, datetime, Recipient], days: int) -> None:
    law, event, recipient = case
    abruf = event + timedelta(days=days)
    found = announced(law, event, recipient, abruf=abruf, bereitstellung_proven=False, benachrichtigung_proven=False)

    assert (found.on, found.other) == (local_day(abruf), None)


@given(any_case(("ao-122-2",)), st.integers(10, 400))
def test_the_day_of_a_proven_later_zugang_is_never_moved(case: tuple[Law, datetime, Recipient], days: int) -> None:
    law, event, recipient = case
    zugang_on = local_day(event) + timedelta(days=days)

    assert announced(law, event, recipient, zugang_on=zugang_on).on == zugang_on


@given(any_case(), st.integers(-3, 60))
def test_no_abruf_changes_a_day_that_was_counted_and_proven(case: tuple[Law, datetime, Recipient], days: int) -> None:
    law, event, recipient = case
    without = announced(law, event, recipient)
    fetched = announced(law, event, recipient, abruf=event + timedelta(days=days))

    assert (fetched.on, fetched.basis, fetched.other) == (without.on, without.basis, without.other)
    assert "ändert daran nichts" in fetched.why


@given(any_case(("ozg-9", "ao-122a", "ao-122-2")), st.integers(0, 60))
def test_an_open_reading_is_another_day_and_says_why(case: tuple[Law, datetime, Recipient], days: int) -> None:
    law, event, recipient = case
    found = announced(law, event, recipient, zugang_on=local_day(event) + timedelta(days=days))

    assert found.other is None or (found.other.on != found.on and sentence(found.other.steps))


@given(case=any_case(tuple(REGIMES)), days=st.integers(0, 30), proven=st.booleans())
def test_two_moments_of_one_local_day_and_another_offset_give_the_same(
    case: tuple[Law, datetime, Recipient], days: int, *, proven: bool
) -> None:
    law, event, recipient = case
    begins = datetime.combine(local_day(event), datetime.min.time(), BERLIN).astimezone(UTC)
    abruf = event + timedelta(days=days)
    known: dict[str, object] = {"bereitstellung_proven": proven, "benachrichtigung_proven": proven}

    assert announced(law, event, recipient, abruf=abruf, **known) == announced(
        law, begins, recipient, abruf=abruf.astimezone(BERLIN), **known
    )


@given(any_case(tuple(REGIMES)), st.integers(0, 30))
def test_every_stated_bekanntgabe_can_be_stored_and_read_again(
    case: tuple[Law, datetime, Recipient], days: int
) -> None:
    law, event, recipient = case
    found = announced(law, event, recipient, abruf=event + timedelta(days=days))

    assert Bekanntgabe.model_validate_json(found.model_dump_json()) == found
