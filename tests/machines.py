"""A platform on a machine that burns down, and an empty machine on which it may be brought back."""

import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from sk.backup import back_up
from sk.client import AuthorityClient
from sk.config import load_settings
from sk.continued import Restored
from sk.errors import Unavailable
from sk.restore import restore
from tests.world import World, open_world


@dataclass(frozen=True)
class Machines:
    """The machine that a platform runs on until it burns down, and an empty one to which its keys were brought."""

    world: World
    folder: Path

    @property
    def fresh(self) -> Path:
        """Return the folder of the new machine."""
        return self.folder / "fresh"

    async def back_up(self, name: str = "backup") -> Path:
        """Back up what runs."""
        await back_up(self.world.web, self.folder / name)
        return self.folder / name

    def burn_down(self, *, with_objects: bool = False) -> None:
        """Leave nothing but the keys and, if they lay elsewhere, the objects with the anchors of the log."""
        shutil.copytree(self.world.data / "keys", self.fresh / "keys")
        if not with_objects:
            shutil.copytree(self.world.data / "objects", self.fresh / "objects")

    async def restore(self, backup: Path) -> Restored:
        """Bring a backup back on the new machine."""
        return await restore(backup, load_settings({"data": self.fresh}), clock=self.world.clock)

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[World]:
        """Run the platform on the new machine."""
        async with open_world(self.fresh, self.world.clock) as opened:
            yield opened


def goes_off_before_the_objects(names: Sequence[str], label: str) -> AbstractContextManager[Iterable[str]]:
    """Count what a restore brings back, on a machine that breaks down in between."""
    if label == "objects":
        raise Unavailable("the machine goes off")
    return nullcontext(names)


def towards(world: World, client: AuthorityClient) -> AuthorityClient:
    """Return an authority's client that goes on with the platform at another address."""
    same = copy(client)
    same._base_url, same._token_until = world.base_url, 0  # noqa: SLF001 - it has no token there yet
    return same
