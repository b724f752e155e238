"""The texts of letters about the ways into an account: what was done, without a link on purpose, and a new password.

Each of the former ends with what to do for whoever did not do it. `{at}` is a moment, `{means}` what somebody logged in
with, and `{left}` a sentence on the recovery codes that are left.
"""

from collections.abc import Mapping

from sk.mail.letter import About, Text
from sk.postbox.explanation import LANGUAGES, Words, say, verbatim

YOU = Words(
    de="Waren Sie das? Dann brauchen Sie nichts zu tun.\n\n",
    en="Was it you? Then there is nothing to do.\n\n",
)
NOT_YOU = Words(
    de="{you}Waren Sie das nicht? Dann tippen Sie die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein und "
    "ändern Sie unter „Konto“ und „Sicherheit“ gleich Ihr Passwort{if_any}. Beenden Sie dort auch alle anderen "
    "Sitzungen, und sehen Sie nach, ob Ihre Passkeys noch Ihre sind{cards}. Kommen Sie nicht mehr in Ihr Konto, dann "
    "{locked_out}",
    en="{you}If it was not you, type the address that you know from us into your browser yourself and change your "
    'password at once under "Account" and "Security"{if_any}. End all other sessions there too, and see whether your '
    "passkeys are still yours{cards}. If you can no longer get into your account, {locked_out}",
)
IF_ANY = Words(de=", wenn Sie eines haben", en=", if you have one")
CARDS = Words(
    de=", und trennen Sie unter „Konto“ jeden Ausweis und jede BundID, die nicht Ihre sind",
    en=', and under "Account" remove every ID card and every BundID that is not yours',
)
FORGOTTEN = Words(
    de="wählen Sie bei der Anmeldung „Passwort vergessen“ oder wenden Sie sich an uns.",
    en='choose "Forgotten password" where you log in, or get in touch with us.',
)
WRITES_ELSEWHERE = Words(
    de="wenden Sie sich an uns: „Passwort vergessen“ schreibt vielleicht nicht mehr an Sie.",
    en='get in touch with us: "Forgotten password" may no longer write to you.',
)
ABOUT_ADDRESSES: frozenset[About] = frozenset({"address-changed", "addresses-changed"})
SHOW_A_PASSWORD: frozenset[About] = frozenset({
    "password-changed", "password-reset", "totp-on", "totp-off", "recovery-codes-renewed", "recovery-code-used",
})  # fmt: skip
"""What happens to accounts with a password alone."""
ASK_FOR_MORE: frozenset[About] = frozenset({"passkey-refused", "recovery-code-used"})
"""After these there may be something to do for whoever did it, too."""
CHANGES: Mapping[About, Mapping[str, Text]] = {
    "address-changed": {
        "de": Text(
            "Ihre E-Mail-Adresse wurde geändert",
            "ab jetzt schreiben wir Ihnen an eine andere E-Mail-Adresse ({operator}). An diese hier schreiben wir "
            "nicht mehr.",
        ),
        "en": Text(
            "Your e-mail address was changed",
            "From now on we write to another e-mail address ({operator}), and no longer to this one.",
        ),
    },
    "addresses-changed": {
        "de": Text(
            "Ihre E-Mail-Adressen wurden geändert",
            "an welche E-Mail-Adressen wir Ihnen schreiben, wurde gerade geändert ({operator}). An diese hier "
            "schreiben wir weiterhin. Alle stehen in Ihrem Konto unter „Benachrichtigungen“.",
        ),
        "en": Text(
            "Your e-mail addresses were changed",
            "The e-mail addresses that we write to were just changed ({operator}). We still write to this one. All of "
            'them are in your account, under "Notifications".',
        ),
    },
    "card-bound": {
        "de": Text(
            "Ihr Ausweis ist jetzt mit Ihrem Konto verbunden",
            "ab jetzt können Sie sich mit Ihrem Online-Ausweis anmelden ({operator}). Was wir vom Ausweis gelesen "
            "haben, steht in Ihrem Konto.",
        ),
        "en": Text(
            "Your ID card is now connected with your account",
            "From now on you can log in with your online ID card ({operator}). What we have read from the card is "
            "shown in your account.",
        ),
    },
    "bundid-bound": {
        "de": Text(
            "Ihre BundID ist jetzt mit Ihrem Konto verbunden",
            "ab jetzt können Sie sich mit Ihrer BundID anmelden ({operator}). Was wir von BundID erfahren haben, steht "
            "in Ihrem Konto.",
        ),
        "en": Text(
            "Your BundID is now connected with your account",
            "From now on you can log in with your BundID ({operator}). What BundID has told us is shown in your "
            "account.",
        ),
    },
    "logged-in-from-new-device": {
        "de": Text(
            "Anmeldung an einem neuen Gerät",
            "jemand hat sich am {at} bei Ihrem Konto angemeldet ({operator}), und zwar an einem Gerät oder in einem "
            "Browser, mit dem Sie noch nie hier waren. Benutzt wurde dafür: {means}.",
        ),
        "en": Text(
            "Log-in from a new device",
            "Somebody logged in to your account on {at} ({operator}), with a device or a browser that was never used "
            "here before. This was used: {means}.",
        ),
    },
    "password-changed": {
        "de": Text("Ihr Passwort wurde geändert", "das Passwort Ihres Kontos wurde am {at} geändert ({operator})."),
        "en": Text("Your password was changed", "The password of your account was changed on {at} ({operator})."),
    },
    "password-reset": {
        "de": Text(
            "Ihr Passwort wurde neu gesetzt",
            "das Passwort Ihres Kontos wurde am {at} über „Passwort vergessen“ neu gesetzt ({operator}). Alle "
            "Sitzungen wurden beendet.",
        ),
        "en": Text(
            "Your password was set anew",
            'The password of your account was set anew on {at}, by way of "Forgotten password" ({operator}). All '
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
            "A passkey was added to your account on {at} ({operator}). It can be used to log in.",
        ),
    },
    "card-removed": {
        "de": Text(
            "Ein Ausweis wurde von Ihrem Konto getrennt",
            "am {at} wurde ein Ausweis von Ihrem Konto getrennt ({operator}). Mit ihm kann sich niemand mehr anmelden.",
        ),
        "en": Text(
            "An ID card was removed from your account",
            "On {at} an ID card was removed from your account ({operator}). Nobody can log in with it any more.",
        ),
    },
    "bundid-removed": {
        "de": Text(
            "Eine BundID wurde von Ihrem Konto getrennt",
            "am {at} wurde eine BundID von Ihrem Konto getrennt ({operator}). Mit ihr kann sich niemand mehr anmelden.",
        ),
        "en": Text(
            "A BundID was removed from your account",
            "On {at} a BundID was removed from your account ({operator}). Nobody can log in with it any more.",
        ),
    },
    "passkey-removed": {
        "de": Text("Ein Passkey wurde entfernt", "von Ihrem Konto wurde am {at} ein Passkey entfernt ({operator})."),
        "en": Text("A passkey was removed", "A passkey was removed from your account on {at} ({operator})."),
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
            "Somebody tried to log in to your account with a passkey on {at} ({operator}). We refused it, because it "
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
            "Since {at}, logging in to your account with a password takes a code from an app as well ({operator}).",
        ),
    },
    "totp-off": {
        "de": Text(
            "Anmeldung ohne Code aus der App",
            "seit dem {at} braucht die Anmeldung bei Ihrem Konto keinen Code aus einer App mehr ({operator}).",
        ),
        "en": Text(
            "Logging in takes no code any more",
            "Since {at}, logging in to your account takes no code from an app any more ({operator}).",
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
            "Since {at} there are new recovery codes for your account ({operator}). The old ones are void.",
        ),
    },
    "phrase-changed": {
        "de": Text(
            "Ihr Erkennungssatz wurde geändert",
            "der Satz, an dem Sie unsere E-Mails erkennen, wurde am {at} festgelegt, geändert oder entfernt "
            "({operator}). Diese E-Mail zeigt noch, was vorher galt. Ab der nächsten gilt das Neue.",
        ),
        "en": Text(
            "Your personal phrase was changed",
            "The phrase by which you know our e-mails was chosen, changed or removed on {at} ({operator}). This e-mail "
            "still shows what held before; the next one shows what holds now.",
        ),
    },
    "vollmacht-granted": {
        "de": Text(
            "Vollmacht für Ihr Postfach",
            "am {at} wurde in Ihrem Konto eine Vollmacht erteilt ({operator}). Wer den Code dazu bekommt und sie "
            "annimmt, kann in Ihrem Postfach für Sie handeln. Wer das sein soll und wofür, steht in Ihrem Konto unter "
            "„Vollmachten“. Dort können Sie die Vollmacht jederzeit widerrufen.",
        ),
        "en": Text(
            "Vollmacht for your postbox",
            "On {at} a power of attorney (Vollmacht) was granted in your account ({operator}). Whoever gets its code "
            "and accepts it can act for you in your postbox. Who that is to be, and for what, you can read in your "
            'account, under "Vollmachten". You can revoke it there at any time.',
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
            "Somebody logged in on {at} with your password and a recovery code ({operator}). {left}",
        ),
    },
}
NONE_LEFT = Words(
    de="Das war der letzte dieser Codes. Neue bekommen Sie unter „Konto“ und „Sicherheit“.",
    en='That was the last of these codes. You can get new ones under "Account" and "Security".',
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
Somebody asked for a new password for your account ({operator}).

Was it you? Then open this page within 30 minutes and choose it:

{link}

If it was not you, there is nothing to do. Your password stays as it is.
""",
    ),
}


def not_you(about: About) -> Words:
    """Return what to do for whoever did not do it, and before that for whoever did."""
    nothing = verbatim("")
    return say(
        NOT_YOU.de,
        NOT_YOU.en,
        you=nothing if about in ASK_FOR_MORE else YOU,
        if_any=nothing if about in SHOW_A_PASSWORD else IF_ANY,
        cards=CARDS if about in ("card-bound", "bundid-bound") else nothing,
        locked_out=WRITES_ELSEWHERE if about in ABOUT_ADDRESSES else FORGOTTEN,
    )


def _with_advice(text: Text, advice: str) -> Text:
    return text._replace(body=f"{text.body}\n\n{advice}\n")


LOG_IN_TEXTS: Mapping[About, Mapping[str, Text]] = {
    "new-password": NEW_PASSWORD,
    **{
        about: {lang: _with_advice(texts[lang], not_you(about).in_language(lang)) for lang in LANGUAGES}
        for about, texts in CHANGES.items()
    },
}


def codes_left(count: int) -> Words:
    """Say how many recovery codes are left, and where there are new ones once there are none."""
    if count == 0:
        return NONE_LEFT
    if count == 1:
        return ONE_LEFT
    return Words(de=f"Von diesen Codes sind jetzt noch {count} übrig.", en=f"{count} of these codes are left.")
