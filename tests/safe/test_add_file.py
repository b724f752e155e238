"""Files that come in one go, by a form: kept as a whole, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from sk.errors import Invalid, SkError, Unavailable
from sk.safe.document import VERSIONS_MAX
from sk.safe.upload import Wanted
from sk.safe.upload_steps import add_file
from sk.services import Services
from sk.store.port import Store
from tests.safe.uploads import bytes_of, is_empty, kept_in, objects_in
from tests.scanners import Talk, a_scanner_that, hear_all
from tests.upload import under_way
from tests.world import Citizen, World

DATA = bytes(range(256)) * 400


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    """Yield a file as it comes."""
    for start in range(0, len(data), 10_000):
        yield data[start : start + 10_000]


async def add(citizen: Citizen, services: Services, data: bytes = DATA, **wanted: str) -> str:
    """Add a file to somebody's safe."""
    return await add_file(Wanted("Zeugnis.bin", 0, **wanted), pieces(data), citizen.account.id, services)


class SavesAnd:
    """`Store` that saves, and then something happens before it can say so."""

    def __init__(self, store: Store, error: Exception | None) -> None:
        """Save into a store; without an error nothing is ever heard again."""
        self._store, self._error, self.saved = store, error, asyncio.Event()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Do all else as the store does it."""
        return getattr(self._store, name)

    async def save(self, *aggregates: Any, **more: Any) -> None:
        """See `Store.save`."""
        await self._store.save(*aggregates, **more)
        self.saved.set()
        if self._error:
            raise self._error
        await asyncio.Event().wait()


async def test_a_file_is_a_document_and_the_next_one_its_version(world: World) -> None:
    erika = await world.citizen()
    document_id = await add(erika, world.web)
    await add(erika, world.web, b"two", document=document_id)

    assert [await bytes_of(world, erika, "Zeugnis.bin", number) for number in ("1", "2")] == [DATA, b"two"]


async def malware(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Find something."""
    await hear_all(reader)
    writer.write(b"stream: Eicar FOUND\0")


async def silence(*_: object) -> None:
    """Hang up."""


@pytest.mark.parametrize(
    ("talks", "problem"), [(malware, "attachment-malware"), (silence, "scanner-silent")], ids=["malware", "silence"]
)
async def test_what_the_scanner_does_not_call_clean_leaves_nothing_behind(
    world: World, talks: Talk, problem: str
) -> None:
    erika = await world.citizen()
    async with a_scanner_that(talks) as scanner:
        with pytest.raises(SkError) as refused:
            await add(erika, replace(world.web, scanner=scanner))

    assert refused.value.problem == problem
    assert await is_empty(world, erika)


@pytest.mark.parametrize(
    ("data", "settings", "problem"),
    [
        (b"", {}, "attachment-size"),
        (DATA, {"safe_file_max_bytes": len(DATA) - 1}, "attachment-size"),
        (DATA, {"safe_max_bytes": len(DATA) - 1}, "safe-full"),
    ],
    ids=["nothing", "too much", "no room"],
)
async def test_what_cannot_be_kept_leaves_nothing_behind(
    world: World, data: bytes, settings: dict[str, int], problem: str
) -> None:
    erika = await world.citizen()
    services = replace(world.web, settings=world.web.settings.model_copy(update=settings))
    with pytest.raises(Invalid) as refused:
        await add(erika, services, data)

    assert refused.value.problem == problem
    assert await is_empty(world, erika)


async def test_a_version_too_many_leaves_nothing_behind(world: World) -> None:
    erika = await world.citizen()
    document_id = await add(erika, world.web, b"x")
    for _ in range(1, VERSIONS_MAX):
        await add(erika, world.web, b"x", document=document_id)
    before = await objects_in(world)

    with pytest.raises(Invalid, match="100 versions"):
        await add(erika, world.web, document=document_id)

    assert await objects_in(world) == before


async def test_what_may_have_been_saved_keeps_its_bytes_though_the_store_has_not_answered(world: World) -> None:
    erika = await world.citizen()
    store = cast("Store", SavesAnd(world.web.store, Unavailable()))
    with pytest.raises(Unavailable):
        await add(erika, replace(world.web, store=store))

    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_so_it_does_when_the_process_ends_meanwhile(world: World) -> None:
    erika = await world.citizen()
    store = SavesAnd(world.web.store, None)
    async with under_way(add(erika, replace(world.web, store=cast("Store", store)))):
        await store.saved.wait()

    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
