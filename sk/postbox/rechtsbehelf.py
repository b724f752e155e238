"""Until when a Rechtsbehelf can be lodged: kinds and their periods as data, the Frist as pure functions.

Each is lodged against an act that was announced through the postbox. A Frist that begins with a formal
Zustellung is not computed, because documents that need one are refused.
"""

from calendar import monthrange
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict

from sk.clock import day_ends_at
from sk.errors import Invalid
from sk.postbox.bekanntgabe import Bekanntgabe, compute_bekanntgabe
from sk.postbox.bekanntgabe_terms import Doubt, Moments, Recipient
from sk.postbox.explanation import Steps, Words, say, sentence, verbatim
from sk.postbox.holidays import Holidays, Land, moving_steps, working_day_from

RechtsbehelfName = Literal[
    "klage-vwgo", "widerspruch-vwgo", "klage-sgg", "widerspruch-sgg", "einspruch-ao", "klage-fgo", "none"
]

YEAR = 12
SPANS = {
    1: Words(de="ein Monat", en="one month"),
    3: Words(de="drei Monate, weil im Ausland bekannt gegeben", en="three months, because announced abroad"),
    YEAR: Words(
        de="ein Jahr, weil die Belehrung fehlt oder unrichtig ist",
        en="one year, because the instructions on legal remedies (Rechtsbehelfsbelehrung) are missing or wrong",
    ),
}
SHORTER_MONTH = Words(de="der letzte Tag des kürzeren Monats", en="the last day of the shorter month")
AT_THE_SEAT = Words(de="am Sitz der Behörde", en="at the seat of the authority")
NONE_NAMED = Words(
    de="die Behörde nennt keinen Rechtsbehelf",
    en="the authority names no legal remedy (Rechtsbehelf)",
)
NO_BEKANNTGABE = Words(
    de="ohne Bekanntgabe läuft keine Frist",
    en="no time limit (Frist) runs, because it does not count as announced (Bekanntgabe)",
)


@dataclass(frozen=True)
class Period:
    """How long a Rechtsbehelf can be lodged, and by which provision."""

    months: int
    basis: str


@dataclass(frozen=True)
class Kind:
    """A kind of Rechtsbehelf: its periods, and the provisions by which their ends are computed."""

    period: Period
    without_belehrung: Period
    computed_by: str
    abroad: Period | None = None

    def period_for(self, *, belehrung: bool, abroad: bool) -> Period:
        """Return the period that runs: a year without a right Belehrung, three months abroad under SGG."""
        if not belehrung:
            return self.without_belehrung
        return self.abroad if abroad and self.abroad else self.period


KINDS: Mapping[RechtsbehelfName, Kind] = {
    "klage-vwgo": Kind(
        period=Period(1, "§ 74 Abs. 1 Satz 2 VwGO"),
        without_belehrung=Period(YEAR, "§ 58 Abs. 2 VwGO"),
        computed_by="§ 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB",
    ),
    "widerspruch-vwgo": Kind(
        period=Period(1, "§ 70 Abs. 1 VwGO"),
        without_belehrung=Period(YEAR, "§ 58 Abs. 2 VwGO"),
        computed_by="§ 57 Abs. 2 VwGO, § 222 ZPO, §§ 187, 188 BGB",
    ),
    "klage-sgg": Kind(
        period=Period(1, "§ 87 Abs. 1 SGG"),
        abroad=Period(3, "§ 87 Abs. 1 SGG"),
        without_belehrung=Period(YEAR, "§ 66 Abs. 2 SGG"),
        computed_by="§ 64 SGG",
    ),
    "widerspruch-sgg": Kind(
        period=Period(1, "§ 84 Abs. 1 SGG"),
        abroad=Period(3, "§ 84 Abs. 1 SGG"),
        without_belehrung=Period(YEAR, "§ 66 Abs. 2 SGG"),
        computed_by="§ 64 SGG",
    ),
    "einspruch-ao": Kind(
        period=Period(1, "§ 355 Abs. 1 AO"),
        without_belehrung=Period(YEAR, "§ 356 Abs. 2 AO"),
        computed_by="§ 108 Abs. 1, 3 AO, §§ 187, 188 BGB",
    ),
    "klage-fgo": Kind(
        period=Period(1, "§ 47 Abs. 1 FGO"),
        without_belehrung=Period(YEAR, "§ 55 Abs. 2 FGO"),
        computed_by="§ 54 Abs. 2 FGO, § 222 ZPO, §§ 187, 188 BGB",
    ),
}


class OtherReading(BaseModel):
    """The end of the Frist that a court may hold instead; None if it may hold that none runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frist_ends_on: date | None
    frist_expires_at: datetime | None
    steps: Steps
    doubt: Doubt = "law"

    @property
    def why(self) -> str:
        """The reasoning in German."""
        return sentence(self.steps, "de")


class Rechtsbehelf(BaseModel):
    """The last day for a Rechtsbehelf; None where no Frist runs: none was named, or there is no Bekanntgabe.

    `frist_expires_at` is the end of that day in Europe/Berlin, in UTC: the first instant that is too late.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: RechtsbehelfName
    frist_ends_on: date | None = None
    frist_expires_at: datetime | None = None
    basis: str | None = None
    steps: Steps
    other_reading: OtherReading | None = None

    @property
    def why(self) -> str:
        """The reasoning in German."""
        return sentence(self.steps, "de")


