"""What an installation is, for ever: begun as a trial or not, and under which name its log is known."""

import asyncio
from datetime import date, datetime
from typing import ClassVar
from urllib.parse import urlsplit

from sk.clock import SKEW, local_day
from sk.crypto.sign import Signer, Signers, encode
from sk.errors import Conflict, Invalid, NotFound, Unavailable
from sk.evidence.keys import LogKeys
from sk.evidence.note import Checkpoint, VKey
from sk.evidence.sequence import LogHead, appended, log_head
from sk.evidence.statement import Place, make_statement
from sk.services import Services
from sk.store.port import Aggregate

ONLY = "installation"
CLOCKS_APART = "clocks-apart"
"""The problem by which a clock that is wrong is told apart from a store that cannot be reached."""
PATIENCE_SECONDS = 60


class Installation(Aggregate):
    """The one record of it."""

    kind: ClassVar[str] = "installation"

    trial: bool
    log_origin: str
    began_at: datetime
    log_cuts: list[int] = []
    """The sizes at which restores have begun the second log, the third, and so on."""
    restored_on: date | None = None

    @property
    def log_number(self) -> int:
        """Return which log this is: 1, until a restore has closed it and begun the next."""
        return len(self.log_cuts) + 1

    @property
    def log_origins(self) -> list[str]:
        """Return the names of this log and of those before it, from the first on."""
        first = first_origin(self.log_origin, self.log_number)
        return [first, *(f"{first}/{number}" for number in range(2, self.log_number + 1))]

    @property
    def log_began_at_size(self) -> int:
        """Return how many leaves the log took over from the one before."""
        return self.log_cuts[-1] if self.log_cuts else 0

    def kept_of(self, log_number: int) -> int | None:
        """Return how many leaves of an earlier log are still in this one; of this one itself, and a later, None."""
        return min(self.log_cuts[max(log_number, 1) - 1 :], default=None)

    def log_vkey(self, signers: Signers) -> VKey:
        """Return the verifier key of this log."""
        return VKey(self.log_origin, signers.public("log"))


def first_origin(origin: str, log_number: int) -> str:
    """Return the name that a log and those before and after it have in common: that of the first."""
    return origin.removesuffix(f"/{log_number}") if log_number > 1 else origin


async def check_clock(services: Services) -> None:
    """Raise `Unavailable` if this machine's clock and the store's are so far apart that no moment can be stated."""
    apart = abs(await services.store.now() - services.clock.now())
    if apart > SKEW:
        said = f"the clocks of this machine and the store are {apart.total_seconds():.1f} seconds apart"
        raise Unavailable(said, problem=CLOCKS_APART)


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


async def log_vkey(services: Services) -> VKey:
    """Return the verifier key of the log, for whoever will watch it or verify what it proves."""
    return (await ensure_installation(services)).log_vkey(services.keys.signers)


async def log_vkeys(services: Services) -> list[VKey]:
    """Return the verifier keys of this log and of those before it, under which evidence may have been handed out."""
    origins = (await ensure_installation(services)).log_origins
    return [VKey(origin, services.keys.signers.public("log")) for origin in origins]


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


async def continue_log(services: Services, sign: Signer, closed: Checkpoint, at: datetime) -> Installation:
    """Close a log whose end was lost, and go on with what was brought back of it under the next name.

    Leaves, positions and tiles stay. The next leaf names the last checkpoint of the closed log; nothing that waits in
    the store comes before it. `sign` is the key of the log.
    """
    store, signers = services.store, services.keys.signers
    installation, head = await store.get(Installation, ONLY), await log_head(store)
    head.number += 1
    installation.log_origin = f"{installation.log_origins[0]}/{head.number}"
    installation.log_cuts = [*installation.log_cuts, head.size]
    installation.restored_on = local_day(at)
    facts = {
        "origin": installation.log_origin,
        "closed_origin": closed.origin,
        "closed_size": closed.size,
        "closed_root": encode(closed.root),
    }
    keys = LogKeys()
    await keys.read_on(store, signers, head.size)
    statement = make_statement(sign, "log-continued", at, facts, Place())
    leaves = [*keys.introduce(signers, sign, (sign.kid, statement.step), at), statement]
    await store.save(installation, *await appended(head, leaves, at, store))
    return installation


async def _begin(services: Services) -> Installation:
    if await services.store.scan(LogHead, limit=1):  # the installation is what a restore brings back last
        raise Unavailable("this store holds a log and no installation: a restore into it did not end; name another")
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
