"""On which day a Verwaltungsakt counts as announced, and why: the function that asks the regimes."""

from datetime import date, datetime
from typing import cast

from pydantic import BaseModel, ConfigDict

from sk.postbox.bekanntgabe_doubts import counted_by
from sk.postbox.bekanntgabe_facts import without_role
from sk.postbox.bekanntgabe_terms import Moments, OtherDay, Recipient, Version, calendar_day
from sk.postbox.explanation import ORDINALS, Steps, Words, date_words, say, sentence, verbatim
from sk.postbox.holidays import LAND_NAMES
from sk.postbox.regimes import Law, day_begins_at, regime_of

BOUNCED = Words(
    de="eine Unzustellbarkeitsnachricht zur Benachrichtigung liegt vor; sie ist ungeprüft und ändert diesen Tag nicht",
    en="a report says that the e-mail about it (Benachrichtigung) could not be delivered; it is unverified and "
    "does not change this day",
)
BOUNCED_WITHOUT_A_DAY = Words(
    de="eine Unzustellbarkeitsnachricht zur Benachrichtigung liegt vor; sie ist ungeprüft und ändert daran nichts",
    en="a report says that the e-mail about it (Benachrichtigung) could not be delivered; it is unverified and "
    "changes nothing here",
)
LATER_EVENTS = Words(de="spätere Ereignisse", en="later events")
LATER_BEREITSTELLUNGEN = Words(de="spätere Bereitstellungen", en="what is made available later")


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

    def may_be_announced(self, at: datetime) -> bool:
        """Say whether the day, or the one that a court may hold instead, has begun at a moment."""
        days = [self.on, self.other.on if self.other else None]
        return any(day is not None and day_begins_at(day) <= at for day in days)


def compute_bekanntgabe(law: str, moments: Moments, recipient: Recipient) -> Bekanntgabe:
    """Return the day on which a notice counts as announced under a law, and why."""
    regime = regime_of(law)
    version = regime.version_at(moments.bereitgestellt_at or moments.event)
    finding = version.rule(version, moments, recipient)
    newer = regime.changed_before(finding.on, version) if finding.on and finding.counted else None
    other = finding.other
    if newer and not newer.changed_by:
        other = other or counted_by(newer, calendar_day(moments.event), recipient)
    steps = (
        *finding.steps,
        *without_role(version, moments),
        *((BOUNCED if finding.on else BOUNCED_WITHOUT_A_DAY,) if moments.bounced else ()),
        *(_change_of_days(newer, moments) if newer else ()),
        *((version.unsure,) if version.unsure else ()),
        _recipient_step(recipient),
        _basis_step(finding.basis, version.begins_on),
    )
    return Bekanntgabe(
        on=finding.on,
        law=cast("Law", law),
        version=version.begins_on,
        basis=finding.basis,
        steps=steps,
        other=other,
    )


def _change_of_days(newer: Version, moments: Moments) -> Steps:
    """Say what decides where the number of days changed between the event and the day by fiction.

    Where the Bereitstellung decides which version is in force, the event that is counted from may be a later one.
    """
    later = LATER_BEREITSTELLUNGEN if moments.bereitgestellt_at else LATER_EVENTS
    change = {"since": date_words(newer.begins_on), "nth": ORDINALS[newer.days]}
    if newer.changed_by:
        step = say(
            "seit {since} wäre es ein {nth} Tag, aber nur für {later} ({basis})",
            "since {since} it would be a {nth} day, but for {later} only ({basis})",
            later=later,
            basis=verbatim(newer.changed_by),
            **change,
        )
    else:
        step = say(
            "seit {since} wäre es ein {nth} Tag; eine Übergangsregelung ist nicht bekannt, und gezählt wird nach "
            "dem Recht am Tag des Ereignisses",
            "since {since} it would be a {nth} day; no transitional rule is known, and the law on the day of the "
            "event is what counts",
            **change,
        )
    return (step,)


def _recipient_step(recipient: Recipient) -> Words:
    """Name the place, or, where it is abroad, the Land whose holidays were asked."""
    land = LAND_NAMES[recipient.land]
    abroad = say("im Ausland; Feiertage nach: {land}", "abroad; holidays of: {land}", land=land)
    place = abroad if recipient.abroad else land
    return say("Empfänger laut Behörde: {place}", "recipient's place according to the authority: {place}", place=place)


def _basis_step(basis: str, since: date) -> Words:
    return say(
        "Grundlage: {basis} in der Fassung seit {since}",
        "basis: {basis} as in force since {since}",
        basis=verbatim(basis),
        since=date_words(since),
    )
