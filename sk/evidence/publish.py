"""Publishing the log: its head is signed and anchored outside of the store before anybody sees the checkpoint.

The order is what counts. The head is saved, signed, made durable as an anchor, and only then saved as the newest
checkpoint. So nothing published is ever newer than the newest anchor, and a store that was brought back from an earlier
state is found out before anything is signed for it.
"""

from sk.clock import local_day
from sk.crypto.sign import Signers
from sk.errors import Conflict, Damaged, Unavailable
from sk.evidence.anchor import Anchor, Logged, newest_anchor, write_anchor
from sk.evidence.keys import BEHIND_ALL
from sk.evidence.log import Log, Memory
from sk.evidence.note import Checkpoint, sign_note
from sk.evidence.sequence import LogHead, log_head, root_at, signed_head
from sk.evidence.statement import Statement
from sk.objects.port import ObjectStore
from sk.store.port import Cursor, Store

BEHIND = "log-behind"
"""The problem by which a store whose log is behind its anchors is told apart from one that cannot be reached."""


async def publish(log: Log, memory: Memory) -> None:
    """Sign the head of the log as it stands in the store, anchor it and show it, unless that was done."""
    head, signed = await log_head(log.store), await signed_head(log.store)
    begin = signed.size if signed.note else log.began_at_size
    if head.number != log.number or head.size <= begin:  # smaller, if another one has signed since the head was read
        return
    if head.logged_at is None:
        raise Damaged
    note = sign_note(Checkpoint(log.origin, head.size, head.root).text(), log.origin, log.sign.key)
    logged = await _logged(begin, head, memory, log.store)
    await write_anchor(log.objects, local_day(head.logged_at), Anchor(log.number, head.size, note, logged))
    memory.grown_to = head.size
    signed.size, signed.note = head.size, note
    try:
        await log.store.save(signed)
    except Conflict:
        return  # another sequencer has signed, the same or more


async def hold_to_anchors(log: Log, memory: Memory) -> None:
    """Raise `Unavailable` if the log in the store is behind what was published.

    That is looked at before the first signature after a start, and whenever the log has become smaller.
    """
    head = await log_head(log.store)
    if memory.grown_to is None or head.size < memory.grown_to:
        await check_anchors(log.store, log.objects, log.signers, log.number, log.origin)
        if head.size < (memory.grown_to or 0):
            raise _behind(f"its log has {head.size} statements and had {memory.grown_to} before")
    memory.grown_to = head.size


async def check_anchors(store: Store, objects: ObjectStore, signers: Signers, number: int, origin: str) -> None:
    """Raise `Unavailable` unless the log in the store, of this number and name, has all that the anchors promise."""
    anchor = await newest_anchor(objects)
    if anchor is None or anchor.log_number < number:
        return
    if anchor.log_number > number:
        raise _behind(f"its log is number {number}, and number {anchor.log_number} was published")
    promised, head = anchor.checkpoint(signers), await log_head(store)
    if promised.origin != origin:
        raise _behind(f"its log is {origin}, and {promised.origin} was published")
    if head.size < promised.size:
        raise _behind(f"its log has {head.size} statements, and {promised.size} were published")
    root = head.root if head.size == promised.size else await root_at(store, promised.size)
    if root != promised.root:
        raise _behind(f"the first {promised.size} statements of its log are not those that were published")


def _behind(why: str) -> Unavailable:
    said = f"the store was brought back from another state: {why}; nothing is signed until `sk restore` was run"
    return Unavailable(said, problem=BEHIND)


async def _logged(begin: int, head: LogHead, memory: Memory, store: Store) -> list[Logged]:
    """Return what was logged since a position; mostly it is what this process has just logged."""
    batch = memory.batch
    if not batch or (batch[0].position, len(batch)) != (begin, head.size - begin):
        place = Cursor(begin - 1, BEHIND_ALL)
        batch = await store.find(Statement, "log", "", after=place, limit=head.size - begin)
    logged = [
        Logged(one.position, one.logged_at, one.jws) for one in batch if one.position is not None and one.logged_at
    ]
    if [one.position for one in logged] != [*range(begin, head.size)]:
        raise Damaged
    return logged
