"""What the journal of an account says, in sentences for its owner."""

from collections.abc import Mapping

from sk.auth.journal import Entry, What
from sk.evidence.step_words import LEVELS, MEANS
from sk.postbox.explanation import Language
from sk.web.language import N_, translations

WORDS: Mapping[What, str] = {
    "registered": N_("Das Konto wurde angelegt."),
    "activated": N_("Das Konto wurde mit einem Code aktiviert."),
    "logged-in": N_("Anmeldung mit {means}."),
    "logged-in-from-new-device": N_("Anmeldung mit {means} auf einem Gerät, das wir noch nicht kannten."),
    "password-changed": N_("Das Passwort wurde geändert."),
    "password-reset": N_("Das Passwort wurde über „Passwort vergessen“ neu gesetzt."),
    "passkey-added": N_("Ein Passkey wurde angelegt."),
    "passkey-removed": N_("Ein Passkey wurde entfernt."),
    "card-removed": N_("Ein Ausweis wurde vom Konto getrennt."),
    "bundid-removed": N_("BundID wurde vom Konto getrennt."),
    "passkey-refused": N_("Ein Passkey wurde abgelehnt, weil es ihn vielleicht doppelt gibt."),
    "totp-on": N_("Die Anmeldung mit Passwort braucht seitdem auch einen Code aus einer App."),
    "totp-off": N_("Die Anmeldung mit Passwort braucht seitdem keinen Code aus einer App mehr."),
    "recovery-codes-renewed": N_("Es gibt neue Wiederherstellungscodes."),
    "recovery-code-used": N_("Ein Wiederherstellungscode wurde benutzt. Übrig: {left}."),
    "profile-changed": N_("Ihre Angaben wurden geändert."),
    "email-changed": N_("Die E-Mail-Adresse wurde geändert."),
    "second-email-changed": N_("Die zweite E-Mail-Adresse wurde hinzugefügt oder geändert."),
    "second-email-removed": N_("Die zweite E-Mail-Adresse wurde entfernt."),
    "mail-settings-changed": N_("Sprache der E-Mails oder Erinnerungen wurden geändert."),
    "phrase-changed": N_("Der Erkennungssatz wurde geändert."),
    "card-bound": N_("Ein Ausweis wurde mit dem Konto verbunden. Vertrauensniveau: {level}."),
    "bundid-bound": N_("BundID wurde mit dem Konto verbunden. Vertrauensniveau: {level}."),
    "erasure-asked": N_("Das Löschen des Kontos wurde verlangt."),
    "erasure-cancelled": N_("Das Löschen des Kontos wurde abgesagt."),
    "inactivity-warned": N_("Wir haben Ihnen geschrieben, weil sich lange niemand angemeldet hat."),
    "einwilligung-given": N_("Einwilligung in die elektronische Bekanntgabe gegeben. Behörde: {authority}."),
    "einwilligung-withdrawn": N_("Einwilligung in die elektronische Bekanntgabe widerrufen. Behörde: {authority}."),
    "general-einwilligung-given": N_("Einwilligung in die elektronische Bekanntgabe für alle Behörden gegeben."),
    "general-einwilligung-withdrawn": N_("Einwilligung in die elektronische Bekanntgabe für alle Behörden widerrufen."),
    "member-added": N_("Der Betreiber hat festgelegt, was Sie für eine Behörde tun dürfen. Behörde: {authority}."),
    "member-removed": N_("Sie können nicht mehr für eine Behörde handeln. Behörde: {authority}."),
    "vollmacht-granted": N_("Sie haben eine Vollmacht angeboten. Für: {name}."),
    "vollmacht-accepted": N_("Ihre Vollmacht wurde angenommen. Von: {name}."),
    "vollmacht-rejected": N_("Ihre Vollmacht wurde abgelehnt. Von: {name}."),
    "vollmacht-revoked": N_("Eine Vollmacht, die Sie hatten, wurde widerrufen. Von: {name}."),
    "vollmacht-laid-down": N_("Ihre Vollmacht wurde niedergelegt. Von: {name}."),
    "vollmacht-taken": N_("Sie haben eine Vollmacht angenommen. Von: {name}."),
    "vollmacht-ended": N_("Sie haben eine Vollmacht beendet. Mit: {name}."),
    "vollmacht-fetched": N_("Jemand hat für Sie eine Nachricht abgerufen. Wer: {name}. Behörde: {authority}."),
    "vollmacht-replied": N_("Jemand hat für Sie auf eine Nachricht geantwortet. Wer: {name}. Behörde: {authority}."),
    "share-granted": N_("Sie haben Dokumente aus Ihrem Safe freigegeben. Behörde: {authority}."),
    "share-fetched": N_("Ein Dokument, das Sie freigegeben haben, wurde abgeholt. Behörde: {authority}."),
    "share-revoked": N_("Sie haben eine Freigabe beendet. Behörde: {authority}."),
    "share-over": N_("Die Zeit einer Freigabe ist vorbei. Behörde: {authority}."),
    "logged-in-to-portal": N_("Anmeldung bei einem Online-Dienst: {portal}."),
    "portal-consent-given": N_("Sie haben zugestimmt, dass ein Online-Dienst Angaben bekommt. Dienst: {portal}."),
    "portal-consent-withdrawn": N_("Sie haben eine Zustimmung widerrufen. Online-Dienst: {portal}."),
}


def journal_words(entry: Entry, language: Language) -> str:
    """Return an entry as a sentence."""
    facts = dict(entry.facts)
    for name, words in (("means", MEANS), ("level", LEVELS)):
        if facts.get(name) in words:
            facts[name] = words[facts[name]].in_language(language)
    return translations(language).gettext(WORDS[entry.what]).format(**facts)
