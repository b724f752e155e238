"""What may happen to a notice, and until when: its own rules, without a platform around it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sk.client import new_key
from sk.crypto.sign import Signer, decode, strict_json
from sk.errors import Conflict
from sk.evidence.statement import Statement
from sk.postbox.notice import Notice

ACCEPTED_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = ACCEPTED_AT + timedelta(hours=1)
SIGN = Signer("test", new_key()[0])
HASH = "A" * 43
COMMITMENTS = {"to": HASH, "reference": HASH, "subject": HASH, "text": HASH, "attachments": []}


def a_notice(**facts: Any) -> Notice:
    of = {"account_id": "a", "account_salt": HASH, "authority_id": "b", "notice_kind": "verwaltungsakt"}
    kept = {"id": "n", "reference_index": "r", "key_generation": 1, "envelope": b"", "accepted_at": ACCEPTED_AT}
    return Notice.model_validate({**of, **kept, **facts})


def accepted(law: str | None) -> dict[str, Any]:
    recipient = {"land": "NW", "abroad": False}
    remedy = {"rechtsbehelf": "klage-vwgo", "belehrung": True}
    said = {"law": law, "recipient": recipient, "seat": "NW", "commitments": COMMITMENTS, **remedy}
    return {"accepted": said}


def waits_for(notice: Notice) -> list[str]:
    """Return the events that a notice would save."""
    return [type(due.event).__name__ for due in notice._beside.due]  # noqa: SLF001 - what `save` looks at


def statements(notice: Notice) -> list[dict[str, Any]]:
    born = [one for one in notice._beside.born if isinstance(one, Statement)]  # noqa: SLF001 - the same
    return [strict_json(decode(one.jws.split(".")[1])) for one in born]


def bereitgestellt(law: str | None) -> tuple[Notice, dict[str, Any]]:
    """Return a notice in its postbox, and what was stated about it."""
    notice, said = a_notice(law=law), accepted(law)
    notice.bereitstellen(ACCEPTED_AT, SIGN, said)
    return notice, {**said, "bereitgestellt": statements(notice)[-1]}


def told(law: str, *, lenient: bool = False, at: datetime = LATER) -> Notice:
    """Return a notice of which the citizen was told."""
    notice, said = bereitgestellt(law)
    facts = {"server": "mx", "relay": True, "code": 250, "enhanced": "", "queue_id": "", "message_id": ""}
    notice.record_benachrichtigung(at, at, SIGN, facts, said, lenient_ten_days=lenient)
    return notice


# Waiting for a day


def test_the_step_that_first_gives_a_day_has_the_notice_wait_for_it() -> None:
    at_once, later, never = bereitgestellt("ozg-9")[0], told("sgbx-37-2a"), bereitgestellt(None)[0]

    assert waits_for(at_once) == ["BekanntgabeDue", "ReminderDue", "NoticeBereitgestellt"]
    assert waits_for(later) == ["NoticeBereitgestellt", "BekanntgabeDue", "ReminderDue"]
    assert waits_for(never) == ["NoticeBereitgestellt"]
    assert waits_for(told("ozg-9")).count("BekanntgabeDue") == waits_for(told("ozg-9")).count("ReminderDue") == 1


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
