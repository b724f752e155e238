"""What the journal of an account says, in sentences for its owner."""

from collections.abc import Mapping

from sk.auth.journal import Entry, What
from sk.evidence.step_words import LEVELS, MEANS

WORDS: Mapping[What, str] = {
    "registered": "Das Konto wurde angelegt.",
    "activated": "Das Konto wurde mit einem Code aktiviert.",
    "logged-in": "Anmeldung mit {means}.",
    "logged-in-from-new-device": "Anmeldung mit {means} auf einem Gerät, das wir noch nicht kannten.",
    "password-changed": "Das Passwort wurde geändert.",
    "password-reset": "Das Passwort wurde über „Passwort vergessen“ neu gesetzt.",
    "passkey-added": "Ein Passkey wurde angelegt.",
    "passkey-removed": "Ein Passkey wurde entfernt.",
    "card-removed": "Ein Ausweis wurde vom Konto getrennt.",
    "passkey-refused": "Ein Passkey wurde abgelehnt, weil es ihn vielleicht doppelt gibt.",
    "totp-on": "Die Anmeldung mit Passwort braucht seitdem auch einen Code aus einer App.",
    "totp-off": "Die Anmeldung mit Passwort braucht seitdem keinen Code aus einer App mehr.",
    "recovery-codes-renewed": "Es gibt neue Wiederherstellungscodes.",
    "recovery-code-used": "Ein Wiederherstellungscode wurde benutzt. Übrig: {left}.",
    "profile-changed": "Ihre Angaben wurden geändert.",
    "email-changed": "Die E-Mail-Adresse wurde geändert.",
    "card-bound": "Ein Ausweis wurde mit dem Konto verbunden. Vertrauensniveau: {level}.",
    "erasure-asked": "Das Löschen des Kontos wurde verlangt.",
    "erasure-cancelled": "Das Löschen des Kontos wurde abgesagt.",
    "inactivity-warned": "Wir haben Ihnen geschrieben, weil sich lange niemand angemeldet hat.",
}


def journal_words(entry: Entry) -> str:
    """Return an entry as a sentence."""
    facts = dict(entry.facts)
    for name, words in (("means", MEANS), ("level", LEVELS)):
        if facts.get(name) in words:
            facts[name] = words[facts[name]].de
    return WORDS[entry.what].format(**facts)
