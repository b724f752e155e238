"""Whatever an owner is told of has words: a line in the journal, and a mail in both languages, without a link."""

from typing import get_args

import pytest

from sk.auth.account import MailTarget
from sk.auth.journal import Entry, What
from sk.mail.letter import Content, Told
from sk.mail.letter_texts import letter_mail
from sk.mail.texts import Sender
from sk.web.journal_words import WORDS, journal_words
from tests.fakes import FakeClock

TOLD = get_args(Told)
FACTS = {"means": "password-totp", "label": "Firefox, Linux", "left": "9"}
SENDER = Sender("Servicekonto", "servicekonto@konto.example")


def test_everything_in_the_journal_has_a_sentence() -> None:
    assert set(WORDS) == set(get_args(What))


@pytest.mark.parametrize("what", TOLD)
def test_what_is_told_by_mail_stands_in_the_journal(what: Told, clock: FakeClock) -> None:
    assert journal_words(Entry(at=clock.now(), what=what, facts=FACTS)).endswith(".")


@pytest.mark.parametrize("what", TOLD)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mail_says_when_and_what_to_do_and_has_no_link(what: Told, language: str, clock: FakeClock) -> None:
    target = MailTarget.model_validate({"address": "erika@example.org", "language": language})
    content = Content(target=target, about=what, facts={**FACTS, "at": clock.now().isoformat()})

    text = letter_mail(content, SENDER, letter_id="x", at=clock.now()).content.decode().replace("=\r\n", "")

    assert ("23.11.2026 um 10:00 Uhr" if language == "de" else "23 November 2026 at 10:00") in text
    assert ("Waren Sie das nicht?" if language == "de" else "If it was not you") in text
    assert "http" not in text
