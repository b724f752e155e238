"""The words of error pages: what is wrong, what can be done, and where it goes on."""

from collections.abc import Mapping
from typing import NamedTuple

from sk.web.language import N_


class ErrorWords(NamedTuple):
    """What an error page says, and where it leads; without an address, to itself."""

    title: str
    text: str
    href: str = "/postfach"
    action: str = N_("Zum Postfach")


REFUSED = ErrorWords(
    N_("Das geht hier nicht"), N_("Bitte gehen Sie zurück und versuchen Sie es noch einmal."), "/", N_("Zur Startseite")
)
TROUBLE = ErrorWords(
    N_("Gerade geht es nicht"),
    N_(
        "Auf unserer Seite ist etwas gestört. Ihre Post geht dabei nicht verloren. Bitte versuchen Sie es in ein paar "
        "Minuten noch einmal."
    ),
    "/",
    N_("Zur Startseite"),
)
ERROR_WORDS: Mapping[str, ErrorWords] = {
    "not-found": ErrorWords(
        N_("Diese Seite gibt es nicht"), N_("Die Adresse stimmt nicht, oder was hier war, gibt es nicht mehr.")
    ),
    "portal-unknown": ErrorWords(
        N_("Diesen Online-Dienst kennen wir nicht"),
        N_("Er ist hier nicht angemeldet, oder nicht mehr. Bitte wenden Sie sich an ihn."),
        "/",
        N_("Zur Startseite"),
    ),
    "portal-address": ErrorWords(
        N_("Bei diesem Online-Dienst stimmt etwas nicht"),
        N_("Er will Sie an eine Adresse schicken, die er uns nicht genannt hat. Bitte wenden Sie sich an ihn."),
        "/",
        N_("Zur Startseite"),
    ),
    "portal-request": ErrorWords(
        N_("Diese Anfrage eines Online-Dienstes gilt nicht"),
        N_(
            "Vielleicht war sie schon einmal hier, oder sie ist zu alt. Bitte gehen Sie zu dem Online-Dienst zurück "
            "und beginnen Sie dort neu."
        ),
        "/",
        N_("Zur Startseite"),
    ),
    "bundid-answer": ErrorWords(
        N_("Diese Antwort von BundID gilt nicht"),
        N_("Vielleicht war sie schon einmal hier, oder es hat zu lange gedauert. Bitte beginnen Sie neu."),
        "/anmelden",
        N_("Zur Anmeldung"),
    ),
    "portal-over": ErrorWords(
        N_("Diese Anmeldung ist vorbei"),
        N_("Bitte gehen Sie noch einmal zum Online-Dienst, und beginnen Sie dort von vorn."),
        "/",
        N_("Zur Startseite"),
    ),
    "no-reply": ErrorWords(
        N_("Auf diese Nachricht können Sie hier nicht antworten"),
        N_("Die Behörde hat das für diese Nachricht nicht vorgesehen. Bitte schreiben Sie ihr auf einem anderen Weg."),
    ),
    "no-reply-by-vollmacht": ErrorWords(
        N_("Ihre Vollmacht reicht dafür nicht"),
        N_("Sie dürfen Nachrichten abrufen, aber nicht darauf antworten."),
        "/konto/vollmachten",
        N_("Zu den Vollmachten"),
    ),
    "safe-full": ErrorWords(
        N_("Ihr Safe ist voll"),
        N_("Löschen Sie Dokumente, die Sie nicht mehr brauchen, auch im Papierkorb. Dann ist wieder Platz."),
        "/safe",
        N_("Zum Safe"),
    ),
    "unread": ErrorWords(N_("Diese Nachricht ist ungelesen"), N_("Bitte öffnen Sie sie zuerst in Ihrem Postfach.")),
    "withdrawn": ErrorWords(
        N_("Die Behörde hat diese Nachricht zurückgezogen"),
        N_(
            "Sie lässt sich nicht mehr öffnen, und sie gilt nicht. Wenn Sie Fragen haben, wenden Sie sich an die "
            "Behörde."
        ),
    ),
    "lapsed": ErrorWords(
        N_("Diese Nachricht ist nicht mehr abrufbar"),
        N_(
            "Die Zeit, in der Sie sie öffnen konnten, ist vorbei. Die Behörde kann sie Ihnen noch einmal oder "
            "auf einem anderen Weg bekannt geben."
        ),
    ),
    "too-late-to-record": ErrorWords(
        N_("Diese Nachricht lässt sich nicht mehr öffnen"),
        N_(
            "Das war der letzte Tag dafür. Wir müssen noch an diesem Tag festhalten, dass Sie sie öffnen. Dafür "
            "reichten die letzten Sekunden vor Mitternacht nicht. Die Behörde kann sie Ihnen noch einmal oder auf "
            "einem anderen Weg bekannt geben. Sagen Sie ihr am besten, was geschehen ist."
        ),
    ),
    "not-logged-yet": ErrorWords(
        N_("Der Nachweis ist gleich fertig"),
        N_(
            "Was mit Ihrer Nachricht geschehen ist, wird gerade unveränderlich festgehalten. Das dauert noch ein paar "
            "Sekunden. Bitte laden Sie diese Seite dann noch einmal."
        ),
        "",
        N_("Noch einmal laden"),
    ),
    "stale-form": ErrorWords(
        N_("Diese Seite war zu lange offen"),
        N_("Bitte laden Sie die Seite neu und versuchen Sie es noch einmal."),
        "/",
        N_("Zur Startseite"),
    ),
    "card-foreign-session": ErrorWords(
        N_("Dieser Vorgang wurde nicht in diesem Browser begonnen"),
        N_(
            "Vielleicht haben Sie sich inzwischen ab- oder angemeldet, oder ein Link hat Sie hierher geführt. Zu Ihrer "
            "Sicherheit geht es hier nicht weiter. Bitte beginnen Sie neu."
        ),
        "/",
        N_("Zur Startseite"),
    ),
    "level-too-low": ErrorWords(
        N_("Für diese Nachricht reicht Ihre Anmeldung nicht"),
        N_(
            "Die Behörde verlangt für diese Nachricht eine sicherere Anmeldung. Öffnen Sie die Nachricht im Postfach: "
            "Auf ihrer Seite führt ein Knopf zum Online-Ausweis. Geht das bei Ihnen nicht, dann bitten Sie die "
            "Behörde, Ihnen anders zu schreiben. Eine Frist kann auch laufen, solange Sie die Nachricht nicht gelesen "
            "haben."
        ),
    ),
    "erasure-level-too-low": ErrorWords(
        N_("Zum Löschen reicht Ihre Anmeldung nicht"),
        N_(
            "Ihr Konto hat ein höheres Vertrauensniveau als diese Anmeldung. Auf der Seite „Konto löschen“ steht, wie "
            "es weitergeht."
        ),
        "/konto/loeschen",
        N_("Zur Seite „Konto löschen“"),
    ),
    "already-fetched": ErrorWords(
        N_("Diese Nachricht lässt sich nicht mehr zurückziehen"),
        N_("Sie ist schon abgerufen. Schreiben Sie eine neue, wenn etwas daran nicht stimmt."),
        "/behoerde",
        N_("Zur Behörde"),
    ),
    "already-bekanntgegeben": ErrorWords(
        N_("Diese Nachricht lässt sich nicht mehr zurückziehen"),
        N_(
            "Sie gilt schon als bekannt gegeben, oder ein Gericht kann das annehmen. Schreiben Sie eine neue, wenn "
            "etwas daran nicht stimmt."
        ),
        "/behoerde",
        N_("Zur Behörde"),
    ),
    "already-ended": ErrorWords(
        N_("Hier gibt es nichts zurückzuziehen"),
        N_("Die Nachricht kann ohnehin niemand mehr öffnen. Warum, steht auf ihrer Seite."),
        "/behoerde",
        N_("Zur Behörde"),
    ),
    "second-factor-needed": ErrorWords(
        N_("Für eine Behörde reicht ein Passwort allein nicht"),
        N_(
            "Bitte melden Sie sich mit einem Code aus einer App, einem Passkey oder dem Online-Ausweis an. Unter "
            "„Sicherheit“ richten Sie das ein. Melden Sie sich danach ab und neu an."
        ),
        "/konto/sicherheit",
        N_("Zu „Sicherheit“"),
    ),
    "role-missing": ErrorWords(
        N_("Das dürfen Sie für diese Behörde nicht tun"),
        N_("Was jemand für eine Behörde tun darf, legt der Betreiber fest. Bitte wenden Sie sich an ihn."),
        "/behoerde",
        N_("Zur Behörde"),
    ),
    "damaged": ErrorWords(
        N_("Hier ist etwas beschädigt"),
        N_(
            "Etwas, das wir gespeichert haben, lässt sich nicht öffnen. Wir zeigen es deshalb nicht an; "
            "der Betreiber wurde benachrichtigt."
        ),
        "/",
        N_("Zur Startseite"),
    ),
    "document-damaged": ErrorWords(
        N_("Dieses Dokument ist beschädigt"),
        N_(
            "Was gespeichert ist, ist nicht mehr, was Sie abgelegt haben. Wir geben deshalb nichts davon heraus; "
            "der Betreiber wurde benachrichtigt."
        ),
        "/safe",
        N_("Zum Safe"),
    ),
    "document-level-too-low": ErrorWords(
        N_("Für dieses Dokument reicht Ihre Anmeldung nicht"),
        N_(
            "Die Behörde, von der es kommt, verlangt eine sicherere Anmeldung. Öffnen Sie das Dokument in Ihrem Safe: "
            "Auf seiner Seite steht, wie es weitergeht."
        ),
        "/safe",
        N_("Zum Safe"),
    ),
    "notice-damaged": ErrorWords(
        N_("Diese Nachricht ist beschädigt"),
        N_(
            "Sie stimmt nicht mehr mit dem überein, was die Behörde geschickt hat. Wir zeigen sie deshalb nicht an; "
            "der Betreiber wurde benachrichtigt. Bitte fragen Sie bei der Behörde nach."
        ),
    ),
}
