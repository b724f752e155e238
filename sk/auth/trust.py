"""Trust levels: how surely an account belongs to its person (Art. 8 eIDAS), what each way in yields, what needs which.

A password or a passkey shows that the same person is back, not who that is: neither goes beyond low, outside a trial.
Only the card does, as far as its own kind allows (TR-03130, level of assurance), and BundID, as far as it says.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple, get_args

TrustLevel = Literal["low", "substantial", "high"]
LEVELS: tuple[TrustLevel, ...] = get_args(TrustLevel)
Means = Literal["password", "password-totp", "password-recovery-code", "passkey", "card", "bundid"]
FRESH = timedelta(minutes=5)
"""How old a log-in may be for what changes the ways into an account, or ends it."""


class Names(NamedTuple):
    """What others call a level."""

    eidas: str
    stork: tuple[str, ...]
    tr_03107: str


NAMES: Mapping[TrustLevel, Names] = {
    "low": Names(
        "http://eidas.europa.eu/LoA/low",
        ("STORK-QAA-Level-1", "STORK-QAA-Level-2"),
        "http://bsi.bund.de/eID/LoA/normal",
    ),
    "substantial": Names(
        "http://eidas.europa.eu/LoA/substantial", ("STORK-QAA-Level-3",), "http://bsi.bund.de/eID/LoA/substantiell"
    ),
    "high": Names("http://eidas.europa.eu/LoA/high", ("STORK-QAA-Level-4",), "http://bsi.bund.de/eID/LoA/hoch"),
}


def yielded(means: Means, of_password: TrustLevel) -> TrustLevel:
    """Return the level of a log-in by what says none of its own: low, but for the passwords of a trial."""
    return of_password if means.startswith("password") else "low"


def reaches(level: TrustLevel, demanded: TrustLevel) -> bool:
    """Tell whether a level is at least the one demanded."""
    return LEVELS.index(level) >= LEVELS.index(demanded)


def lower(one: TrustLevel, other: TrustLevel) -> TrustLevel:
    """Return the lower of two levels."""
    return min(one, other, key=LEVELS.index)


def higher(one: TrustLevel, other: TrustLevel) -> TrustLevel:
    """Return the higher of two levels."""
    return max(one, other, key=LEVELS.index)


def level_named(name: str) -> TrustLevel | None:
    """Return the level that somebody else calls so, or None if it is the name of none."""
    for level, names in NAMES.items():
        if name in (names.eidas, *names.stork, names.tr_03107):
            return level
    return None
