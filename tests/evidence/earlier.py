"""A store as it was before: what comes of a copy that is brought back, or of a disk that lies."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

from sk.ids import new_id
from sk.services import Services
from sk.store.sqlite import open_sqlite
from tests.world import World


def copy_of(world: World) -> Path:
    """Return a copy of the store as it is now."""
    copy = world.data / f"copy-{new_id()}.db"
    _copy(world.data / "store.db", copy)
    return copy


def restore(world: World, copy: Path) -> None:
    """Put a copy in the place of the store of a platform, whose sequencer is started anew."""
    _copy(copy, world.data / "store.db")
    world.memory.turn_to(-1)


@asynccontextmanager
async def brought_back(world: World, copy: Path) -> AsyncIterator[Services]:
    """Return the services of the workers on a copy of the store, and on the objects as they are."""
    async with open_sqlite(copy) as store:
        yield replace(world.workers, store=store)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as held, closing(sqlite3.connect(target)) as written:
        held.backup(written)
