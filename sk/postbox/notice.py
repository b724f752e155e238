"""The notice: what may happen to it, in which order, and what each step sets off."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Literal

from sk.auth.account import Reason, account_digest
from sk.auth.trust import TrustLevel
from sk.clock import microseconds
from sk.crypto.context import Context
from sk.crypto.sign import Signer, encode
from sk.errors import Conflict
from sk.events import BekanntgabeDue, NoticeAccepted, NoticeBereitgestellt
from sk.evidence.form import Opening, hash_of, moment_text
from sk.evidence.statement import Place, Statement, make_statement, statement_id
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.days import days_of, stated_days
from sk.postbox.rechtsbehelf import Rechtsbehelf
from sk.store.port import Aggregate, Key

NoticeKind = Literal["verwaltungsakt", "message", "document"]
Status = Literal["accepted", "bereitgestellt", "abgerufen", "bekanntgegeben", "rejected"]


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
    bekanntgabe: Bekanntgabe | None = None
    rechtsbehelf: Rechtsbehelf | None = None

    statements: int = 0
    last_statement_at: datetime | None = None
    last_hash: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by the authority's own reference, and by the citizen once it is bereitgestellt."""
        yield Key("reference", self.reference_index, unique=True)
        if self.bereitgestellt_at:
            yield Key("postbox", self.account_id, microseconds(self.bereitgestellt_at))

    @property
    def status(self) -> Status:
        """Return the furthest step. It never goes back; whether it was fetched is `abgerufen_at`."""
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
        }

    def account_commitment(self) -> str:
        """Return the commitment to the account, as the accepted statement has it: it proves whose notice this is."""
        return Opening(salt=self.account_salt, sha256=encode(account_digest(self.account_id))).commitment()

    def digests(self) -> dict[str, str]:
        """Return the digests of the envelope and of the list of objects, as the accepted statement has them."""
        names = "\n".join(self.objects).encode()
        return {"envelope": encode(sha256(self.envelope).digest()), "objects": encode(sha256(names).digest())}

    @property
    def context(self) -> Context:
        """Return what the envelope is bound to."""
        return Context("notice", self.account_id, self.id)

    def accept(self, sign: Signer, facts: Mapping[str, Any]) -> Statement:
        """Begin the chain: the authority's notice is taken and will be delivered."""
        self.emit(NoticeAccepted(notice_id=self.id), due=self.accepted_at, lane=self.authority_id)
        return self.state(sign, "accepted", self.accepted_at, facts)

    def bereitstellen(self, at: datetime, sign: Signer, accepted: Mapping[str, Any]) -> None:
        """Make the notice retrievable by its recipient, and freeze the days that follow from what was accepted.

        The first moment stays: legal deadlines count from it, so a repeated call changes nothing.
        """
        if self.bereitgestellt_at or self.rejected_at:
            return
        at = self._not_before_the_last(at)
        self.bekanntgabe, self.rechtsbehelf = days_of(accepted, at)
        facts = {**stated_days(self.bekanntgabe, self.rechtsbehelf), "commitments": accepted["commitments"]}
        self.bereitgestellt_at = self.state(sign, "bereitgestellt", at, facts).at
        self.emit(NoticeBereitgestellt(notice_id=self.id), due=at, lane=self.authority_id)
        if self.bekanntgabe and self.bekanntgabe.due_at:
            self.emit(BekanntgabeDue(notice_id=self.id), due=self.bekanntgabe.due_at, lane=self.authority_id)

    def reject(self, reason: Reason, at: datetime, sign: Signer) -> None:
        """End the way of a notice that cannot be delivered any more."""
        if self.bereitgestellt_at or self.rejected_at:
            return
        self.rejected_because = reason
        self.rejected_at = self.state(sign, "rejected", at, {"reason": reason}).at

    def record_benachrichtigung(
        self, answered_at: datetime, at: datetime, sign: Signer, facts: Mapping[str, Any]
    ) -> None:
        """Record that a server took the mail for the citizen, and when it said so. The first one counts."""
        if self.benachrichtigt_at:
            return
        self.benachrichtigt_at = answered_at
        self.state(sign, "benachrichtigt", at, {"answered_at": moment_text(answered_at), **facts})

    def record_failed_benachrichtigung(
        self, answered_at: datetime, at: datetime, sign: Signer, facts: Mapping[str, Any]
    ) -> None:
        """Record that the mail was refused for good, and when."""
        self.state(sign, "benachrichtigung-failed", at, {"answered_at": moment_text(answered_at), **facts})

    def record_abruf(self, at: datetime, sign: Signer, facts: Mapping[str, Any]) -> None:
        """Record that content was released to the citizen for the first time."""
        if not self.bereitgestellt_at:
            raise Conflict("a notice that is not bereitgestellt cannot be fetched")
        if self.abgerufen_at:
            return
        self.abgerufen_at = self.state(sign, "abgerufen", at, facts).at

    def bekanntgeben(self, at: datetime, sign: Signer) -> None:
        """Record that the day has come on which the notice counts as announced."""
        if self.bekanntgegeben_at or not self.bekanntgabe or not self.bekanntgabe.on:
            return
        facts = stated_days(self.bekanntgabe, self.rechtsbehelf)
        self.bekanntgegeben_at = self.state(sign, "bekanntgegeben", at, facts).at

    def state(self, sign: Signer, step: str, at: datetime, facts: Mapping[str, Any]) -> Statement:
        """Sign the next statement of the chain and have it saved with the notice."""
        at = self._not_before_the_last(at)
        place = Place(self.authority_id, self.id, self.statements + 1, self.last_hash)
        statement = make_statement(sign, step, at, facts, place)
        self.bear(statement)
        self.statements = statement.number
        self.last_statement_at = at
        self.last_hash = hash_of(statement.jws)
        return statement

    def _not_before_the_last(self, at: datetime) -> datetime:
        """Keep a clock that runs behind another one from turning the order of the steps around."""
        return max(at, self.last_statement_at + timedelta(microseconds=1)) if self.last_statement_at else at
