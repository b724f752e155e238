"""Which statements may be in the log: signed by who may state the step, and next in the chain that they are in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sk.clock import moment_to_sign
from sk.crypto.sign import Signers, kid_in
from sk.errors import Damaged
from sk.evidence.keys import LogKeys
from sk.evidence.log import Log
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Statement, statement_id, verified
from sk.evidence.steps import STEPS
from sk.store.port import Store, get_readable


class Before(NamedTuple):
    """What statements say to come behind: the hashes of what is logged, by id, and the moments of what waits itself."""

    hashes: dict[str, str]
    coming: dict[str, datetime]

    def is_early(self, statement: Statement) -> bool:
        """Tell whether the one before is to be seen and should have come first.

        A store may show what is written while it is read, and so the second of two and not the first.
        """
        at = self.coming.get(_id_before(statement))
        return at is not None and at < statement.at


async def before_these(waiting: Sequence[Statement], known: Mapping[str, str], store: Store) -> Before:
    """Look up what statements say to come behind, as far as it is neither known nor among them."""
    wanted = {_id_before(statement) for statement in waiting if statement.number > 1} - {one.id for one in waiting}
    hashes = {id_: known[id_] for id_ in wanted if id_ in known}
    coming: dict[str, datetime] = {}
    if asked := sorted(wanted - hashes.keys()):
        for id_, one in (await store.get_many(Statement, asked)).items():
            if one.position is not None:
                hashes[id_] = hash_of(one.jws)
            elif not one.refused:
                coming[id_] = one.at
    return Before(hashes, coming)


def _id_before(statement: Statement) -> str:
    return statement_id(statement.chain_id, statement.number - 1)


async def sorted_out(
    waiting: Sequence[Statement], before: Before, keys: LogKeys, into: Log
) -> tuple[list[Statement], list[Statement]]:
    """Return what is to be logged, behind what introduces its keys, and what is refused; the rest goes on waiting."""
    fit: list[Statement] = []
    unfit: list[Statement] = []
    for statement in waiting:
        if before.is_early(statement):
            before.coming[statement.id] = statement.at
            continue
        try:
            kid = _checked(statement, before.hashes, keys, into.signers)
        except Damaged:
            statement.refused = True
            unfit.append(statement)
            continue
        if keys.unknown(kid, statement.step):
            at = await moment_to_sign(into.clock)
            fit += keys.introduce(into.signers, into.sign, (kid, statement.step), at)
        keys.learn(statement, into.signers)
        if statement.chain_id:
            before.hashes[statement.id] = hash_of(statement.jws)
        fit.append(statement)
    return fit, unfit


async def why_unfit(statement: Statement, keys: LogKeys, signers: Signers, store: Store) -> str:
    """Say why the log would refuse a statement again, or nothing if it would take it in behind what waits."""
    before = _id_before(statement)
    previous = (await get_readable(store, Statement, [before])).get(before) if statement.number > 1 else None
    hashes = {before: hash_of(previous.jws)} if previous and not previous.refused else {}
    try:
        _checked(statement, hashes, keys, signers)
    except Damaged:
        return _why(statement, before if statement.number > 1 and not hashes else "", keys, signers)
    return ""


def _why(statement: Statement, missing: str, keys: LogKeys, signers: Signers) -> str:
    try:
        kid = kid_in(statement.jws)
    except Damaged:
        return "it is not signed"
    if kid in keys.revoked:
        return f"its key {kid} was revoked"
    if kid not in signers.by_kid:
        return f"its key {kid} is in no signers.json here"
    return f"{missing}, which it comes behind, is not in the log" if missing else "it is not what its step has to say"


def _checked(statement: Statement, hashes: Mapping[str, str], keys: LogKeys, signers: Signers) -> str:
    """Return which key has made a statement, if it may, and if what it comes behind is in the log; else `Damaged`."""
    says = verified(statement, signers, statement.step)
    kid, about = kid_in(statement.jws), STEPS[statement.step].about
    if kid in keys.revoked or about == "bundle" or bool(statement.notice_id) != (about == "notice"):
        raise Damaged
    try:
        STEPS[statement.step].model.model_validate(says)
    except ValueError as error:
        raise Damaged from error
    first = 1 if statement.chain_id else 0
    previous = hashes.get(_id_before(statement)) if statement.number > first else ""
    if statement.number < first or (statement.number and not first) or says.get("previous") != previous:
        raise Damaged
    return kid
