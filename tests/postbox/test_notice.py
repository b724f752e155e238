"""What may happen to a notice, and until when: its own rules, without a platform around it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sk.errors import Conflict
from sk.postbox.notice import Notice
from tests.postbox.notices import (
    ACCEPTED_AT,
    COMMITMENTS,
    LATER,
    SIGN,
    a_notice,
    accepted,
    bereitgestellt,
    statements,
    told,
)

ABRUF = {"by": "account", "means": "browser", "level": "low", "commitments": COMMITMENTS}


def waits_for(notice: Notice) -> list[str]:
    """Return the events that a notice would save."""
    return [type(due.event).__name__ for due in notice._beside.due]  # noqa: SLF001 - what `save` looks at


# Waiting for a day


def test_the_step_that_first_gives_a_day_has_the_notice_wait_for_it() -> None:
    at_once, later, never = bereitgestellt("ozg-9")[0], told("sgbx-37-2a"), bereitgestellt(None)[0]

    assert waits_for(at_once) == ["BekanntgabeDue", "NoticeBereitgestellt"]
    assert waits_for(later) == ["NoticeBereitgestellt", "BekanntgabeDue"]
    assert waits_for(never) == ["NoticeBereitgestellt"]
    assert waits_for(told("ozg-9")).count("BekanntgabeDue") == 1


def test_of_a_notice_that_was_announced_unread_somebody_is_reminded() -> None:
    unread, said = bereitgestellt("ozg-9")
    unread.bekanntgeben(ACCEPTED_AT + timedelta(days=5), SIGN, said)
    read, said = bereitgestellt("ozg-9")
    read.record_abruf(LATER, SIGN, ABRUF, said)
    read.bekanntgeben(ACCEPTED_AT + timedelta(days=5), SIGN, said)

    assert "ReminderDue" in waits_for(unread)
    assert "ReminderDue" not in waits_for(read)


def test_only_where_the_law_sets_ten_days_a_notice_waits_for_their_end() -> None:
    assert waits_for(told("vwvfg-41-2a")) == ["NoticeBereitgestellt", "AbrufOverdue", "ReminderDue"]
    assert "AbrufOverdue" not in waits_for(told("sgbx-37-2a"))


# The ten days


def test_a_notice_lapses_when_the_tenth_day_is_over() -> None:
    notice = told("vwvfg-41-2a")
    ends_at = datetime(2026, 12, 3, 23, tzinfo=UTC)

    notice.lapse(ends_at - timedelta(seconds=1), SIGN)
    assert (notice.lapses_on, notice.lapses_at, notice.status) == (date(2026, 12, 3), ends_at, "bereitgestellt")
    notice.lapse(ends_at, SIGN)
    notice.lapse(ends_at, SIGN)

    assert [said["step"] for said in statements(notice)].count("lapsed") == 1
    assert notice.status == "lapsed"


def test_what_has_lapsed_is_not_fetched_any_more() -> None:
    notice = told("vwvfg-41-2a")

    with pytest.raises(Conflict, match="not in its postbox"):
        notice.record_abruf(datetime(2026, 12, 3, 23, tzinfo=UTC), SIGN, {}, accepted("vwvfg-41-2a"))


def test_without_a_benachrichtigung_nothing_lapses() -> None:
    notice, _ = bereitgestellt("vwvfg-41-2a")
    notice.lapse(ACCEPTED_AT + timedelta(days=300), SIGN)

    assert (notice.status, notice.lapses_at) == ("bereitgestellt", None)


# Withdrawing


def test_a_notice_can_be_withdrawn_until_the_day_of_its_bekanntgabe_begins() -> None:
    begins_at = datetime(2026, 11, 26, 23, tzinfo=UTC)
    in_time, too_late = told("ozg-9"), told("ozg-9")

    in_time.withdraw(begins_at - timedelta(seconds=1), SIGN)
    with pytest.raises(Conflict) as refused:
        too_late.withdraw(begins_at, SIGN)

    assert (in_time.status, refused.value.problem) == ("withdrawn", "already-bekanntgegeben")


def test_where_the_law_is_open_the_earlier_day_ends_it() -> None:
    notice = a_notice(law="ao-122a")
    notice.bereitstellen(datetime(2026, 11, 25, 9, tzinfo=UTC), SIGN, accepted("ao-122a"))  # then a Sunday moves

    with pytest.raises(Conflict) as refused:
        notice.withdraw(datetime(2026, 11, 28, 23, tzinfo=UTC), SIGN)

    assert notice.bekanntgabe
    assert (notice.bekanntgabe.on, refused.value.problem) == (date(2026, 11, 30), "already-bekanntgegeben")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"abgerufen_at": LATER}, "already-fetched"),
        ({"rejected_at": LATER}, "already-ended"),
        ({"lapsed_at": LATER}, "already-ended"),
        ({"lapses_on": "2026-11-22"}, "already-ended"),
    ],
    ids=["fetched", "rejected", "lapsed", "lapsed and not stated yet"],
)
def test_what_was_fetched_or_has_ended_is_not_withdrawn(facts: dict[str, Any], problem: str) -> None:
    with pytest.raises(Conflict) as refused:
        a_notice(**facts).withdraw(LATER, SIGN)

    assert refused.value.problem == problem


def test_nothing_happens_to_what_was_withdrawn() -> None:
    notice, said = a_notice(law="ozg-9"), accepted("ozg-9")
    notice.withdraw(LATER, SIGN)

    notice.withdraw(LATER, SIGN)
    notice.reject("no-einwilligung", LATER, SIGN)
    notice.bereitstellen(LATER, SIGN, said)
    notice.bekanntgeben(LATER + timedelta(days=9), SIGN, said)
    notice.lapse(LATER + timedelta(days=90), SIGN)
    with pytest.raises(Conflict, match="not in its postbox"):
        notice.record_abruf(LATER, SIGN, {}, said)

    assert [one["step"] for one in statements(notice)] == ["withdrawn"]
    assert notice.end_at(LATER) == "withdrawn"
