"""Publishing the log: its head is signed and anchored outside of the store before anybody sees the checkpoint.

The order is what counts. The head is saved, signed, made durable as an anchor, and only then saved as the newest
checkpoint. So nothing published is ever newer than the newest anchor, and a store that was brought back from an earlier
state is found out before anything is signed for it.
"""

import logging
from datetime import date

from sk.clock import local_day
from sk.crypto.sign import Signers
from sk.errors import Conflict, Damaged, Unavailable
from sk.evidence.anchor import Anchor, Logged, newest_signed, write_anchor
from sk.evidence.log import Log, Memory
from sk.evidence.note import Checkpoint, own_checkpoint, sign_note
from sk.evidence.sequence import BATCH, SignedHead, log_head, root_at, signed_head
from sk.evidence.statement import Statement
from sk.objects.port import ObjectStore
from sk.store.port import Cursor, Store

BEHIND = "log-behind"
"""The problem by which a store whose log is behind its anchors is told apart from one that cannot be reached."""

logger = logging.getLogger(__name__)


async def publish(log: Log, memory: Memory) -> None:
    """Sign the head of the log as it stands in the store, anchor it and show it, unless that was done."""
    head, signed = await log_head(log.store), await signed_head(log.store)
    begin = signed.size if signed.note else log.began_at_size
    if head.number != log.number or head.size <= begin:  # smaller, if another one has signed since the head was read
        return
    if head.logged_at is None:
        raise Damaged
    note = sign_note(Checkpoint(log.origin, head.size, head.root).text(), log.origin, log.sign.key)
    logged = await _logged(begin, head.size, memory, log.store)
    day = max(local_day(head.logged_at), memory.anchored_on)
    await write_anchor(log.objects, day, Anchor(log.number, head.size, note, logged))
    memory.grown_to = head.size
    signed.size, signed.note = head.size, note
    try:
        await log.store.save(signed)
    except Conflict:
        return  # another sequencer has signed, the same or more


async def hold_to_anchors(log: Log, memory: Memory) -> None:
    """Raise `Unavailable` if the log in the store is behind what was published.

    That is looked at before the first signature after a start, and whenever the log has become smaller. If anchors are
    gone, the newest is made anew: the log goes on, and nothing that was shown is newer than its newest anchor.
    """
    head = await log_head(log.store)
    if memory.grown_to is None or head.size < memory.grown_to:
        signed = await signed_head(log.store)
        found = await newest_signed(log.objects, log.signers)
        memory.anchored_on = found[0] if found else date.min
        await _compare(found and found[1], log.store, log.signers, log.number, log.origin)
        if head.size < (memory.grown_to or 0):
            raise _behind(f"its log has {head.size} statements and had {memory.grown_to} before")
        if error := _unanchored(signed, found and found[1], log.number):
            logger.critical("log-unanchored", extra={"error": str(error)})
            await _anchor_again(signed, log, memory)
    memory.grown_to = head.size


async def check_anchors(store: Store, objects: ObjectStore, signers: Signers, number: int, origin: str) -> None:
    """Raise `Unavailable` unless the log in the store, of this number and name, has all that the anchors promise.

    And unless they promise all that was shown.
    """
    signed = await signed_head(store)  # before the anchors, of which meanwhile another one may come
    found = await newest_signed(objects, signers)
    await _compare(found and found[1], store, signers, number, origin)
    if error := _unanchored(signed, found and found[1], number):
        raise error


async def _compare(anchor: Anchor | None, store: Store, signers: Signers, number: int, origin: str) -> None:
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


def _unanchored(signed: SignedHead, anchor: Anchor | None, number: int) -> Unavailable | None:
    """Return what is wrong if a checkpoint was shown that no anchor holds: nobody would notice that it was lost."""
    anchored = anchor.size if anchor and anchor.log_number == number else 0
    if not signed.note or signed.size <= anchored:
        return None
    return Unavailable(
        f"a checkpoint over {signed.size} statements was shown, and no anchor in the object store has more than "
        f"{anchored}: anchors were deleted; the sequencer makes the newest anew when it starts"
    )


async def _anchor_again(signed: SignedHead, log: Log, memory: Memory) -> None:
    """Write the anchor of the newest checkpoint once more, if that is what the log was, with the last statements."""
    checkpoint = own_checkpoint(signed.note, log.signers)
    if checkpoint != Checkpoint(log.origin, signed.size, await root_at(log.store, signed.size)):
        raise Damaged
    logged = await _logged(max(log.began_at_size, signed.size - BATCH), signed.size, memory, log.store)
    day = max(local_day(logged[-1].logged_at), memory.anchored_on)
    await write_anchor(log.objects, day, Anchor(log.number, signed.size, signed.note, logged))


async def _logged(begin: int, size: int, memory: Memory, store: Store) -> list[Logged]:
    """Return what was logged since a position; mostly it is what this process has just logged."""
    batch = memory.batch
    if not batch or (batch[0].position, len(batch)) != (begin, size - begin):
        batch = await store.find(Statement, "log", "", after=Cursor.behind(begin - 1), limit=size - begin)
    logged = [
        Logged(one.position, one.logged_at, one.jws) for one in batch if one.position is not None and one.logged_at
    ]
    if [one.position for one in logged] != [*range(begin, size)]:
        raise Damaged
    return logged
