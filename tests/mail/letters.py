"""Letters as a mail program reads them."""

from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from sk.auth.mail_target import MailTarget
from sk.mail.letter import About, Content
from sk.mail.letter_texts import letter_mail
from sk.mail.texts import Sender

SENDER = Sender("Servicekonto", "servicekonto@konto.example")


def letter(
    about: About, language: str, facts: Mapping[str, str], at: datetime, *, is_trial: bool = False
) -> EmailMessage:
    """Return the mail of a letter to Erika."""
    target = MailTarget.model_validate({"address": "erika@example.org", "language": language})
    content = Content(target=target, about=about, facts={**facts})
    mail = letter_mail(content, SENDER._replace(is_trial=is_trial), letter_id="x", at=at)
    return message_from_bytes(mail.content, _class=EmailMessage, policy=SMTP)
