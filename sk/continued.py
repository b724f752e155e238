"""After a restore: what was lost is named, the log is closed, and the next one begins.

This is the same whether `sk restore` has brought the store back or somebody's own means have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sk.auth.ledger import Erased
from sk.clock import moment_to_sign
from sk.crypto.sign import Signers
from sk.errors import Damaged, Invalid, NotFound
from sk.evidence.anchor import Anchor, anchored_since, newest_anchor, unreadable_anchor
from sk.evidence.note import Checkpoint, own_checkpoint
from sk.evidence.sequence import log_head, signed_head
from sk.finding import damaged_anchor, foreign_anchor
from sk.installation import ONLY, Installation, continue_log, first_origin
from sk.lost import Lost, name_lost
from sk.restore_keys import BroughtKeys
from sk.services import Services


@dataclass
class Restored:
    """What a restore has done."""

    closed: Checkpoint
    goes_on: str
    lost: Lost
    objects: int = 0
    odd: Sequence[str] = ()
    """What nobody can read, or claims what belongs to another; it was brought back as it is."""
    keys: BroughtKeys = field(default_factory=BroughtKeys)
    erased: Sequence[Erased] = ()
    """Accounts that were erased since, by the ledger, and did not come back."""
    odd_entries: Sequence[str] = ()
    """Entries of the ledger that nobody of us has signed, and that erase nobody."""


async def installation_of(services: Services) -> Installation:
    """Return the installation of a store that somebody else has brought back."""
    try:
        return await services.store.get(Installation, ONLY)
    except NotFound:
        raise Invalid("there is no installation in this store: bring the store back first") from None


async def go_on(services: Services, installation: Installation) -> Restored:
    """Name what came after what the store holds, bring back what can be, close the log and begin the next.

    In this order, so that one that is killed and started again names the same lost notices: what they are told by is in
    the anchors. A fresh store is begun anew then. In one that others have brought back, steps that were put back before
    are not told once more; and if restores after its copy have begun logs, one that was killed after their number was
    taken over names what was lost of the last of them alone.
    """
    sign = services.keys.signer("log")
    newest = await _newest_anchor(services)
    closed = await _closed(services, installation, newest)
    head = await log_head(services.store)
    lost = await name_lost(services, head.number, head.size, newest)
    await _catch_up(services, installation, closed, newest)
    continued = await continue_log(services, sign, closed, await moment_to_sign(services.clock))
    return Restored(closed, continued.log_origin, lost)


async def _newest_anchor(services: Services) -> Anchor | None:
    try:
        return await newest_anchor(services.objects)
    except Damaged:
        raise await _damaged(services) from None


async def _damaged(services: Services) -> Invalid:
    """Return the error for an anchor that has to be read, and cannot be."""
    name = await unreadable_anchor(services.objects)
    return Invalid(f"nothing was closed or begun: {damaged_anchor(name)}")


async def _closed(services: Services, installation: Installation, newest: Anchor | None) -> Checkpoint:
    """Return the last checkpoint that is known of the newest log: the newest anchor's, or else the store's own."""
    head, signed = await log_head(services.store), await signed_head(services.store)
    signers = services.keys.signers
    own = (
        verified_checkpoint(signed.note, signers)
        if signed.note
        else Checkpoint(installation.log_origin, head.size, head.root)
    )
    if newest is None:
        return own
    try:
        found = newest.checkpoint(signers)
    except Damaged:
        raise Invalid(foreign_anchor(newest.log_number, newest.size)) from None
    if first_origin(found.origin, newest.log_number) != installation.log_origins[0]:
        raise Invalid(f"the object store holds anchors of another log, {found.origin}; SK_OBJECTS must name its own")
    return found if (newest.log_number, newest.size) > (head.number, own.size) else own


async def _catch_up(services: Services, installation: Installation, closed: Checkpoint, newest: Anchor | None) -> None:
    """Save the installation. If restores after the backup have begun logs already, their names are not given again."""
    head = await log_head(services.store)
    last = max(newest.log_number if newest else 0, head.number)
    for number in range(head.number + 1, last + 1):
        try:
            first = await anext(anchored_since(services.objects, number, 0), None)
        except Damaged:
            raise await _damaged(services) from None
        began_at = min(first.position, head.size) if first else 0
        installation.log_cuts = [*installation.log_cuts, began_at]
    if last == head.number:
        if not installation.version:
            await services.store.save(installation)
        return
    head.number, installation.log_origin = last, closed.origin
    await services.store.save(installation, head)


def verified_checkpoint(note: str, signers: Signers) -> Checkpoint:
    """Return a checkpoint that the key of this log has signed, or say that the keys are those of another one."""
    try:
        return own_checkpoint(note, signers)
    except Damaged:
        origin = note.partition("\n")[0]
        raise Invalid(
            f"the checkpoint of the log {origin} is signed by none of these keys: they are of another installation"
        ) from None
