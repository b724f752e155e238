"""A notice as an authority sees it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from sk.auth.account import Reason
from sk.evidence.opening import NoticeOpening
from sk.evidence.statement import Statement
from sk.postbox.bekanntgabe_terms import Doubt
from sk.postbox.notice import Notice, Status
from sk.postbox.rechtsbehelf import OtherReading


class OtherReadingOut(BaseModel):
    """The end of the Frist that a court may hold instead; null if it may hold that none runs."""

    frist_ends_on: date | None
    frist_expires_at: datetime | None
    why: str
    doubt: Doubt = Field(description="law: the law is open; fact: what is known of the facts may be wrong")

    @classmethod
    def of(cls, other: OtherReading | None) -> Self | None:
        """Return what is told of another reading, where there is one."""
        if other is None:
            return None
        return cls(
            frist_ends_on=other.frist_ends_on,
            frist_expires_at=other.frist_expires_at,
            why=other.why,
            doubt=other.doubt,
        )


class BekanntgabeOut(BaseModel):
    """The day on which the notice counts as announced, and the rule that says so."""

    on: date | None
    law: str
    version: date
    basis: str
    why: str


class RechtsbehelfOut(BaseModel):
    """Until when the citizen may act, and by which rule."""

    kind: str
    frist_ends_on: date | None
    frist_expires_at: datetime | None
    basis: str | None
    why: str
    other_reading: OtherReadingOut | None


class StepOut(BaseModel):
    """One step, and the signed statement about it."""

    at: datetime
    step: str
    evidence: str


class NoticeOut(BaseModel):
    """A notice as its authority sees it."""

    id: str
    reference: str
    status: Status
    reason: Reason | None
    accepted_at: datetime
    bereitgestellt_at: datetime | None
    benachrichtigt_at: datetime | None
    abgerufen_at: datetime | None
    lapses_on: date | None = Field(description="the last day for a first Abruf, where the law sets one")
    lapsed_at: datetime | None
    withdrawn_at: datetime | None
    bekanntgabe: BekanntgabeOut | None
    rechtsbehelf: RechtsbehelfOut | None
    timeline: list[StepOut]

    @classmethod
    def of(cls, notice: Notice, reference: str, statements: Mapping[str, Statement], **more: Any) -> Self:
        """Put a notice together with what was stated about it, and what else the answer has."""
        told = [statements[id_] for id_ in notice.statement_ids]
        return cls(
            id=notice.id,
            reference=reference,
            status=notice.status,
            reason=notice.rejected_because,
            accepted_at=notice.accepted_at,
            bereitgestellt_at=notice.bereitgestellt_at,
            benachrichtigt_at=notice.benachrichtigt_at,
            abgerufen_at=notice.abgerufen_at,
            lapses_on=notice.lapses_on,
            lapsed_at=notice.lapsed_at,
            withdrawn_at=notice.withdrawn_at,
            bekanntgabe=_bekanntgabe(notice),
            rechtsbehelf=_rechtsbehelf(notice),
            timeline=[StepOut(at=one.at, step=one.step, evidence=one.jws) for one in told],
            **more,
        )


class AcceptedOut(NoticeOut):
    """The first answer to a notice, which every replay gets again."""

    receipt: str
    opening: NoticeOpening


def _bekanntgabe(notice: Notice) -> BekanntgabeOut | None:
    said = notice.bekanntgabe
    if said is None or notice.withdrawn_at:
        return None  # what was withdrawn is never announced, whatever day was stated before
    return BekanntgabeOut(on=said.on, law=said.law, version=said.version, basis=said.basis, why=said.why)


def _rechtsbehelf(notice: Notice) -> RechtsbehelfOut | None:
    said = notice.rechtsbehelf
    if said is None or notice.withdrawn_at:
        return None
    return RechtsbehelfOut(
        kind=said.kind,
        frist_ends_on=said.frist_ends_on,
        frist_expires_at=said.frist_expires_at,
        basis=said.basis,
        why=said.why,
        other_reading=OtherReadingOut.of(said.other_reading),
    )
