"""What a verified bundle proves and what it does not, in German and English sentences for people and courts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sk.clock import local_day
from sk.errors import Invalid
from sk.evidence.backdating import WORTH_SAYING, contradictions
from sk.evidence.stamps import Stamped
from sk.evidence.step_words import moment_words, words_of
from sk.evidence.verdict import Proven, Verified
from sk.evidence.vollmacht_words import vollmacht_words
from sk.postbox.days import days_of, stated_days
from sk.postbox.explanation import Steps, Words, day_words, say, sentence, verbatim

ABSENT = {
    "bereitgestellt": Words(
        de="Dass die Nachricht bereitgestellt wurde, belegt dieses Paket nicht.",
        en="This bundle does not prove that the notice was made available (bereitgestellt).",
    ),
    "benachrichtigt": Words(
        de="Dass eine Benachrichtigung per E-Mail angenommen wurde, belegt dieses Paket nicht.",
        en="This bundle does not prove that an e-mail about it (Benachrichtigung) was taken.",
    ),
    "abgerufen": Words(
        de="Dass die Nachricht abgerufen wurde, belegt dieses Paket nicht.",
        en="This bundle does not prove that the notice was fetched (Abruf).",
    ),
}
TRIAL = Words(
    de="Testbetrieb: Dieses Log gehört zu einer Installation mit erfundenen Personen. Es beweist nichts Wirkliches.",
    en="Trial: this log belongs to an installation with invented people. It proves nothing real.",
)
NOBODY_STAMPED = Words(
    de="Das Paket enthält keinen Zeitstempel einer fremden Stelle. Ob der Betreiber das Log später neu geschrieben "
    "hat, zeigt nur der Vergleich mit einem Prüfpunkt, den jemand anders aufgehoben hat.",
    en="The bundle holds no time stamp of a third party. Only a checkpoint that somebody else has kept shows whether "
    "the operator rewrote the log later.",
)
RESTS_ON_OPERATOR = Words(
    de="Dass eine Aussage zutraf, als sie gemacht wurde, beruht auf dem Betreiber.",
    en="That a statement was true when it was made is the operator's word alone.",
)
STAMPS_UNCHECKED = Words(
    de="Von wem die Zeitstempel sind, ist nicht geprüft: Keine Stelle, der Sie vertrauen, hat sie unterschrieben.",
    en="Who has issued the time stamps was not checked: no authority that you trust has signed them.",
)
NAMELESS = Words(de="eine Stelle, deren Name nicht geprüft ist", en="an authority whose name was not checked")
OTHER_RULES = Words(
    de="Festgehalten wurden andere Tage, als dieses Programm berechnet. Maßgeblich ist das Gesetz, nicht die Rechnung.",
    en="Other days were stated than this program computes. The law counts, not the computation.",
)
CLOSED_BEFORE = Words(
    de="Das Postfach wurde vorher gelöscht, ohne dass ein Abruf verzeichnet ist. Ob die Nachricht trotzdem als bekannt "
    "gegeben gilt, sagt dieses Paket nicht.",
    en="The postbox was erased before that, without an Abruf on record. This bundle does not say whether the "
    "notice counts as announced all the same.",
)
NOT_COMPUTED = Words(
    de="Welche Tage daraus folgen, berechnet dieses Programm nicht: Es kennt das Gesetz oder eine der Angaben nicht.",
    en="This program does not compute which days follow: it does not know the law, or one of the facts.",
)
OPENINGS_GONE = Words(
    de="Das Paket sagt nicht, welche Inhalte es betrifft: Die Prüfsummen dazu wurden gelöscht oder weggelassen.",
    en="The bundle does not say which content it is about: the digests were deleted or left out.",
)


class Report(NamedTuple):
    """What a bundle proves, what was computed from that, what it does not prove, and what is worth knowing.

    `vollmachten` is what is proven of those by which somebody has acted.
    """

    proven: Steps
    computed: Steps
    not_proven: Steps
    remarks: Steps
    vollmachten: Steps = ()


def report_on(verified: Verified) -> Report:
    """Put what was verified into sentences."""
    said = verified.said
    proven = [words_of(one) for one in verified.statements]
    late = [words for one in verified.statements if (words := _other_day(one))]
    stamped = [words for one in verified.statements if (words := _stamped(one, verified.stamps))]
    absent = [words for step, words in ABSENT.items() if step not in said]
    until = say(
        "Stand {at}. Was danach geschah, belegt dieses Paket nicht.",
        "As of {at}. This bundle does not prove what happened later.",
        at=moment_words(verified.as_of),
    )
    remarks = [
        *([TRIAL] if is_trial(verified) else []),
        *contradictions(verified.statements, verified.stamps, WORTH_SAYING),
        *late,
        *stamped,
        *([] if verified.stamps else [NOBODY_STAMPED]),
        *([] if all(stamp.trusted for stamp in verified.stamps) else [STAMPS_UNCHECKED]),
        *([] if verified.opening else [OPENINGS_GONE]),
        RESTS_ON_OPERATOR,
    ]
    vollmachten = tuple(words for one in verified.vollmachten for words in vollmacht_words(one))
    return Report(tuple(proven), _computed(said), (*absent, until), tuple(remarks), vollmachten)


def with_log_moments(report: Report, verified: Verified) -> Report:
    """Return a report whose sentences also say since when each statement is in the log: that, others can confirm."""
    pairs = zip(report.proven, verified.statements, strict=True)
    return report._replace(proven=tuple(_since_when(words, one) for words, one in pairs))


def _since_when(words: Words, one: Proven) -> Words:
    return say(
        "{sentence} Im Log seit {logged_at}.",
        "{sentence} In the log since {logged_at}.",
        sentence=words,
        logged_at=moment_words(one.logged_at),
    )


def is_trial(verified: Verified) -> bool:
    """Tell whether the log is that of an installation with invented people."""
    return "trial" in verified.checkpoint.origin.split("/")


def heading(verified: Verified) -> Words:
    """Return the one sentence that says whether it holds."""
    parts = {"origin": verbatim(verified.vkey.name), "vkey": verbatim(str(verified.vkey))}
    if verified.trusted:
        return say(
            "Gültig: Die Aussagen sind unterschrieben und stehen im Log {origin}, dessen Schlüssel Sie kennen.",
            "Valid: the statements are signed and stand in the log {origin}, whose key you know.",
            **parts,
        )
    return say(
        "Nicht verbürgt: Alles stimmt, wenn der Schlüssel {vkey} wirklich der von {origin} ist. Er ist keiner von "
        "denen, denen Sie vertrauen. Vergleichen Sie ihn mit dem, den Sie vom Betreiber haben.",
        "Unvouched: everything holds if the key {vkey} really is that of {origin}. It is not among those you trust. "
        "Compare it with the one that you have from the operator.",
        **parts,
    )


def about(verified: Verified) -> Words:
    """Return which notice it is about."""
    says = verified.statements[0].says
    return say(
        "Es geht um die Nachricht {notice} der Behörde {authority}.",
        "It is about the notice {notice} of the authority {authority}.",
        notice=verbatim(says["notice"]),
        authority=verbatim(says["authority"]),
    )


def _computed(said: Mapping[str, Mapping[str, Any]]) -> Steps:
    """Say which days follow by the rules of this program, and whether they are those that were stated.

    What a later version has stated by a law that this one has never heard of is proven all the same.
    """
    if "withdrawn" in said:
        return ()  # what was withdrawn is never announced, whatever day was stated before
    try:
        bekanntgabe, rechtsbehelf = days_of(said)
    except (Invalid, TypeError, ValueError, OverflowError):
        return (NOT_COMPUTED,)
    if bekanntgabe is None or rechtsbehelf is None:
        return ()
    found = [
        say(
            "Bekanntgabe, berechnet und nicht bezeugt: {on}.",
            "Bekanntgabe, computed and not witnessed: {on}.",
            on=_or_none(bekanntgabe.on),
        ),
        sentence_of(bekanntgabe.steps),
        say(
            "Ende der Frist, berechnet: {on}.",
            "End of the time limit (Frist), computed: {on}.",
            on=_or_none(rechtsbehelf.frist_ends_on),
        ),
        sentence_of(rechtsbehelf.steps),
    ]
    if rechtsbehelf.other_reading:
        found.append(sentence_of(rechtsbehelf.other_reading.steps))
    stated = [says for says in said.values() if "bekanntgabe_on" in says][-1]
    ours = stated_days(bekanntgabe, rechtsbehelf)
    if any(stated[day] != ours[day] for day in ("bekanntgabe_on", "frist_ends_on")):
        found.append(OTHER_RULES)
    if "postbox-closed" in said and not said.keys() & {"abgerufen", "bekanntgegeben"}:
        found.append(CLOSED_BEFORE)
    return tuple(found)


def sentence_of(steps: Steps) -> Words:
    """Return the steps of a reasoning as one sentence."""
    return Words(de=sentence(steps, "de"), en=sentence(steps, "en"))


def _or_none(day: date | None) -> Words:
    return day_words(day) if day else Words(de="keine", en="none")


def _other_day(one: Proven) -> Words | None:
    """Point out a statement that came into the log on another local day than its signer says."""
    if local_day(one.at) == local_day(one.logged_at):
        return None
    return say(
        "Die Aussage „{step}“ nennt den {at}, kam aber erst am {logged_at} ins Log: ein anderer Tag.",
        "The statement {step} names {at}, but came into the log on {logged_at} only: another day.",
        step=verbatim(one.step),
        at=moment_words(one.at),
        logged_at=moment_words(one.logged_at),
    )


def _stamped(one: Proven, stamps: Sequence[Stamped]) -> Words | None:
    """Say between which two time stamps a statement came into the log."""
    before = [stamp for stamp in stamps if stamp.size <= one.index]
    after = [stamp for stamp in stamps if stamp.size > one.index]
    if not after:
        return None
    return say(
        "Die Aussage „{step}“ kam {since}vor dem {until} (Zeitstempel: {by}) ins Log.",
        "The statement {step} came into the log {since}before {until} (time stamp: {by}).",
        step=verbatim(one.step),
        since=_since(before[-1]) if before else verbatim(""),
        until=moment_words(after[0].at),
        by=_by(after[0]),
    )


def _since(stamp: Stamped) -> Words:
    return say(
        "nach dem {at} (Zeitstempel: {by}) und ",
        "after {at} (time stamp: {by}) and ",
        at=moment_words(stamp.at),
        by=_by(stamp),
    )


def _by(stamp: Stamped) -> Words:
    return verbatim(stamp.by) if stamp.by else NAMELESS
