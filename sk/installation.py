"""What an installation is, for ever: begun as a trial or not, and under which name its log is known."""

import asyncio
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from sk.clock import CLOCKS_APART_SECONDS
from sk.errors import Conflict, Invalid, NotFound, Unavailable
from sk.services import Services
from sk.store.port import Aggregate

ONLY = "installation"
PATIENCE_SECONDS = 60


class Installation(Aggregate):
    """The one record of it."""

    kind: ClassVar[str] = "installation"

    trial: bool
    log_origin: str
    began_at: datetime


async def check_clock(services: Services) -> None:
    """Raise `Unavailable` if this machine's clock and the store's are so far apart that no moment can be stated."""
    apart = abs((await services.store.now() - services.clock.now()).total_seconds())
    if apart > CLOCKS_APART_SECONDS:
        raise Unavailable(f"the clocks of this machine and the store are {apart:.1f} seconds apart")


async def ensure_installation(services: Services) -> Installation:
    """Return the installation, beginning it at the first start; settings that contradict it stop this one."""
    try:
        installation = await services.store.get(Installation, ONLY)
    except NotFound:
        installation = await _begin(services)
    if installation.trial and not services.settings.is_trial:
        raise Invalid("this store began as a trial and is not given to a real mail server; begin with an empty one")
    if not installation.trial and services.settings.is_trial:
        raise Invalid("this store is no trial; SK_MAIL must name a real mail server")
    return installation


async def await_installation(services: Services) -> Installation:
    """Return the installation, waiting for the web process to begin it."""
    for _ in range(PATIENCE_SECONDS * 10):
        try:
            await services.store.get(Installation, ONLY)
        except (NotFound, Unavailable):
            await asyncio.sleep(0.1)
        else:
            return await ensure_installation(services)
    raise Unavailable("no web process has begun this installation; start `sk serve` first")


async def _begin(services: Services) -> Installation:
    trial = services.settings.is_trial
    origin = services.settings.log_origin or urlsplit(services.base_url).netloc
    installation = Installation(
        id=ONLY, trial=trial, log_origin=f"{origin}/trial" if trial else origin, began_at=services.clock.now()
    )
    try:
        await services.store.save(installation)
    except Conflict:  # another process has begun it in this very moment
        return await services.store.get(Installation, ONLY)
    return installation
