"""What a bundle proves and what it does not, in the words that people and courts read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sk.evidence.sentences import Report, about, heading, report_on, with_log_moments
from sk.evidence.step_words import WORDS, moment_words
from sk.evidence.steps import STEPS
from sk.evidence.verify import verify_bundle
from sk.postbox.explanation import Steps
from tests.evidence.bundles import FETCHED, TAKEN, raw_of, verified
from tests.vectors.bundle_stories import DAYS, MAIL, NO_DAYS, a_verwaltungsakt, moment, said
from tests.vectors.evidence import Leaf, Story, bundled, spelled

DELIVERED, TRIAL = "a message that can be fetched", "the same, in a trial"
THERE, TOLD, FETCHED_AT, ANNOUNCED = 7, 10, 14, 19
"""Where the statements of the Verwaltungsakt stand in its log."""
NOT_FETCHED = "Dass die Nachricht abgerufen wurde, belegt dieses Paket nicht."
OTHER_DAYS = (
    "Festgehalten wurden andere Tage, als dieses Programm berechnet. Maßgeblich ist das Gesetz, nicht die Rechnung."
)


def german(words: Steps) -> list[str]:
    return [one.de for one in words]


def report(of: str | Story) -> Report:
    """Return what is said of a vector's bundle, or of that of a story, whose key nobody knows."""
    return report_on(verified(of) if isinstance(of, str) else verify_bundle(spelled(bundled(of)).encode()))


def then(story: Story, use: str, step: str, at: str, **facts: Any) -> None:
    """Have one statement more at the end, in December."""
    later = f"2026-12-{at.replace(' ', 'T')}.000000Z"
    story.leaves.append(Leaf("statements", use, said(step, "23 00:00:00", **facts) | {"at": later}, later))
    story.as_of.says["at"] = "2026-12-31T08:00:00.000000Z"


def test_what_was_stated_about_a_verwaltungsakt_is_proven_in_its_order() -> None:
    proven = german(report(FETCHED).proven)

    assert [sentence.partition(" wurde ")[0].partition(" hat ")[0] for sentence in proven] == [
        "Am 23.11.2026, 10:15:00 MEZ",
        "Die Nachricht",
        "Am 23.11.2026, 10:15:03 MEZ",
        "Am 24.11.2026, 18:30:00 MEZ",
        "Am 27.11.2026, 00:00:05 MEZ",
    ]
    assert proven[0].endswith(" angenommen; die Behörde nannte als Gesetz § 9 OZG.")
    assert proven[1] == "Die Nachricht wurde am 23.11.2026, 10:15:01 MEZ zum Abruf bereitgestellt."
    assert proven[2].endswith(
        "der Mailserver des Empfängers mail.example.org die Benachrichtigung per E-Mail angenommen "
        "(Antwort 250 2.0.0). Mehr sagt das nicht."
    )
    assert proven[3].endswith("Dass jemand ihn gelesen hat, sagt das nicht.")


def test_the_same_is_said_in_english() -> None:
    proven = [words.en for words in report(FETCHED).proven]

    assert proven[1] == "The notice was made available on 23 November 2026, 10:15:01 CET."
    assert "the content was released to a session of the account" in proven[3]


def test_what_was_not_stated_is_not_proven_and_that_is_said() -> None:
    assert german(report(TAKEN).not_proven) == [
        "Dass die Nachricht bereitgestellt wurde, belegt dieses Paket nicht.",
        "Dass eine Benachrichtigung per E-Mail angenommen wurde, belegt dieses Paket nicht.",
        NOT_FETCHED,
        "Stand 23.11.2026, 11:00:00 MEZ. Was danach geschah, belegt dieses Paket nicht.",
    ]
    assert NOT_FETCHED in german(report(DELIVERED).not_proven)
    assert report(DELIVERED).not_proven[-1].en == (
        "As of 23 November 2026, 11:00:00 CET. This bundle does not prove what happened later."
    )


def test_of_a_notice_that_was_fetched_only_what_came_later_is_not_proven() -> None:
    assert german(report(FETCHED).not_proven) == [
        "Stand 30.11.2026, 09:00:00 MEZ. Was danach geschah, belegt dieses Paket nicht."
    ]


def test_an_older_bundle_says_what_stood_then() -> None:
    before = report("as it stood before the Bekanntgabe, proven by a newer checkpoint")

    assert len(before.proven) == 4
    assert before.not_proven[-1].de.startswith("Stand 25.11.2026, 09:00:00 MEZ.")


