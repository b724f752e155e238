"""What may be known of a notice, which rules ask for it, and what plays no role under the others."""

from typing import NamedTuple

from sk.postbox.bekanntgabe_rules import by_abruf, by_benachrichtigung, by_bereitstellung, by_sending
from sk.postbox.bekanntgabe_terms import Moments, Rule, Version
from sk.postbox.explanation import Steps, Words, say


class Fact(NamedTuple):
    """Something that may be known of a notice: the name of its field, the rules that ask for it, and its words."""

    name: str
    rules: tuple[Rule, ...]
    words: Words


FACTS = (
    Fact(
        "bereitstellung_proven",
        (by_bereitstellung,),
        Words(
            de="ob die Bereitstellung bewiesen ist",
            en="whether it is proven that it was made available (Bereitstellung)",
        ),
    ),
    Fact(
        "benachrichtigung_proven",
        (by_bereitstellung, by_benachrichtigung, by_abruf),
        Words(
            de="ob die Benachrichtigung bewiesen ist",
            en="whether the e-mail about it (Benachrichtigung) is proven",
        ),
    ),
    Fact(
        "received",
        (by_bereitstellung, by_sending, by_benachrichtigung),
        Words(de="ob etwas zuging", en="whether anything was received (Zugang)"),
    ),
    Fact(
        "zugang_on",
        (by_bereitstellung, by_sending, by_benachrichtigung),
        Words(de="wann etwas zuging", en="when it was received (Zugang)"),
    ),
    Fact(
        "lenient_ten_days",
        (by_abruf,),
        Words(de="ob sich zehn Tage verlängern", en="whether ten days are extended"),
    ),
)


def without_role(version: Version, moments: Moments) -> Steps:
    """Say of everything that was stated and that the law does not ask for that it plays no role."""
    default = {name: field.default for name, field in Moments.model_fields.items()}
    return tuple(
        say(
            "{fact}, spielt unter diesem Gesetz keine Rolle",
            "{fact} plays no role under this law",
            fact=fact.words,
        )
        for fact in FACTS
        if getattr(moments, fact.name) != default[fact.name] and version.rule not in fact.rules
    )
