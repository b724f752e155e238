"""Whatever an owner is told of has words: a line in the journal, and a mail in both languages, without a link."""

import re
from email.message import EmailMessage
from typing import get_args

import pytest

from sk.auth.journal import Entry, What
from sk.mail.letter import LANGUAGES, About, News, Told
from sk.mail.letter_texts import FOOT, TEXTS
from sk.mail.log_in_texts import CHANGES, not_you
from sk.mail.texts import HELLO, TRIAL
from sk.postbox.explanation import Language
from sk.web.journal_words import WORDS, journal_words
from tests.auth.writing import text_of
from tests.fakes import FakeClock
from tests.mail.letters import SENDER, letter

TOLD = get_args(Told)
NEWS = get_args(News)
ABOUT = (*TOLD, *NEWS, *get_args(get_args(About)[-1]))
FACTS = {
    "means": "password-totp",
    "label": "Firefox, Linux",
    "left": "9",
    "level": "high",
    "authority": "Stadt Musterstadt",
    "name": "Max Beispiel",
    "portal": "Serviceportal Musterstadt",
}
SPOKEN = {
    "de": {"means": "Passwort und Code aus einer App", "level": "hoch"},
    "en": {"means": "password and code from an app", "level": "high"},
}
LETTER_FACTS = {
    **{what: {**FACTS, "at": "2026-11-23T09:00:00+00:00"} for what in (*TOLD, *NEWS)},
    "new-for-another": {},
    "address-changed": {},
    "addresses-changed": {},
    "card-bound": {},
    "bundid-bound": {},
    "card-expires": {"day": "2026-11-30"},
    "document-expires": {"day": "2026-11-30"},
    "confirm": {"link": "https://konto.example/bestaetigen?code=abc"},
    "confirm-address": {"link": "https://konto.example/konto/email/bestaetigen?code=abc"},
    "new-password": {"link": "https://konto.example/passwort-vergessen/neu?code=abc"},
    "erasure-asked": {"day": "2026-11-30", "link": "https://konto.example/anmelden"},
    "inactivity": {"day": "2026-11-30", "link": "https://konto.example/anmelden"},
    "feedback": {"text": "> 0815", "page": "/", "email": "max@example.org"},
}
"""The facts that each letter is written with."""
WHEN = {"de": "23.11.2026 um 10:00 Uhr", "en": "23 November 2026 at 10:00"}
DAY = {"de": "30.11.2026", "en": "30 November 2026"}
OF_LANGUAGE = {"de": re.compile(r"\b(Sie|und|nicht|Ihr\w*)\b"), "en": re.compile(r"\b(you|your|and|not|the)\b")}


def mail_about(about: About, language: str, clock: FakeClock, *, is_trial: bool = False) -> EmailMessage:
    """Return the mail of a letter with the facts that it needs."""
    return letter(about, language, LETTER_FACTS[about], clock.now(), is_trial=is_trial)


def test_everything_in_the_journal_has_a_sentence() -> None:
    assert set(WORDS) == set(get_args(What))


@pytest.mark.parametrize("what", get_args(What))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_journal_is_a_whole_sentence_with_its_facts(
    what: What, language: Language, clock: FakeClock
) -> None:
    line = journal_words(Entry(at=clock.now(), what=what, facts=FACTS), language)

    used = {name for name in FACTS if f"{{{name}}}" in WORDS[what]}
    assert (line[0].isupper(), line[-1]) == (True, ".")
    assert all({**FACTS, **SPOKEN[language]}[name] in line for name in used)
    assert not re.search(r"[{}]", line)


def test_what_is_told_by_mail_stands_in_the_journal() -> None:
    assert {*TOLD, *NEWS} <= {*WORDS}


@pytest.mark.parametrize("what", TOLD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_says_when_and_what_to_do_and_has_no_link(what: Told, language: str, clock: FakeClock) -> None:
    text = mail_about(what, language, clock).get_content()

    assert WHEN[language] in text
    assert ("Waren Sie das nicht?" if language == "de" else "If it was not you") in text
    assert "http" not in text


@pytest.mark.parametrize("what", NEWS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_about_another_person_says_when_names_nobody_and_has_no_link(
    what: News, language: str, clock: FakeClock
) -> None:
    text = mail_about(what, language, clock).get_content()

    assert WHEN[language] in text
    assert not [word for word in ("http", FACTS["name"], FACTS["authority"]) if word in text]


def test_every_letter_is_known_here() -> None:
    assert set(LETTER_FACTS) == set(TEXTS) == set(ABOUT)


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_whole_in_both_languages(about: About, language: str, clock: FakeClock) -> None:
    mail = mail_about(about, language, clock)
    subject, text = str(mail["Subject"]), text_of(mail)
    body = text.removeprefix(f"{HELLO[language]}\n\n").removesuffix(FOOT[language]).strip()

    assert subject
    assert (text.startswith(HELLO[language]), text.endswith(FOOT[language])) == (True, True)
    assert body[0].isupper() or language == "de"  # where a greeting ends with a comma and the sentence goes on
    assert SENDER.operator in body
    assert not re.search(r"[{}]", subject + text)
    assert mail["Content-Language"] == language


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_written_in_the_language_of_its_reader(about: About, language: str, clock: FakeClock) -> None:
    [other] = {*LANGUAGES} - {language}
    text = mail_about(about, language, clock).get_content()

    assert OF_LANGUAGE[language].search(text)
    assert not OF_LANGUAGE[other].search(text)
    assert (DAY[language] in text) == ("day" in LETTER_FACTS[about])
    assert DAY[other] not in text
    assert all(fact in text for name, fact in LETTER_FACTS[about].items() if name == "link")


@pytest.mark.parametrize("about", ["address-changed", "addresses-changed", "card-bound", "bundid-bound", *TOLD])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_did_not_do_it_is_told_what_to_do(about: About, language: Language, clock: FakeClock) -> None:
    text = _on_one_line(mail_about(about, language, clock).get_content())

    assert _on_one_line(not_you(about).in_language(language)) in text


@pytest.mark.parametrize(
    ("sentence", "stands_in"),
    [
        ("Dann brauchen Sie nichts zu tun.", {*CHANGES} - {"passkey-refused", "recovery-code-used"}),
        ("trennen Sie unter „Konto“ jeden Ausweis und jede BundID", {"card-bound", "bundid-bound"}),
        ("„Passwort vergessen“ schreibt vielleicht nicht mehr an Sie.", {"address-changed", "addresses-changed"}),
        ("wählen Sie bei der Anmeldung „Passwort vergessen“", {*CHANGES} - {"address-changed", "addresses-changed"}),
    ],
)
def test_what_to_do_fits_what_has_happened(sentence: str, stands_in: set[About]) -> None:
    assert {about for about in CHANGES if sentence in not_you(about).de} == stands_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_of_a_trial_says_so_first(language: str, clock: FakeClock) -> None:
    real, trial = (mail_about("inactivity", language, clock, is_trial=one).get_content() for one in (False, True))

    assert _on_one_line(trial) == _on_one_line(f"{TRIAL[language]} {real}")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
