"""What a verified bundle proves and what it does not, in German and English sentences for people and courts."""

from collections.abc import Sequence
from typing import NamedTuple

from sk.clock import local_day
from sk.evidence.backdating import WORTH_SAYING, contradictions
from sk.evidence.computed import computed_words
from sk.evidence.share_words import share_words
from sk.evidence.stamps import Stamped
from sk.evidence.step_words import moment_words, words_of
from sk.evidence.verdict import Proven, Verified, VerifiedShare
from sk.evidence.vollmacht_words import vollmacht_words
from sk.postbox.explanation import Steps, Words, say, verbatim

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


def report_on(verified: Verified | VerifiedShare) -> Report:
    """Put what was verified into sentences."""
    late = [words for one in verified.statements if (words := _other_day(one))]
    stamped = [words for one in verified.statements if (words := _stamped(one, verified.stamps))]
    until = say(
        "Stand {at}. Was danach geschah, belegt dieses Paket nicht.",
        "As of {at}. This bundle does not prove what happened later.",
        at=moment_words(verified.as_of),
    )
    remarks = (
        *([TRIAL] if is_trial(verified) else []),
        *contradictions(verified.statements, verified.stamps, WORTH_SAYING),
        *late,
        *stamped,
        *([] if verified.stamps else [NOBODY_STAMPED]),
        *([] if all(stamp.trusted for stamp in verified.stamps) else [STAMPS_UNCHECKED]),
        *([] if verified.opening else [OPENINGS_GONE]),
        RESTS_ON_OPERATOR,
    )
    if isinstance(verified, VerifiedShare):
        said = share_words(verified)
        return Report(said.proven, (), (*said.not_proven, until), remarks)
    stated = verified.said
    return Report(
        tuple(map(words_of, verified.statements)),
        computed_words(stated),
        (*(words for step, words in ABSENT.items() if step not in stated), until),
        remarks,
        tuple(words for one in verified.vollmachten for words in vollmacht_words(one)),
    )


def with_log_moments(report: Report, verified: Verified | VerifiedShare) -> Report:
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


def is_trial(verified: Verified | VerifiedShare) -> bool:
    """Tell whether the log is that of an installation with invented people."""
    return "trial" in verified.checkpoint.origin.split("/")


def heading(verified: Verified | VerifiedShare) -> Words:
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


def about(verified: Verified | VerifiedShare) -> Words:
    """Return which notice or share it is about."""
    says = verified.statements[0].says
    if isinstance(verified, VerifiedShare):
        return say(
            "Es geht um die Freigabe {share} für {authority}.",
            "It is about the share {share} with {authority}.",
            share=verbatim(says["share"]),
            authority=verbatim(says["authority"]),
        )
    return say(
        "Es geht um die Nachricht {notice} der Behörde {authority}.",
        "It is about the notice {notice} of the authority {authority}.",
        notice=verbatim(says["notice"]),
        authority=verbatim(says["authority"]),
    )


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
