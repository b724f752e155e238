"""The days that follow from what was stated: what each law waits for, and that no day that was stated changes."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from sk.evidence.spelling import moment_text
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.days import days_of, last_abruf_on, settled, stated_days
from sk.postbox.explanation import sentence
from sk.postbox.rechtsbehelf import Rechtsbehelf
from sk.postbox.regimes import Law
from tests.postbox.cases import BERLIN

BY_BEREITSTELLUNG: tuple[Law, ...] = ("ozg-9", "egovg-nrw-5-3", "ao-122a")
BY_BENACHRICHTIGUNG: tuple[tuple[Law, str], ...] = (("sgbx-37-2a", "2026-11-25"), ("ao-122a", "2025-11-25"))
BOUNCE = {"at": "2026-11-26T09:00:00.000000Z", "status": "5.1.1"}


def at(day: str, clock: str = "09:00") -> str:
    moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), BERLIN)
    return moment_text(moment.astimezone(UTC))


def said(law: str | None, on: str, **steps: str | dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what was stated: a notice that was made available on a day, and further steps by their moments."""
    accepted = {
        "law": law,
        "rechtsbehelf": "klage-vwgo",
        "belehrung": True,
        "recipient": {"land": "NW", "abroad": False},
        "seat": "NW",
    }
    stated: dict[str, dict[str, Any]] = {"accepted": accepted, "bereitgestellt": {"at": at(on)}}
    for name, step in steps.items():
        stated[name.replace("_", "-")] = step if isinstance(step, dict) else {"at": step, "answered_at": step}
    return stated


def told(at: str, lapses_on: str | None = None) -> dict[str, Any]:
    return {"at": at, "answered_at": at, "lapses_on": lapses_on}


def days(stated: dict[str, dict[str, Any]]) -> tuple[Bekanntgabe, Rechtsbehelf]:
    bekanntgabe, rechtsbehelf = days_of(stated)
    assert bekanntgabe
    assert rechtsbehelf
    return bekanntgabe, rechtsbehelf


def other_why(found: Rechtsbehelf) -> str:
    assert found.other_reading
    return sentence(found.other_reading.steps)


