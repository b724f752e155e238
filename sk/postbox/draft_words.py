"""The words in which the form for a draft offers laws and Rechtsbehelfe: what each of them means, in a line."""

from collections.abc import Mapping
from datetime import datetime

from sk.auth.authority import AuthorityCard
from sk.postbox.bekanntgabe_rules import by_abruf, by_benachrichtigung, by_bereitstellung
from sk.postbox.bekanntgabe_terms import Rule
from sk.postbox.explanation import Words, say, verbatim
from sk.postbox.rechtsbehelf import RechtsbehelfName
from sk.postbox.regimes import POSTED, REGIMES, Law

COUNTED: Mapping[Rule, Words] = {
    by_bereitstellung: Words(
        de="{statute}: bekannt gegeben am {days}. Tag nach der Bereitstellung",
        en="{statute}: announced {days} days after it is made available (Bereitstellung)",
    ),
    by_benachrichtigung: Words(
        de="{statute}: bekannt gegeben am {days}. Tag nach der E-Mail an die Person",
        en="{statute}: announced {days} days after the e-mail to the person",
    ),
    by_abruf: Words(
        de="{statute}: bekannt gegeben am Tag nach dem Abruf, wenn der binnen {within} Tagen geschieht",
        en="{statute}: announced on the day after it is opened (Abruf), if that is within {within} days",
    ),
}
RECHTSBEHELFE: Mapping[RechtsbehelfName, Words] = {
    "widerspruch-vwgo": Words(de="Widerspruch (VwGO)", en="Objection (Widerspruch, VwGO)"),
    "klage-vwgo": Words(de="Klage (VwGO)", en="Action (Klage, VwGO)"),
    "widerspruch-sgg": Words(de="Widerspruch (SGG)", en="Objection (Widerspruch, SGG)"),
    "klage-sgg": Words(de="Klage (SGG)", en="Action (Klage, SGG)"),
    "einspruch-ao": Words(de="Einspruch (AO)", en="Objection (Einspruch, AO)"),
    "klage-fgo": Words(de="Klage (FGO)", en="Action (Klage, FGO)"),
    "none": Words(de="keiner", en="none"),
}


def law_lines(authority: AuthorityCard, at: datetime) -> dict[Law, Words]:
    """Return the laws under which an authority may write, each with what it says of the Bekanntgabe at a moment."""
    return {law: _line(law, at) for law in REGIMES if law in authority.laws and law in POSTED}


def _line(law: Law, at: datetime) -> Words:
    version = REGIMES[law].version_at(at)
    facts = {"statute": REGIMES[law].statute, "days": str(version.days), "within": str(version.within)}
    words = COUNTED[version.rule]
    return say(words.de, words.en, **{name: verbatim(fact) for name, fact in facts.items()})
