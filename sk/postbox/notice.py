"""The notice: what may happen to it, in which order, and what each step sets off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal

from sk.auth.account import Reason, account_digest
from sk.auth.trust import TrustLevel
from sk.clock import day_ends_at, microseconds
from sk.crypto.context import Context
from sk.crypto.sign import Signer, encode
from sk.errors import Conflict
from sk.events import AbrufOverdue, BekanntgabeDue, NoticeAccepted, NoticeBereitgestellt, NoticeClosed, ReminderDue
from sk.evidence.opening import Opening
from sk.evidence.spelling import hash_of, moment_text, read_moment
from sk.evidence.statement import Place, Statement, make_statement, statement_id
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.days import Days, Said, days_of, last_abruf_on, settled, stated_days
from sk.postbox.rechtsbehelf import Rechtsbehelf
from sk.postbox.reminders import next_reminder, reminded_at
from sk.store.port import Aggregate, Key

NoticeKind = Literal["verwaltungsakt", "message", "document"]
Shelf = Literal["current", "archive"]
Status = Literal["accepted", "bereitgestellt", "abgerufen", "bekanntgegeben", "rejected", "lapsed", "withdrawn"]


def shelf_of(account_id: str, shelf: Shelf) -> str:
    """Return by what the notices are found that somebody has left in sight, or put into the archive."""
    return f"{account_id} {shelf}"


def from_one(account_id: str, authority_id: str) -> str:
    """Return by what the notices are found that one authority has sent to one account."""
    return f"{account_id} {authority_id}"


def objects_digest(names: Sequence[str]) -> str:
    """Return the digest of a list of objects, as statements have it."""
    return encode(sha256("\n".join(names).encode()).digest())


class Notice(Aggregate):
    """What an authority has sent to one postbox. Its content is sealed to the account; see `Envelope`."""

    kind: ClassVar[str] = "notice"

    account_id: str
    account_salt: str
    authority_id: str
    notice_kind: NoticeKind
    law: str | None = None
    minimum_trust: TrustLevel = "low"
    reference_index: str
    case_index: str = ""
    key_generation: int
    envelope: bytes
    objects: list[str] = []

    accepted_at: datetime
    bereitgestellt_at: datetime | None = None
    benachrichtigt_at: datetime | None = None
    abgerufen_at: datetime | None = None
    bekanntgegeben_at: datetime | None = None
    rejected_at: datetime | None = None
    rejected_because: Reason | None = None
    lapses_on: date | None = None
    lapsed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    postbox_closed_at: datetime | None = None
    closed: bool = False
    archived: bool = False
    bekanntgabe: Bekanntgabe | None = None
    rechtsbehelf: Rechtsbehelf | None = None

    statements: int = 0
    last_statement_at: datetime | None = None
    last_hash: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by the authority, also by reference and Aktenzeichen, and by the citizen once it is bereitgestellt.

        They find it in their postbox, on one of its two shelves, and among what one authority has sent them.

        When the account was erased it is in no postbox any more (`closed`). That is stated where the authority has to
        act upon it alone; elsewhere nobody but an account that is gone would find it.
        """
        yield Key("reference", self.reference_index, unique=True)
        yield Key("authority", self.authority_id, microseconds(self.accepted_at))
        if self.case_index:
            yield Key("case", self.case_index, microseconds(self.accepted_at))
        if self.bereitgestellt_at and not self.closed:
            order = microseconds(self.bereitgestellt_at)
            yield Key("postbox", self.account_id, order)
            yield Key("shelf", shelf_of(self.account_id, "archive" if self.archived else "current"), order)
            yield Key("sender", from_one(self.account_id, self.authority_id), order)

    def put_away(self, at: datetime) -> None:
        """Put it into the archive. What could still be opened stays where it is seen."""
        if not self.abgerufen_at and not self.end_at(at):
            raise Conflict("an unread notice is not put away", problem="unread")
        self.archived = True

    @property
    def status(self) -> Status:
        """Return the furthest step, or the end. It never goes back; whether it was fetched is `abgerufen_at`."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.lapsed_at:
            return "lapsed"
        if self.rejected_at:
            return "rejected"
        if self.bekanntgegeben_at:
            return "bekanntgegeben"
        if self.abgerufen_at:
            return "abgerufen"
        return "bereitgestellt" if self.bereitgestellt_at else "accepted"

    @property
    def statement_ids(self) -> list[str]:
        """Return the ids of all statements about this notice, in order."""
        return [statement_id(self.id, number) for number in range(1, self.statements + 1)]

    def moments(self) -> dict[str, datetime | None]:
        """Return when each step was taken, of those that leave their moment here."""
        return {
            "accepted": self.accepted_at,
            "bereitgestellt": self.bereitgestellt_at,
            "benachrichtigt": self.benachrichtigt_at,
            "abgerufen": self.abgerufen_at,
            "bekanntgegeben": self.bekanntgegeben_at,
            "rejected": self.rejected_at,
            "lapsed": self.lapsed_at,
            "withdrawn": self.withdrawn_at,
            "postbox-closed": self.postbox_closed_at,
        }

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing happens to it any more: it was rejected, has lapsed, or was withdrawn."""
        return bool(self.rejected_at or self.lapsed_at or self.withdrawn_at)

    @property
    def lapses_at(self) -> datetime | None:
        """Return the instant from which on it cannot be fetched for the first time, if the law sets one."""
        return None if self.lapses_on is None else day_ends_at(self.lapses_on)

    def has_lapsed(self, at: datetime) -> bool:
        """Tell whether the last day for a first Abruf is over, whether or not that was stated already."""
        if self.abgerufen_at or self.withdrawn_at:
            return False
        return bool(self.lapsed_at) or (self.lapses_at is not None and self.lapses_at <= at)

    def end_at(self, at: datetime) -> Literal["", "withdrawn", "lapsed"]:
        """Return why the citizen cannot open it any more at a moment, whether or not that was stated already."""
        if self.withdrawn_at:
            return "withdrawn"
        return "lapsed" if self.has_lapsed(at) else ""

    def account_commitment(self) -> str:
        """Return the commitment to the account, as the accepted statement has it: it proves whose notice this is."""
        return Opening(salt=self.account_salt, sha256=encode(account_digest(self.account_id))).commitment()

    def digests(self) -> dict[str, str]:
        """Return the digests of the envelope and of the list of objects, as the accepted statement has them."""
        return {"envelope": encode(sha256(self.envelope).digest()), "objects": objects_digest(self.objects)}

    @property
    def context(self) -> Context:
        """Return what the envelope is bound to."""
        return Context("notice", self.account_id, self.id)

    def accept(self, sign: Signer, facts: Mapping[str, Any]) -> Statement:
        """Begin the chain: the authority's notice is taken and will be delivered."""
        return self._state(sign, "accepted", self.accepted_at, facts)

    def bereitstellen(self, at: datetime, sign: Signer, said: Said) -> None:
        """Make the notice retrievable by its recipient.

        The first moment stays: legal deadlines count from it, so a repeated call changes nothing.
        """
        if self.bereitgestellt_at or self.has_ended:
            return
        facts = {"commitments": said["accepted"]["commitments"]}
        self._state_with_days(sign, "bereitgestellt", at, facts, said)

    def reject(self, reason: Reason, at: datetime, sign: Signer) -> None:
        """End the way of a notice that cannot be delivered any more."""
        if self.bereitgestellt_at or self.has_ended:
            return
        self._state(sign, "rejected", at, {"reason": reason})

    def record_benachrichtigung(
        self,
        answered_at: datetime,
        at: datetime,
        sign: Signer,
        facts: Mapping[str, Any],
        said: Said,
        *,
        lenient_ten_days: bool,
    ) -> None:
        """Record that a server took the mail for the citizen, and when it said so. The first one counts.

        Under § 41 Abs. 2a VwVfG the ten days begin in which the notice can be fetched, unless it was withdrawn.
        """
        if self.benachrichtigt_at:
            return
        lapses_on = None if self.withdrawn_at else last_abruf_on(said, answered_at, lenient=lenient_ten_days)
        moments = {"answered_at": moment_text(answered_at), "lapses_on": lapses_on and str(lapses_on)}
        self._state_with_days(sign, "benachrichtigt", at, {**facts, **moments}, said)

    def record_failed_benachrichtigung(
        self, answered_at: datetime, at: datetime, sign: Signer, facts: Mapping[str, Any], said: Said
    ) -> None:
        """Record that the mail was refused for good, or given up, and when. One such statement is enough."""
        if "benachrichtigung-failed" in said or self.benachrichtigt_at:
            return
        answer = {**facts, "answered_at": moment_text(answered_at)}
        self._state_with_days(sign, "benachrichtigung-failed", at, answer, said)

    def record_bounce(self, at: datetime, sign: Signer, facts: Mapping[str, Any], said: Said) -> None:
        """Record that the mail came back, as a mail says that anybody may have written.

        It stops nothing: what would hold if it were true is told as the other reading. One report is enough.
        """
        if "bounce-reported" not in said:
            self._state_with_days(sign, "bounce-reported", at, facts, said)

    def record_abruf(self, at: datetime, sign: Signer, facts: Mapping[str, Any], said: Said) -> None:
        """Record that content was released to the citizen for the first time."""
        if not self.bereitgestellt_at or self.has_ended or self.has_lapsed(at):
            raise Conflict("a notice that is not in its postbox cannot be fetched")
        if self.abgerufen_at:
            return
        self._state_with_days(sign, "abgerufen", at, facts, said)

    def record_reply(self, at: datetime, sign: Signer, facts: Mapping[str, Any]) -> None:
        """Record that the citizen has replied. Only somebody who has fetched a notice can do that."""
        if not self.abgerufen_at or self.closed:
            raise Conflict("a notice that was not fetched, or has left its postbox, takes no reply", problem="no-reply")
        self._state(sign, "replied", at, facts)

    def bekanntgeben(self, at: datetime, sign: Signer, said: Said) -> None:
        """Record that the day has come on which the notice counts as announced.

        Its reasons may have grown: by now it is clear whether the citizen was told in time.
        """
        if self.bekanntgegeben_at or self.has_ended or not self.bekanntgabe or not self.bekanntgabe.on:
            return
        if self.postbox_closed_at and not self.abgerufen_at:
            return  # nothing is announced to somebody who could never read it
        self._state_with_days(sign, "bekanntgegeben", at, {}, said)

    def lapse(self, at: datetime, sign: Signer) -> None:
        """End the time in which the notice could be fetched: it was not, and nothing was announced.

        § 41 Abs. 2a Satz 4, 5 VwVfG.
        """
        if self.lapsed_at or not self.has_lapsed(at):
            return
        self._state(sign, "lapsed", at, {"lapses_on": str(self.lapses_on)})

    def stays_because(self, at: datetime) -> Conflict | None:
        """Return why a notice cannot be withdrawn any more at a moment, or None if it can."""
        if self.has_ended or self.has_lapsed(at):
            return Conflict("this notice was rejected or has lapsed: nobody can read it", problem="already-ended")
        if self.abgerufen_at:
            return Conflict("the citizen has fetched this notice, so it stays", problem="already-fetched")
        if self.bekanntgabe and self.bekanntgabe.may_be_announced(at):
            said = "this notice counts as announced, or a court may hold that it does, so it stays"
            return Conflict(said, problem="already-bekanntgegeben")
        return None

    def withdraw(self, at: datetime, sign: Signer) -> None:
        """Take the notice back for its authority, which may do so until it was fetched or counts as announced.

        An act must not be in force where nobody can read it (§ 43 Abs. 1 VwVfG), so the earlier of the days that a
        court may hold ends this. A repeated call changes nothing.
        """
        if self.withdrawn_at:
            return
        if refused := self.stays_because(at):
            raise refused
        self._state(sign, "withdrawn", at, {})

    def close(self, erased_at: datetime, at: datetime, sign: Signer) -> None:
        """Take the notice out of its postbox, because the account was erased.

        Its authority is told where it may have to announce the act in another way: if that was before the Bekanntgabe,
        or, where no law gives one, if nobody has fetched it. A repeated call changes nothing.
        """
        if self.closed:
            return
        due_at = self.bekanntgabe.due_at if self.bekanntgabe else None
        is_announced = self.bekanntgegeben_at or (due_at and due_at <= erased_at)
        if is_announced or self.has_ended or (self.law is None and self.abgerufen_at):
            self.leave_postbox(at)
        else:
            self._state(sign, "postbox-closed", at, {})

    def leave_postbox(self, at: datetime) -> None:
        """Be found in no postbox any more."""
        self.closed = True
        self.emit(NoticeClosed(notice_id=self.id), due=at, lane=self.authority_id)

    def days_after(self, step: str, says: Mapping[str, Any], said: Said) -> Days:
        """Return the days that hold once a step was taken, after all that was said before it.

        What was withdrawn is never announced: it keeps the days that it had.
        """
        held = self.bekanntgabe, self.rechtsbehelf
        return held if self.withdrawn_at else settled(held, days_of({**said, step: says}))

    def hold(self, days: Days) -> None:
        """Show these days from now on.

        The first step that gives a day of Bekanntgabe has it wait for that day, which may lie behind us.
        """
        has_day = self.bekanntgabe is not None and self.bekanntgabe.on is not None
        self.bekanntgabe, self.rechtsbehelf = days
        if self.bekanntgabe and self.bekanntgabe.due_at and not has_day:
            self.emit(BekanntgabeDue(notice_id=self.id), due=self.bekanntgabe.due_at, lane=self.authority_id)

    def remind_after(self, day: date = date.min) -> None:
        """Have the citizen be reminded of it on the next day for that after a day, if there is one."""
        if on := next_reminder(self.rechtsbehelf, self.lapses_on, after=day):
            self.emit(ReminderDue(notice_id=self.id, on=on), due=reminded_at(on), lane=self.authority_id)

    def take(self, statement: Statement, says: Mapping[str, Any]) -> None:
        """Take the step that a statement says: the same when it is signed, and when a restore brings it back."""
        at, lane = statement.at, self.authority_id
        self.statements, self.last_statement_at, self.last_hash = statement.number, at, hash_of(statement.jws)
        match statement.step:
            case "accepted":
                self.emit(NoticeAccepted(notice_id=self.id), due=at, lane=lane)
            case "bereitgestellt":
                self.bereitgestellt_at = at
                self.emit(NoticeBereitgestellt(notice_id=self.id), due=at, lane=lane)
            case "rejected":
                self.rejected_at, self.rejected_because = at, says["reason"]
            case "benachrichtigt":
                self.benachrichtigt_at = read_moment(says["answered_at"])
                self.lapses_on = says["lapses_on"] and date.fromisoformat(says["lapses_on"])
                if self.lapses_at and not self.abgerufen_at:
                    self.emit(AbrufOverdue(notice_id=self.id), due=self.lapses_at, lane=lane)
                    self.remind_after()
            case "abgerufen" | "bekanntgegeben" | "lapsed" | "withdrawn" as step:
                setattr(self, f"{step}_at", at)
                if step == "bekanntgegeben" and not self.abgerufen_at:
                    self.remind_after()
            case "postbox-closed":
                self.postbox_closed_at = at
                self.leave_postbox(at)
            case _:
                pass  # the others leave nothing but days

    def _state_with_days(self, sign: Signer, step: str, at: datetime, facts: Mapping[str, Any], said: Said) -> None:
        """State a step on which the days hang, with the days as they stand after it."""
        at = self._not_before_the_last(at)
        days = self.days_after(step, {"at": moment_text(at), **facts}, said)
        self.hold(days)
        self._state(sign, step, at, {**stated_days(*days), **facts})

    def _state(self, sign: Signer, step: str, at: datetime, facts: Mapping[str, Any]) -> Statement:
        """Sign the next statement of the chain, have it saved with the notice, and take its step."""
        at = self._not_before_the_last(at)
        place = Place(self.authority_id, self.id, self.statements + 1, self.last_hash)
        statement = make_statement(sign, step, at, facts, place)
        self.bear(statement)
        self.take(statement, facts)
        return statement

    def _not_before_the_last(self, at: datetime) -> datetime:
        """Keep a clock that runs behind another one from turning the order of the steps around."""
        return max(at, self.last_statement_at + timedelta(microseconds=1)) if self.last_statement_at else at
