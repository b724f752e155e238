"""Whatever an owner is told of has words: a line in the journal, and a mail in both languages, without a link."""

import email
import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import get_args

import pytest

from sk.auth.journal import Entry, What
from sk.auth.mail_target import MailTarget
from sk.mail.letter import LANGUAGES, About, Content, Told
from sk.mail.letter_texts import FOOT, HELLO, TEXTS, TRIAL, letter_mail
from sk.mail.log_in_texts import NOT_YOU
from sk.mail.texts import Sender
from sk.web.journal_words import WORDS, journal_words
from tests.fakes import FakeClock

TOLD = get_args(Told)
ABOUT = (*TOLD, *get_args(get_args(About)[-1]))
FACTS = {"means": "password-totp", "label": "Firefox, Linux", "left": "9"}
LETTER_FACTS = {
    **{what: {**FACTS, "at": "2026-11-23T09:00:00+00:00"} for what in TOLD},
    "address-changed": {},
    "addresses-changed": {},
    "card-bound": {},
    "card-expires": {"day": "2026-11-30"},
    "confirm": {"link": "https://konto.example/bestaetigen?code=abc"},
    "confirm-address": {"link": "https://konto.example/konto/email/bestaetigen?code=abc"},
    "new-password": {"link": "https://konto.example/passwort-vergessen/neu?code=abc"},
    "erasure-asked": {"day": "2026-11-30", "link": "https://konto.example/anmelden"},
    "inactivity": {"day": "2026-11-30", "link": "https://konto.example/anmelden"},
    "feedback": {"text": "> 0815", "page": "/", "email": "max@example.org"},
}
"""The facts that each letter is written with."""
SENDER = Sender("Servicekonto", "servicekonto@konto.example")
WHEN = {"de": "23.11.2026 um 10:00 Uhr", "en": "23 November 2026 at 10:00"}
DAY = {"de": "30.11.2026", "en": "30 November 2026"}
OF_LANGUAGE = {"de": re.compile(r"\b(Sie|und|nicht|Ihr\w*)\b"), "en": re.compile(r"\b(you|your|and|not|the)\b")}


def mail_about(about: About, language: str, clock: FakeClock, *, is_trial: bool = False) -> EmailMessage:
    """Return the mail of a letter, as a mail program reads it."""
    target = MailTarget.model_validate({"address": "erika@example.org", "language": language})
    content = Content(target=target, about=about, facts=LETTER_FACTS[about])
    mail = letter_mail(content, SENDER, letter_id="x", at=clock.now(), is_trial=is_trial)
    return email.message_from_bytes(mail.content, policy=SMTP)


def test_everything_in_the_journal_has_a_sentence() -> None:
    assert set(WORDS) == set(get_args(What))


@pytest.mark.parametrize("what", TOLD)
def test_what_is_told_by_mail_stands_in_the_journal(what: Told, clock: FakeClock) -> None:
    line = journal_words(Entry(at=clock.now(), what=what, facts=FACTS), "de")

    used = {name for name in FACTS if f"{{{name}}}" in WORDS[what]}
    spoken = {**FACTS, "means": "Passwort und Code aus einer App"}
    assert line[0].isupper()
    assert all(spoken[name] in line for name in used)
    assert not re.search(r"[{}]", line)


@pytest.mark.parametrize("what", TOLD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_says_when_and_what_to_do_and_has_no_link(what: Told, language: str, clock: FakeClock) -> None:
    text = mail_about(what, language, clock).get_content()

    assert WHEN[language] in text
    assert ("Waren Sie das nicht?" if language == "de" else "If it was not you") in text
    assert "http" not in text


def test_every_letter_is_known_here() -> None:
    assert set(LETTER_FACTS) == set(TEXTS) == set(ABOUT)


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_whole_in_both_languages(about: About, language: str, clock: FakeClock) -> None:
    mail = mail_about(about, language, clock)
    subject, text = str(mail["Subject"]), str(mail.get_content()).replace("\r\n", "\n")
    body = text.removeprefix(f"{HELLO[language]}\n\n").removesuffix(FOOT[language]).strip()

    assert subject
    assert (text.startswith(HELLO[language]), text.endswith(FOOT[language])) == (True, True)
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


@pytest.mark.parametrize("about", ["address-changed", "addresses-changed", "card-bound", *TOLD])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_did_not_do_it_is_told_the_same_in_every_letter(about: About, language: str, clock: FakeClock) -> None:
    assert _on_one_line(NOT_YOU[language]) in _on_one_line(mail_about(about, language, clock).get_content())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_of_a_trial_says_so_first(language: str, clock: FakeClock) -> None:
    real, trial = (mail_about("inactivity", language, clock, is_trial=one).get_content() for one in (False, True))

    assert _on_one_line(trial) == _on_one_line(TRIAL[language] + real)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