def test_the_days_are_called_computed() -> None:
    computed = german(report(FETCHED).computed)

    assert computed[0] == "Bekanntgabe, berechnet und nicht bezeugt: Freitag, 27.11.2026."
    assert computed[2] == "Ende der Frist, berechnet: Montag, 28.12.2026."
    assert "§ 9 Abs. 1 Satz 4 OZG" in computed[1]
    assert OTHER_DAYS not in computed
    assert report(TAKEN).computed == ()


@pytest.mark.parametrize("day", ["bekanntgabe_on", "frist_ends_on"])
def test_days_that_were_stated_otherwise_than_they_are_computed_are_pointed_out(day: str) -> None:
    story = a_verwaltungsakt()
    for at in (THERE, TOLD, FETCHED_AT, ANNOUNCED):
        story.leaves[at].says |= {day: "2026-11-26"}

    computed = german(report(story).computed)

    assert computed[0] == "Bekanntgabe, berechnet und nicht bezeugt: Freitag, 27.11.2026."
    assert computed[-1] == OTHER_DAYS


def test_days_by_a_law_that_this_program_does_not_know_are_not_computed_and_the_rest_is_proven() -> None:
    story = a_verwaltungsakt()
    story.leaves[4].says |= {"law": "ozg-10"}

    found = report(story)

    assert len(found.proven) == 5
    assert found.proven[0].de.endswith("nannte als Gesetz ozg-10.")
    assert german(found.computed) == [
        "Welche Tage daraus folgen, berechnet dieses Programm nicht: Es kennt das Gesetz oder eine der Angaben nicht."
    ]


def test_a_trial_proves_nothing_real() -> None:
    sentence = (
        "Testbetrieb: Dieses Log gehört zu einer Installation mit erfundenen Personen. Es beweist nichts Wirkliches."
    )

    assert german(report(TRIAL).remarks)[0] == sentence
    assert sentence not in german(report(DELIVERED).remarks)


def test_a_name_that_only_contains_the_word_is_that_of_no_trial() -> None:
    story = a_verwaltungsakt()
    story.origin = "trial.example/konto-trial"

    assert not [sentence for sentence in german(report(story).remarks) if sentence.startswith("Testbetrieb")]


def test_a_statement_that_came_into_the_log_on_another_local_day_is_pointed_out() -> None:
    late = (
        "Die Aussage „bereitgestellt“ nennt den 23.11.2026, 10:00:03 MEZ, kam aber erst am 24.11.2026, 00:30:00 MEZ "
        "ins Log: ein anderer Tag."
    )

    assert late in german(report("a statement that was logged on the next day").remarks)
    assert not [sentence for sentence in german(report(FETCHED).remarks) if "ein anderer Tag" in sentence]


def test_without_an_abruf_until_the_last_day_it_is_said_that_none_was_recorded() -> None:
    story = a_verwaltungsakt()
    story.leaves[4].says |= {"law": "vwvfg-41-2a"}
    story.leaves[THERE].says |= NO_DAYS
    story.leaves[TOLD].says |= NO_DAYS | {"lapses_on": "2026-12-03"}
    del story.leaves[FETCHED_AT:]
    story.stamps = []
    then(story, "sign-delivery", "lapsed", "03 23:00:10", lapses_on="2026-12-03")

    found = report(story)

    lapsed = german(found.proven)[-1]
    assert lapsed.startswith("Am 04.12.2026, 00:00:10 MEZ wurde die Bereitstellung beendet: ")
    assert lapsed.endswith("Donnerstag, 03.12.2026, 24 Uhr, war kein Abruf verzeichnet.")
    assert NOT_FETCHED in german(found.not_proven)


def test_every_step_of_a_notice_has_its_words() -> None:
    assert set(WORDS) == {step for step, form in STEPS.items() if form.about == "notice"}


def test_what_ended_a_notice_is_proven() -> None:
    story = a_verwaltungsakt()
    answer = {name: value for name, value in MAIL.items() if name != "lapses_on"} | {"code": 550, "enhanced": ""}
    then(
        story,
        "sign-notification",
        "benachrichtigung-failed",
        "01 08:00:00",
        **DAYS,
        **answer,
        answered_at=moment("30 08:00:00"),
    )
    then(story, "sign-notification", "bounce-reported", "02 08:00:00", **DAYS, status="5.1.1")
    then(story, "sign-delivery", "rejected", "03 08:00:00", reason="unreachable")
    then(story, "sign-web", "withdrawn", "04 08:00:00")

    failed, bounced, rejected, withdrawn = german(report(story).proven)[-4:]

    assert failed.startswith("Am 30.11.2026, 09:00:00 MEZ hat der Mailserver des Empfängers mail.example.org")
    assert failed.endswith("abgelehnt (Antwort 550).")
    assert "(Status 5.1.1)" in bounced
    assert "ungeprüft" in bounced
    assert rejected.startswith("Am 03.12.2026, 09:00:00 MEZ wurde die Bereitstellung aufgegeben")
    assert withdrawn.startswith("Am 04.12.2026, 09:00:00 MEZ hat die Behörde")


