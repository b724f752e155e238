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
from sk.evidence.opening import Opening
from sk.evidence.spelling import NONCE_BYTES, moment_text
from sk.evidence.steps import STEPS, TYP
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
    share_id: str = ""

    @property
    def chain_id(self) -> str:
        """Return the id of what it is numbered within: its notice or its share, if it is about one."""
        return self.notice_id or self.share_id

    def keys(self) -> Iterable[Key]:
        """Wait for the sequencer in order of time; then stand in the log, and in the feed of the authority.

        One that the sequencer has refused stands apart. What is said about keys is found without reading the log, and
        what is said about a Vollmacht or a share by its id.
        """
        if self.share_id:
            yield Key("share", self.share_id, self.number)
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


def statement_id(chain_id: str, number: int) -> str:
    """Return the id under which a numbered statement of a notice or of a share is kept."""
    return f"{chain_id}.{number}"


class Place(NamedTuple):
    """Where a statement stands: whose, about which notice or share, and where in the chain of that."""

    authority_id: str = ""
    notice_id: str = ""
    number: int = 0
    previous: str = ""
    share_id: str = ""


def make_statement(sign: Signer, step: str, at: datetime, facts: Mapping[str, Any], place: Place) -> Statement:
    """Return a signed statement about a step. One about no notice or share has number 0, no previous."""
    payload = {
        "v": "sk/1",
        "step": step,
        "at": moment_text(at),
        "authority": place.authority_id,
        "notice": place.notice_id,
        "number": place.number,
        "previous": place.previous,
        "nonce": encode(token_bytes(NONCE_BYTES)),
        **({"share": place.share_id} if place.share_id else {}),
        **facts,
    }
    STEPS[step].model.model_validate(payload)  # a statement that no verifier would take is never signed
    return Statement(
        id=id_in(payload),
        authority_id=place.authority_id,
        notice_id=place.notice_id,
        number=place.number,
        step=step,
        at=at,
        jws=sign.sign(TYP, payload),
        **named_in(payload),
    )


def named_in(says: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids of the Vollmacht and of the share that a statement is about, as they are kept with it."""
    about = STEPS[str(says["step"])].about
    return {f"{what}_id": str(says.get(what, "")) if about == what else "" for what in ("vollmacht", "share")}


def verified(statement: Statement, signers: Signers, step: str) -> Mapping[str, Any]:
    """Return what a statement says, if the key for its step signed it and it stands where it says; else `Damaged`."""
    if step not in STEPS:
        raise Damaged
    payload = signers.verify(statement.jws, typ=TYP, use=STEPS[step].signed_by)
    stands = (statement.authority_id, statement.notice_id, statement.number, step, moment_text(statement.at))
    if stands != tuple(payload.get(name) for name in ("authority", "notice", "number", "step", "at")):
        raise Damaged
    if {"vollmacht_id": statement.vollmacht_id, "share_id": statement.share_id} != named_in(payload):
        raise Damaged
    if statement.id != id_in(payload):  # a copy of its row would be logged a second time
        raise Damaged
    return payload


def id_in(says: Mapping[str, Any]) -> str:
    """Return the one id under which a statement is kept; one that is in no chain has only its nonce to be named by."""
    chain_id = says.get("notice") or named_in(says)["share_id"]
    return str(statement_id(chain_id, says["number"]) if chain_id else says.get("nonce"))
