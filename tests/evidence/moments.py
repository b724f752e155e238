"""Moments at which a sequencer stands still, until it is told to go on."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sk.evidence.sequence import LogHead, SignedHead
from sk.services import Services
from sk.store.port import Aggregate


class Frozen:
    """A moment at which whoever comes to it stands still, until told to go on."""

    def __init__(self) -> None:
        """Let nobody pass."""
        self.reached, self._thawed = asyncio.Event(), asyncio.Event()

    async def stand_still(self) -> None:
        """Come to the moment."""
        self.reached.set()
        await self._thawed.wait()

    def thaw(self) -> None:
        """Let everybody pass."""
        self._thawed.set()


class SlowStore:
    """`Store` that remembers which checkpoints it was given, and stands still before or after it saves a kind."""

    def __init__(self, services: Services, shown: list[str]) -> None:
        """Save into the store of some services."""
        self._store, self._shown = services.store, shown
        self.before: dict[type[Aggregate], Frozen] = {}
        self.after: dict[type[Aggregate], Frozen] = {}

    async def save(self, *aggregates: Aggregate, **more: Any) -> None:
        """See `Store.save`."""
        await _stand_still(self.before, aggregates)
        await self._store.save(*aggregates, **more)
        self._shown += [one.note for one in aggregates if isinstance(one, SignedHead)]
        await _stand_still(self.after, aggregates)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        """Do all else as the store does it."""
        return getattr(self._store, name)


class SlowObjects:
    """`ObjectStore` that stands still before an anchor is written."""

    def __init__(self, services: Services, frozen: Frozen) -> None:
        """Write into the object store of some services."""
        self._objects, self._frozen = services.objects, frozen

    async def put(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put`."""
        await self._frozen.stand_still()
        await self._objects.put(name, data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the object store has
        """Do all else as the object store does it."""
        return getattr(self._objects, name)


Slowed = Callable[[Services, Frozen, list[str]], Services]


def between_reading_the_head_and_saving_it(services: Services, frozen: Frozen, shown: list[str]) -> Services:
    """Stand still with a batch in hand."""
    return slowed_at(services, shown, before={LogHead: frozen})


def between_saving_and_signing(services: Services, frozen: Frozen, shown: list[str]) -> Services:
    """Stand still with a head that is saved and not signed."""
    return slowed_at(services, shown, after={LogHead: frozen})


def before_the_anchor(services: Services, frozen: Frozen, shown: list[str]) -> Services:
    """Stand still with a checkpoint in hand."""
    objects: Any = SlowObjects(services, frozen)
    return replace(slowed_at(services, shown), objects=objects)


def between_the_anchor_and_showing_it(services: Services, frozen: Frozen, shown: list[str]) -> Services:
    """Stand still with a checkpoint that nobody has seen."""
    return slowed_at(services, shown, before={SignedHead: frozen})


MOMENTS: list[Slowed] = [
    between_reading_the_head_and_saving_it,
    between_saving_and_signing,
    before_the_anchor,
    between_the_anchor_and_showing_it,
]


def slowed_at(
    services: Services,
    shown: list[str],
    before: dict[type[Aggregate], Frozen] | None = None,
    after: dict[type[Aggregate], Frozen] | None = None,
) -> Services:
    """Return services that tell which checkpoints were saved, and stand still before or after a kind is."""
    store: Any = SlowStore(services, shown)
    store.before, store.after = before or {}, after or {}
    return replace(services, store=store)


async def _stand_still(at: dict[type[Aggregate], Frozen], aggregates: tuple[Aggregate, ...]) -> None:
    for kind, frozen in at.items():
        if any(isinstance(one, kind) for one in aggregates):
            await frozen.stand_still()