def test_the_days_need_nothing_of_the_server() -> None:
    script = (
        "import sys, sk.postbox.days; print(*(name for name in sys.modules if name.startswith(('sk.', 'aiohttp'))))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout.split()

    assert "sk.postbox.days" in loaded
    for server in ("sk.store", "sk.services", "sk.config", "aiohttp", "sk.postbox.notice"):
        assert not [name for name in loaded if name.startswith(server)]


def test_a_notice_without_a_law_or_not_yet_bereitgestellt_has_no_days() -> None:
    waiting = said("ozg-9", "2026-11-23")
    del waiting["bereitgestellt"]

    assert days_of(said(None, "2026-11-23")) == days_of(waiting) == (None, None)


# Laws that count from the Bereitstellung


@pytest.mark.parametrize("law", BY_BEREITSTELLUNG)
def test_what_counts_from_the_bereitstellung_has_its_day_at_once(law: Law) -> None:
    assert days(said(law, "2026-11-23"))[0].on == date(2026, 11, 27)


@pytest.mark.parametrize("law", BY_BEREITSTELLUNG)
@pytest.mark.parametrize(
    "mail",
    [{"benachrichtigung_failed": at("2026-11-23")}, {"benachrichtigt": told(at("2026-11-24", "00:00"))}],
    ids=["refused", "on the next day"],
)
def test_a_mail_that_was_refused_or_late_leaves_the_day_and_is_one_more_step_of_the_reasoning(
    law: Law, mail: dict[str, Any]
) -> None:
    (before, frist), (after, found) = days(said(law, "2026-11-23")), days(said(law, "2026-11-23", **mail))

    assert (after.on, after.version, found.frist_ends_on) == (before.on, before.version, frist.frist_ends_on)
    assert len(after.steps) == len(before.steps) + 1
    assert found.other_reading
    assert (found.other_reading.frist_ends_on, found.other_reading.doubt) == (None, "law")
    assert "begann ohne eine rechtzeitige Benachrichtigung nichts zu laufen" in other_why(found)
    assert "eine rechtzeitige Benachrichtigung" in after.why


def test_a_mail_until_the_end_of_the_day_is_in_time_and_says_nothing_new() -> None:
    in_time = said("ozg-9", "2026-11-23", benachrichtigt=told(at("2026-11-23", "23:59")))

    assert days_of(in_time) == days_of(said("ozg-9", "2026-11-23"))


@pytest.mark.parametrize("law", BY_BEREITSTELLUNG)
@pytest.mark.parametrize("step", ["abgerufen", "bounce_reported", "bekanntgegeben"])
def test_a_mail_that_never_leaves_is_held_to_be_late_once_anything_is_stated_on_a_later_day(
    law: Law, step: str
) -> None:
    same_day, later = (said(law, "2026-11-23", **{step: at(day)}) for day in ("2026-11-23", "2026-11-24"))

    assert "eine rechtzeitige Benachrichtigung" not in days(same_day)[0].why
    assert "eine rechtzeitige Benachrichtigung" in days(later)[0].why
    in_time = {**later, "benachrichtigt": told(at("2026-11-23", "23:59"))}
    assert "eine rechtzeitige Benachrichtigung" not in days(in_time)[0].why


@pytest.mark.parametrize("law", BY_BEREITSTELLUNG)
def test_an_abruf_leaves_the_day_and_is_told_of(law: Law) -> None:
    found, _ = days(said(law, "2026-11-23", benachrichtigt=told(at("2026-11-23")), abgerufen=at("2026-11-24")))

    assert found.on == date(2026, 11, 27)
    assert "der Abruf (Dienstag, 24.11.2026) ändert daran nichts" in found.why


# Laws that count from the Benachrichtigung


@pytest.mark.parametrize(("law", "on"), BY_BENACHRICHTIGUNG)
def test_what_counts_from_the_benachrichtigung_waits_for_it_even_if_it_was_fetched(law: Law, on: str) -> None:
    assert days_of(said(law, on)) == (None, None)
    assert days_of(said(law, on, abgerufen=at(on, "10:00"))) == (None, None)


@pytest.mark.parametrize(
    ("law", "on", "next_day", "fourth_day"),
    [
        ("sgbx-37-2a", "2026-11-25", "2026-11-26", date(2026, 11, 30)),
        ("ao-122a", "2025-11-25", "2025-11-26", date(2025, 12, 1)),  # the thirtieth is a Sunday
    ],
)
def test_it_counts_from_the_day_on_which_the_server_took_the_mail(
    law: Law, on: str, next_day: str, fourth_day: date
) -> None:
    found, _ = days(said(law, on, benachrichtigt=told(at(next_day))))

    assert found.on == fourth_day
    assert "Absendung der Benachrichtigung" in found.why


@pytest.mark.parametrize(("law", "on"), BY_BENACHRICHTIGUNG)
def test_without_a_benachrichtigung_the_abruf_alone_announces(law: Law, on: str) -> None:
    refused = said(law, on, benachrichtigung_failed=at(on))
    fetched = {**refused, "abgerufen": {"at": at(on, "18:00")}}

    waiting, no_frist = days(refused)
    found, frist = days(fetched)

    assert (waiting.on, no_frist.frist_ends_on) == (None, None)
    assert "ohne Abruf keine Bekanntgabe" in waiting.why
    assert found.on == date.fromisoformat(on)
    assert frist.frist_ends_on


def test_the_version_in_force_at_the_bereitstellung_decides_what_is_counted_from() -> None:
    old = said("ao-122a", "2025-12-31", benachrichtigt=told(at("2026-01-01", "00:01")))

    found, _ = days(old)

    assert (found.version, found.on) == (date(2025, 1, 1), date(2026, 1, 5))
    assert days(said("ao-122a", "2026-01-01"))[0].version == date(2026, 1, 1)


def test_where_the_mail_leaves_in_the_next_year_its_day_decides_how_many_days_are_counted() -> None:
    found, _ = days(said("sgbx-37-2a", "2024-12-31", benachrichtigt=told(at("2025-01-01"))))

    assert (found.version, found.on) == (date(2025, 1, 1), date(2025, 1, 5))
    assert "wäre es ein" not in found.why


def test_under_the_ao_the_bereitstellung_decides_and_the_reasoning_speaks_of_it() -> None:
    found, _ = days(said("ao-122a", "2024-12-31", benachrichtigt=told(at("2025-01-01"))))

    assert (found.version, found.on) == (date(2017, 1, 1), date(2025, 1, 6))
    assert "aber nur für spätere Bereitstellungen (Art. 97 § 1 Abs. 15 EGAO)" in found.why


# The law that counts from the Abruf


def test_before_a_benachrichtigung_and_before_an_abruf_it_waits() -> None:
    assert days_of(said("vwvfg-41-2a", "2026-11-23")) == (None, None)


def test_from_the_benachrichtigung_on_the_tenth_day_is_named_and_that_without_an_abruf_there_is_no_bekanntgabe() -> (
    None
):
    mail = told(at("2026-11-23"), "2026-12-03")
    found, frist = days(said("vwvfg-41-2a", "2026-11-23", benachrichtigt=mail))

    assert (found.on, frist.frist_ends_on, frist.other_reading) == (None, None, None)
    assert "zehnter Tag: Donnerstag, 03.12.2026; ohne Abruf keine Bekanntgabe" in found.why


def test_the_day_after_the_abruf_is_the_day() -> None:
    mail = told(at("2026-11-23"), "2026-12-03")
    found, frist = days(said("vwvfg-41-2a", "2026-11-23", benachrichtigt=mail, abgerufen=at("2026-12-03", "23:59")))

    assert (found.on, frist.frist_ends_on) == (date(2026, 12, 4), date(2027, 1, 4))


@pytest.mark.parametrize("mail", [{}, {"benachrichtigung_failed": at("2026-11-23")}], ids=["not yet", "refused"])
def test_an_abruf_without_a_benachrichtigung_announces_and_nothing_is_said_to_have_been_sent(
    mail: dict[str, Any],
) -> None:
    found, _ = days(said("vwvfg-41-2a", "2026-11-23", abgerufen=at("2026-11-24"), **mail))

    assert found.on == date(2026, 11, 25)
    assert "dass die zehn Tage für den Abruf begonnen haben, lässt sich nicht zeigen" in found.why
    assert "Absendung" not in found.why


def test_after_a_refused_mail_there_is_no_tenth_day_and_without_an_abruf_no_bekanntgabe() -> None:
    found, _ = days(said("vwvfg-41-2a", "2026-11-23", benachrichtigung_failed=at("2026-11-23")))

    assert found.on is None
    assert "ohne Abruf keine Bekanntgabe" in found.why
    assert "zehnter Tag" not in found.why
    assert "Absendung" not in found.why


def test_a_mail_that_is_recorded_after_the_abruf_changes_the_reasons_and_not_the_day() -> None:
    early = said("vwvfg-41-2a", "2026-11-23", abgerufen=at("2026-11-23"))
    late = {**early, "benachrichtigt": told(at("2026-11-23", "09:01"), "2026-12-03")}

    held = settled(days_of(early), days_of(late))

    assert held == days_of(late)
    assert days(late)[0].on == days(early)[0].on


@pytest.mark.parametrize(
    ("sent", "strict", "lenient"),
    [
        ("2026-11-23", "2026-12-03", "2026-12-03"),
        ("2026-11-25", "2026-12-05", "2026-12-07"),
        ("2026-12-15", "2026-12-25", "2026-12-28"),
    ],
    ids=["a Thursday", "a Saturday", "Christmas"],
)
def test_the_last_day_for_an_abruf_is_the_tenth_or_leniently_the_next_working_day(
    sent: str, strict: str, lenient: str
) -> None:
    stated, answered_at = said("vwvfg-41-2a", sent), datetime.fromisoformat(at(sent, "23:59"))

    assert last_abruf_on(stated, answered_at, lenient=False) == date.fromisoformat(strict)
    assert last_abruf_on(stated, answered_at, lenient=True) == date.fromisoformat(lenient)


@pytest.mark.parametrize("law", [*BY_BEREITSTELLUNG, "sgbx-37-2a", None])
def test_other_laws_and_no_law_set_no_last_day_for_an_abruf(law: Law | None) -> None:
    assert last_abruf_on(said(law, "2026-11-23"), datetime(2026, 11, 23, 9, tzinfo=UTC), lenient=False) is None


def test_a_last_day_behind_the_tenth_is_read_as_lenient() -> None:
    lenient = said("vwvfg-41-2a", "2026-11-25", benachrichtigt=told(at("2026-11-25"), "2026-12-07"))
    waiting, _ = days(lenient)
    found, frist = days({**lenient, "abgerufen": {"at": at("2026-12-07")}})

    assert "verlängern sich die zehn Tage bis zum nächsten Werktag, Montag, 07.12.2026" in waiting.why
    assert found.on == date(2026, 12, 8)
    assert "streng gelesen endet die Frist am zehnten Tag" in other_why(frist)


# A mail that came back


@pytest.mark.parametrize("law", [*BY_BEREITSTELLUNG, "vwvfg-41-2a"])
def test_a_bounce_leaves_the_day_where_nothing_hangs_on_the_mail_and_is_told_of(law: Law) -> None:
    mail = {"benachrichtigt": told(at("2026-11-23"), "2026-12-03" if law == "vwvfg-41-2a" else None)}
    (before, frist), (after, found) = (days(said(law, "2026-11-23", **mail, **more)) for more in ({}, bounced()))

    assert (after.on, found.frist_ends_on) == (before.on, frist.frist_ends_on)
    assert "eine Unzustellbarkeitsnachricht zur Benachrichtigung liegt vor; sie ist ungeprüft" in after.why
    assert "it is unverified" in sentence(after.steps, "en")
    assert ("ändert diesen Tag nicht" in after.why) == (after.on is not None)


@pytest.mark.parametrize("law", BY_BEREITSTELLUNG)
def test_where_the_day_counts_from_the_bereitstellung_a_bounce_makes_the_other_reading_that_nothing_began(
    law: Law,
) -> None:
    _, found = days(said(law, "2026-11-23", benachrichtigt=told(at("2026-11-23")), **bounced()))

    assert found.other_reading
    assert (found.other_reading.frist_ends_on, found.other_reading.doubt) == (None, "fact")
    assert "ist die Unzustellbarkeitsnachricht echt" in other_why(found)
    assert "dass nichts zu laufen begann" in other_why(found)


@pytest.mark.parametrize(("law", "on"), BY_BENACHRICHTIGUNG)
def test_where_the_day_hangs_on_the_mail_a_bounce_makes_the_other_reading_that_no_frist_runs(law: Law, on: str) -> None:
    mail = {"benachrichtigt": told(at(on))}
    (before, frist), (after, found) = (days(said(law, on, **mail, **more)) for more in ({}, bounced()))

    assert (after.on, found.frist_ends_on) == (before.on, frist.frist_ends_on)
    assert found.other_reading
    assert (found.other_reading.frist_ends_on, found.other_reading.frist_expires_at) == (None, None)
    assert "ist die Unzustellbarkeitsnachricht echt" in other_why(found)
    assert "ohne Abruf keine Bekanntgabe; ohne Bekanntgabe läuft keine Frist" in other_why(found)


def test_where_it_was_fetched_the_other_reading_counts_from_the_abruf() -> None:
    mail = {"benachrichtigt": told(at("2026-11-23")), "abgerufen": {"at": at("2026-12-08")}}
    found, frist = days(said("sgbx-37-2a", "2026-11-23", **mail, **bounced()))

    assert (found.on, frist.frist_ends_on) == (date(2026, 11, 27), date(2026, 12, 28))
    assert frist.other_reading
    assert frist.other_reading.frist_ends_on == date(2027, 1, 8)
    assert "erster Abruf, der maßgeblich ist" in other_why(frist)


def test_an_abruf_on_the_very_day_leaves_one_reading() -> None:
    mail = {"benachrichtigt": told(at("2026-11-23")), "abgerufen": {"at": at("2026-11-27")}}

    assert days(said("sgbx-37-2a", "2026-11-23", **mail, **bounced()))[1].other_reading is None


def bounced() -> dict[str, Any]:
    return {"bounce_reported": BOUNCE}


# What was stated stays


def test_a_day_that_was_stated_never_changes() -> None:
    refused = said("sgbx-37-2a", "2026-11-23", benachrichtigung_failed=at("2026-11-23"), abgerufen=at("2026-11-24"))
    stated = days_of(refused)
    found = days_of({**refused, "benachrichtigt": told(at("2026-11-23"))})

    assert days(refused)[0].on == date(2026, 11, 24)
    assert settled(stated, found) == stated
    assert settled(stated, (None, None)) == stated


def test_days_are_stated_as_text_with_their_law_and_version_and_a_digest_of_all_that_is_shown() -> None:
    one, other = (stated_days(*days_of(said("ozg-9", "2026-11-23", **more))) for more in ({}, bounced()))

    expected = {"law": "ozg-9", "version": "2025-01-01", "bekanntgabe_on": "2026-11-27", "frist_ends_on": "2026-12-28"}
    assert {name: one[name] for name in expected} == expected == {name: other[name] for name in expected}
    assert (len(one["days"] or ""), one["days"] == other["days"]) == (43, False)
    assert set(stated_days(None, None).values()) == {None}


def test_reasons_and_another_reading_may_grow() -> None:
    mail = {"benachrichtigt": told(at("2026-11-23"))}
    before, after = (days_of(said("sgbx-37-2a", "2026-11-23", **mail, **more)) for more in ({}, bounced()))

    assert settled(before, after) == after != before


def test_where_there_was_no_day_yet_any_day_that_is_found_holds() -> None:
    waiting = said("vwvfg-41-2a", "2026-11-23", benachrichtigt=told(at("2026-11-23"), "2026-12-03"))
    fetched = {**waiting, "abgerufen": {"at": at("2026-11-24")}}

    assert settled((None, None), days_of(waiting)) == days_of(waiting)
    assert settled(days_of(waiting), days_of(fetched)) == days_of(fetched)
