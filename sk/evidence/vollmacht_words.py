"""What is proven of a Vollmacht, in German and English sentences that say no more than its statements do."""

from datetime import date

from sk.evidence.opening import VollmachtOpening
from sk.evidence.step_words import log_in_words, moment_words
from sk.evidence.verdict import Proven, ProvenVollmacht
from sk.postbox.explanation import Steps, Words, day_words, say, verbatim


def vollmacht_words(vollmacht: ProvenVollmacht) -> Steps:
    """Return what is proven of a Vollmacht: granted, accepted, perhaps revoked, and its words if they are known."""
    granted, accepted, *revoked = vollmacht.statements
    opening = vollmacht.opening
    said = [
        say(
            "Die Vollmacht wurde am {at} aus dem Konto erteilt (Anmeldung: {means}, Vertrauensniveau: {level}). Sie "
            "gilt vom {begins_on} bis zum {ends_on}, {authorities}, {what}.",
            "The Vollmacht was granted from the account on {at} (log-in: {means}, trust level: {level}). It is good "
            "from {begins_on} to {ends_on}, {authorities}, {what}.",
            at=moment_words(granted.at),
            **log_in_words(granted.says),
            **{name: day_words(date.fromisoformat(granted.says[name])) for name in ("begins_on", "ends_on")},
            authorities=Words(de="für diese Behörde", en="for this authority")
            if granted.says["authority"]
            else Words(de="für alle Behörden", en="for all authorities"),
            what=Words(de="zum Abrufen und Antworten", en="for fetching and replying")
            if granted.says["replies"]
            else Words(de="zum Abrufen", en="for fetching"),
        ),
        say(
            "Angenommen wurde sie am {at} aus einem anderen Konto (Anmeldung: {means}, Vertrauensniveau: "
            "{level}).{name}",
            "It was accepted from another account on {at} (log-in: {means}, trust level: {level}).{name}",
            at=moment_words(accepted.at),
            name=_named(opening) if opening else verbatim(""),
            **log_in_words(accepted.says),
        ),
        *(_revoked(one) for one in revoked),
    ]
    return (*said, *([verbatim(opening.document)] if opening else []))


def _named(opening: VollmachtOpening) -> Words:
    """Return whose account has accepted, as it says itself, and whether the document names somebody else."""
    said = say(
        " In diesem Konto stand der Name {name}.", " The name in that account was {name}.", name=verbatim(opening.name)
    )
    if opening.name in opening.document:
        return said
    return say("{said} In der Vollmacht steht er nicht.", "{said} It is not in the Vollmacht.", said=said)


def _revoked(one: Proven) -> Words:
    by_principal = one.says["by"] == "principal"
    return say(
        "Am {at} wurde sie {how}.",
        "On {at} it was {how}.",
        at=moment_words(one.at),
        how=Words(de="widerrufen", en="revoked") if by_principal else Words(de="niedergelegt", en="laid down"),
    )
