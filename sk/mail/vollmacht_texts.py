"""The letters about a Vollmacht. They name nobody: who may act for whom is told only to who has logged in."""

from collections.abc import Mapping

from sk.mail.letter import About, Text

IN_ACCOUNT = {
    "de": "Mit wem und wofür, steht in Ihrem Konto unter „Vollmachten“.",
    "en": 'With whom and for what, you can read in your account, under "Vollmachten".',
}
VOLLMACHT_TEXTS: Mapping[About, Mapping[str, Text]] = {
    "new-for-another": {
        "de": Text(
            "Neue Nachricht für jemanden, für den Sie handeln",
            """\
in einem Postfach, in dem Sie für jemanden handeln dürfen, liegt eine neue Nachricht ({operator}). Für wen, sehen Sie \
nach der Anmeldung in Ihrem Postfach.

Tippen Sie dafür die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein. In dieser E-Mail ist absichtlich \
kein Link. Fristen können auch laufen, solange niemand die Nachricht öffnet.
""",
        ),
        "en": Text(
            "New message for somebody you act for",
            """\
There is a new message in a postbox in which you may act for somebody ({operator}). For whom, you see in your postbox \
once you have logged in.

To do so, type the address that you know from us into your browser yourself. There is no link in this e-mail on \
purpose. Time limits (Fristen) can run even while nobody opens the message.
""",
        ),
    },
    "vollmacht-accepted": {
        "de": Text(
            "Ihre Vollmacht wurde angenommen",
            f"""\
eine Vollmacht, die Sie erteilt haben, wurde am {{at}} angenommen ({{operator}}). Ab ihrem ersten \
Tag kann die andere Person in Ihrem Postfach für Sie handeln. {IN_ACCOUNT["de"]}

Haben Sie den Code dafür niemandem gegeben? Dann widerrufen Sie die Vollmacht dort gleich.
""",
        ),
        "en": Text(
            "Your Vollmacht was accepted",
            f"""\
A power of attorney (Vollmacht) that you granted was accepted on {{at}} ({{operator}}). From its first day \
on the other person can act for you in your postbox. {IN_ACCOUNT["en"]}

Have you given its code to nobody? Then revoke the Vollmacht there at once.
""",
        ),
    },
    "vollmacht-fetched": {
        "de": Text(
            "Jemand hat für Sie eine Nachricht geöffnet",
            """\
jemand mit einer Vollmacht von Ihnen hat am {at} eine neue Nachricht in Ihrem Postfach geöffnet ({operator}). Wir \
erinnern Sie an diese Nachricht nicht mehr. Fristen laufen weiter: Sprechen Sie mit der Person, oder sehen Sie selbst \
nach.
""",
        ),
        "en": Text(
            "Somebody opened a message for you",
            """\
Somebody with a power of attorney (Vollmacht) of yours opened a new message in your postbox on {at} ({operator}). We \
do not remind you of this message any more. Time limits (Fristen) go on: talk to that person, or look for yourself.
""",
        ),
    },
    "vollmacht-rejected": {
        "de": Text(
            "Ihre Vollmacht wurde abgelehnt",
            f"""\
eine Vollmacht, die Sie erteilen wollten, wurde am {{at}} abgelehnt ({{operator}}). {IN_ACCOUNT["de"]}
""",
        ),
        "en": Text(
            "Your Vollmacht was refused",
            f"""\
A power of attorney (Vollmacht) that you wanted to grant was refused on {{at}} ({{operator}}). {IN_ACCOUNT["en"]}
""",
        ),
    },
    "vollmacht-laid-down": {
        "de": Text(
            "Jemand handelt nicht mehr für Sie",
            f"""\
eine Vollmacht, die Sie erteilt haben, wurde am {{at}} niedergelegt ({{operator}}): Die andere Person handelt nicht \
mehr für Sie. {IN_ACCOUNT["de"]}

Sehen Sie ab jetzt selbst nach Ihrer Post. Fristen laufen weiter.
""",
        ),
        "en": Text(
            "Somebody no longer acts for you",
            f"""\
A power of attorney (Vollmacht) that you granted was laid down on {{at}} ({{operator}}): the other person no longer \
acts for you. {IN_ACCOUNT["en"]}

From now on look after your post yourself. Time limits (Fristen) go on.
""",
        ),
    },
    "vollmacht-revoked": {
        "de": Text(
            "Eine Vollmacht wurde widerrufen",
            """\
eine Vollmacht, nach der Sie für jemanden handeln durften, wurde am {at} widerrufen ({operator}). Sie kommen nicht \
mehr an dessen Post. Für wen das war, steht in Ihrem Konto unter „Vollmachten“.
""",
        ),
        "en": Text(
            "A Vollmacht was revoked",
            """\
A power of attorney (Vollmacht) by which you could act for somebody was revoked on {at} ({operator}). You can no \
longer get at their post. For whom that was, you can read in your account, under "Vollmachten".
""",
        ),
    },
}
