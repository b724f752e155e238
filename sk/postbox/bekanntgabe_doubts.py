"""What a court may hold instead where Benachrichtigung or ten days are in doubt."""

from datetime import date, timedelta

from sk.postbox.bekanntgabe_terms import Moments, OtherDay, Recipient, Version
from sk.postbox.explanation import Steps, Words, say, verbatim
from sk.postbox.fiction import UNDECIDED, Fiction, by_fiction
from sk.postbox.holidays import Holidays, working_day_from

NOTHING_BEGAN = Words(
    de="nach anderer Ansicht begann ohne eine rechtzeitige Benachrichtigung nichts zu laufen",
    en="on another view nothing began to run without an e-mail about it (Benachrichtigung) in time",
)
AS_IF_BOUNCE_WERE_TRUE = Words(
    de="ist die Unzustellbarkeitsnachricht echt, so ist der Zugang der Benachrichtigung nicht bewiesen",
    en="if the report of non-delivery is genuine, it is not proven that the e-mail about it (Benachrichtigung) reached "
    "you (Zugang)",
)
THEN_NOTHING_BEGAN = Words(
    de="ein Gericht kann dann annehmen, dass nichts zu laufen begann",
    en="a court may then hold that nothing began to run",
)
STRICTLY_NONE = Words(
    de="streng gelesen endet die Frist am zehnten Tag, und es gibt keine Bekanntgabe",
    en="strictly read the time ends with the tenth day, and the notice does not count as announced (Bekanntgabe)",
)
SENDING_IS_NO_ZUGANG = Words(
    de="dass sie abgesandt und von einem Mailserver angenommen wurde, belegt ihren Zugang nicht; lässt er sich nicht "
    "nachweisen, gilt der Tag des Abrufs",
    en="that it was sent and taken by a mail server does not prove that it reached you (Zugang); where that cannot be "
    "shown, the day of opening it (Abruf) governs",
)


def benachrichtigung_in_doubt(
    version: Version, moments: Moments, event_on: date, day: Fiction
) -> tuple[Steps, OtherDay | None]:
    """Return what is said of a Benachrichtigung that is missing, late or came back, and the other reading.

    § 9 Abs. 1 Satz 6 OZG: the text ties nothing to it, a court may hold that nothing began to run. An open shift
    of the day is then told among the steps, unless it gives an earlier day: that must not be missed.
    """
    in_time = moments.received and (moments.zugang_on is None or moments.zugang_on <= event_on)
    if moments.benachrichtigung_proven and in_time:
        if not moments.bounced:
            return (), day.other
        none = OtherDay(on=None, steps=(AS_IF_BOUNCE_WERE_TRUE, THEN_NOTHING_BEGAN), doubt="fact")
        missing: Steps = ()
    else:
        none = OtherDay(on=None, steps=(NOTHING_BEGAN, UNDECIDED))
        missing = (_missing(version),)
    if day.other and day.other.on and day.other.on < day.on:
        return (*missing, *none.steps), day.other
    return (*missing, *(day.other.steps if day.other else ())), none


def counted_by(newer: Version, event_on: date, recipient: Recipient) -> OtherDay:
    """Return the day that a newer number of days would give, for who takes it to hold for earlier events too."""
    on = by_fiction(newer, event_on, recipient).on
    step = say(
        "zählten die Tage des neuen Rechts, wäre die Bekanntgabe am {day}",
        "if the days of the new law counted, it would count as announced (Bekanntgabe) on {day}",
        day=on,
    )
    return OtherDay(on=on, steps=(step, UNDECIDED))


def last_day_for_abruf(version: Version, sent_on: date, recipient: Recipient, *, lenient: bool) -> date:
    """Return the last day of the ten after the Benachrichtigung was sent.

    § 41 Abs. 2a Satz 4 VwVfG. Leniently read, one that is no working day at the recipient's place is moved (§ 31
    Abs. 3 VwVfG); whether it is, is open.
    """
    last_on = sent_on + timedelta(days=version.within)
    return working_day_from(last_on, Holidays(recipient.land)) if lenient else last_on


def ten_days_extended(extended_on: date) -> Words:
    """Say until when the ten days run if § 31 Abs. 3 VwVfG extends them."""
    return say(
        "nach einer Ansicht verlängern sich die zehn Tage bis zum nächsten Werktag, {day} (§ 31 Abs. 3 VwVfG)",
        "on one view the ten days run until the next working day, {day} (§ 31 Abs. 3 VwVfG)",
        day=extended_on,
    )


def counted_strictly(extended_on: date) -> Words:
    """Say the same where the ten days are counted without it."""
    return say(
        "nach anderer Ansicht verlängern sich die zehn Tage bis {day} (§ 31 Abs. 3 VwVfG); gerechnet wird streng",
        "on another view the ten days run until {day} (§ 31 Abs. 3 VwVfG); they are counted strictly",
        day=extended_on,
    )


def _missing(version: Version) -> Words:
    return say(
        "eine rechtzeitige Benachrichtigung ({basis}) ist nicht belegt: der Wortlaut knüpft diesen Tag nicht "
        "daran, ein Gericht kann aber annehmen, dass nichts zu laufen begann",
        "it is not proven that the e-mail about it (Benachrichtigung) was in time ({basis}): the text ties nothing to "
        "that for this day, but a court may hold that nothing began to run",
        basis=verbatim(version.benachrichtigung_basis),
    )
