"""The words of forms: what fields are called, and what is wrong with what was entered."""

from collections.abc import Mapping
from gettext import NullTranslations

from sk.auth.characters import described
from sk.errors import SkError
from sk.postbox.explanation import Language
from sk.web.language import N_, translations

MINUTE = 60
LABELS: Mapping[str, str] = {
    "username": N_("Benutzername"),
    "password": N_("Passwort"),
    "email": N_("E-Mail-Adresse"),
    "given_names": N_("Vornamen"),
    "family_names": N_("Familienname"),
    "birth_name": N_("Geburtsname"),
    "academic_title": N_("Doktorgrad"),
    "date_of_birth": N_("Geburtsdatum"),
    "place_of_birth": N_("Geburtsort"),
    "nationality": N_("Staatsangehörigkeit"),
    "street": N_("Straße und Hausnummer"),
    "postal_code": N_("Postleitzahl"),
    "city": N_("Ort"),
    "land": N_("Bundesland"),
    "country": N_("Land"),
    "phone": N_("Telefon"),
    "de_mail": N_("De-Mail-Adresse"),
    "phrase": N_("Erkennungssatz"),
    "postbox_handle": N_("Adresse Ihres Postfachs"),
    "documents": N_("Dokumente, die Sie jedes Mal selbst auswählen"),
}
WORDS: Mapping[str, str] = {
    "address-twice": N_("An diese Adresse schreiben wir Ihnen schon. Bitte nehmen Sie eine andere."),
    "age-armored": N_("Diese Datei ist als Text verschlüsselt. Bitte verschlüsseln Sie sie ohne die Option „-a“."),
    "age-damaged": N_("Diese Datei ist nicht vollständig, oder sie wurde verändert. Importiert wurde nichts."),
    "age-other": N_("Diese Datei wurde nicht mit einem Passwort verschlüsselt, sondern mit einem Schlüssel."),
    "age-work-factor": N_("Diese Datei zu öffnen kostet zu viel Rechenzeit. Bitte verschlüsseln Sie sie neu."),
    "archive-other": N_("Das ist keine ZIP-Datei, auch keine verschlüsselte."),
    "archive-size": N_("Diese Datei ist zu groß."),
    "attachment-malware": N_(
        "In der Datei „{name}“ hat der Virenscanner etwas gefunden. Wir haben sie nicht angenommen."
    ),
    "attachment-name": N_(
        "Der Name einer Datei ist zu lang oder enthält Zeichen, die hier nicht gehen. Bitte benennen Sie sie um."
    ),
    "attachment-size": N_("Die Datei „{name}“ ist leer oder zu groß."),
    "attachment-surplus": N_("Das sind zu viele Dateien."),
    "attachment-type": N_("Die Datei „{name}“ ist von einer Art, die hier nicht geht, oder heißt nur so wie eine."),
    "choice-missing": N_("Bitte wählen Sie etwas aus der Liste."),
    "character-not-here": N_("Dieses Zeichen geht hier nicht: {character}."),
    "character-not-permitted": N_(
        "Dieses Zeichen ist in Namen bei Behörden nicht zugelassen: {character}. "
        "Bitte schreiben Sie den Namen so, wie er in Ihrem Ausweis steht."
    ),
    "code-refused": N_("Dieser Link oder Code gilt nicht mehr."),
    "code-wrong": N_(
        "Dieser Code stimmt nicht, oder er wurde schon benutzt. Bitte prüfen Sie ihn oder nehmen Sie den nächsten."
    ),
    "day-end": N_("Der letzte Tag darf nicht vor dem ersten liegen, und höchstens drei Jahre danach."),
    "day-past": N_("Dieser Tag ist vorbei."),
    "day-unreadable": N_("Das ist kein Tag. Bitte schreiben Sie ihn so: 31.12.2027"),
    "documents-many": N_("Höchstens 20 Dokumente gehen in eine Freigabe."),
    "documents-missing": N_("Bitte wählen Sie mindestens ein Dokument aus."),
    "draft-changed": N_(
        "Dieser Entwurf ist inzwischen anders als das, was Sie gesehen haben. Gesendet wurde nichts. Bitte prüfen Sie "
        "ihn noch einmal."
    ),
    "fetches-many": N_("Bitte geben Sie eine Zahl von 1 bis 10 ein."),
    "field-missing": N_("Bitte füllen Sie dieses Feld aus."),
    "field-too-long": N_("Das sind zu viele Zeichen."),
    "files-missing": N_("Bitte wählen Sie mindestens eine Datei aus."),
    "folders-many": N_("Mehr Ordner gehen nicht, oder sie liegen zu tief ineinander."),
    "files-for-another": N_(
        "Die Dateien dieses Entwurfs sind schon für das bisherige Postfach verschlüsselt. Bitte entfernen Sie sie "
        "zuerst."
    ),
    "import-going-on": N_("Ein anderer Import läuft noch. Bitte warten Sie auf sein Ende, oder brechen Sie ihn ab."),
    "import-off": N_("Hier kann gerade nichts importiert werden."),
    "invalid": N_("Das kann hier nicht stehen."),
    "labels-many": N_("Höchstens 10 Stichwörter gehen, jedes mit höchstens 50 Zeichen."),
    "last-way-in": N_("Das ist der einzige Weg in Ihr Konto. Richten Sie zuerst einen anderen ein."),
    "law-not-allowed": N_("Nach diesem Gesetz darf Ihre Behörde hier nichts bekannt geben."),
    "log-in-refused": N_(
        "Benutzername oder Passwort stimmt nicht. Bitte prüfen Sie beides, auch Groß- und "
        "Kleinschreibung des Passworts."
    ),
    "name-taken": N_("Hier gibt es schon einen Ordner, der so heißt."),
    "name-unusable": N_("Dieser Name ist zu lang oder enthält Zeichen, die hier nicht gehen, zum Beispiel / oder \\."),
    "name-missing": N_("In Ihrem Konto fehlt Ihr Name. Bitte tragen Sie ihn unter „Angaben ändern“ ein."),
    "versions-many": N_(
        "Mehr Fassungen kann ein Dokument nicht haben. Bitte laden Sie die Datei als neues Dokument hoch."
    ),
    "vollmacht-own": N_("Diese Vollmacht haben Sie selbst erteilt. Annehmen muss sie die andere Person."),
    "vollmachten-many": N_("Mehr Vollmachten kann ein Konto nicht haben."),
    "no-address": N_(
        "Bitte prüfen Sie die Adresse. Sie braucht ein @ und davor keine Umlaute, zum Beispiel name@example.org."
    ),
    "no-day": N_("Bitte geben Sie ein Datum als Tag, Monat und Jahr an."),
    "no-einwilligung": N_(
        "Die Person hat nicht eingewilligt, hier Post von Ihrer Behörde zu bekommen. Bitte schreiben Sie ihr auf einem "
        "anderen Weg."
    ),
    "no-username": N_("Ihr Konto hat keinen Benutzernamen und deshalb kein Passwort."),
    "no-password": N_("Ihr Konto hat kein Passwort. Nur zu einem Passwort gehört ein Code aus einer App."),
    "notice-empty": N_("Bitte schreiben Sie einen Text, oder wählen Sie eine Datei aus."),
    "passphrase-differs": N_("Das ist nicht dasselbe wie im ersten Feld. Bitte geben Sie beide noch einmal ein."),
    "passphrase-missing": N_("Diese Datei ist verschlüsselt. Bitte geben Sie ihr Passwort ein."),
    "passphrase-short": N_("Dieses Passwort braucht mindestens 12 Zeichen und darf höchstens 1000 haben."),
    "passphrase-wrong": N_("Dieses Passwort passt nicht zu der Datei. Bitte prüfen Sie Groß- und Kleinschreibung."),
    "passkey-refused": N_("Dieser Passkey lässt sich hier nicht benutzen."),
    "passkeys-many": N_("Mehr Passkeys gehen nicht. Bitte entfernen Sie zuerst einen, den Sie nicht mehr brauchen."),
    "password-guessable": N_("{why} Nehmen Sie lieber mehrere Wörter, die nichts miteinander zu tun haben."),
    "password-short": N_("Ein Passwort braucht mindestens 15 Zeichen und darf höchstens 1000 haben."),
    "phrase-character": N_("Dieses Zeichen geht in einem Erkennungssatz nicht: {character}."),
    "phrase-leads-somewhere": N_(
        "Bitte ohne Internet- oder E-Mail-Adresse und mit einem Leerzeichen nach jedem Punkt: "
        "Sonst machen Mailprogramme daraus einen Link."
    ),
    "postbox-closed": N_("Dieses Postfach nimmt keine Post an. Bitte schreiben Sie der Person auf einem anderen Weg."),
    "replies-many": N_("Mehr Antworten auf eine Nachricht gehen nicht."),
    "reply-empty": N_("Bitte schreiben Sie etwas, oder wählen Sie eine Datei aus."),
    "safe-full": N_("In Ihrem Safe ist dafür kein Platz mehr."),
    "scanner-silent": N_(
        "Der Virenscanner antwortet gerade nicht, deshalb nehmen wir nichts an. Bitte versuchen Sie es in ein paar "
        "Minuten noch einmal."
    ),
    "share-long": N_("Eine Freigabe kann höchstens ein Jahr dauern."),
    "stale-form": N_(
        "Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal. Ihr Browser muss dafür Cookies annehmen."
    ),
    "too-many-tries": N_("Es gab zu viele Versuche. Bitte warten Sie {wait}, dann geht es wieder."),
    "too-young": N_("Ein Konto können Sie ab 16 Jahren anlegen."),
    "unknown-handle": N_(
        "Unter dieser Adresse finden wir für Ihre Behörde kein Postfach. Bitte prüfen Sie jedes Zeichen. Jede Behörde "
        "hat eine eigene Adresse für dieselbe Person."
    ),
    "unreachable": N_("Dieses Vertrauensniveau kann die Person mit ihrem Konto nicht erreichen."),
    "unknown-country": N_("Bitte wählen Sie ein Land aus der Liste."),
    "unknown-land": N_("Bitte wählen Sie ein Bundesland aus der Liste."),
    "username-form": N_(
        "Erlaubt sind 3 bis 64 Zeichen: Buchstaben (keine Umlaute), Ziffern, Punkt, Binde- oder Unterstrich."
    ),
    "username-taken": N_("Auch diesen Benutzernamen hat schon jemand anderes."),
    "verwaltungsakt-only": N_("Das gehört nur zu einem Bescheid. Bitte wählen Sie hier nichts aus."),
}
GUESSED: Mapping[str, str] = {
    "repeat": N_("Dieses Passwort wiederholt sich und ist leicht zu erraten."),
    "sequence": N_("Dieses Passwort enthält eine Reihe wie 123 oder abc und ist leicht zu erraten."),
    "spatial": N_("Dieses Passwort folgt Tasten, die nebeneinander liegen, und ist leicht zu erraten."),
    "date": N_("Dieses Passwort besteht aus einem Datum und ist leicht zu erraten."),
    "dictionary": N_("Dieses Passwort ist bekannt oder hat mit Ihren Angaben zu tun und ist leicht zu erraten."),
    "other": N_("Dieses Passwort ist leicht zu erraten."),
}


def problem_words(problem: SkError, language: Language) -> str:
    """Return in a sentence what is wrong with a field."""
    said = translations(language)
    more = {**problem.more, "why": said.gettext(GUESSED.get(problem.more.get("why", ""), GUESSED["other"]))}
    more["wait"] = _waiting(int(problem.more.get("seconds", "1")), said)
    if "character" in more:
        more["character"] = described(more["character"], language)
    return said.gettext(WORDS.get(problem.problem, WORDS["invalid"])).format(**more)


def _waiting(seconds: int, said: NullTranslations) -> str:
    """Write out how long somebody has to wait."""
    minutes = -(-seconds // MINUTE)
    if seconds < MINUTE:
        return said.ngettext("eine Sekunde", "{count} Sekunden", seconds).format(count=seconds)
    if minutes > 2 * MINUTE:
        return said.ngettext("eine Stunde", "{count} Stunden", -(-minutes // MINUTE)).format(
            count=-(-minutes // MINUTE)
        )
    return said.ngettext("eine Minute", "{count} Minuten", minutes).format(count=minutes)
