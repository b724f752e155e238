"""What is proven of a share, in German and English sentences that say no more than its statements do."""

from collections import Counter
from typing import NamedTuple

from sk.evidence.spelling import read_moment
from sk.evidence.step_words import log_in_words, moment_words
from sk.evidence.verdict import Proven, VerifiedShare
from sk.postbox.explanation import Steps, Words, say, verbatim

NAMES_NOBODY = Words(
    de="Aus wessen Konto freigegeben wurde, belegt dieses Paket nicht: Das Konto ist so verdeckt genannt, dass nur der "
    "Betreiber sagen kann, welches es war.",
    en="This bundle does not prove from whose account it was shared: the account is named by a commitment, which the "
    "operator alone can open.",
)
FETCHED_IS_NOT_READ = Words(
    de="Dass ein herausgegebenes Dokument vollständig ankam oder gelesen wurde, belegt dieses Paket nicht.",
    en="This bundle does not prove that a document that was released arrived as a whole, or was read.",
)


class Said(NamedTuple):
    """What is proven, a sentence for each statement, and what is not."""

    proven: Steps
    not_proven: Steps


def share_words(verified: VerifiedShare) -> Said:
    """Return what is proven of a share: granted, fetched from, perhaps revoked."""
    granted, *later = verified.statements
    fetched = Counter[int]()
    proven = [_granted(granted, verified)]
    for one in later:
        if one.step == "share-fetched":
            fetched[one.says["document"]] += 1
            proven.append(_fetched(one, fetched[one.says["document"]], granted.says["fetches"]))
        else:
            proven.append(_revoked(one))
    count = len(granted.says["commitments"]["documents"])
    missing = [str(number) for number in range(1, count + 1) if not fetched[number]]
    never = say(
        "Dass Dokument {numbers} herausgegeben wurde, belegt dieses Paket nicht.",
        "This bundle does not prove that document {numbers} was released.",
        numbers=verbatim(", ".join(missing)),
    )
    not_proven = [*([never] if missing else []), *([FETCHED_IS_NOT_READ] if fetched else []), NAMES_NOBODY]
    return Said(tuple(proven), tuple(not_proven))


def _granted(one: Proven, verified: VerifiedShare) -> Words:
    says, opening = one.says, verified.opening
    count = len(says["commitments"]["documents"])
    purpose = opening and say(", Zweck „{purpose}“", ", for “{purpose}”", purpose=verbatim(opening.purpose))
    return say(
        "Am {at} {shared} aus einem Konto für {authority} freigegeben{purpose}: abrufbar bis {until}, {each}höchstens "
        "{fetches}-mal (Anmeldung: {means}, Vertrauensniveau: {level}).",
        "On {at} {shared} shared from an account with {authority}{purpose}: to be fetched until {until}, {each}at most "
        "{fetches} times (log-in: {means}, trust level: {level}).",
        at=moment_words(one.at),
        shared=Words(de=f"wurden {count} Dokumente", en=f"{count} documents were")
        if count > 1
        else Words(de="wurde ein Dokument", en="one document was"),
        each=Words(de="jedes ", en="each ") if count > 1 else verbatim(""),
        authority=verbatim(says["authority"]),
        purpose=purpose or verbatim(""),
        until=moment_words(read_moment(says["until"])),
        fetches=verbatim(str(says["fetches"])),
        **log_in_words(says),
    )


def _fetched(one: Proven, number: int, most: int) -> Words:
    return say(
        "Am {at} wurde Dokument {document} herausgegeben (Abruf {number} von höchstens {most}).",
        "On {at} document {document} was released (fetch {number} of {most} at most).",
        at=moment_words(one.at),
        document=verbatim(str(one.says["document"])),
        number=verbatim(str(number)),
        most=verbatim(str(most)),
    )


def _revoked(one: Proven) -> Words:
    by_account = one.says["by"] == "account"
    return say(
        "Am {at} wurde die Freigabe {how}; seitdem kann nichts mehr abgerufen werden.",
        "On {at} the share was {how}; nothing can be fetched since then.",
        at=moment_words(one.at),
        how=Words(de="aus dem Konto widerrufen", en="revoked from the account")
        if by_account
        else Words(de="vom Betreiber beendet", en="ended by the operator"),
    )
