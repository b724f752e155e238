"""What is told when it does not go on with an ID card or with BundID, in words for people."""

from collections.abc import Mapping
from typing import NamedTuple

from sk.web.language import N_


class CardWords(NamedTuple):
    """What happened, and what can be done."""

    title: str
    text: str
    again: bool = True
    """Whether there is a button to try it once more."""


CARD_WORDS: Mapping[str, CardWords] = {
    "card-cancelled": CardWords(
        N_("Sie haben abgebrochen"), N_("Von Ihrem Ausweis wurde nichts gelesen. Sie können es noch einmal versuchen.")
    ),
    "card-not-read": CardWords(
        N_("Der Ausweis konnte nicht gelesen werden"),
        N_(
            "Bitte prüfen Sie, ob die AusweisApp auf dem neuesten Stand ist und ob der Ausweis ruhig auf dem Lesegerät "
            "oder am Telefon liegt. Versuchen Sie es dann noch einmal."
        ),
    ),
    "card-refused": CardWords(
        N_("Dieser Ausweis wird nicht angenommen"),
        N_("Er ist abgelaufen oder gesperrt. Einen gesperrten Ausweis kann Ihr Bürgeramt wieder freigeben."),
        again=False,
    ),
    "card-denied": CardWords(
        N_("Mit dieser Art von Ausweis geht es nicht"),
        N_("Nehmen Sie bitte Ihren Personalausweis, Ihren elektronischen Aufenthaltstitel oder Ihre eID-Karte."),
    ),
    "card-expired": CardWords(
        N_("Ihr Ausweis ist abgelaufen"), N_("Bitte nehmen Sie einen, der noch gültig ist."), again=False
    ),
    "card-use-over": CardWords(
        N_("Das hat zu lange gedauert"),
        N_("Aus Sicherheitsgründen gilt dieser Vorgang nicht mehr. Bitte beginnen Sie neu."),
    ),
    "card-of-another-account": CardWords(
        N_("Dieser Ausweis gehört zu einem anderen Konto"),
        N_(
            "Ein Ausweis kann nur mit einem Konto verbunden sein. Wenn Sie das andere Konto meinen, melden Sie sich "
            "ab und mit diesem Ausweis neu an."
        ),
        again=False,
    ),
    "card-of-another-person": CardWords(
        N_("Dieser Ausweis gehört zu einer anderen Person als dieses Konto"),
        N_(
            "Name, Geburtsdatum oder Geburtsort stimmen nicht mit dem überein, was früher von Ihrem Ausweis gelesen "
            "wurde. Ihr Konto bleibt, wie es ist. Ist es doch Ihr Ausweis, dann wenden Sie sich bitte an uns."
        ),
        again=False,
    ),
    "card-not-usable": CardWords(
        N_("Dieses Konto kann gerade nicht benutzt werden"),
        N_(
            "Vielleicht ist es noch nicht bestätigt: Dann öffnen Sie die Seite, die in unserer E-Mail steht. Sonst "
            "wenden Sie sich bitte an uns."
        ),
        again=False,
    ),
    "unavailable": CardWords(
        N_("Gerade lassen sich keine Ausweise lesen"),
        N_(
            "Auf unserer Seite oder bei dem Dienst, der Ausweise liest, ist etwas gestört. Bitte versuchen Sie es "
            "später."
        ),
    ),
}
BUNDID_WORDS: Mapping[str, CardWords] = {
    "bundid-not-logged-in": CardWords(
        N_("Die Anmeldung bei BundID kam nicht zustande"),
        N_("Vielleicht haben Sie abgebrochen. Wir haben nichts erfahren. Sie können es noch einmal versuchen."),
    ),
    "bundid-level-too-low": CardWords(
        N_("Diese Anmeldung bei BundID reicht hier nicht"),
        N_(
            "Bitte melden Sie sich bei BundID mit dem Online-Ausweis an. Wo nicht das Vertrauensniveau „hoch“ verlangt "
            "ist, geht auch das ELSTER-Zertifikat."
        ),
    ),
    "bundid-too-little": CardWords(
        N_("BundID hat uns zu wenig gesagt"),
        N_(
            "Wir brauchen Ihren Namen und Ihr Geburtsdatum, so sicher geprüft wie Ihre Anmeldung dort. Bitte geben Sie "
            "die Angaben bei BundID frei, oder melden Sie sich dort mit dem Online-Ausweis an."
        ),
    ),
    "card-of-another-account": CardWords(
        N_("Diese BundID gehört zu einem anderen Konto"),
        N_(
            "Eine BundID kann nur mit einem Konto verbunden sein. Wenn Sie das andere Konto meinen, melden Sie sich ab "
            "und mit BundID neu an."
        ),
        again=False,
    ),
    "card-of-another-person": CardWords(
        N_("Diese BundID gehört zu einer anderen Person als dieses Konto"),
        N_(
            "Name, Geburtsdatum oder Geburtsort stimmen nicht mit dem überein, was früher geprüft wurde. Ihr Konto "
            "bleibt, wie es ist. Ist es doch Ihre BundID, dann wenden Sie sich bitte an uns."
        ),
        again=False,
    ),
}
"""What is told instead on the way to BundID."""


def card_words(why: str, *, by_bundid: bool) -> CardWords:
    """Return what is told when it does not go on."""
    return (by_bundid and BUNDID_WORDS.get(why)) or CARD_WORDS[why]
