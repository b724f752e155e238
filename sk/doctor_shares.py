"""Shares, looked at by `sk doctor`: whether each is what was stated about it, and gives nothing that was revoked.

That a document of one is gone is as its owner wanted it.
"""

from collections.abc import AsyncIterator
from functools import partial

from sk.auth.journal import belongs_to
from sk.errors import Damaged
from sk.finding import Finding, pages
from sk.safe.share import Access, Share, told
from sk.services import Services


async def examine_shares(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with shares."""
    async for found in pages(services, Share):
        for id_, stored in found.items():
            try:
                holds = await _held_in_vain(stored, services)
            except Damaged:
                yield Finding(f"the share {id_} does not open, or is not what was stated about it")
                continue
            if stored and holds:
                sentence = f"the share {id_} was revoked, and still holds what opens its documents"
                yield Finding(sentence, partial(_empty, stored, holds, services))


async def _held_in_vain(stored: Share | None, services: Services) -> Access | None:
    """Return what a share holds although it was revoked: a restore puts that back, or somebody else."""
    if stored is None:
        raise Damaged
    access = stored.taken(services.keys.lock_key("records"))
    one = await told(stored, access.account, services)
    if stored.belongs != belongs_to(access.account, services):
        raise Damaged
    return access if one.revoked_at and access.documents else None


async def _empty(stored: Share, access: Access, services: Services) -> None:
    stored.give(Access(account=access.account), services.keys.lock_key("records"))
    await services.store.save(stored)
