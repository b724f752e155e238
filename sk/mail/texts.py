"""The texts of mails: plain, without subject or content of a notice, without a link that asks for a log-in."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from sk.auth.account import MailTarget
from sk.mail.port import Mail

NEW_NOTICE = {  # each paragraph is one line, which the reader's screen breaks
    "de": (
        "Neue Nachricht in Ihrem Postfach",
        """\
Guten Tag,

in Ihrem Postfach ({operator}) liegt eine neue Nachricht.
Absender: {authority}

Bitte sehen Sie bald nach: Es kann ein Bescheid sein, mit dem eine Frist beginnt, auch wenn Sie ihn nicht öffnen.

Ein Bescheid gilt meist am vierten Tag nach der Bereitstellung im Postfach als bekannt gegeben, auch ungelesen. Von \
da an läuft die Frist, in der Sie gegen ihn vorgehen können. Manche Bescheide lassen sich nur zehn Tage \
lang abrufen; sie gelten am Tag nach dem Abruf als bekannt gegeben. Welche Tage gelten, steht in Ihrem Postfach.

So öffnen Sie die Nachricht: Geben Sie die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein und melden \
Sie sich dort an. Diese E-Mail enthält mit Absicht keinen Link. Wir fragen Sie nie per E-Mail nach Ihrem Passwort.

Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.
""",
    ),
    "en": (
        "New message in your postbox",
        """\
Hello,

there is a new message in your postbox ({operator}).
Sender: {authority}

Please look soon: it may be an official decision that starts a period in which you can object, even if you do not \
open it.

An official decision usually counts as announced on the fourth day after it was made available in your postbox, even \
if you have not read it. From then on the period runs in which you can object or go to court. Some decisions can be \
fetched for ten days only; they count as announced on the day after you fetched them. Your postbox says which days \
apply.

To read the message, type the address that you know from us into your browser yourself and log in there. This e-mail \
has no link, on purpose. We never ask for your password by e-mail.

This e-mail was sent automatically. Please do not answer it.
""",
    ),
}


class Sender(NamedTuple):
    """On whose behalf mails go out."""

    operator: str
    address: str


def new_notice_mail(target: MailTarget, authority: str, sender: Sender, *, notice_id: str, at: datetime) -> Mail:
    """Return the mail that tells of a new notice. Sent twice, it has the same Message-ID."""
    message_id = f"<{notice_id}@{sender.address.rpartition('@')[2]}>"
    head = f"To: {target.address}\r\nDate: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\n"
    return Mail(target.address, message_id, head.encode() + _the_same_for_all(target.language, authority, sender))


@lru_cache(maxsize=1024)
def _the_same_for_all(language: str, authority: str, sender: Sender) -> bytes:
    """Return the rest of the mail, on which the email package spends more time than delivery does on a notice."""
    subject, text = NEW_NOTICE[language]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{sender.operator} <{sender.address}>"
    mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text.format(operator=sender.operator, authority=authority))
    mail["Content-Language"] = language  # after the content, which takes away what others say about it
    return mail.as_bytes()
