"""What each step means, in German and English sentences that say no more than its statement does."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sk.clock import BERLIN
from sk.evidence.form import REPRESENTATIVE
from sk.evidence.spelling import read_moment
from sk.evidence.verdict import Proven
from sk.postbox.explanation import Words, date_words, day_words, say, verbatim
from sk.postbox.regimes import REGIMES

STATUTES: Mapping[str, str] = {name: regime.statute for name, regime in REGIMES.items()}
"""How people call the laws that this program knows; a later one may be stated, and goes by its name there."""
KINDS = {
    "verwaltungsakt": Words(de="ein Verwaltungsakt", en="an administrative act (Verwaltungsakt)"),
    "message": Words(de="eine Mitteilung", en="a message"),
    "document": Words(de="ein Dokument", en="a document"),
}
MEANS = {
    "password": Words(de="Passwort", en="password"),
    "password-totp": Words(de="Passwort und Code aus einer App", en="password and code from an app"),
    "password-recovery-code": Words(de="Passwort und Wiederherstellungscode", en="password and recovery code"),
    "passkey": Words(de="Passkey", en="passkey"),
    "card": Words(de="Online-Ausweis", en="ID card"),
    "bundid": Words(de="BundID", en="BundID"),
}
LEVELS = {
    "low": Words(de="niedrig", en="low"),
    "substantial": Words(de="substanziell", en="substantial"),
    "high": Words(de="hoch", en="high"),
}
REASONS = {
    "no-einwilligung": Words(de="die Einwilligung fehlte", en="there was no Einwilligung"),
    "postbox-closed": Words(de="das Postfach war geschlossen", en="the postbox was closed"),
    "unreachable": Words(
        de="das Konto erreichte das verlangte Vertrauensniveau nicht",
        en="the account could not reach the trust level that was demanded",
    ),
}


def words_of(one: Proven) -> Words:
    """Return what a statement says, as a sentence."""
    return WORDS[one.step](one.says, moment_words(one.at))


def moment_words(at: datetime) -> Words:
    """Return a moment as clocks in Germany showed it, to the second, and which of the two hours in October it was."""
    local = at.astimezone(BERLIN)
    return Words(de=local_text(at), en=f"{date_words(local.date()).en}, {local:%H:%M:%S} {local.tzname()}")


def local_text(at: datetime) -> str:
    """Write a moment as clocks in Germany showed it: 24.11.2026, 10:00:01 MEZ."""
    local = at.astimezone(BERLIN)
    return f"{local:%d.%m.%Y, %H:%M:%S} {'MESZ' if local.dst() else 'MEZ'}"


def _with_files(count: int) -> Words:
    files_de = {0: "ohne Anhang", 1: "mit einem Anhang"}.get(count, f"mit {count} Anhängen")
    files_en = {0: "without attachments", 1: "with one attachment"}.get(count, f"with {count} attachments")
    return Words(de=files_de, en=files_en)


def _accepted(says: Mapping[str, Any], at: Words) -> Words:
    law = STATUTES.get(says["law"], says["law"])
    return say(
        "Am {at} wurde {kind} {files} angenommen{law}.",
        "On {at} {kind} {files} was accepted{law}.",
        at=at,
        kind=KINDS[says["kind"]],
        files=_with_files(len(says["commitments"]["attachments"])),
        law=Words(de=f"; die Behörde nannte als Gesetz {law}", en=f"; the authority named {law} as the law")
        if law
        else verbatim(""),
    )


def _bereitgestellt(_: Mapping[str, Any], at: Words) -> Words:
    return say("Die Nachricht wurde am {at} zum Abruf bereitgestellt.", "The notice was made available on {at}.", at=at)


def _answered(de: str, en: str, unanswered: Words | None = None) -> Callable[[Mapping[str, Any], Words], Words]:
    """Return the sentences on what a server answered; `unanswered` is for code 0, where none did."""

    def words(says: Mapping[str, Any], _: Words) -> Words:
        code = " ".join(str(part) for part in (says["code"], says["enhanced"]) if part)
        whose = (
            Words(de="das Mail-Relay des Betreibers", en="the operator's mail relay")
            if says["relay"]
            else Words(de="der Mailserver des Empfängers", en="the recipient's mail server")
        )
        told = Words(de=de, en=en) if says["code"] or unanswered is None else unanswered
        return say(
            told.de,
            told.en,
            at=moment_words(read_moment(says["answered_at"])),
            server=verbatim(says["server"]),
            whose=whose,
            code=verbatim(code),
        )

    return words


def _rejected(says: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} wurde die Bereitstellung aufgegeben: {reason}.",
        "On {at} the Bereitstellung was given up: {reason}.",
        at=at,
        reason=REASONS[says["reason"]],
    )


def _bounced(says: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} kam eine Meldung, die E-Mail sei nicht zustellbar (Status {status}). Sie ist ungeprüft; jeder kann "
        "eine solche Meldung schreiben.",
        "On {at} a report came that the mail could not be delivered (status {status}). It is unverified; anybody can "
        "write such a report.",
        at=at,
        status=verbatim(says["status"]),
    )


def _abgerufen(says: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} wurde der Inhalt an eine Sitzung {whose} herausgegeben (Anmeldung: {means}, Vertrauensniveau: "
        "{level}). Dass jemand ihn gelesen hat, sagt das nicht.",
        "On {at} the content was released to a session of {whose} (log-in: {means}, trust level: {level}). This "
        "does not say that anybody has read it.",
        at=at,
        whose=_whose(says),
        **log_in_words(says),
    )


def _replied(says: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} hat eine Sitzung {whose} der Behörde eine Antwort {files} gesendet (Anmeldung: {means}, "
        "Vertrauensniveau: {level}).",
        "On {at} a session of {whose} sent the authority a reply {files} (log-in: {means}, trust level: {level}).",
        at=at,
        whose=_whose(says),
        files=_with_files(len(says["contents"]["attachments"])),
        **log_in_words(says),
    )


def _whose(says: Mapping[str, Any]) -> Words:
    if says["by"] == REPRESENTATIVE:
        return Words(de="einer Person mit Vollmacht", en="a person with a Vollmacht")
    return Words(de="des Kontos", en="the account")


def log_in_words(says: Mapping[str, Any]) -> Mapping[str, Words]:
    """Return by what somebody was logged in, and at which level."""
    return {
        "means": MEANS.get(says["means"], verbatim(says["means"])),
        "level": LEVELS.get(says["level"], verbatim(says["level"])),
    }


def _bekanntgegeben(says: Mapping[str, Any], at: Words) -> Words:
    day = day_words(date.fromisoformat(says["bekanntgabe_on"]))
    return say(
        "Am {at} wurde festgehalten, dass der Tag der Bekanntgabe, der {day}, gekommen ist.",
        "On {at} it was recorded that the day of Bekanntgabe, {day}, had come.",
        at=at,
        day=day,
    )


def _lapsed(says: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} wurde die Bereitstellung beendet: Bis {day}, 24 Uhr, war kein Abruf verzeichnet.",
        "On {at} the Bereitstellung was ended: until the end of {day} no Abruf had been recorded.",
        at=at,
        day=day_words(date.fromisoformat(says["lapses_on"])),
    )


def _withdrawn(_: Mapping[str, Any], at: Words) -> Words:
    return say("Am {at} hat die Behörde die Nachricht zurückgezogen.", "On {at} the authority withdrew it.", at=at)


def _postbox_closed(_: Mapping[str, Any], at: Words) -> Words:
    return say(
        "Am {at} wurde das Postfach mit dem Konto gelöscht; seitdem lässt sich die Nachricht nicht mehr abrufen.",
        "On {at} the postbox was erased with its account; since then the notice can no longer be fetched.",
        at=at,
    )


WORDS: Mapping[str, Callable[[Mapping[str, Any], Words], Words]] = {
    "accepted": _accepted,
    "bereitgestellt": _bereitgestellt,
    "benachrichtigt": _answered(
        "Am {at} hat {whose} {server} die Benachrichtigung per E-Mail angenommen (Antwort {code}). Mehr "
        "sagt das nicht.",
        "On {at} {whose} {server} took the mail about it (answer {code}). It says no more than that.",
    ),
    "benachrichtigung-failed": _answered(
        "Am {at} hat {whose} {server} die Benachrichtigung per E-Mail abgelehnt (Antwort {code}).",
        "On {at} {whose} {server} refused the mail about it (answer {code}).",
        Words(
            de="Bis {at} war {whose} {server} nicht erreichbar; die Benachrichtigung wurde nicht abgeschickt.",
            en="Until {at} {whose} {server} could not be reached; the mail about it was not sent.",
        ),
    ),
    "rejected": _rejected,
    "bounce-reported": _bounced,
    "abgerufen": _abgerufen,
    "bekanntgegeben": _bekanntgegeben,
    "lapsed": _lapsed,
    "withdrawn": _withdrawn,
    "replied": _replied,
    "postbox-closed": _postbox_closed,
}
