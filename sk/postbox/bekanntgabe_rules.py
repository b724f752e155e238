"""The rules by which a regime finds the day of Bekanntgabe: one pure function each, with its statute.

A rule gets its version (the numbers and sentences in force), what happened, and where the recipient is. It
returns the day or none, the sentence of the statute that gave it, the steps to it, and the other day where
the law is open.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sk.clock import local_day
from sk.postbox.bekanntgabe_doubts import (
    AS_IF_BOUNCE_WERE_TRUE,
    SENDING_IS_NO_ZUGANG,
    STRICTLY_NONE,
    benachrichtigung_in_doubt,
    counted_strictly,
    last_day_for_abruf,
    ten_days_extended,
)
from sk.postbox.bekanntgabe_terms import Finding, Moments, OtherDay, Recipient, Version, calendar_day, refuse_unknown
from sk.postbox.explanation import ORDINALS, Steps, Words, date_words, say, verbatim
from sk.postbox.fiction import UNDECIDED, by_fiction

UNPROVEN = Words(
    de="die Bereitstellung und ihr Zeitpunkt sind nicht bewiesen",
    en="it is not proven that it was made available (Bereitstellung), nor when",
)
BENACHRICHTIGUNG_UNPROVEN = Words(
    de="der Zugang der Benachrichtigung ist nicht bewiesen",
    en="it is not proven that the e-mail about it (Benachrichtigung) reached you (Zugang)",
)
TEN_DAYS_UNPROVEN = Words(
    de="nicht bewiesen: dass die zehn Tage für den Abruf begonnen haben, lässt sich nicht zeigen",
    en="not proven: it cannot be shown that the ten days for opening it (Abruf) have begun",
)
NO_ABRUF = Words(
    de="ohne Abruf keine Bekanntgabe",
    en="if you do not open it (Abruf), it does not count as announced (Bekanntgabe)",
)
NOT_RECEIVED = Words(
    de="nicht zugegangen: keine Bekanntgabe",
    en="not received (no Zugang): it does not count as announced (Bekanntgabe)",
)
BY_POST_ABROAD = Words(
    de="im Ausland gilt dieser Tag nur bei elektronischer Übermittlung",
    en="abroad this day holds for what is sent electronically only",
)


def by_bereitstellung(version: Version, moments: Moments, recipient: Recipient) -> Finding:
    """Count the days from the Bereitstellung; an Abruf does not change the day.

    § 9 Abs. 1 Satz 4 OZG (Satz 3 until 23.07.2024), § 5 Abs. 3 EGovG NRW, § 122a Abs. 4 AO since 2026. In case of
    doubt the authority has to prove the Bereitstellung and its moment; where it cannot, the first Abruf governs.
    """
    if not moments.bereitstellung_proven:
        return by_first_abruf(version, moments, because=UNPROVEN)
    event_on = calendar_day(moments.event)
    day = by_fiction(version, event_on, recipient)
    in_doubt, other = benachrichtigung_in_doubt(version, moments, event_on, day)
    steps = (
        say("{day} Bereitstellung", "{day}: made available (Bereitstellung)", day=event_on),
        *day.steps,
        *_unchanged(version, moments, day.on),
        *in_doubt,
    )
    return Finding(day.on, version.basis, steps, other, counted=True)


def by_sending(version: Version, moments: Moments, recipient: Recipient) -> Finding:
    """Count the days from posting or sending, unless the act was received later or never.

    § 41 Abs. 2 VwVfG, § 37 Abs. 2 SGB X, § 122 Abs. 2, 2a AO. A proven later Zugang governs; it is a real event
    and never moved. One before the day by fiction changes nothing (BSG, B 14 AS 12/09 R).
    """
    sent_on = calendar_day(moments.event)
    sent = say("{day} Aufgabe zur Post oder Absendung", "{day}: posted or sent", day=sent_on)
    if not moments.received:
        return Finding(None, version.otherwise_basis, (sent, NOT_RECEIVED))
    day = by_fiction(version, sent_on, recipient)
    steps = (sent, *_only_electronically(recipient), *day.steps)
    late_on = _zugang_after(day.on, moments)
    if late_on is None:
        return Finding(day.on, version.basis, (*steps, *_unchanged(version, moments, day.on)), day.other, counted=True)
    governs = say(
        "{day} nachgewiesener späterer Zugang, der maßgeblich ist und sich nicht verschiebt",
        "{day}: proven later receipt (Zugang), which governs and is not moved",
        day=late_on,
    )
    return Finding(late_on, version.otherwise_basis, (*steps, governs))


def by_benachrichtigung(version: Version, moments: Moments, recipient: Recipient) -> Finding:
    """Count the days from the sending of the Benachrichtigung, unless that came in late or its Zugang is unproven.

    § 37 Abs. 2a Satz 4 to 7 SGB X, § 122a Abs. 4 AO until 2025. Then the day of the Abruf governs, and without
    an Abruf there is no Bekanntgabe. Late is after the day by fiction (AEAO zu § 122a, Nr. 2), or after the
    fewer days that the statute names for it. That the mail came back is what an unverified mail says: it leaves
    the day, and what would hold if it were true is the other reading.
    """
    if not (moments.benachrichtigung_proven and moments.received):
        return by_first_abruf(version, moments, because=BENACHRICHTIGUNG_UNPROVEN)
    sent_on = calendar_day(moments.event)
    day = by_fiction(version, sent_on, recipient)
    late_on = _zugang_after(sent_on + timedelta(days=version.within) if version.within else day.on, moments)
    if late_on is None:
        unproven = () if moments.zugang_on else (SENDING_IS_NO_ZUGANG,)
        steps = (_sent(sent_on), *unproven, *day.steps, *_unchanged(version, moments, day.on))
        if not moments.bounced:
            return Finding(day.on, version.basis, steps, day.other, counted=True)
        steps = (*steps, *(day.other.steps if day.other else ()))
        return Finding(day.on, version.basis, steps, _as_if_bounced(version, moments), counted=True)
    because = say(
        "die Benachrichtigung vom {sent} ging zu spät zu, am {late}",
        "the e-mail about it (Benachrichtigung) of {sent} was received too late, on {late}",
        sent=date_words(sent_on),
        late=late_on,
    )
    found = by_first_abruf(version, moments, because=because)
    return replace(found, other=_as_if_in_time(day.on)) if late_on <= day.on else found


def by_abruf(version: Version, moments: Moments, recipient: Recipient) -> Finding:
    """Take the day after the Abruf, if that came within ten days after the Benachrichtigung was sent.

    § 41 Abs. 2a Satz 3 to 5 VwVfG. Without an Abruf in time there is no Bekanntgabe, never a default. Whether
    § 31 Abs. 3 VwVfG extends a tenth day that is no working day is open: strictly read it does not.
    """
    sent_on = calendar_day(moments.event)
    last_on = last_day_for_abruf(version, sent_on, recipient, lenient=False)
    extended_on = last_day_for_abruf(version, sent_on, recipient, lenient=True)
    began: Steps = (
        _sent(sent_on),
        say("{nth} Tag: {day}", "{nth} day: {day}", nth=ORDINALS[version.within], day=last_on),
    )
    if not moments.benachrichtigung_proven:
        began = (TEN_DAYS_UNPROVEN,)  # and that anything was sent is not said either
    elif extended_on > last_on:
        began = (*began, (ten_days_extended if moments.lenient_ten_days else counted_strictly)(extended_on))
    if moments.abruf is None:
        return Finding(None, version.otherwise_basis, (*began, NO_ABRUF))
    abruf_on = calendar_day(moments.abruf)
    on = abruf_on + timedelta(days=version.days)
    fetched = say("{day} Abruf", "{day}: opened (Abruf)", day=abruf_on)
    announced = say("Bekanntgabe am Tag danach: {day}", "announced (Bekanntgabe) on the day after: {day}", day=on)
    if not moments.benachrichtigung_proven or abruf_on <= last_on:
        return Finding(on, version.basis, (*began, fetched, announced))
    if moments.lenient_ten_days and abruf_on <= extended_on:
        strictly = OtherDay(on=None, steps=(STRICTLY_NONE, UNDECIDED))
        return Finding(on, version.basis, (*began, fetched, announced), strictly)
    too_late = say(
        "{day} Abruf, zu spät: keine Bekanntgabe",
        "{day}: opened (Abruf), too late: it does not count as announced (Bekanntgabe)",
        day=abruf_on,
    )
    other = OtherDay(on=on, steps=(ten_days_extended(extended_on), announced, UNDECIDED))
    return Finding(None, version.otherwise_basis, (*began, too_late), other if abruf_on <= extended_on else None)


def by_first_abruf(version: Version, moments: Moments, *, because: Words) -> Finding:
    """Take the day of the first Abruf, because the day by fiction cannot be had; without one there is none.

    § 9 Abs. 1 Satz 7 OZG (Satz 6 until 23.07.2024), § 37 Abs. 2a Satz 6, 7 SGB X, § 122a Abs. 4 Satz 3, 4 AO until
    2025. The day of a real event is never moved.
    """
    if moments.abruf is None:
        return Finding(None, version.otherwise_basis, (because, NO_ABRUF))
    on = calendar_day(moments.abruf)
    governs = say("{day} erster Abruf, der maßgeblich ist", "{day}: first opened (Abruf), which governs", day=on)
    return Finding(on, version.otherwise_basis, (because, governs))


def benachrichtigung_in_time(bereitgestellt_at: datetime, benachrichtigt_at: datetime) -> bool:
    """Say whether the Benachrichtigung left on the day of the Bereitstellung at the latest.

    § 9 Abs. 1 Satz 6 OZG (Satz 5 until 23.07.2024).
    """
    return local_day(benachrichtigt_at) <= local_day(bereitgestellt_at)


def _sent(on: date) -> Words:
    return say("{day} Absendung der Benachrichtigung", "{day}: e-mail about it (Benachrichtigung) sent", day=on)


def _as_if_in_time(on: date) -> OtherDay:
    """Return the day by fiction, for who takes the fewer days of the sentence on late receipt for an oversight."""
    step = say(
        "nach anderer Ansicht kam die Benachrichtigung noch rechtzeitig, und die Bekanntgabe ist am {day}",
        "on another view the e-mail about it (Benachrichtigung) came in time, and it counts as announced (Bekanntgabe) "
        "on {day}",
        day=on,
    )
    return OtherDay(on=on, steps=(step, UNDECIDED))


def _as_if_bounced(version: Version, moments: Moments) -> OtherDay:
    """Return the day of the Abruf, or none, for who takes the report that the Benachrichtigung came back for true."""
    found = by_first_abruf(version, moments, because=AS_IF_BOUNCE_WERE_TRUE)
    return OtherDay(on=found.on, steps=found.steps, doubt="fact")


def _zugang_after(day: date, moments: Moments) -> date | None:
    """Return the proven day of Zugang if it is later than a day."""
    if moments.zugang_on is None:
        return None
    refuse_unknown(moments.zugang_on.year)
    return moments.zugang_on if moments.zugang_on > day else None


def _unchanged(version: Version, moments: Moments, on: date) -> Steps:
    """Say that an Abruf and a Zugang leave the day, and what is open about an early Abruf."""
    steps: Steps = ()
    if moments.abruf is not None:
        abruf_on = calendar_day(moments.abruf)
        abruf = say(
            "der Abruf ({day}) ändert daran nichts", "opening it (Abruf, {day}) does not change that", day=abruf_on
        )
        steps = (abruf,)
        if version.first_abruf_stays and abruf_on < on:
            steps = (*steps, _first_abruf_may_stay(version))
    if moments.zugang_on is not None:
        zugang = say(
            "der Zugang ({day}) ändert daran nichts",
            "receiving it (Zugang, {day}) does not change that",
            day=moments.zugang_on,
        )
        steps = (*steps, zugang)
    return steps


def _first_abruf_may_stay(version: Version) -> Words:
    return say(
        "ob er bei einer erneuten Bekanntgabe maßgeblich bliebe ({basis}), ist nicht entschieden",
        "whether it would govern if the act were announced anew ({basis}) is not decided",
        basis=verbatim(version.otherwise_basis),
    )


def _only_electronically(recipient: Recipient) -> Steps:
    """Say that the day by fiction is not one for a letter to another country."""
    return (BY_POST_ABROAD,) if recipient.abroad else ()
