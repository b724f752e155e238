"""Erasing accounts, for the tests of what is left of them."""

import gzip
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sk.auth.account import Account, AccountKey
from sk.auth.erasure import ask_for_erasure
from sk.crypto.sign import encode
from sk.events import Event
from sk.evidence.statement import Statement
from sk.key_backup import begin_key_backups
from sk.workers.handle import receiver
from tests.workers.cases import due_event
from tests.world import Citizen, World


async def erase(world: World, who: Citizen) -> None:
    """Have somebody ask for the erasure of their account, and let the seven days pass."""
    await ask_for_erasure(who.account.id, world.web)
    world.clock.advance(days=7)
    await world.settle()
    world.clock.advance(minutes=2)
    await world.settle()


async def is_there(world: World, who: Citizen) -> bool:
    """Tell whether somebody still has an account."""
    return bool(await world.web.store.get_many(Account, [who.account.id]))


async def run(world: World, kind: type[Event]) -> None:
    """Have one event acted upon that is due, and no other."""
    await receiver(world.web)((await due_event(world, kind, world.clock.now())).id)


async def statements(world: World) -> list[Statement]:
    """Return all statements that there are."""
    return [*(await world.web.store.get_many(Statement, await world.web.store.scan(Statement))).values()]


async def collect_hourly(world: World) -> None:
    """Have account keys collected from now on, as web does it from its first start on."""
    await begin_key_backups(world.web)
    await world.settle()


async def seed_of(world: World, who: Citizen) -> bytes:
    """Return the locked seed of an account, as it is stored."""
    return (await world.web.store.get(AccountKey, who.account.id)).seed


def spelled(seed: bytes) -> list[bytes]:
    """Return the raw bytes of a locked seed as they may stand somewhere: as they are, in base64, in hex."""
    return [seed[20:60], b64encode(seed)[8:80], encode(seed)[8:80].encode(), seed.hex().encode()[40:120]]


def bytes_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder, and what is in it if it is packed."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        yield str(path), raw
        if raw[:2] == b"\x1f\x8b":
            yield f"in {path}", gzip.decompress(raw)


def files_with(needles: list[bytes], folder: Path) -> list[str]:
    """Return which files below a folder hold one of some bytes, the write-ahead log included."""
    return [where for where, raw in bytes_below(folder) if any(needle in raw for needle in needles)]


async def rows_naming(world: World, *words: str) -> list[str]:
    """Return the kinds of rows in the store that hold one of some words, by name."""
    found = []
    async for row in world.web.store.everything():
        facts: dict[str, Any] = row._asdict()
        if any(word in str(value) for value in facts.values() for word in words):
            found.append(facts.get("kind") or facts["event"])
    return sorted(found)
