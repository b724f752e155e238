"""Trust levels: how surely an account belongs to its person (Art. 8 eIDAS)."""

from typing import Literal, get_args

TrustLevel = Literal["low", "substantial", "high"]
LEVELS: tuple[TrustLevel, ...] = get_args(TrustLevel)


def reaches(level: TrustLevel, demanded: TrustLevel) -> bool:
    """Tell whether a level is at least the one demanded."""
    return LEVELS.index(level) >= LEVELS.index(demanded)
