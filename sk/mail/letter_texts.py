"""The texts of letters: mails about an account itself. A link leads to a page with a button, and only that acts.

Facts are written the way of the letter's language here: `{day}` comes as an ISO date, `{at}` as an ISO moment and
`{left}` as a number.
"""

from collections.abc import Mapping
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sk.clock import BERLIN
from sk.evidence.step_words import MEANS
from sk.mail.erasure_texts import ERASURE_TEXTS
from sk.mail.letter import About, Content, Text
from sk.mail.log_in_texts import LOG_IN_TEXTS, codes_left
from sk.mail.port import Mail
from sk.mail.texts import Sender, opening
from sk.mail.vollmacht_texts import VOLLMACHT_TEXTS
from sk.postbox.explanation import Language, Words, date_words

FOOT = {
    "de": "Wir fragen Sie nie per E-Mail nach Ihrem Passwort.\n\n"
    "Diese E-Mail wurde automatisch verschickt. Bitte antworten Sie nicht darauf.\n",
    "en": "We never ask for your password by e-mail.\n\nThis e-mail was sent automatically. Please do not answer it.\n",
}
TEXTS: Mapping[About, Mapping[str, Text]] = {
    **LOG_IN_TEXTS,
    **ERASURE_TEXTS,
    **VOLLMACHT_TEXTS,
    "confirm-address": {
        "de": Text(
            "Bitte bestätigen Sie Ihre neue E-Mail-Adresse",
            """\
Sie möchten, dass wir Ihnen an diese Adresse schreiben ({operator}).

Dann öffnen Sie innerhalb von 24 Stunden diese Seite und bestätigen Sie die Adresse:

{link}

Waren Sie das nicht, dann brauchen Sie nichts zu tun.
""",
        ),
        "en": Text(
            "Please confirm your new e-mail address",
            """\
You want us to write to this address ({operator}).

Then open this page within 24 hours and confirm the address:

{link}

If it was not you, there is nothing to do.
""",
        ),
    },
    "feedback": {
        "de": Text(
            "Rückmeldung zur Barrierefreiheit",
            """\
auf der Seite zur Barrierefreiheit ({operator}) hat jemand geschrieben:

{text}

Um diese Seite geht es: {page}

Antwort erbeten an: {email}

Von wem das kommt, ist nicht geprüft.
""",
        ),
        "en": Text(
            "Feedback on accessibility",
            """\
Somebody has written on the page about accessibility ({operator}):

{text}

It is about this page: {page}

Please answer to: {email}

Nobody has checked the identity of the sender.
""",
        ),
    },
    "card-expires": {
        "de": Text(
            "Ihr Ausweis läuft bald ab",
            """\
der Ausweis, mit dem Sie sich anmelden ({operator}), ist noch bis {day} gültig.

Wenn Sie einen neuen haben, verbinden Sie ihn bitte mit Ihrem Konto: Melden Sie sich an und wählen Sie unter „Konto“ \
den Knopf „Ausweis neu lesen oder einen neuen verbinden“. Am einfachsten geht das, solange der alte noch gilt.
""",
        ),
        "en": Text(
            "Your ID card expires soon",
            """\
The ID card with which you log in ({operator}) is valid until {day}.

Once you have a new one, please connect it with your account: log in and choose "Read your ID card again or connect a \
new one" under "Account". It is easiest while the old card is still valid.
""",
        ),
    },
    "document-expires": {
        "de": Text(
            "Ein Dokument in Ihrem Safe läuft bald ab",
            """\
zu einem Dokument in Ihrem Safe ({operator}) haben Sie eingetragen, dass es noch bis {day} gültig ist.

Welches das ist, sehen Sie nach dem Anmelden unter „Safe“. Brauchen Sie ein neues, dann kümmern Sie sich am besten \
jetzt darum.
""",
        ),
        "en": Text(
            "A document in your safe expires soon",
            """\
You have entered for a document in your safe ({operator}) that it is valid until {day}.

To see which one, log in and go to "Safe". If you need a new one, it is best to see to it now.
""",
        ),
    },
    "confirm": {
        "de": Text(
            "Bitte bestätigen Sie Ihre E-Mail-Adresse",
            """\
mit dieser E-Mail-Adresse wurde gerade ein Konto angelegt ({operator}).

Waren Sie das? Dann öffnen Sie innerhalb von 24 Stunden diese Seite und bestätigen Sie das Konto:

{link}

Waren Sie das nicht, dann brauchen Sie nichts zu tun. Nach 24 Stunden löschen wir alles, was eingegeben wurde.
""",
        ),
        "en": Text(
            "Please confirm your e-mail address",
            """\
An account has just been set up with this e-mail address ({operator}).

Was it you? Then open this page within 24 hours and confirm the account:

{link}

If it was not you, there is nothing to do. After 24 hours we delete everything that was entered.
""",
        ),
    },
}


def letter_mail(content: Content, sender: Sender, *, letter_id: str, at: datetime) -> Mail:
    """Return the mail of a letter. Sent twice, it has the same Message-ID."""
    language = content.target.language
    text = TEXTS[content.about][language]
    mail = EmailMessage(policy=SMTP)
    mail["To"] = content.target.address
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = sender.message_id(letter_id)
    mail["From"] = f"{sender.operator} <{sender.address}>"
    mail["Subject"] = text.subject
    mail["Auto-Submitted"] = "auto-generated"
    body = text.body.format(operator=sender.operator, **_spoken(content.facts, language))
    begin = opening(language, content.target.phrase, sender)
    mail.set_content(f"{begin}{body}\n{FOOT[language]}", cte="quoted-printable")
    mail["Content-Language"] = language  # after the content, which takes away what others say about it
    return Mail(content.target.address, mail["Message-ID"], mail.as_bytes())


def _spoken(facts: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return facts as their reader writes them: days and moments, in local time, means and numbers in words."""
    words: dict[str, Words] = {}
    if day := facts.get("day"):
        words["day"] = date_words(date.fromisoformat(day))
    if moment := facts.get("at"):
        at = datetime.fromisoformat(moment).astimezone(BERLIN)
        day_of_it = date_words(at.date())
        words["at"] = Words(de=f"{day_of_it.de} um {at:%H:%M} Uhr", en=f"{day_of_it.en} at {at:%H:%M}")
    if (means := facts.get("means")) in MEANS:
        words["means"] = MEANS[means]
    if left := facts.get("left"):
        words["left"] = codes_left(int(left))
    return {**facts, **{name: one.in_language(language) for name, one in words.items()}}
