"""Which day a citizen is told to keep to, when a Frist is called over, and what opening a notice begins."""

from datetime import date
from typing import Literal

import pytest

from sk.postbox.last_days import LastDays, last_days, readings
from sk.postbox.rechtsbehelf import OtherReading, Rechtsbehelf
from sk.postbox.waiting import opening_announces, waits
from tests.postbox.notices import LATER, SIGN, a_notice, accepted, bereitgestellt, told

EARLY, LATE = date(2026, 12, 29), date(2026, 12, 30)


@pytest.mark.parametrize(
    ("ours", "other", "doubt", "states"),
    [
        (EARLY, None, "", ("running", "over", "over")),
        (EARLY, LATE, "law", ("running", "perhaps-over", "over")),
        (LATE, EARLY, "law", ("running", "perhaps-over", "over")),
        (EARLY, None, "law", ("running", "perhaps-over", "perhaps-over")),
        (EARLY, LATE, "fact", ("running", "perhaps-over", "over")),
        (EARLY, None, "fact", ("running", "perhaps-over", "perhaps-over")),
    ],
)
def test_a_frist_is_over_when_it_is_on_every_reading(
    ours: date, other: date | None, doubt: Literal["", "law", "fact"], states: tuple[str, str, str]
) -> None:
    days = LastDays(EARLY, ours, other, doubt)

    assert (days.state(EARLY), days.state(LATE), days.state(date(2026, 12, 31))) == states


def test_a_frist_that_runs_on_another_reading_only_is_told_as_that() -> None:
    reading = OtherReading(frist_ends_on=EARLY, frist_expires_at=None, steps=())
    said = Rechtsbehelf(kind="klage-vwgo", steps=(), other_reading=reading)

    assert last_days(said) == LastDays(EARLY, None, EARLY, "law")
    assert last_days(said.model_copy(update={"other_reading": reading.model_copy(update={"doubt": "fact"})})) is None


def test_without_another_reading_our_own_day_is_the_one_to_keep_to_if_there_is_one() -> None:
    assert last_days(Rechtsbehelf(kind="klage-vwgo", frist_ends_on=EARLY, steps=())) == LastDays(EARLY, EARLY, None, "")
    assert last_days(Rechtsbehelf(kind="klage-vwgo", steps=())) is None
    assert last_days(None) is None


@pytest.mark.parametrize(("ours", "ended"), [(EARLY, EARLY), (LATE, LATE), (None, EARLY)])
def test_the_end_of_a_frist_is_named_by_our_own_reading_where_that_has_one(ours: date | None, ended: date) -> None:
    assert LastDays(EARLY, ours, EARLY, "law").ended == ended


def test_an_authority_is_told_the_later_day_first_and_one_that_never_ends_before_all() -> None:
    ours, other = date(2027, 1, 13), date(2027, 1, 14)

    def ends(frist_ends_on: date | None, other_ends_on: date | None) -> list[date | None]:
        reading = OtherReading(frist_ends_on=other_ends_on, frist_expires_at=None, steps=())
        said = Rechtsbehelf(kind="klage-vwgo", frist_ends_on=frist_ends_on, steps=(), other_reading=reading)
        return [one.ends_on for one in readings(said)]

    assert ends(ours, other) == [other, ours]
    assert ends(other, ours) == [other, ours]
    assert ends(ours, None) == [None, ours]


def test_where_there_is_no_rechtsbehelf_an_authority_is_told_of_no_frist() -> None:
    assert readings(None) == readings(Rechtsbehelf(kind="none", steps=())) == []


def test_where_nothing_is_doubted_an_authority_is_told_one_day() -> None:
    said = Rechtsbehelf(kind="klage-vwgo", frist_ends_on=EARLY, steps=())

    assert [one.ends_on for one in readings(said)] == [EARLY]


@pytest.mark.parametrize(("law", "announces"), [("vwvfg-41-2a", "on the day after"), ("sgbx-37-2a", "")])
def test_where_only_the_ten_days_wait_for_an_abruf_the_opening_announces(law: str, announces: str) -> None:
    notice, _ = bereitgestellt(law)

    assert (waits(notice), opening_announces(notice)) == (True, announces)


def test_where_the_mail_was_refused_the_opening_announces_on_the_day() -> None:
    notice, said = bereitgestellt("sgbx-37-2a")
    facts = {"server": "mx", "relay": True, "code": 550, "enhanced": "", "queue_id": "", "message_id": ""}
    notice.record_failed_benachrichtigung(LATER, LATER, SIGN, facts, said)

    assert opening_announces(notice) == "on the day"


def test_what_has_a_day_was_opened_or_is_no_act_announces_nothing_when_it_is_opened() -> None:
    opened, said = bereitgestellt("vwvfg-41-2a")
    facts = {"by": "account", "means": "password", "level": "low", "commitments": said["accepted"]["commitments"]}
    opened.record_abruf(LATER, SIGN, facts, said)
    message = a_notice(notice_kind="message")
    message.bereitstellen(LATER, SIGN, accepted(None))

    assert [opening_announces(notice) for notice in (told("ozg-9"), opened, message, a_notice())] == [""] * 4
    assert not waits(message)
