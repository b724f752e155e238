"""The texts of mails: calm, general, and the same for every notice."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal

import pytest

from sk.auth.mail_target import MailTarget
from sk.mail.texts import Sender, new_notice_mail

SENDER = Sender("Servicekonto", "post@example.org")


def text_for(language: Literal["de", "en"], notice_id: str = "a" * 26) -> str:
    """Return the text of a mail as a mail program shows it."""
    target, at = MailTarget(address="erika@example.org", language=language), datetime(2026, 11, 23, tzinfo=UTC)
    mail = new_notice_mail(target, "Stadt Musterstadt", SENDER, notice_id=notice_id, at=at)
    text: str = message_from_bytes(mail.content, _class=EmailMessage, policy=default).get_content()
    return text


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
                "An official decision usually counts as announced on the fourth day after it was made available in",
                "From then on the period runs in which you can object or go to court.",
                "Some decisions can be fetched for ten days only; they count as announced on the day after you fetched",
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
