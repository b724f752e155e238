"""What was stated about a notice, and whether the notice in the store still is what was stated.

The fields of a notice sum its statements up, so that it can be found. Whoever writes into the database can change
fields, but cannot make statements. So nobody shows a notice, tells of it or takes it a step further before both were
compared; if they differ, nothing happens but an alarm. What such a writer still can do is to delete, or to put back all
of an older state: the log shows that, not this.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sk.crypto.sign import Signers
from sk.errors import Damaged, Forbidden
from sk.evidence.spelling import hash_of, moment_text
from sk.evidence.statement import Statement, verified
from sk.postbox.days import stated_days
from sk.postbox.notice import Notice
from sk.services import Services

Says = Mapping[str, Any]
log = logging.getLogger(__name__)


class History(NamedTuple):
    """The statements about a notice: as they are kept, and what was said first about each step.

    Only replies may be more than one: `replies` is what was said about each.
    """

    statements: Sequence[Statement]
    said: Mapping[str, Says]
    replies: Sequence[Says]

    @property
    def acts(self) -> Sequence[Says]:
        """Return what sessions have done: the first Abruf, and replies."""
        return [*(self.said[step] for step in ("abgerufen",) if step in self.said), *self.replies]

    @property
    def accepted(self) -> Says:
        """Return what was accepted."""
        return self.said["accepted"]


async def history_of(notice: Notice, services: Services) -> History:
    """Return the statements about a notice; if it is not (or no longer) what they say, raise the alarm."""
    try:
        found = await services.store.get_many(Statement, notice.statement_ids)
        statements = [found[id_] for id_ in notice.statement_ids]
        said, replies = _read(notice, statements, services.keys.signers)
        _compare(notice, said)
    except (Damaged, KeyError) as error:
        raise alarm(notice) from error
    return History(statements, said, replies)


def alarm(notice: Notice) -> Forbidden:
    """Tell the operator that a notice is damaged, and return what everybody else is told."""
    log.critical("notice-damaged", extra={"notice_id": notice.id})
    return Forbidden("this notice is damaged and cannot be shown; the operator was told", problem="notice-damaged")


def _read(notice: Notice, statements: Sequence[Statement], signers: Signers) -> tuple[dict[str, Says], list[Says]]:
    """Return what was stated, by step, and of replies, if the statements are the unbroken chain of this notice."""
    said: dict[str, Says] = {}
    replies: list[Says] = []
    last: Says = {}
    previous = ""
    for number, statement in enumerate(statements, 1):
        if statement.refused:  # by the log, which knows of keys that were revoked
            raise Damaged
        last = verified(statement, signers, statement.step)
        place = (last["authority"], last["notice"], last["number"], last["previous"])
        if place != (notice.authority_id, notice.id, number, previous):
            raise Damaged
        said.setdefault(statement.step, last)
        replies += [last] if statement.step == "replied" else []
        previous = hash_of(statement.jws)
    last_at = notice.last_statement_at and moment_text(notice.last_statement_at)
    if (previous, last.get("at")) != (notice.last_hash, last_at):
        raise Damaged
    return said, replies


def _compare(notice: Notice, said: Mapping[str, Says]) -> None:
    """Raise `Damaged` unless every field that somebody acts upon is what was stated."""
    accepted = said["accepted"]
    fields = {
        "kind": notice.notice_kind,
        "law": notice.law,
        "minimum_trust": notice.minimum_trust,
        "account": notice.account_commitment(),
        **notice.digests(),
    }
    days = stated_days(notice.bekanntgabe, notice.rechtsbehelf)
    last_days = [says for says in said.values() if "days" in says][-1:] or [dict.fromkeys(days)]
    lapses_on = said.get("benachrichtigt", {}).get("lapses_on")
    same = (
        {name: accepted[name] for name in fields} == fields
        and [{name: says[name] for name in days} for says in last_days] == [days]
        and lapses_on == (notice.lapses_on and str(notice.lapses_on))
        and said.get("rejected", {}).get("reason") == notice.rejected_because
        and all(_stated_at(step, said) == (at and moment_text(at)) for step, at in notice.moments().items())
    )
    if not same:
        raise Damaged


def _stated_at(step: str, said: Mapping[str, Says]) -> str | None:
    return said[step].get("answered_at", said[step]["at"]) if step in said else None
