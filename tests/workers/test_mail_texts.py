"""The texts of mails: calm, general, and the same for every notice."""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal

import pytest

from sk.auth.mail_target import MailTarget
from sk.mail.port import Mail
from sk.mail.texts import Sender, new_notice_mail, reminder_mail

SENDER = Sender("Servicekonto", "post@example.org")
ERIKA = MailTarget(address="erika@example.org")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def text_of(mail: Mail) -> str:
    """Return the text of a mail as a mail program shows it."""
    text: str = message_from_bytes(mail.content, _class=EmailMessage, policy=default).get_content()
    return text.replace("\r\n", "\n")


def text_for(language: Literal["de", "en"], notice_id: str = "a" * 26) -> str:
    """Return the text of the mail about a notice."""
    target = ERIKA.model_copy(update={"language": language})
    return text_of(new_notice_mail(target, "Stadt Musterstadt", SENDER, notice_id=notice_id, at=NOW))


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "de",
            [
                "Ein Bescheid gilt meist am vierten Tag nach der Bereitstellung im Postfach als bekannt gegeben, auch",
                "Von da an läuft die Frist, in der Sie gegen ihn vorgehen können.",
                "Manche Bescheide lassen sich nur zehn Tage lang abrufen; sie gelten am Tag nach dem Abruf als bekannt",
            ],
        ),
        (
            "en",
            [
                "An official notice usually counts as announced (Bekanntgabe) on the fourth day after it was made",
                "From then on the time limit (Frist) runs in which you can object or go to court.",
                "Some notices can be fetched for ten days only; they count as announced on the day after you fetched",
            ],
        ),
    ],
    ids=["de", "en"],
)
def test_the_mail_tells_of_the_abruf_and_its_legal_effects(language: Literal["de", "en"], sentences: list[str]) -> None:
    """§ 122a AO since 2026 wants that of the Benachrichtigung."""
    [paragraph] = [line for line in text_for(language).splitlines() if sentences[0] in line]

    assert [sentence in paragraph for sentence in sentences] == [True] * 3


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_text_has_no_link_and_is_the_same_for_every_notice(language: Literal["de", "en"]) -> None:
    assert "http" not in text_for(language)
    assert text_for(language) == text_for(language, "b" * 26)


@pytest.mark.parametrize(
    ("is_trial", "phrase", "begins"),
    [
        (False, "", ["Guten Tag,"]),
        (False, "drei Kraniche", ["Ihr Erkennungssatz: drei Kraniche", "Guten Tag,"]),
        (True, "", ["Testbetrieb: Hier ist nichts echt, und nichts hat rechtliche Wirkung.", "Guten Tag,"]),
        (
            True,
            "drei Kraniche",
            [
                "Testbetrieb: Hier ist nichts echt, und nichts hat rechtliche Wirkung.",
                "Ihr Erkennungssatz: drei Kraniche",
                "Guten Tag,",
            ],
        ),
    ],
)
def test_a_mail_of_a_trial_says_so_first_and_the_phrase_comes_before_the_greeting(
    phrase: str, begins: list[str], *, is_trial: bool
) -> None:
    sender, target = SENDER._replace(is_trial=is_trial), ERIKA.model_copy(update={"phrase": phrase})
    there = new_notice_mail(target, "Stadt Musterstadt", sender, notice_id="a" * 26, at=NOW)
    unread = reminder_mail(target, sender, notice_id="a" * 26, on=date(2026, 11, 24), last_on=date(2026, 12, 1), at=NOW)

    for mail in (there, unread):
        *first, then = text_of(mail).split("\n\n")[: len(begins) + 1]
        assert first == begins
        assert then.startswith("in Ihrem Postfach (Servicekonto) liegt eine")
