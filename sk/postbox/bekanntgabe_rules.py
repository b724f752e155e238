"""The rules by which a regime finds the day of Bekanntgabe: one pure function each, with its statute.

A rule gets its version (the numbers and sentences in force), what happened, and where the recipient is. It
returns the day or none, the sentence of the statute that gave it, the steps to it, and the other day where
the law is open.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.explanation import ORDINALS, Steps, Words, say
from sk.postbox.holidays import FIRST_YEAR, LAST_YEAR, Holidays, Land, working_day_from

# A Frist of one year that begins in this year still ends within the known holidays.
LAST_EVENT_YEAR = LAST_YEAR - 2

UNPROVEN = Words(
    de="die Bereitstellung und ihr Zeitpunkt sind nicht bewiesen",
    en="the Bereitstellung and its moment are not proven",
)
NO_ABRUF = Words(de="ohne Abruf keine Bekanntgabe", en="without an Abruf there is no Bekanntgabe")
NOT_MOVED = Words(
    de="er ist kein Werktag und verschiebt sich trotzdem nicht",
    en="it is no working day and does not move all the same",
)
UNDECIDED = Words(de="eine Entscheidung dazu ist nicht bekannt", en="no decision on this is known")


class Moments(BaseModel):
    """What happened to a notice, and how much of it can be proven.

    `event` is the moment from which the regime counts: the Bereitstellung zum Abruf, under ozg-9. `abruf` is
    the first Abruf. `benachrichtigung_proven` is false if the Benachrichtigung was refused or left too late.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: AwareDatetime
    abruf: AwareDatetime | None = None
    bereitstellung_proven: bool = True
    benachrichtigung_proven: bool = True


class Recipient(BaseModel):
    """Where the recipient is, as the authority states it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    land: Land
    abroad: bool = False


class OtherDay(BaseModel):
    """The day of Bekanntgabe that a court may hold instead, where the law is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date
    steps: Steps


@dataclass(frozen=True)
class Finding:
    """What a rule found: the day or none, the sentence of the statute that gave it, the steps to it."""

    on: date | None
    basis: str
    steps: Steps
    other: OtherDay | None = None


@dataclass(frozen=True)
class Version:
    """A rule as it is in force from a day on, with the sentences of the statute that it rests on."""

    begins_on: date
    rule: Callable[["Version", Moments, Recipient], Finding]
    days: int
    basis: str
    abruf_basis: str
    benachrichtigung_basis: str


def by_bereitstellung(version: Version, moments: Moments, recipient: Recipient) -> Finding:
    """Count the days from the Bereitstellung; neither an Abruf nor a weekend changes the day.

    § 9 Abs. 1 Satz 4 OZG (Satz 3 until 23.07.2024). In case of doubt the authority has to prove the
    Bereitstellung and its moment (Satz 5, before Satz 4); where it cannot, the first Abruf governs.
    """
    if not moments.bereitstellung_proven:
        return by_first_abruf(version, moments, because=UNPROVEN)
    event_on = calendar_day(moments.event)
    on = event_on + timedelta(days=version.days)
    other = as_if_moved(on, Holidays(recipient.land))
    steps = (
        say("{day} Bereitstellung", "{day}: made available (Bereitstellung)", day=event_on),
        say("{nth} Tag: {day}", "{nth} day: {day}", nth=ORDINALS[version.days], day=on),
        *((NOT_MOVED,) if other else ()),
        *_unchanged_by_abruf(moments),
        *_benachrichtigung_missing(version, moments),
    )
    return Finding(on, version.basis, steps, other)


def by_first_abruf(version: Version, moments: Moments, *, because: Words) -> Finding:
    """Take the day of the first Abruf, because the day by fiction cannot be had; without one there is none.

    § 9 Abs. 1 Satz 7 OZG (Satz 6 until 23.07.2024). The day of a real event is never moved.
    """
    if moments.abruf is None:
        return Finding(None, version.basis, (because, NO_ABRUF))
    on = calendar_day(moments.abruf)
    governs = say("{day} erster Abruf, der maßgeblich ist", "{day}: first Abruf, which governs", day=on)
    return Finding(on, version.abruf_basis, (because, governs))


def as_if_moved(on: date, holidays: Container[date]) -> OtherDay | None:
    """Return the next working day at the recipient's place if the day itself is none.

    The open question of a shift: § 108 Abs. 3 AO moves the day by fiction (BFH, IX R 68/98), under § 37 SGB X
    it stays (BSG, B 14 AS 12/09 R); for § 9 OZG no decision is known.
    """
    moved = working_day_from(on, holidays)
    if moved == on:
        return None
    step = say(
        "nach anderer Ansicht verschiebt sich die Bekanntgabe von {on} auf den nächsten Werktag, {moved}",
        "on another view the Bekanntgabe moves from {on} to the next working day, {moved}",
        on=on,
        moved=moved,
    )
    return OtherDay(on=moved, steps=(step, UNDECIDED))


def benachrichtigung_in_time(bereitgestellt_at: datetime, benachrichtigt_at: datetime) -> bool:
    """Say whether the Benachrichtigung left on the day of the Bereitstellung at the latest.

    § 9 Abs. 1 Satz 6 OZG (Satz 5 until 23.07.2024).
    """
    return local_day(benachrichtigt_at) <= local_day(bereitgestellt_at)


def calendar_day(at: datetime) -> date:
    """Return the local day of a moment; one in a year whose holidays are not known is refused."""
    if not FIRST_YEAR <= at.year <= LAST_EVENT_YEAR:
        raise Invalid(
            f"Days are computed from {FIRST_YEAR} to {LAST_EVENT_YEAR} only; this moment lies in {at.year}.",
            problem="outside-calendar",
        )
    return local_day(at)


def _unchanged_by_abruf(moments: Moments) -> Steps:
    if moments.abruf is None:
        return ()
    day = calendar_day(moments.abruf)
    return (say("der Abruf ({day}) ändert daran nichts", "the Abruf ({day}) does not change it", day=day),)


def _benachrichtigung_missing(version: Version, moments: Moments) -> Steps:
    if moments.benachrichtigung_proven:
        return ()
    step = say(
        "eine rechtzeitige Benachrichtigung ({basis}) ist nicht belegt: der Wortlaut knüpft diesen Tag nicht "
        "daran, ein Gericht kann aber annehmen, dass nichts zu laufen begann",
        "a Benachrichtigung in time ({basis}) is not proven: the text ties nothing to it for this day, "
        "but a court may hold that nothing began to run",
        basis=Words(de=version.benachrichtigung_basis, en=version.benachrichtigung_basis),
    )
    return (step,)
