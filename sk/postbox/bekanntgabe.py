"""On which day a Verwaltungsakt counts as announced: regimes as dated data, and the function that asks them.

A day that was stated keeps the version of the rule that produced it. When the law changes, a regime gains
a version; the old one stays, because old notices keep their dates. A new regime is a row in `REGIMES`, and
a rule of its own in `bekanntgabe_rules` where none of those there fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict

from sk.clock import day_ends_at
from sk.errors import Invalid
from sk.postbox.bekanntgabe_rules import Moments, OtherDay, Recipient, Version, by_bereitstellung
from sk.postbox.explanation import Steps, Words, date_words, say, sentence
from sk.postbox.holidays import LAND_NAMES

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


class Bekanntgabe(BaseModel):
    """The day on which a notice counts as announced and the rule that gave it; `on` is None if there is none.

    `version` is the day since which that version of the rule is in force, `other` the day on another reading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date | None
    law: Law
    version: date
    basis: str
    steps: Steps
    other: OtherDay | None = None

    @property
    def why(self) -> str:
        """The reasoning in German."""
        return sentence(self.steps, "de")

    @property
    def due_at(self) -> datetime | None:
        """The instant, in UTC, at which the day begins: from then on the notice is bekanntgegeben."""
        return None if self.on is None else day_begins_at(self.on)


@dataclass(frozen=True)
class Regime:
    """A law under which notices are announced, in its versions from the oldest to the newest."""

    statute: str
    versions: tuple[Version, ...]

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


REGIMES: Mapping[Law, Regime] = {
    "ozg-9": Regime(
        statute="§ 9 OZG",
        versions=(
            Version(
                begins_on=date(2020, 12, 10),
                rule=by_bereitstellung,
                days=3,
                basis="§ 9 Abs. 1 Satz 3 OZG",
                abruf_basis="§ 9 Abs. 1 Satz 6 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 5 OZG",
            ),
            Version(
                begins_on=date(2024, 7, 24),
                rule=by_bereitstellung,
                days=3,
                basis="§ 9 Abs. 1 Satz 4 OZG",
                abruf_basis="§ 9 Abs. 1 Satz 7 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 6 OZG",
            ),
            Version(
                begins_on=date(2025, 1, 1),
                rule=by_bereitstellung,
                days=4,
                basis="§ 9 Abs. 1 Satz 4 OZG",
                abruf_basis="§ 9 Abs. 1 Satz 7 OZG",
                benachrichtigung_basis="§ 9 Abs. 1 Satz 6 OZG",
            ),
        ),
    ),
}


def compute_bekanntgabe(law: str, moments: Moments, recipient: Recipient) -> Bekanntgabe:
    """Return the day on which a notice counts as announced under a law, and why."""
    version = regime_of(law).version_at(moments.event)
    finding = version.rule(version, moments, recipient)
    return Bekanntgabe(
        on=finding.on,
        law=cast("Law", law),
        version=version.begins_on,
        basis=finding.basis,
        steps=(*finding.steps, _recipient_step(recipient), _basis_step(finding.basis, version.begins_on)),
        other=finding.other,
    )


def regime_of(law: str) -> Regime:
    """Return the regime of a law; one that is unknown or not built yet is refused."""
    if law not in get_args(Law):
        raise Invalid(
            f"There is no law {law!r}; the names are {', '.join(get_args(Law))}.",
            field="law",
            problem="unknown-law",
        )
    if law not in REGIMES:
        raise Invalid(
            f"The law {law} is not built yet; built is {', '.join(REGIMES)}.",
            field="law",
            problem="law-not-built",
        )
    return REGIMES[cast("Law", law)]


@lru_cache
def day_begins_at(day: date) -> datetime:
    """Return the instant at which a local day begins, in UTC."""
    return day_ends_at(day - timedelta(days=1))


def _recipient_step(recipient: Recipient) -> Words:
    abroad = Words(de="im Ausland", en="abroad")
    place = abroad if recipient.abroad else LAND_NAMES[recipient.land]
    return say("Empfänger laut Behörde: {place}", "recipient, says the authority: {place}", place=place)


def _basis_step(basis: str, since: date) -> Words:
    return say(
        "Grundlage: {basis} in der Fassung seit {since}",
        "basis: {basis} as in force since {since}",
        basis=Words(de=basis, en=basis),
        since=date_words(since),
    )
