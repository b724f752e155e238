"""Replay: a notice is moved forward to what was stated about it, never back.

After a restore, and after somebody has put an older row in its place, statements can know more of a notice than the
store does. They are signed, numbered and chained, so each step can be taken once more as it was taken then: the same
fields, the same events, no new statement.
"""

from collections.abc import Mapping, Sequence

from sk.errors import Damaged, Forbidden
from sk.evidence.statement import Statement, verified
from sk.postbox.days import stated_days
from sk.postbox.history import Says, history_of
from sk.postbox.notice import Notice
from sk.services import Services


async def move_forward(notice: Notice, statements: Sequence[Statement], services: Services) -> list[Statement]:
    """Take the steps that statements say, in their order, and return those that were taken; the caller saves.

    The first one that does not continue what the notice has ends it. A statement that the store does not hold is saved
    with the notice and waits for its place in the log.
    """
    taken: list[Statement] = []
    if not statements:
        return taken
    try:
        said = dict((await history_of(notice, services)).said)
        for statement in statements:
            says = verified(statement, services.keys.signers, statement.step)
            follow(notice, statement, says, said)
            said.setdefault(statement.step, says)
            if not statement.version:
                notice.bear(statement)
            taken.append(statement)
    except (Damaged, Forbidden, KeyError, ValueError):  # the notice, its chain, or a step that it cannot have taken
        return taken
    return taken


def follow(notice: Notice, statement: Statement, says: Says, said: Mapping[str, Says]) -> None:
    """Take the step that a statement says, after all that was `said` before it; else `Damaged`, and nothing happens.

    The days are worked out once more: a notice never shows any that were not stated.
    """
    place = (says["authority"], says["notice"], says["number"], says["previous"])
    if place != (notice.authority_id, notice.id, notice.statements + 1, notice.last_hash):
        raise Damaged
    if statement.step == "accepted":
        raise Damaged  # which only begins a chain
    days = notice.bekanntgabe, notice.rechtsbehelf
    if "days" in says:
        days = notice.days_after(statement.step, says, said)
    if "days" in says and any(says[name] != text for name, text in stated_days(*days).items()):
        raise Damaged
    notice.hold(days)
    notice.take(statement, says)
