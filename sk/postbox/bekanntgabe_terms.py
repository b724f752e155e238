"""What the rules of Bekanntgabe are given and what they return: moments, recipient, version, finding."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.explanation import Steps, Words
from sk.postbox.holidays import FIRST_YEAR, LAST_YEAR, Land

# A Frist of one year that begins in this year still ends within the known holidays.
LAST_EVENT_YEAR = LAST_YEAR - 2
Doubt = Literal["law", "fact"]
"""What another reading rests on: that the law is open, or that what is known of the facts may be wrong."""


class Moments(BaseModel):
    """What happened to a notice, and how much of it can be proven.

    `event` is the moment from which the regime counts: the Bereitstellung zum Abruf (ozg-9, egovg-nrw-5-3,
    ao-122a since 2026), the sending of the Benachrichtigung (vwvfg-41-2a, sgbx-37-2a, ao-122a until 2025), or
    the posting or sending of the act itself (vwvfg-41-2, sgbx-37-2, ao-122-2). `abruf` is the first Abruf.
    `zugang_on` is the proven day of Zugang of what was sent, act or Benachrichtigung, and `received` is false
    if it never came in. `benachrichtigung_proven` is false if the Benachrichtigung was refused or left too late.
    `bounced` says that it came back, as an unverified mail has it. `lenient_ten_days` moves the tenth day of § 41
    Abs. 2a VwVfG to a working day. `bereitgestellt_at`, where it is known, decides which version is in force.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: AwareDatetime
    abruf: AwareDatetime | None = None
    zugang_on: date | None = None
    received: bool = True
    bereitstellung_proven: bool = True
    benachrichtigung_proven: bool = True
    bounced: bool = False
    lenient_ten_days: bool = False
    bereitgestellt_at: AwareDatetime | None = None


class Recipient(BaseModel):
    """Where the recipient is, as the authority states it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    land: Land
    abroad: bool = False


class OtherDay(BaseModel):
    """The day of Bekanntgabe that a court may hold instead; `on` is None if it may hold that there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date | None
    steps: Steps
    doubt: Doubt = "law"


@dataclass(frozen=True)
class Finding:
    """What a rule found: the day or none, the sentence of the statute that gave it, the steps to it.

    `counted` says that the day was counted by fiction: no real event gave it.
    """

    on: date | None
    basis: str
    steps: Steps
    other: OtherDay | None = None
    counted: bool = False


Rule = Callable[["Version", Moments, Recipient], Finding]
"""What finds the day under a version of a law."""


@dataclass(frozen=True)
class Version:
    """A rule as it is in force from a day on, with the sentences of the statute that it rests on.

    `days` are counted from the event, or from the Abruf where it alone announces. `otherwise_basis` governs where
    the day cannot be had so: nothing proven, received late, fetched late. `within` are the days in which the
    Abruf or the Benachrichtigung has to come, 0 if none are named. `moves` says whether a day by fiction that is
    no working day moves, `decided_by` the decision that settles it. `changed_by` is the transitional rule for
    this version's number of days, `unsure` what has to be said with every day that it gives.
    """

    begins_on: date
    rule: Rule
    days: int
    basis: str
    otherwise_basis: str
    benachrichtigung_basis: str = ""
    first_abruf_stays: bool = False
    within: int = 0
    moves: bool = False
    decided_by: str = ""
    changed_by: str = ""
    unsure: Words | None = None


def calendar_day(at: datetime) -> date:
    """Return the local day of a moment; one in a year whose holidays are not known is refused."""
    if at.year in (MINYEAR, MAXYEAR):  # at their ends there may be no local day
        refuse_unknown(at.year)
    day = local_day(at)
    refuse_unknown(day.year)
    return day


def refuse_unknown(year: int) -> None:
    """Refuse a year for which not all holidays are known that a Frist from it may meet."""
    if not FIRST_YEAR <= year <= LAST_EVENT_YEAR:
        raise Invalid(
            f"Days are computed from {FIRST_YEAR} to {LAST_EVENT_YEAR} only; this moment lies in {year}.",
            problem="outside-calendar",
        )
