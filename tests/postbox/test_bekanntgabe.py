import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.bekanntgabe import Bekanntgabe, compute_bekanntgabe
from sk.postbox.bekanntgabe_rules import benachrichtigung_in_time, by_sending
from sk.postbox.bekanntgabe_terms import Moments, Recipient
from sk.postbox.explanation import sentence
from sk.postbox.holidays import Land
from sk.postbox.regimes import POSTED, REGIMES, Law, refuse_unposted, regime_of
from tests.postbox.cases import (
    BERLIN,
    CASES,
    LAENDER,
    MOMENTS,
    NW,
    OZG_BEGINS_ON,
    WEDNESDAY,
    Case,
    moments_of_one_day,
    named,
    server_in,
)

MONDAY = datetime(2026, 11, 23, 10, 15, tzinfo=BERLIN)
BERLIN_MIDNIGHT_2025 = datetime(2024, 12, 31, 23, tzinfo=UTC)
ZONES = ("UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu", "Europe/Berlin")


def announced(event: datetime, recipient: Recipient = NW, **known: object) -> Bekanntgabe:
    return compute_bekanntgabe("ozg-9", Moments.model_validate({"event": event, **known}), recipient)


# The worked cases


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_day_is_the_one_of_the_worked_case(case: Case) -> None:
    assert case.bekanntgabe().on == case.bekanntgabe_on


def test_all_worked_cases_are_there() -> None:
    assert len({case.id for case in CASES}) == len(CASES) == 48


@pytest.mark.parametrize("law", sorted(set(get_args(Law)) - POSTED))
def test_a_law_by_which_an_act_is_sent_and_not_fetched_may_not_be_posted_under(law: Law) -> None:
    assert regime_of(law).versions
    with pytest.raises(Invalid, match=f"Acts under {law} are sent by post or mail, not through a postbox") as refusal:
        refuse_unposted(law)

    assert (refusal.value.field, refusal.value.problem) == ("law", "law-not-posted")


@pytest.mark.parametrize("law", sorted(POSTED))
def test_no_law_that_may_be_posted_under_counts_from_the_sending_of_the_act(law: Law) -> None:
    refuse_unposted(law)

    assert by_sending not in {version.rule for version in REGIMES[law].versions}


def test_all_eight_laws_are_known_by_name() -> None:
    assert len(get_args(Law)) == 8
    assert set(REGIMES) == set(get_args(Law))


def test_an_unknown_law_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(Invalid, match="There is no law 'ozg-8'; the names are ozg-9, ") as refusal:
        regime_of("ozg-8")

    assert (refusal.value.field, refusal.value.problem) == ("law", "unknown-law")


@pytest.mark.parametrize("law", REGIMES)
def test_the_versions_of_a_regime_are_in_the_order_of_their_days(law: Law) -> None:
    assert all(older.begins_on < newer.begins_on for older, newer in pairwise(REGIMES[law].versions))


# The versions of § 9 OZG


@pytest.mark.parametrize(
    ("event", "days", "version", "basis"),
    [
        ("2020-12-10T00:00:00+01:00", 3, "2020-12-10", "§ 9 Abs. 1 Satz 3 OZG"),
        ("2024-07-23T23:59:59+02:00", 3, "2020-12-10", "§ 9 Abs. 1 Satz 3 OZG"),
        ("2024-07-24T00:00:00+02:00", 3, "2024-07-24", "§ 9 Abs. 1 Satz 4 OZG"),
        ("2024-12-31T23:59:59+01:00", 3, "2024-07-24", "§ 9 Abs. 1 Satz 4 OZG"),
        ("2025-01-01T00:00:00+01:00", 4, "2025-01-01", "§ 9 Abs. 1 Satz 4 OZG"),
        ("2026-11-23T10:15:00+01:00", 4, "2025-01-01", "§ 9 Abs. 1 Satz 4 OZG"),
    ],
)
def test_the_day_of_the_event_decides_which_version_counts(event: str, days: int, version: str, basis: str) -> None:
    found = announced(datetime.fromisoformat(event))

    assert found.on == date.fromisoformat(event[:10]) + timedelta(days=days)
    assert (found.version.isoformat(), found.basis, found.law) == (version, basis, "ozg-9")


def test_one_second_before_2025_counts_three_days_and_one_second_later_four() -> None:
    assert announced(BERLIN_MIDNIGHT_2025 - timedelta(seconds=1)).on == date(2025, 1, 3)
    assert announced(BERLIN_MIDNIGHT_2025).on == date(2025, 1, 5)


