"""The letters about the end of an account: that it was asked for, or that nobody has used it for long."""

from collections.abc import Mapping

from sk.mail.letter import About, Text

ERASURE_TEXTS: Mapping[About, Mapping[str, Text]] = {
    "erasure-asked": {
        "de": Text(
            "Ihr Konto wird in sieben Tagen gelöscht",
            """\
Sie möchten, dass wir Ihr Konto löschen ({operator}). Wir löschen es am {day}, mit allem, was darin ist.

Haben Sie es sich anders überlegt, oder waren Sie das nicht? Dann melden Sie sich vorher an: Bis zu diesem Tag bieten \
wir Ihnen bei jeder Anmeldung an, das Konto zu behalten.

{link}

Danach kommen Sie nicht mehr an das, was in Ihrem Postfach liegt. Sobald auch die letzte Sicherung Ihres Schlüssels \
gelöscht ist, kann es niemand mehr öffnen, auch wir nicht. Fristen laufen trotzdem weiter.
""",
        ),
        "en": Text(
            "Your account will be erased in seven days",
            """\
You want us to erase your account ({operator}). We erase it on {day}, with all that is in it.

Have you changed your mind, or was it not you? Then log in before that: until that day we offer you to keep the \
account each time you log in.

{link}

Afterwards you cannot get at what is in your postbox any more. Once the last backup of your key is deleted as well, \
nobody can open it, not even we can. Time limits (Fristen) go on all the same.
""",
        ),
    },
    "inactivity": {
        "de": Text(
            "Wird Ihr Konto noch gebraucht?",
            """\
in Ihrem Konto hat sich seit fast zwei Jahren niemand angemeldet ({operator}). Bleibt es dabei, löschen wir es am \
{day}, mit allem, was darin ist.

Möchten Sie es behalten? Dann genügt es, wenn Sie sich vorher einmal anmelden:

{link}

Brauchen Sie es nicht mehr, dann brauchen Sie nichts zu tun.
""",
        ),
        "en": Text(
            "Do you still need your account?",
            """\
Nobody has logged in to your account for almost two years ({operator}). If it stays like that, we erase it on {day}, \
with all that is in it.

Do you want to keep it? Then it is enough to log in once before that:

{link}

If you do not need it any more, there is nothing to do.
""",
        ),
    },
}
