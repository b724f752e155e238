"""The day by fiction: counted from an event, and what a Saturday, Sunday or holiday makes of it."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sk.postbox.bekanntgabe_terms import OtherDay, Recipient, Version
from sk.postbox.explanation import ORDINALS, Steps, Words, say, verbatim
from sk.postbox.holidays import Holidays, moving_steps, working_day_from

NOT_MOVED = Words(
    de="er ist kein Werktag und verschiebt sich trotzdem nicht",
    en="it is no working day and does not move all the same",
)
UNDECIDED = Words(de="eine Entscheidung dazu ist nicht bekannt", en="no decision on this is known")
AT_THE_RECIPIENTS_PLACE = Words(de="am Ort des Empfängers", en="at the recipient's place")
BY_THE_LAND_STATED = Words(
    de="nach den Feiertagen des genannten Landes", en="by the holidays of the Land that is stated"
)
HOLIDAYS_ABROAD = Words(
    de="welche Feiertage am Ort im Ausland gelten, ist nicht bekannt",
    en="which holidays there are at the place abroad is not known",
)


@dataclass(frozen=True)
class Fiction:
    """A day by fiction, the steps to it, and the other day where the law is open."""

    on: date
    steps: Steps
    other: OtherDay | None = None


def by_fiction(version: Version, event_on: date, recipient: Recipient) -> Fiction:
    """Count the days from the day of the event; under the AO a day that is no working day moves."""
    on = event_on + timedelta(days=version.days)
    nth = say("{nth} Tag: {day}", "{nth} day: {day}", nth=ORDINALS[version.days], day=on)
    found = (_moved if version.moves else _not_moved)(version, on, recipient)
    return replace(found, steps=(nth, *found.steps))


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


def as_if_not_moved(on: date) -> OtherDay:
    """Return a day by fiction that is no working day as it is, for who doubts that § 108 Abs. 3 AO moves it."""
    step = say(
        "nach anderer Ansicht verschiebt sich die Bekanntgabe nicht und bleibt am {on}",
        "on another view the Bekanntgabe does not move and stays on {on}",
        on=on,
    )
    return OtherDay(on=on, steps=(step, UNDECIDED))


def as_if_abroad_had_no_holidays(on: date) -> OtherDay:
    """Return the first day from this one on that is no Saturday or Sunday, the holidays of no Land counted.

    For a recipient abroad: § 108 Abs. 3 AO speaks of statutory holidays, and none of a Land holds there.
    """
    moved = working_day_from(on, ())
    step = say(
        "nach anderer Ansicht zählt im Ausland kein Feiertag eines Landes, und die Bekanntgabe ist am {moved}",
        "on another view no holiday of a Land counts abroad, and the Bekanntgabe is on {moved}",
        moved=moved,
    )
    return OtherDay(on=moved, steps=(step, UNDECIDED))


def _not_moved(version: Version, on: date, recipient: Recipient) -> Fiction:
    """Leave a day by fiction where it is; where no decision says so, a court may hold that it moves."""
    other = as_if_moved(on, Holidays(recipient.land))
    if other is None:
        return Fiction(on, ())
    if not version.decided_by:
        return Fiction(on, (NOT_MOVED,), other)
    decided = say(
        "er ist kein Werktag und verschiebt sich trotzdem nicht ({decision})",
        "it is no working day and does not move all the same ({decision})",
        decision=verbatim(version.decided_by),
    )
    return Fiction(on, (decided,))


def _moved(version: Version, on: date, recipient: Recipient) -> Fiction:
    """Move a day by fiction to the next working day at the recipient's place (§ 108 Abs. 3 AO; BFH, IX R 68/98).

    What is a holiday abroad is not known. The Land that the authority states counts there too, because the later
    day never takes time from the recipient.
    """
    moved_on = working_day_from(on, Holidays(recipient.land))
    where = BY_THE_LAND_STATED if recipient.abroad else AT_THE_RECIPIENTS_PLACE
    abroad: Steps = (HOLIDAYS_ABROAD,) if recipient.abroad else ()
    steps = (*abroad, *moving_steps(on, recipient.land, where))
    if moved_on != on and not version.decided_by:
        return Fiction(moved_on, steps, as_if_not_moved(on))
    if recipient.abroad and moved_on != working_day_from(on, ()):
        return Fiction(moved_on, steps, as_if_abroad_had_no_holidays(on))
    return Fiction(moved_on, steps)
