"""The sequencer: gives every statement its place in the one log, after the commit, once and for ever.

One sequencer at a time: the head is saved by version together with the statements that it counts, so that of two
the slower one changes nothing.
"""

from typing import ClassVar

from sk.errors import Conflict, NotFound
from sk.evidence.statement import Statement
from sk.store.port import Aggregate, Store

BATCH = 500


class LogHead(Aggregate):
    """How many statements stand in the log."""

    kind: ClassVar[str] = "log_head"

    size: int = 0


HEAD_ID = "log"


async def log_head(store: Store) -> LogHead:
    """Return the head of the log; before the first statement it is empty."""
    try:
        return await store.get(LogHead, HEAD_ID)
    except NotFound:
        return LogHead(id=HEAD_ID)


async def sequence(store: Store) -> int:
    """Put the next statements that wait into the log and return how many they were."""
    head = await log_head(store)
    waiting = await store.find(Statement, "unsequenced", "", limit=BATCH)
    if not waiting:
        return 0
    for statement in waiting:
        statement.position = head.size
        head.size += 1
    try:
        await store.save(head, *waiting)
    except Conflict:
        return 0  # another sequencer was quicker; what it left is found the next time
    return len(waiting)