def test_of_a_mail_that_was_given_up_it_is_said_that_it_was_not_sent() -> None:
    story = a_verwaltungsakt()
    nobody = {name: value for name, value in MAIL.items() if name != "lapses_on"} | {"code": 0, "enhanced": ""}
    answered = {"answered_at": moment("30 08:00:00")}
    then(story, "sign-notification", "benachrichtigung-failed", "01 08:00:00", **DAYS, **nobody, **answered)

    failed = german(report(story).proven)[-1]

    assert failed.startswith("Bis 30.11.2026, 09:00:00 MEZ war der Mailserver des Empfängers mail.example.org nicht")
    assert failed.endswith("nicht erreichbar; die Benachrichtigung wurde nicht abgeschickt.")


def test_it_is_said_between_which_time_stamps_a_statement_came_into_the_log() -> None:
    remarks = german(report(FETCHED).remarks)

    between = "kam nach dem 23.11.2026, 10:15:01 MEZ (Zeitstempel: "
    assert [one for one in remarks if one.startswith(f"Die Aussage „bereitgestellt“ {between}")]
    assert [one for one in remarks if one.startswith("Von wem die Zeitstempel sind, ist nicht geprüft")]


def test_an_entry_that_a_later_time_stamp_does_not_contain_is_pointed_out_before_all_else() -> None:
    story = a_verwaltungsakt()
    story.stamps[2] |= {"at": "20261124174000Z"}  # of the first eight entries, a day after one more

    remarks = german(report(story).remarks)

    assert remarks[0] == (
        "Widerspruch: Die Aussage „benachrichtigt“ soll am 23.11.2026, 10:15:04 MEZ ins Log gekommen sein, stand aber "
        "laut Zeitstempel am 24.11.2026, 18:40:00 MEZ noch nicht darin. Sie ist rückdatiert, oder eine der Uhren ging "
        "falsch."
    )
    assert len([one for one in remarks if one.startswith("Widerspruch: ")]) == 2  # the Abruf is not in it either


def test_a_time_stamp_that_came_long_after_the_entry_is_nothing_unusual() -> None:
    story = a_verwaltungsakt()
    story.stamps = [{"size": 23, "at": "20261205120000Z"}]

    assert not [one for one in german(report(story).remarks) if one.startswith("Widerspruch: ")]


def test_time_stamps_that_run_backwards_are_pointed_out() -> None:
    story = a_verwaltungsakt()
    story.stamps[4] |= {"at": "20261120123000Z"}

    assert german(report(story).remarks)[0] == (
        "Widerspruch: Mit 23 Einträgen wurde das Log am 20.11.2026, 13:30:00 MEZ gestempelt, mit weniger erst am "
        "24.11.2026, 18:40:00 MEZ."
    )


def test_since_when_each_statement_is_in_the_log_can_be_said_beside_it() -> None:
    found = verified(FETCHED)

    said_so = with_log_moments(report_on(found), found).proven[1]

    assert said_so.de.endswith("zum Abruf bereitgestellt. Im Log seit 23.11.2026, 10:15:02 MEZ.")
    assert said_so.en.endswith(" In the log since 23 November 2026, 10:15:02 CET.")


def test_of_the_hour_that_comes_twice_in_october_it_is_said_which_it_was() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))

    assert moment_words(first).de == "25.10.2026, 02:30:00 MESZ"
    assert moment_words(second).de == "25.10.2026, 02:30:00 MEZ"


def test_without_time_stamps_it_is_said_that_the_operator_might_have_written_the_log_anew() -> None:
    remarks = german(report("no time stamps").remarks)

    assert remarks[0].startswith("Das Paket enthält keinen Zeitstempel einer fremden Stelle.")
    assert remarks[-1] == "Dass eine Aussage zutraf, als sie gemacht wurde, beruht auf dem Betreiber."


def test_whose_key_it_is_and_which_notice_is_said_first() -> None:
    known, unknown = verified(FETCHED), verify_bundle(raw_of(FETCHED))

    assert heading(known).de.startswith("Gültig: ")
    assert heading(unknown).de.startswith(f"Nicht verbürgt: Alles stimmt, wenn der Schlüssel {known.vkey} wirklich")
    assert "5ax2az66xkfg5mmj5gxspqy2ky" in about(known).de
