"""What a court may hold instead where the Benachrichtigung is in doubt, and what plays no role under a law."""

from datetime import date
from typing import Any

import pytest

from sk.postbox.regimes import Law
from tests.postbox.cases import ABROAD, announced, at, other_on


def test_under_the_ao_since_2026_the_earlier_day_stays_the_other_reading_and_a_missing_mail_is_said() -> None:
    found = announced("ao-122a", benachrichtigung_proven=False)

    assert (found.on, other_on(found)) == (date(2026, 11, 30), date(2026, 11, 29))
    assert "begann ohne eine rechtzeitige Benachrichtigung nichts zu laufen" in found.why


def test_under_ozg_9_that_nothing_began_is_the_other_reading_and_a_later_day_is_said() -> None:
    found = announced("ozg-9", benachrichtigung_proven=False)

    assert found.other is not None
    assert (found.other.on, found.other.doubt) == (None, "law")
    assert "verschiebt sich die Bekanntgabe von Sonntag, 29.11.2026 auf den nächsten Werktag" in found.why


@pytest.mark.parametrize(
    ("law", "on"), [("ozg-9", "2026-11-23"), ("sgbx-37-2a", "2026-11-23"), ("ao-122a", "2025-11-23")]
)
def test_a_bounce_is_a_doubt_about_a_fact_and_not_about_the_law(law: Law, on: str) -> None:
    other = announced(law, at(on), bounced=True).other

    assert other is not None
    assert (other.on, other.doubt) == (None, "fact")


def test_where_a_bounce_takes_the_place_of_another_reading_that_is_said() -> None:
    sent = at("2025-06-15")  # the fourth day is Fronleichnam
    found = announced("ao-122a", sent, ABROAD, bounced=True)

    assert other_on(announced("ao-122a", sent, ABROAD)) == date(2025, 6, 19)
    assert other_on(found) is None
    assert "nach anderer Ansicht zählt im Ausland kein Feiertag eines Landes" in found.why


@pytest.mark.parametrize("unproven", [{"received": False}, {"zugang_on": date(2026, 11, 24)}])
def test_a_benachrichtigung_that_came_in_late_or_never_is_not_one_in_time(unproven: dict[str, Any]) -> None:
    found = announced("ozg-9", at("2026-11-23"), **unproven)

    assert (found.on, other_on(found)) == (date(2026, 11, 27), None)
    assert "eine rechtzeitige Benachrichtigung (§ 9 Abs. 1 Satz 6 OZG) ist nicht belegt" in found.why
    assert announced("ozg-9", at("2026-11-23"), zugang_on=date(2026, 11, 23)).other is None


@pytest.mark.parametrize(
    ("law", "known", "what"),
    [
        ("sgbx-37-2a", {"bereitstellung_proven": False}, "ob die Bereitstellung bewiesen ist"),
        ("vwvfg-41-2", {"benachrichtigung_proven": False}, "ob die Benachrichtigung bewiesen ist"),
        ("vwvfg-41-2a", {"received": False}, "ob etwas zuging"),
        ("vwvfg-41-2a", {"zugang_on": date(2026, 11, 26)}, "wann etwas zuging"),
        ("ozg-9", {"lenient_ten_days": True}, "ob sich zehn Tage verlängern"),
    ],
)
def test_what_a_law_does_not_ask_for_is_said_to_play_no_role(law: Law, known: dict[str, Any], what: str) -> None:
    found, without = announced(law, **known), announced(law)

    assert (found.on, found.other) == (without.on, without.other)
    assert f"{what}, spielt unter diesem Gesetz keine Rolle" in found.why
    assert "keine Rolle" not in without.why