def compute_days(
    law: str, moments: Moments, recipient: Recipient, *, rechtsbehelf: str, belehrung: bool, seat: Land
) -> tuple[Bekanntgabe, Rechtsbehelf]:
    """Return the day of Bekanntgabe and the Frist, so that no other reading of either is lost.

    Another day is told with the Frist that would run from it. Where that ends alike, or none was named, the reasoning
    of the Bekanntgabe tells it.
    """
    announced = compute_bekanntgabe(law, moments, recipient)
    remedy = compute_rechtsbehelf(rechtsbehelf, announced, seat=seat, belehrung=belehrung, abroad=recipient.abroad)
    if announced.other and not remedy.other_reading:
        announced = announced.model_copy(update={"steps": (*announced.steps, *announced.other.steps)})
    return announced, remedy


def compute_rechtsbehelf(
    kind: str, bekanntgabe: Bekanntgabe, *, seat: Land, belehrung: bool, abroad: bool = False
) -> Rechtsbehelf:
    """Return when the Frist against a notice ends. `seat` is the Land of the authority."""
    if kind == "none":
        return Rechtsbehelf(kind="none", steps=(NONE_NAMED,))
    rule = kind_of(kind)
    period = rule.period_for(belehrung=belehrung, abroad=abroad)
    basis = f"{period.basis}; {rule.computed_by}"
    ends_on, steps = _frist(bekanntgabe.on, period.months, seat)
    return Rechtsbehelf(
        kind=cast("RechtsbehelfName", kind),
        frist_ends_on=ends_on,
        frist_expires_at=day_ends_at(ends_on) if ends_on else None,
        basis=basis,
        steps=(*steps, say("Grundlage: {basis}", "basis: {basis}", basis=verbatim(basis))),
        other_reading=_other_reading(bekanntgabe, period.months, ends_on, Holidays(seat)),
    )


def kind_of(name: str) -> Kind:
    """Return the kind of Rechtsbehelf with this name; an unknown one is refused."""
    if name not in KINDS:
        raise Invalid(
            f"There is no Rechtsbehelf {name!r}; the names are {', '.join(get_args(RechtsbehelfName))}.",
            field="rechtsbehelf",
            problem="unknown-rechtsbehelf",
        )
    return KINDS[cast("RechtsbehelfName", name)]


def frist_ends_on(bekanntgabe_on: date, months: int, holidays: Container[date]) -> date:
    """Return the last day of a period of whole months that begins with the Bekanntgabe.

    § 187 Abs. 1 BGB: the day of the Bekanntgabe is not counted.
    § 222 Abs. 2 ZPO, § 64 Abs. 3 SGG, § 108 Abs. 3 AO: a Saturday, Sunday or holiday moves the end to the
    next working day.
    """
    return working_day_from(months_later(bekanntgabe_on, months), holidays)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day of a shorter month (§ 188 Abs. 2, 3 BGB)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _other_reading(
    bekanntgabe: Bekanntgabe, months: int, ends_on: date | None, holidays: Container[date]
) -> OtherReading | None:
    """Return the end of the Frist that runs from the other day of Bekanntgabe, where it is another end, or none."""
    other = bekanntgabe.other
    if other is None:
        return None
    if other.on is None:
        steps = (*other.steps, NO_BEKANNTGABE)
        return OtherReading(frist_ends_on=None, frist_expires_at=None, steps=steps, doubt=other.doubt)
    other_on = frist_ends_on(other.on, months, holidays)
    if other_on == ends_on:
        return None
    then = say(
        "dann endet die Frist am {day}, 24 Uhr", "then the time limit (Frist) ends on {day}, 24:00", day=other_on
    )
    return OtherReading(
        frist_ends_on=other_on,
        frist_expires_at=day_ends_at(other_on),
        steps=(*other.steps, then),
        doubt=other.doubt,
    )


@lru_cache  # thousands of notices of one night share their day
def _frist(bekanntgabe_on: date | None, months: int, seat: Land) -> tuple[date | None, Steps]:
    if bekanntgabe_on is None:
        return None, (NO_BEKANNTGABE,)
    nominal = months_later(bekanntgabe_on, months)
    ends_on = frist_ends_on(bekanntgabe_on, months, Holidays(seat))
    return ends_on, (
        say("{day} Bekanntgabe, die nicht mitzählt", "{day}: announced (Bekanntgabe), not counted", day=bekanntgabe_on),
        say("{span}: {day}", "{span}: {day}", span=SPANS[months], day=nominal),
        *((SHORTER_MONTH,) if nominal.day != bekanntgabe_on.day else ()),
        *moving_steps(nominal, seat, AT_THE_SEAT),
        say("die Frist endet am {day}, 24 Uhr", "the time limit (Frist) ends on {day}, 24:00", day=ends_on),
    )
