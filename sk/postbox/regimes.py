"""The laws under which a Verwaltungsakt is announced: regimes as dated data.

A day that was stated keeps the version of the rule that produced it. When the law changes, a regime gains
a version; the old one stays, because old notices keep their dates. A new regime is a row in `REGIMES`, and
a rule of its own in `bekanntgabe_rules` where none of those there fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, cast, get_args

from sk.clock import day_ends_at
from sk.errors import Invalid
from sk.postbox.bekanntgabe_rules import by_abruf, by_benachrichtigung, by_bereitstellung, by_sending
from sk.postbox.bekanntgabe_terms import Version
from sk.postbox.explanation import Words, date_words

Law = Literal[
    "ozg-9",
    "egovg-nrw-5-3",
    "vwvfg-41-2",
    "vwvfg-41-2a",
    "sgbx-37-2",
    "sgbx-37-2a",
    "ao-122-2",
    "ao-122a",
]

POSTED: frozenset[Law] = frozenset({"ozg-9", "egovg-nrw-5-3", "vwvfg-41-2a", "sgbx-37-2a", "ao-122a"})
"""The laws under which notices are taken: those by which an act is fetched from a postbox."""

BSG, BFH, OVG_NRW = "BSG, B 14 AS 12/09 R", "BFH, IX R 68/98", "OVG NRW, 10 A 1356/21"
BSG_ON_ABS_2 = f"§ 37 Abs. 2 SGB X: {BSG}"
EGAO = "Art. 97 § 1 Abs. 15 EGAO"
EGOVG_NOT_SEEN = Words(
    de="der Wortlaut von § 5 Abs. 3 EGovG NRW seit 01.01.2025 lag nicht vor; vier Tage sind aus dem Änderungsgesetz "
    "vom 10.12.2024 erschlossen",
    en="the wording of § 5 Abs. 3 EGovG NRW since 1 January 2025 was not at hand; four days are inferred from the "
    "amending act of 10 December 2024",
)


@dataclass(frozen=True)
class Regime:
    """A law under which notices are announced, in its versions from the oldest to the newest."""

    statute: str
    versions: tuple[Version, ...]

    @property
    def counts_otherwise_since(self) -> bool:
        """Tell whether its versions count from different events: then the Bereitstellung decides between them."""
        return len({version.rule for version in self.versions}) > 1

    def version_at(self, event: datetime) -> Version:
        """Return the version in force on the local day of an event; one before all versions is refused."""
        in_force = [version for version in self.versions if day_begins_at(version.begins_on) <= event]
        if not in_force:
            first = date_words(self.versions[0].begins_on).en
            raise Invalid(
                f"{self.statute} knows a Bekanntgabe since {first} only; this event lies before that day.",
                field="event",
                problem="before-first-version",
            )
        return in_force[-1]

    def changed_before(self, on: date, version: Version) -> Version | None:
        """Return the version with another number of days that came into force between an event and its day."""
        newer = (other for other in self.versions if version.begins_on < other.begins_on <= on)
        return next((other for other in newer if other.days != version.days), None)


REGIMES: Mapping[Law, Regime] = {
    "ozg-9": Regime(
        statute="§ 9 OZG",
        versions=(
            Version(
                begins_on=date(2020, 12, 10),
                rule=by_bereitstellung,
                days=3,
                basis="§ 9 Abs. 1 Satz 3 OZG",
                otherwise_basis="§ 9 Abs. 1 Satz 6 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 5 OZG",
                first_abruf_stays=True,
            ),
            Version(
                begins_on=date(2024, 7, 24),
                rule=by_bereitstellung,
                days=3,
                basis="§ 9 Abs. 1 Satz 4 OZG",
                otherwise_basis="§ 9 Abs. 1 Satz 7 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 6 OZG",
                first_abruf_stays=True,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_bereitstellung,
                days=4,
                basis="§ 9 Abs. 1 Satz 4 OZG",
                otherwise_basis="§ 9 Abs. 1 Satz 7 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 6 OZG",
                first_abruf_stays=True,
            ),
        ),
    ),
    "egovg-nrw-5-3": Regime(
        statute="§ 5 Abs. 3 EGovG NRW",
        versions=(
            Version(
                begins_on=date(2022, 2, 19),
                rule=by_bereitstellung,
                days=3,
                basis="§ 5 Abs. 3 Satz 3 EGovG NRW",
                otherwise_basis="§ 5 Abs. 3 Satz 6 EGovG NRW",
                benachrichtigung_basis="§ 5 Abs. 3 Satz 5 EGovG NRW",
                first_abruf_stays=True,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_bereitstellung,
                days=4,
                basis="§ 5 Abs. 3 EGovG NRW",
                otherwise_basis="§ 5 Abs. 3 EGovG NRW",
                benachrichtigung_basis="§ 5 Abs. 3 EGovG NRW",
                first_abruf_stays=True,
                unsure=EGOVG_NOT_SEEN,
            ),
        ),
    ),
    "vwvfg-41-2": Regime(
        statute="§ 41 Abs. 2 VwVfG",
        versions=(
            Version(
                begins_on=date(1997, 1, 1),
                rule=by_sending,
                days=3,
                basis="§ 41 Abs. 2 VwVfG",
                otherwise_basis="§ 41 Abs. 2 VwVfG",
                decided_by=OVG_NRW,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_sending,
                days=4,
                basis="§ 41 Abs. 2 Satz 1, 2 VwVfG",
                otherwise_basis="§ 41 Abs. 2 Satz 3 VwVfG",
                decided_by=OVG_NRW,
            ),
        ),
    ),
    "vwvfg-41-2a": Regime(
        statute="§ 41 Abs. 2a VwVfG",
        versions=(
            Version(
                begins_on=date(2017, 1, 1),
                rule=by_abruf,
                days=1,
                within=10,
                basis="§ 41 Abs. 2a Satz 3 VwVfG",
                otherwise_basis="§ 41 Abs. 2a Satz 4, 5 VwVfG",
            ),
        ),
    ),
    "sgbx-37-2": Regime(
        statute="§ 37 Abs. 2 SGB X",
        versions=(
            Version(
                begins_on=date(1997, 1, 1),
                rule=by_sending,
                days=3,
                basis="§ 37 Abs. 2 SGB X",
                otherwise_basis="§ 37 Abs. 2 SGB X",
                decided_by=BSG,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_sending,
                days=4,
                basis="§ 37 Abs. 2 Satz 1, 2 SGB X",
                otherwise_basis="§ 37 Abs. 2 Satz 3 SGB X",
                decided_by=BSG,
            ),
        ),
    ),
    "sgbx-37-2a": Regime(
        statute="§ 37 Abs. 2a SGB X",
        versions=(
            Version(
                begins_on=date(2020, 12, 10),
                rule=by_benachrichtigung,
                days=3,
                basis="§ 37 Abs. 2a Satz 4 SGB X",
                otherwise_basis="§ 37 Abs. 2a Satz 6, 7 SGB X",
                decided_by=BSG_ON_ABS_2,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_benachrichtigung,
                days=4,
                within=3,  # Satz 7 still spoke of three days
                basis="§ 37 Abs. 2a Satz 4 SGB X",
                otherwise_basis="§ 37 Abs. 2a Satz 6, 7 SGB X",
                decided_by=BSG_ON_ABS_2,
            ),
            Version(
                begins_on=date(2026, 1, 1),
                rule=by_benachrichtigung,
                days=4,
                basis="§ 37 Abs. 2a Satz 4 SGB X",
                otherwise_basis="§ 37 Abs. 2a Satz 6, 7 SGB X",
                decided_by=BSG_ON_ABS_2,
            ),
        ),
    ),
    "ao-122-2": Regime(
        statute="§ 122 Abs. 2 AO",
        versions=(
            Version(
                begins_on=date(1997, 1, 1),
                rule=by_sending,
                days=3,
                basis="§ 122 Abs. 2, § 108 Abs. 3 AO",
                otherwise_basis="§ 122 Abs. 2 AO",
                moves=True,
                decided_by=BFH,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_sending,
                days=4,
                basis="§ 122 Abs. 2, 2a, § 108 Abs. 3 AO",
                otherwise_basis="§ 122 Abs. 2, 2a AO",
                moves=True,
                decided_by=BFH,
                changed_by=EGAO,
            ),
        ),
    ),
    "ao-122a": Regime(
        statute="§ 122a AO",
        versions=(
            Version(
                begins_on=date(2017, 1, 1),
                rule=by_benachrichtigung,
                days=3,
                basis="§ 122a Abs. 4 Satz 1, § 108 Abs. 3 AO",
                otherwise_basis="§ 122a Abs. 4 Satz 3, 4 AO",
                moves=True,
                decided_by=BFH,
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_benachrichtigung,
                days=4,
                basis="§ 122a Abs. 4 Satz 1, § 108 Abs. 3 AO",
                otherwise_basis="§ 122a Abs. 4 Satz 3, 4 AO",
                moves=True,
                decided_by=BFH,
                changed_by=EGAO,
            ),
            Version(
                begins_on=date(2026, 1, 1),
                rule=by_bereitstellung,
                days=4,
                basis="§ 122a Abs. 4, § 108 Abs. 3 AO",
                otherwise_basis="§ 122a Abs. 4 AO",
                benachrichtigung_basis="§ 122a AO",
                moves=True,
            ),
        ),
    ),
}


def regime_of(law: str) -> Regime:
    """Return the regime of a law; an unknown one is refused."""
    if law not in REGIMES:
        raise Invalid(
            f"There is no law {law!r}; the names are {', '.join(get_args(Law))}.",
            field="law",
            problem="unknown-law",
        )
    return REGIMES[cast("Law", law)]


def refuse_unposted(law: str) -> None:
    """Refuse a law under which no notices are taken: one that is unknown, or by which an act is sent, not fetched."""
    regime_of(law)
    if law not in POSTED:
        raise Invalid(
            f"Acts under {law} are sent by post or mail, not through a postbox; posted is under "
            f"{', '.join(sorted(POSTED))}.",
            field="law",
            problem="law-not-posted",
        )


@lru_cache
def day_begins_at(day: date) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return day_ends_at(day - timedelta(days=1))
