"""Which days follow from what was stated, in words: computed by the rules of this program, and witnessed by nobody."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sk.errors import Invalid
from sk.postbox.days import days_of, stated_days
from sk.postbox.explanation import Steps, Words, day_words, say, sentence

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


def computed_words(said: Mapping[str, Mapping[str, Any]]) -> Steps:
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
