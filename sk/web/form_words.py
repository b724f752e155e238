"""The words of forms: what fields are called, and what is wrong with what was entered."""

from collections.abc import Mapping

from sk.errors import SkError

MINUTE = 60
LABELS: Mapping[str, str] = {
    "username": "Benutzername",
    "password": "Passwort",
    "email": "E-Mail-Adresse",
    "given_names": "Vornamen",
    "family_names": "Familienname",
    "birth_name": "Geburtsname",
    "academic_title": "Doktorgrad",
    "date_of_birth": "Geburtsdatum",
    "place_of_birth": "Geburtsort",
    "nationality": "Staatsangehörigkeit",
    "street": "Straße und Hausnummer",
    "postal_code": "Postleitzahl",
    "city": "Ort",
    "land": "Bundesland",
    "country": "Land",
    "phone": "Telefon",
    "de_mail": "De-Mail-Adresse",
}
WORDS: Mapping[str, str] = {
    "character-not-permitted": "Dieses Zeichen ist in Namen bei Behörden nicht zugelassen: {character}. "
    "Bitte schreiben Sie den Namen so, wie er in Ihrem Ausweis steht.",
    "code-refused": "Dieser Link oder Code gilt nicht mehr.",
    "code-wrong": "Dieser Code stimmt nicht, oder er wurde schon benutzt. Bitte prüfen Sie ihn oder nehmen Sie "
    "den nächsten.",
    "field-missing": "Bitte füllen Sie dieses Feld aus.",
    "field-too-long": "Das sind zu viele Zeichen.",
    "invalid": "Das kann hier nicht stehen.",
    "last-way-in": "Das ist der einzige Weg in Ihr Konto. Richten Sie zuerst einen anderen ein.",
    "log-in-refused": "Benutzername oder Passwort stimmt nicht. Bitte prüfen Sie beides, auch Groß- und "
    "Kleinschreibung des Passworts.",
    "no-address": "Bitte prüfen Sie die Adresse. Sie braucht ein @ und davor keine Umlaute, zum Beispiel "
    "name@example.org.",
    "no-day": "Bitte geben Sie ein Datum als Tag, Monat und Jahr an.",
    "no-username": "Ihr Konto hat keinen Benutzernamen und deshalb kein Passwort.",
    "no-password": "Ihr Konto hat kein Passwort. Nur zu einem Passwort gehört ein Code aus einer App.",
    "passkey-refused": "Dieser Passkey lässt sich hier nicht benutzen.",
    "passkeys-many": "Mehr Passkeys gehen nicht. Bitte entfernen Sie zuerst einen, den Sie nicht mehr brauchen.",
    "password-guessable": "{why} Nehmen Sie lieber mehrere Wörter, die nichts miteinander zu tun haben.",
    "password-short": "Ein Passwort braucht mindestens 15 Zeichen und darf höchstens 1000 haben.",
    "stale-form": "Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal. Ihr Browser muss dafür Cookies "
    "annehmen.",
    "too-many-tries": "Es gab zu viele Versuche. Bitte warten Sie {wait}, dann geht es wieder.",
    "too-young": "Ein Konto können Sie ab 16 Jahren anlegen.",
    "unknown-country": "Bitte wählen Sie ein Land aus der Liste.",
    "unknown-land": "Bitte wählen Sie ein Bundesland aus der Liste.",
    "username-form": "Erlaubt sind 3 bis 64 Zeichen: Buchstaben (keine Umlaute), Ziffern, Punkt, Binde- oder "
    "Unterstrich.",
    "username-taken": "Auch diesen Benutzernamen hat schon jemand anderes.",
}
GUESSED: Mapping[str, str] = {
    "repeat": "Dieses Passwort wiederholt sich und ist leicht zu erraten.",
    "sequence": "Dieses Passwort enthält eine Reihe wie 123 oder abc und ist leicht zu erraten.",
    "spatial": "Dieses Passwort folgt Tasten, die nebeneinander liegen, und ist leicht zu erraten.",
    "date": "Dieses Passwort besteht aus einem Datum und ist leicht zu erraten.",
    "dictionary": "Dieses Passwort ist bekannt oder hat mit Ihren Angaben zu tun und ist leicht zu erraten.",
    "other": "Dieses Passwort ist leicht zu erraten.",
}


def problem_words(problem: SkError) -> str:
    """Return in a sentence what is wrong with a field."""
    more = {**problem.more, "why": GUESSED.get(problem.more.get("why", ""), "")}
    more["wait"] = _waiting(int(problem.more.get("seconds", "1")))
    return WORDS.get(problem.problem, WORDS["invalid"]).format(**more)


def _waiting(seconds: int) -> str:
    """Write out how long somebody has to wait."""
    if seconds < MINUTE:
        return "eine Sekunde" if seconds == 1 else f"{seconds} Sekunden"
    minutes = -(-seconds // MINUTE)
    if minutes > 2 * MINUTE:
        return f"{-(-minutes // MINUTE)} Stunden"
    return "eine Minute" if minutes == 1 else f"{minutes} Minuten"
