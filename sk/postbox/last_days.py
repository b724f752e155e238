"""What is told of the end of a Frist: to a citizen the day to keep to, to an authority the later one, and the doubt.

A doubt of law is one that a court decides: the citizen is safe with the earlier day. A doubt of fact is a report that
nobody has verified and that whoever holds the mail can write: it moves no day that is shown, and is told beside it.
"""

from datetime import date
from typing import Literal, NamedTuple

from sk.postbox.explanation import Steps
from sk.postbox.rechtsbehelf import Rechtsbehelf


class LastDays(NamedTuple):
    """The last day by our own reading and by the other one, where there is one; None if by that no Frist runs."""

    shown: date
    ours: date | None
    other: date | None
    doubt: Literal["", "law", "fact"]

    @property
    def may_never_have_begun(self) -> bool:
        """Tell whether on one of the readings no Frist runs at all, so that none is said to be over."""
        return bool(self.doubt) and (self.ours is None or self.other is None)

    @property
    def ended(self) -> date:
        """Return the day that is named as the end of a Frist that is over: by our own reading, where that has one."""
        return self.ours or self.shown

    def state(self, today: date) -> Literal["running", "perhaps-over", "over"]:
        """Tell how the Frist stands on a day. It is over when it is on every reading."""
        if self.shown >= today:
            return "running"
        if self.may_never_have_begun or any(day and day >= today for day in (self.ours, self.other)):
            return "perhaps-over"
        return "over"


def last_days(said: Rechtsbehelf | None) -> LastDays | None:
    """Return the last days of a Frist, the one to keep to among them; None if there is no day to keep to."""
    if said is None:
        return None
    ours, reading = said.frist_ends_on, said.other_reading
    if reading is None:
        return LastDays(ours, ours, None, "") if ours else None
    days = [ours, None if reading.doubt == "fact" else reading.frist_ends_on]
    shown = min((day for day in days if day), default=None)
    return LastDays(shown, ours, reading.frist_ends_on, reading.doubt) if shown else None


class Reading(NamedTuple):
    """A last day, None if none runs, with its reasoning: our own, or one that rests on a doubt."""

    ends_on: date | None
    steps: Steps
    doubt: Literal["", "law", "fact"] = ""


def readings(said: Rechtsbehelf | None) -> list[Reading]:
    """Return the readings of a Frist as its authority is told them: first the one by which it is open the longest.

    Whoever relies on an act waits for the later day. Where no Rechtsbehelf was named there is no reading.
    """
    if said is None or said.kind == "none":
        return []
    found = [Reading(said.frist_ends_on, said.steps)]
    if other := said.other_reading:
        found.append(Reading(other.frist_ends_on, other.steps, other.doubt))
    return sorted(found, key=lambda one: one.ends_on or date.max, reverse=True)
