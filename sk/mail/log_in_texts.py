"""The texts of letters about the ways into an account: what was done, without a link on purpose, and a new password.

`{at}` is a moment, `{means}` what somebody logged in with, and `{left}` a sentence on the recovery codes that are left.
"""

from collections.abc import Mapping

from sk.mail.letter import About, Text, Told
from sk.postbox.explanation import Words

NOT_YOU = {
    "de": """\
Waren Sie das? Dann brauchen Sie nichts zu tun.

Waren Sie das nicht? Dann tippen Sie die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein und ändern Sie \
unter „Konto“ und „Sicherheit“ gleich Ihr Passwort. Beenden Sie dort auch alle anderen Sitzungen, und sehen Sie nach, \
ob Ihre Passkeys noch Ihre sind. Kommen Sie nicht mehr in Ihr Konto, dann wählen Sie bei der Anmeldung „Passwort \
vergessen“ oder wenden Sie sich an uns.
""",
    "en": """\
Was it you? Then there is nothing to do.

If it was not you, type the address that you know from us into your browser yourself and change your password at once \
under "Konto" and "Sicherheit". End all other sessions there too, and see whether your passkeys are still yours. If \
you can no longer get into your account, choose "Passwort vergessen" where you log in, or get in touch with us.
""",
}
CHANGES: Mapping[Told, Mapping[str, Text]] = {
    "logged-in-from-new-device": {
        "de": Text(
            "Anmeldung an einem neuen Gerät",
            "jemand hat sich am {at} bei Ihrem Konto angemeldet ({operator}), und zwar an einem Gerät oder in einem "
            "Browser, mit dem Sie noch nie hier waren. Benutzt wurde dafür: {means}.",
        ),
        "en": Text(
            "Log-in from a new device",
            "somebody logged in to your account on {at} ({operator}), with a device or a browser that was never used "
            "here before. This was used: {means}.",
        ),
    },
    "password-changed": {
        "de": Text("Ihr Passwort wurde geändert", "das Passwort Ihres Kontos wurde am {at} geändert ({operator})."),
        "en": Text("Your password was changed", "the password of your account was changed on {at} ({operator})."),
    },
    "password-reset": {
        "de": Text(
            "Ihr Passwort wurde neu gesetzt",
            "das Passwort Ihres Kontos wurde am {at} über „Passwort vergessen“ neu gesetzt ({operator}). Alle "
            "Sitzungen wurden beendet.",
        ),
        "en": Text(
            "Your password was set anew",
            'the password of your account was set anew on {at}, by way of "Passwort vergessen" ({operator}). All '
            "sessions were ended.",
        ),
    },
    "passkey-added": {
        "de": Text(
            "Neuer Passkey für Ihr Konto",
            "für Ihr Konto wurde am {at} ein Passkey angelegt ({operator}). Damit kann man sich anmelden.",
        ),
        "en": Text(
            "New passkey for your account",
            "a passkey was added to your account on {at} ({operator}). It can be used to log in.",
        ),
    },
    "card-removed": {
        "de": Text(
            "Ein Ausweis wurde von Ihrem Konto getrennt",
            "am {at} wurde ein Ausweis von Ihrem Konto getrennt ({operator}). Mit ihm kann sich niemand mehr anmelden.",
        ),
        "en": Text(
            "An ID card was removed from your account",
            "on {at} an ID card was removed from your account ({operator}). Nobody can log in with it any more.",
        ),
    },
    "passkey-removed": {
        "de": Text("Ein Passkey wurde entfernt", "von Ihrem Konto wurde am {at} ein Passkey entfernt ({operator})."),
        "en": Text("A passkey was removed", "a passkey was removed from your account on {at} ({operator})."),
    },
    "passkey-refused": {
        "de": Text(
            "Ein Passkey wurde abgelehnt",
            "jemand wollte sich am {at} mit einem Passkey bei Ihrem Konto anmelden ({operator}). Wir haben ihn "
            "abgelehnt, weil es so aussieht, als gäbe es ihn doppelt. Entfernen Sie diesen Passkey bitte und legen "
            "Sie einen neuen an.",
        ),
        "en": Text(
            "A passkey was refused",
            "somebody tried to log in to your account with a passkey on {at} ({operator}). We refused it, because it "
            "looks as if there were a copy of it. Please remove this passkey and add a new one.",
        ),
    },
    "totp-on": {
        "de": Text(
            "Anmeldung jetzt auch mit Code aus der App",
            "seit dem {at} braucht die Anmeldung mit Passwort bei Ihrem Konto auch einen Code aus einer App "
            "({operator}).",
        ),
        "en": Text(
            "Logging in now takes a code from an app",
            "since {at}, logging in to your account with a password takes a code from an app as well ({operator}).",
        ),
    },
    "totp-off": {
        "de": Text(
            "Anmeldung ohne Code aus der App",
            "seit dem {at} braucht die Anmeldung bei Ihrem Konto keinen Code aus einer App mehr ({operator}).",
        ),
        "en": Text(
            "Logging in takes no code any more",
            "since {at}, logging in to your account takes no code from an app any more ({operator}).",
        ),
    },
    "recovery-codes-renewed": {
        "de": Text(
            "Neue Wiederherstellungscodes",
            "für Ihr Konto gibt es seit dem {at} neue Wiederherstellungscodes ({operator}). Die alten gelten nicht "
            "mehr.",
        ),
        "en": Text(
            "New recovery codes",
            "since {at} there are new recovery codes for your account ({operator}). The old ones are void.",
        ),
    },
    "phrase-changed": {
        "de": Text(
            "Ihr Erkennungssatz wurde geändert",
            "der Satz, an dem Sie unsere E-Mails erkennen, wurde am {at} geändert oder entfernt ({operator}). In "
            "dieser E-Mail steht noch der bisherige, wenn es einen gab. Ab der nächsten steht dort der neue.",
        ),
        "en": Text(
            "Your personal phrase was changed",
            "the phrase by which you know our e-mails was changed or removed on {at} ({operator}). This e-mail still "
            "has the one before, if there was one. From the next one on they have the new one.",
        ),
    },
    "recovery-code-used": {
        "de": Text(
            "Ein Wiederherstellungscode wurde benutzt",
            "jemand hat sich am {at} mit Ihrem Passwort und einem Wiederherstellungscode angemeldet ({operator}). "
            "{left}",
        ),
        "en": Text(
            "A recovery code was used",
            "somebody logged in on {at} with your password and a recovery code ({operator}). {left}",
        ),
    },
}
NONE_LEFT = Words(
    de="Das war der letzte dieser Codes. Neue bekommen Sie unter „Konto“ und „Sicherheit“.",
    en='That was the last of these codes. You can get new ones under "Konto" and "Sicherheit".',
)
ONE_LEFT = Words(de="Von diesen Codes ist jetzt noch einer übrig.", en="One of these codes is left.")
NEW_PASSWORD = {
    "de": Text(
        "Ihr neues Passwort",
        """\
jemand hat für Ihr Konto ein neues Passwort verlangt ({operator}).

Waren Sie das? Dann öffnen Sie innerhalb von 30 Minuten diese Seite und legen Sie es fest:

{link}

Waren Sie das nicht, dann brauchen Sie nichts zu tun. Ihr Passwort bleibt, wie es ist.
""",
    ),
    "en": Text(
        "Your new password",
        """\
somebody asked for a new password for your account ({operator}).

Was it you? Then open this page within 30 minutes and choose it:

{link}

If it was not you, there is nothing to do. Your password stays as it is.
""",
    ),
}
LOG_IN_TEXTS: Mapping[About, Mapping[str, Text]] = {
    "new-password": NEW_PASSWORD,
    **{
        told: {lang: Text(text.subject, f"{text.body}\n\n{NOT_YOU[lang]}") for lang, text in texts.items()}
        for told, texts in CHANGES.items()
    },
}


def codes_left(count: int) -> Words:
    """Say how many recovery codes are left, and where there are new ones once there are none."""
    if count == 0:
        return NONE_LEFT
    if count == 1:
        return ONE_LEFT
    return Words(de=f"Von diesen Codes sind jetzt noch {count} übrig.", en=f"{count} of these codes are left.")
