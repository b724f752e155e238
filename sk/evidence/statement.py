"""Statements as they are kept: what happened to a notice, one signed sentence a step, numbered and chained.

A statement never contains content or the account, only commitments; their openings are locked under `records`. What
each step says is in `form`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from secrets import token_bytes
from typing import Any, ClassVar, NamedTuple

from pydantic import AwareDatetime

from sk.clock import microseconds
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.crypto.sign import Signer, Signers, encode
from sk.errors import Damaged
from sk.evidence.form import STEPS, TYP
from sk.evidence.opening import Opening
from sk.evidence.spelling import NONCE_BYTES, moment_text
from sk.store.port import Aggregate, Key

KEY_STEPS = frozenset({"key", "key-revoked"})


class Statement(Aggregate):
    """One signed statement, and where the log has put it."""

    kind: ClassVar[str] = "statement"

    authority_id: str
    notice_id: str = ""
    number: int
    step: str
    at: datetime
    jws: str
    position: int | None = None
    logged_at: AwareDatetime | None = None
    refused: bool = False
    vollmacht_id: str = ""

    def keys(self) -> Iterable[Key]:
        """Wait for the sequencer in order of time; then stand in the log, and in the feed of the authority.

        One that the sequencer has refused stands apart. What is said about keys is found without reading the log, and
        what is said about a Vollmacht by its id.
        """
        if self.vollmacht_id:
            yield Key("vollmacht", self.vollmacht_id, microseconds(self.at))
        if self.position is None:
            index = "refused" if self.refused else "unsequenced"
            yield Key(index, "", microseconds(self.at) * 1000 + min(self.number, 999))
            return
        yield Key("log", "", self.position)
        if self.step in KEY_STEPS:
            yield Key("log-keys", "", self.position)
        if self.notice_id:
            yield Key("feed", self.authority_id, self.position)
        if self.step == "replied":
            yield Key("replies", self.authority_id, self.position)


class LockedOpening(Aggregate):
    """The openings of one statement, locked under `records`. Deleting it makes the statement mute."""

    kind: ClassVar[str] = "opening"

    locked: bytes

    @classmethod
    def of(cls, statement: Statement, openings: Mapping[str, Opening], records: LockKey) -> "LockedOpening":
        """Lock openings to their statement."""
        text = json.dumps({name: opening.model_dump() for name, opening in openings.items()})
        return cls(id=statement.id, locked=records.lock(Context("opening", "", statement.id), text.encode()))


def statement_id(notice_id: str, number: int) -> str:
    """Return the id under which a numbered statement of a notice is kept."""
    return f"{notice_id}.{number}"


class Place(NamedTuple):
    """Where a statement stands: whose, about which notice, and in that notice's chain."""

    authority_id: str = ""
    notice_id: str = ""
    number: int = 0
    previous: str = ""


def make_statement(sign: Signer, step: str, at: datetime, facts: Mapping[str, Any], place: Place) -> Statement:
    """Return a signed statement about a step. One about no notice has the number 0 and no previous."""
    nonce = encode(token_bytes(NONCE_BYTES))
    payload = {
        "v": "sk/1",
        "step": step,
        "at": moment_text(at),
        "authority": place.authority_id,
        "notice": place.notice_id,
        "number": place.number,
        "previous": place.previous,
        "nonce": nonce,
        **facts,
    }
    STEPS[step].model.model_validate(payload)  # a statement that no verifier would take is never signed
    return Statement(
        id=statement_id(place.notice_id, place.number) if place.notice_id else nonce,
        authority_id=place.authority_id,
        notice_id=place.notice_id,
        number=place.number,
        step=step,
        at=at,
        jws=sign.sign(TYP, payload),
        vollmacht_id=named_vollmacht(payload),
    )


def named_vollmacht(says: Mapping[str, Any]) -> str:
    """Return the id of the Vollmacht that a statement is about, which has none if it is about something else."""
    return str(says.get("vollmacht", "")) if STEPS[str(says["step"])].about == "vollmacht" else ""


def verified(statement: Statement, signers: Signers, step: str) -> Mapping[str, Any]:
    """Return what a statement says, if the key for its step signed it and it stands where it says; else `Damaged`."""
    if step not in STEPS:
        raise Damaged
    payload = signers.verify(statement.jws, typ=TYP, use=STEPS[step].signed_by)
    stands = (statement.authority_id, statement.notice_id, statement.number, step, moment_text(statement.at))
    if stands != tuple(payload.get(name) for name in ("authority", "notice", "number", "step", "at")):
        raise Damaged
    if statement.vollmacht_id != named_vollmacht(payload):
        raise Damaged
    if statement.id != _id_of(payload):  # a copy of its row would be logged a second time
        raise Damaged
    return payload


def _id_of(payload: Mapping[str, Any]) -> str:
    """Return the one id under which a statement is kept; one about no notice has only its nonce to be named by."""
    notice_id = payload.get("notice")
    return str(statement_id(notice_id, payload["number"]) if notice_id else payload.get("nonce"))
