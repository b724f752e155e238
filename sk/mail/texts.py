"""The texts of mails: plain, without subject or content of a notice, without a link that asks for a log-in."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from sk.auth.account import MailTarget

NEW_NOTICE = {
    "de": (
        "Neue Nachricht in Ihrem Postfach",
        """\
Guten Tag,

in Ihrem Postfach beim {operator} liegt eine neue Nachricht.
Absender: {authority}

Bitte sehen Sie bald nach: Es kann ein Bescheid sein, mit dem eine Frist
beginnt, auch wenn Sie ihn nicht öffnen.

So öffnen Sie die Nachricht: Geben Sie die Adresse, die Sie von uns kennen,
selbst in Ihren Browser ein und melden Sie sich dort an. Diese E-Mail enthält
mit Absicht keinen Link. Wir fragen Sie nie per E-Mail nach Ihrem Passwort.

Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.
""",
    ),
    "en": (
        "New message in your postbox",
        """\
Hello,

there is a new message in your postbox at {operator}.
Sender: {authority}

Please look soon: it may be an official decision that starts a period in which
you can object, even if you do not open it.

To read the message, type the address that you know from us into your browser
yourself and log in there. This e-mail has no link, on purpose. We never ask for
your password by e-mail.

This e-mail was sent automatically. Please do not answer it.
""",
    ),
}


class Sender(NamedTuple):
    """On whose behalf mails go out."""

    operator: str
    address: str


def new_notice_mail(
    target: MailTarget, authority: str, sender: Sender, *, notice_id: str, at: datetime
) -> EmailMessage:
    """Return the mail that tells of a new notice. Sent twice, it has the same Message-ID."""
    subject, text = NEW_NOTICE[target.language]
    mail = EmailMessage()
    mail["From"] = f"{sender.operator} <{sender.address}>"
    mail["To"] = target.address
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{notice_id}@{sender.address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = target.language
    mail.set_content(text.format(operator=sender.operator, authority=authority))
    return mail
