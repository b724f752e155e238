"""The texts of mails about notices: plain, without their subject or content, without a link that asks for a log-in.

A mail has the same Message-ID however often it is sent, and another one than its copy to the second address.
"""

from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple, Self

from sk.auth.mail_target import MailTarget
from sk.config import Settings
from sk.mail.port import Mail
from sk.postbox.explanation import date_words

NEW_NOTICE = {  # what follows the greeting; each paragraph is one line, which the reader's screen breaks
    "de": (
        "Neue Nachricht in Ihrem Postfach",
        """\
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
There is a new message in your postbox ({operator}).
Sender: {authority}

Please look soon: it may be an official notice (Bescheid) that starts a time limit (Frist) in which you can object, \
even if you do not open it.

An official notice usually counts as announced (Bekanntgabe) on the fourth day after it was made available in your \
postbox, even if you have not read it. From then on the time limit (Frist) runs in which you can object or go to \
court. Some notices can be fetched for ten days only; they count as announced on the day after you fetched them. Your \
postbox says which days apply.

To read the message, type the address that you know from us into your browser yourself and log in there. This e-mail \
has no link, on purpose. We never ask for your password by e-mail.

This e-mail was sent automatically. Please do not answer it.
""",
    ),
}
REMINDER = {  # neutral: neither from whom the message is nor what it is
    "de": (
        "Ungelesene Nachricht in Ihrem Postfach",
        """\
in Ihrem Postfach ({operator}) liegt eine Nachricht, die Sie noch nicht geöffnet haben.

Bitte sehen Sie bald nach, spätestens am {day}. Danach kann es zu spät sein, sie zu öffnen oder etwas dagegen zu tun.

So öffnen Sie die Nachricht: Geben Sie die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein und melden \
Sie sich dort an. Diese E-Mail enthält mit Absicht keinen Link. Wir fragen Sie nie per E-Mail nach Ihrem Passwort.

Diese E-Mail erinnert Sie nur. An einer Frist ändert sie nichts. In Ihrem Konto können Sie solche Erinnerungen unter \
„Benachrichtigungen“ abschalten.

Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.
""",
    ),
    "en": (
        "Unread message in your postbox",
        """\
There is a message in your postbox ({operator}) that you have not opened yet.

Please look soon, on {day} at the latest. After that it may be too late to open it or to object to it.

To read the message, type the address that you know from us into your browser yourself and log in there. This e-mail \
has no link, on purpose. We never ask for your password by e-mail.

This e-mail only reminds you. It does not change any time limit (Frist). You can switch such reminders off in your \
account, under "Notifications".

This e-mail was sent automatically. Please do not answer it.
""",
    ),
}
TRIAL = {
    "de": "Testbetrieb: Hier ist nichts echt, und nichts hat rechtliche Wirkung.",
    "en": "Trial: nothing here is real, and nothing has any legal effect.",
}
PHRASE = {"de": "Ihr Erkennungssatz: {phrase}", "en": "Your personal phrase: {phrase}"}
HELLO = {"de": "Guten Tag,", "en": "Hello,"}
COPY = "2"
"""What the Message-ID of a copy ends with."""


class Sender(NamedTuple):
    """On whose behalf mails go out, and whether all that they tell of is invented."""

    operator: str
    address: str
    is_trial: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return as whom this installation writes."""
        return cls(settings.operator, settings.mail_from, settings.is_trial)

    def message_id(self, *names: str) -> str:
        """Return the Message-ID of a mail that is known by these names."""
        return f"<{'.'.join(name for name in names if name)}@{self.address.rpartition('@')[2]}>"


def opening(language: str, phrase: str, sender: Sender) -> str:
    """Return how every mail begins: what a trial is, the phrase by which its reader knows us, and a greeting."""
    trial = [TRIAL[language]] if sender.is_trial else []
    known_by = [PHRASE[language].format(phrase=phrase)] if phrase else []
    return "\n\n".join([*trial, *known_by, HELLO[language], ""])


def new_notice_mail(
    target: MailTarget, authority: str, sender: Sender, *, notice_id: str, at: datetime, is_copy: bool = False
) -> Mail:
    """Return the mail that tells of a new notice."""
    message_id = sender.message_id(notice_id, COPY if is_copy else "")
    if target.phrase:
        rest = _new_notice(target.language, authority, sender, target.phrase)
    else:
        rest = _the_same_for_all(target.language, authority, sender)
    return _mail(target, message_id, at, rest)


def reminder_mail(
    target: MailTarget, sender: Sender, *, notice_id: str, on: date, last_on: date, at: datetime, is_copy: bool = False
) -> Mail:
    """Return the mail that reminds, on one day, of a notice that should be looked at until another one."""
    subject, text = REMINDER[target.language]
    day = date_words(last_on).in_language(target.language)
    body = opening(target.language, target.phrase, sender) + text.format(operator=sender.operator, day=day)
    message_id = sender.message_id(notice_id, str(on), COPY if is_copy else "")
    return _mail(target, message_id, at, _written(sender, subject, body, target.language))


def _mail(target: MailTarget, message_id: str, at: datetime, rest: bytes) -> Mail:
    head = f"To: {target.address}\r\nDate: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\n"
    return Mail(target.address, message_id, head.encode() + rest)


@lru_cache(maxsize=1024)
def _the_same_for_all(language: str, authority: str, sender: Sender) -> bytes:
    """Return the rest of a mail, on which the email package spends more time than delivery does on a notice."""
    return _new_notice(language, authority, sender, phrase="")


def _new_notice(language: str, authority: str, sender: Sender, phrase: str) -> bytes:
    subject, text = NEW_NOTICE[language]
    body = opening(language, phrase, sender) + text.format(operator=sender.operator, authority=authority)
    return _written(sender, subject, body, language)


def _written(sender: Sender, subject: str, body: str, language: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{sender.operator} <{sender.address}>"
    mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    mail["Content-Language"] = language  # after the content, which takes away what others say about it
    return mail.as_bytes()
