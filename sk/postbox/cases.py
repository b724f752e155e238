"""Cases: an authority's notices as its own people see them. Of the content, sealed to the citizen, they see nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Literal, NamedTuple

from sk.crypto.sign import Signers
from sk.errors import Damaged, Forbidden, NotFound
from sk.evidence.spelling import read_moment
from sk.evidence.statement import verified
from sk.evidence.step_words import REASONS, STATUTES, WORDS, moment_words
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.explanation import Words, say
from sk.postbox.history import History, alarm, history_of
from sk.postbox.last_days import Reading, readings
from sk.postbox.notice import Notice, NoticeKind, Status
from sk.postbox.proven import heading
from sk.postbox.receipt import Kept, Receipt
from sk.services import Services

State = Literal[Status, "postbox-closed"]
KIND_NAMES: Mapping[NoticeKind, Words] = {
    "verwaltungsakt": Words(de="Bescheid", en="Notice (Bescheid)"),
    "message": Words(de="Mitteilung", en="Message"),
    "document": Words(de="Dokument", en="Document"),
}
STATES: Mapping[State, Words] = {
    "accepted": Words(de="Angenommen, noch nicht im Postfach", en="Accepted, not in the postbox yet"),
    "bereitgestellt": Words(de="Im Postfach", en="In the postbox"),
    "abgerufen": Words(de="Abgerufen", en="Fetched"),
    "bekanntgegeben": Words(de="Bekannt gegeben", en="Counts as announced"),
    "rejected": Words(de="Nicht bereitgestellt: {reason}", en="Not made available: {reason}"),
    "lapsed": Words(de="Nicht rechtzeitig abgerufen, nicht bekannt gegeben", en="Not fetched in time, not announced"),
    "withdrawn": Words(de="Zurückgezogen", en="Withdrawn"),
    "postbox-closed": Words(de="Postfach gelöscht, nicht bekannt gegeben", en="Postbox erased, not announced"),
}


class Case(NamedTuple):
    """A notice as its authority sees it. Of one that is damaged it says no more than that.

    `kept` is what the authority calls it; once the openings were deleted, nobody here knows.
    """

    notice: Notice
    history: History | None = None
    kept: Kept | None = None
    state: Words | None = None

    @property
    def name(self) -> str:
        """Return what its people know it by: the Aktenzeichen, else the reference, else its id."""
        return (self.kept and (self.kept.case or self.kept.reference)) or self.notice.id

    @property
    def what(self) -> Words:
        """Return what kind of thing it is, and under which law."""
        name, law = KIND_NAMES[self.notice.notice_kind], self.notice.law
        under = f" ({STATUTES.get(law, law)})" if law else ""
        return Words(de=name.de + under, en=name.en + under)

    @property
    def bekanntgabe(self) -> Bekanntgabe | None:
        """Return the day on which it counts as announced; what was withdrawn never does, whatever was stated before."""
        return None if self.notice.withdrawn_at else self.notice.bekanntgabe

    @property
    def readings(self) -> list[Reading]:
        """Return until when something can be done against it, the later day first."""
        return [] if self.notice.withdrawn_at else readings(self.notice.rechtsbehelf)


class Step(NamedTuple):
    """What happened to it: as what, when, and what exactly was stated."""

    name: Words
    at: Words
    sentence: Words


async def cases_of(notices: Sequence[Notice], authority_id: str, services: Services) -> list[Case]:
    """Return what the list of an authority shows of notices."""
    return [await _readable(notice, authority_id, services) for notice in notices]


async def case_of(notice: Notice, history: History, services: Services) -> Case:
    """Return a notice as its authority sees it."""
    try:
        receipt = await services.store.get(Receipt, notice.id)
    except NotFound:
        kept = None
    else:
        kept = receipt.open(services.keys.lock_key("records"))
    return Case(notice, history, kept, _state(notice, services.clock.now()))


def steps_of(history: History, signers: Signers) -> list[Step]:
    """Return what happened to a notice, in the words of its evidence. Replies are numbered."""
    numbers = count(1)
    told = [verified(one, signers, one.step) for one in history.statements]
    return [
        Step(
            *heading(says, next(numbers) if says["step"] == "replied" else 0),
            WORDS[says["step"]](says, moment_words(read_moment(says["at"]))),
        )
        for says in told
    ]


async def _readable(notice: Notice, authority_id: str, services: Services) -> Case:
    try:
        history = await history_of(notice, services)
        if notice.authority_id != authority_id:  # somebody else has put it into this authority's index
            raise alarm(notice)
        return await case_of(notice, history, services)
    except Damaged:
        alarm(notice)
    except Forbidden:
        pass  # the alarm was raised
    return Case(notice)


def _state(notice: Notice, now: datetime) -> Words:
    state: State = notice.end_at(now) or notice.status
    if notice.postbox_closed_at and not (notice.has_ended or notice.bekanntgegeben_at):
        state = "postbox-closed"
    words, why = STATES[state], notice.rejected_because
    return say(words.de, words.en, reason=REASONS[why]) if why else words