@given(st.datetimes(max_value=datetime(2020, 12, 9, 22, 59, 59), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside it
def test_an_event_before_the_first_version_is_refused(event: datetime) -> None:
    with pytest.raises(Invalid, match="§ 9 OZG knows a Bekanntgabe since 10 December 2020 only") as refusal:
        announced(event)

    assert (refusal.value.field, refusal.value.problem) == ("event", "before-first-version")


@given(st.datetimes(min_value=datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given beside it
def test_an_event_beyond_the_known_holidays_is_refused(event: datetime) -> None:
    with pytest.raises(Invalid, match="Days are computed from 1991 to 2098 only") as refusal:
        announced(event)

    assert refusal.value.problem == "outside-calendar"


@pytest.mark.parametrize("offset", [-12, 0, 14])
def test_one_instant_is_in_the_calendar_or_outside_of_it_whatever_offset_it_is_written_with(offset: int) -> None:
    there = timezone(timedelta(hours=offset))
    last = datetime(2098, 12, 31, 22, 59, 59, tzinfo=UTC)  # the year in Berlin ends a second later

    assert announced(last.astimezone(there)).on == date(2099, 1, 4)
    with pytest.raises(Invalid, match="this moment lies in 2099"):
        announced((last + timedelta(seconds=1)).astimezone(there))


@pytest.mark.parametrize("abruf", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_moment_that_has_no_local_day_is_refused(abruf: datetime) -> None:
    with pytest.raises(Invalid, match="Days are computed from 1991 to 2098 only"):
        announced(MONDAY, abruf=abruf, bereitstellung_proven=False)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        announced(MONDAY.replace(tzinfo=None))


# The rule


@given(MOMENTS, LAENDER)
def test_the_bekanntgabe_is_the_number_of_days_of_the_version_after_the_event(event: datetime, land: Land) -> None:
    event_on = local_day(event)
    days = 3 if event_on < date(2025, 1, 1) else 4

    assert event_on >= OZG_BEGINS_ON
    assert announced(event, Recipient(land=land)).on == event_on + timedelta(days=days)


@given(moments_of_one_day(), LAENDER)
def test_two_moments_of_one_local_day_give_the_same_bekanntgabe(moments: tuple[datetime, datetime], land: Land) -> None:
    first, second = (announced(moment, Recipient(land=land)) for moment in moments)

    assert first == second


def test_both_half_past_two_of_the_day_on_which_summer_time_ends_give_the_same_day() -> None:
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=BERLIN).astimezone(UTC) for fold in (0, 1))

    assert second - first == timedelta(hours=1)
    assert announced(first).on == announced(second).on == date(2026, 10, 29)


@given(MOMENTS, MOMENTS, LAENDER)
def test_an_abruf_never_changes_the_day_of_a_proven_bereitstellung(
    event: datetime, abruf: datetime, land: Land
) -> None:
    without, fetched = (announced(event, Recipient(land=land), abruf=at) for at in (None, abruf))

    assert (fetched.on, fetched.version, fetched.basis) == (without.on, without.version, without.basis)
    assert fetched.other == without.other


def test_a_fourth_day_that_is_a_sunday_stays_and_the_other_reading_is_told() -> None:
    found = announced(WEDNESDAY)

    assert found.on == date(2026, 11, 29)
    assert found.other is not None
    assert found.other.on == date(2026, 11, 30)
    assert "nach anderer Ansicht" in sentence(found.other.steps)


def test_a_fourth_day_that_is_a_working_day_leaves_no_question_open() -> None:
    assert announced(MONDAY).other is None


def test_the_other_reading_knows_the_holidays_of_the_recipients_land() -> None:
    event = datetime(2026, 1, 2, 9, tzinfo=BERLIN)  # the fourth day is Epiphany
    bavarian = announced(event, Recipient(land="BY")).other

    assert announced(event).other is None
    assert bavarian is not None
    assert bavarian.on == date(2026, 1, 7)


# What cannot be proven


def test_without_a_proven_bereitstellung_the_first_abruf_governs() -> None:
    abruf = datetime(2026, 11, 28, 8, tzinfo=BERLIN)
    found = announced(WEDNESDAY, abruf=abruf, bereitstellung_proven=False)

    assert (found.on, found.basis) == (date(2026, 11, 28), "§ 9 Abs. 1 Satz 7 OZG")
    assert found.other is None  # a Saturday, but a real event is never moved


def test_the_sentence_about_the_first_abruf_had_another_number_before_july_2024() -> None:
    event = datetime(2024, 7, 1, 9, tzinfo=BERLIN)
    found = announced(event, abruf=event + timedelta(days=9), bereitstellung_proven=False)

    assert (found.on, found.basis) == (date(2024, 7, 10), "§ 9 Abs. 1 Satz 6 OZG")


def test_without_a_proven_bereitstellung_and_without_an_abruf_there_is_no_bekanntgabe() -> None:
    found = announced(WEDNESDAY, bereitstellung_proven=False)

    assert found.on is None
    assert found.due_at is None
    assert "ohne Abruf keine Bekanntgabe" in found.why


def test_an_abruf_in_a_year_without_known_holidays_is_refused() -> None:
    with pytest.raises(Invalid, match="this moment lies in 1990"):
        announced(WEDNESDAY, abruf=datetime(1990, 6, 1, tzinfo=UTC), bereitstellung_proven=False)


def test_a_missing_benachrichtigung_leaves_the_day_and_the_reasoning_says_what_a_court_may_hold() -> None:
    found = announced(WEDNESDAY, benachrichtigung_proven=False)

    assert found.on == announced(WEDNESDAY).on
    assert "eine rechtzeitige Benachrichtigung (§ 9 Abs. 1 Satz 6 OZG) ist nicht belegt" in found.why
    assert "ein Gericht kann aber annehmen, dass nichts zu laufen begann" in found.why
    assert found.other is not None
    assert found.other.on is None
    assert found.may_be_announced(datetime(2026, 11, 28, 23, tzinfo=UTC))


def test_a_benachrichtigung_is_in_time_until_the_end_of_the_local_day() -> None:
    midnight = datetime(2026, 11, 23, 23, tzinfo=UTC)

    assert benachrichtigung_in_time(MONDAY, midnight - timedelta(seconds=1))
    assert not benachrichtigung_in_time(MONDAY, midnight)


# The reasoning


def test_the_reasoning_walks_the_steps_in_german() -> None:
    assert announced(WEDNESDAY).why == (
        "Mittwoch, 25.11.2026 Bereitstellung; vierter Tag: Sonntag, 29.11.2026; "
        "er ist kein Werktag und verschiebt sich trotzdem nicht; "
        "Empfänger laut Behörde: Nordrhein-Westfalen; "
        "Grundlage: § 9 Abs. 1 Satz 4 OZG in der Fassung seit 01.01.2025."
    )


def test_the_reasoning_walks_the_same_steps_in_english() -> None:
    assert sentence(announced(WEDNESDAY).steps, "en") == (
        "Wednesday, 25 November 2026: made available (Bereitstellung); fourth day: Sunday, 29 November 2026; "
        "it is no working day and does not move all the same; "
        "recipient's place according to the authority: North Rhine-Westphalia; "
        "basis: § 9 Abs. 1 Satz 4 OZG as in force since 1 January 2025."
    )


def test_the_reasoning_speaks_of_the_third_day_until_2024() -> None:
    assert "dritter Tag: Donnerstag, 29.02.2024" in announced(datetime(2024, 2, 26, 10, tzinfo=BERLIN)).why


def test_the_reasoning_says_that_an_abruf_changes_nothing() -> None:
    found = announced(MONDAY, abruf=datetime(2026, 11, 24, 8, tzinfo=BERLIN))

    assert "der Abruf (Dienstag, 24.11.2026) ändert daran nichts" in found.why


def test_the_reasoning_names_a_recipient_abroad_and_the_land_whose_holidays_count() -> None:
    why = announced(MONDAY, Recipient(land="NW", abroad=True)).why

    assert "Empfänger laut Behörde: im Ausland; Feiertage nach: Nordrhein-Westfalen" in why


# What is kept, and what it must not depend on


def test_the_notice_is_bekanntgegeben_from_the_first_instant_of_the_day() -> None:
    assert announced(MONDAY).due_at == datetime(2026, 11, 26, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("law", "event", "begins_at"),
    [
        ("ozg-9", MONDAY, datetime(2026, 11, 26, 23, tzinfo=UTC)),
        ("ozg-9", WEDNESDAY, datetime(2026, 11, 28, 23, tzinfo=UTC)),
        ("ao-122a", WEDNESDAY, datetime(2026, 11, 28, 23, tzinfo=UTC)),
    ],
    ids=["one day", "the later day is the other reading", "the earlier day is the other reading"],
)
def test_a_court_may_hold_it_announced_from_the_earlier_of_the_two_days_on(
    law: Law, event: datetime, begins_at: datetime
) -> None:
    found = compute_bekanntgabe(law, Moments(event=event), NW)

    assert not found.may_be_announced(begins_at - timedelta(seconds=1))
    assert found.may_be_announced(begins_at)


def test_without_a_day_no_court_may_hold_it_announced() -> None:
    assert not announced(MONDAY, bereitstellung_proven=False).may_be_announced(datetime(2090, 1, 1, tzinfo=UTC))


@given(MOMENTS, LAENDER)
def test_a_stated_bekanntgabe_can_be_stored_and_read_again(event: datetime, land: Land) -> None:
    found = announced(event, Recipient(land=land))

    assert Bekanntgabe.model_validate_json(found.model_dump_json()) == found


@given(MOMENTS, st.sampled_from(ZONES))
def test_the_bekanntgabe_does_not_depend_on_the_time_zone_of_the_server(event: datetime, zone: str) -> None:
    here = announced(event)
    with server_in(zone):
        there = announced(event.astimezone())

    assert there == here


@pytest.mark.parametrize("zone", ZONES)
def test_a_server_that_was_started_in_another_time_zone_and_language_says_the_same(zone: str) -> None:
    script = (
        "import json; from tests.postbox.cases import CASES;"
        "print(json.dumps([[c.bekanntgabe().model_dump_json(), c.frist().model_dump_json()] for c in CASES]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"},
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert json.loads(said) == [
        [case.bekanntgabe().model_dump_json(), case.frist().model_dump_json()] for case in CASES
    ]
