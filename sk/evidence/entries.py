"""The entries of a bundle: statements that are signed by who may make them, and proven to stand in the log.

Whoever sends a bundle may be anybody, so nothing of it is remembered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import ValidationError

from sk.clock import microseconds
from sk.crypto.sign import Signers, decode, kid_of, kid_once, load_public
from sk.errors import Damaged
from sk.evidence.bundle import Logged
from sk.evidence.form import SignersKey
from sk.evidence.note import Checkpoint, VKey
from sk.evidence.spelling import read_moment
from sk.evidence.steps import STEPS, TYP
from sk.evidence.tree import leaf_hash, root_by_inclusion
from sk.evidence.verdict import NotValid


class Key(NamedTuple):
    """A key that the log names: for which steps, from which leaf on, and from which one on no more, for good."""

    x: str
    steps: tuple[str, ...]
    since: int
    until: int | None = None


Keys = Mapping[str, Sequence[Key]]
"""The keys that the log names, by kid."""


def keys_in(entries: Sequence[Logged], vkey: VKey, checkpoint: Checkpoint) -> Keys:
    """Return the keys that the log names."""
    log_key = Signers({kid_of("log", vkey.public): ("log", load_public(vkey.public))})
    found: dict[str, list[Key]] = {}
    revoked: dict[str, int] = {}
    for says, logged in in_order(entries, checkpoint, lambda jws: log_key.verify_once(jws, typ=TYP, use="log")):
        step, kid = says["step"], says.get("kid", "")
        if step == "key":
            key = SignersKey.model_validate(says)
            if any(known.x != key.x for known in found.get(kid, ())):
                raise _no_key_statement()
            found.setdefault(kid, []).append(Key(key.x, tuple(key.steps), logged.index))
        elif step == "key-revoked":
            revoked.setdefault(kid, logged.index)
        else:
            raise _no_key_statement()
    return {kid: [key._replace(until=revoked.get(kid)) for key in keys] for kid, keys in found.items()}


def _no_key_statement() -> NotValid:
    return NotValid(
        "Unter den Schlüsseln steht etwas anderes als Schlüssel.",
        "Among the keys stands something else than keys.",
    )


def in_order(
    entries: Sequence[Logged], checkpoint: Checkpoint, read: Callable[[str], Mapping[str, Any]]
) -> Iterable[tuple[Mapping[str, Any], Logged]]:
    """Yield what statements say that were signed as they must be, each of them proven to stand in the log."""
    last = (-1, "")
    for logged in entries:
        place = {"index": str(logged.index)}
        try:
            says = read(logged.statement)
            STEPS[str(says["step"])].model.model_validate(says)
        except (Damaged, KeyError, ValidationError):
            raise NotValid(
                "Die Aussage an der Stelle {index} des Logs ist nicht von dem unterschrieben, der sie machen darf, "
                "oder sagt etwas, das es nicht gibt.",
                "The statement at place {index} of the log is not signed by who may make it, or says what it cannot.",
                **place,
            ) from None
        grows = logged.index > last[0] and logged.logged_at >= last[1]
        if not grows or _root_over(logged, checkpoint.size) != checkpoint.root:
            raise NotValid(
                "Die Aussage an der Stelle {index} steht so nicht im Log.",
                "Statement {index} is not in the log in this form.",
                **place,
            )
        last = (logged.index, logged.logged_at)
        yield says, logged


def _root_over(logged: Logged, size: int) -> bytes:
    """Return the root that follows from a leaf and its proof, or nothing if it is none."""
    try:
        at = microseconds(read_moment(logged.logged_at)).to_bytes(8)
        leaf = leaf_hash(at + sha256(logged.statement.encode()).digest())
        return root_by_inclusion(leaf, logged.index, size, [decode(hash_) for hash_ in logged.proof])
    except (Damaged, OverflowError):
        return b""


def signed(jws: str, keys: Keys) -> Mapping[str, Any]:
    """Return what a JWS says that one of the log's keys has signed; whether it might is asked next."""
    kid = kid_once(jws)
    if kid not in keys:
        raise Damaged
    return Signers({kid: ("", load_public(decode(keys[kid][0].x)))}).verify_once(jws, typ=TYP, use="")


def expect_key(jws: str, step: str, keys: Keys, index: int | None) -> None:
    """Raise `NotValid` unless a key might state a step at a place of the log, or behind all of it (None)."""
    kid = kid_once(jws)
    known = keys[kid]
    if index is None:
        may = any(step in key.steps and key.until is None for key in known)
    else:
        may = any(step in key.steps and key.since < index and (key.until is None or index < key.until) for key in known)
    if not may:
        raise NotValid(
            "Der Schlüssel {kid} durfte „{step}“ an dieser Stelle nicht aussagen.",
            "The key {kid} might not state {step} at this place.",
            kid=kid,
            step=step,
        )
