"""Whether a worker could work here: what the health check of its container asks, in a process of its own."""

from collections.abc import Sequence

from sk.config import Settings
from sk.evidence.publish import check_anchors
from sk.installation import check_clock, ensure_installation
from sk.services import open_services


async def check(settings: Settings, names: Sequence[str]) -> None:
    """Raise `Unavailable`, saying what is wrong, unless the named workers find their keys, the store and the bus.

    The store is one that can be written, and whose clock agrees with this machine's.
    """
    async with open_services(settings, names) as services:
        await check_clock(services)
        await services.store.check()
        if "evidence" in names:
            installation = await ensure_installation(services)
            ours = installation.log_number, installation.log_origin
            await check_anchors(services.store, services.objects, services.keys.signers, *ours)
        if set(names) != {"evidence"}:  # which needs none
            await services.bus.check()
