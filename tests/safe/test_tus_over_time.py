"""Uploads over time: for a day they are gone on with, and meanwhile the safe around them changes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sk.safe.document import VERSIONS_MAX
from sk.safe.folder_steps import add_folder, delete_folder
from sk.safe.safe import open_safe
from sk.safe.steps import delete, put_version, throw_away
from sk.safe.upload import Upload
from tests.fakes import FakeClock
from tests.safe.uploads import (
    Uploader,
    bytes_of,
    is_empty,
    is_problem,
    kept_in,
    objects_in,
    uploader,
    version_of,
)
from tests.world import Citizen, World, open_world

DATA = bytes(range(256)) * 40
HALF = 5_000


async def half_sent(tus: Uploader, **metadata: str) -> str:
    """Send the first half of a file, and return where to."""
    path = await tus.begun(len(DATA), "Zeugnis.bin", **metadata)
    assert (await tus.patch(path, 0, DATA[:HALF])).status == 204
    return path


async def test_what_breaks_off_is_gone_after_a_day_with_its_bytes_and_its_room(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await half_sent(tus)
    world.clock.advance(hours=23, minutes=59)
    assert await (await uploader(world, erika)).offset(path) == HALF

    world.clock.advance(minutes=1)

    later = await uploader(world, erika)
    assert (await later.head(path)).status == 404
    assert is_problem(await later.patch(path, HALF, DATA[HALF:]), "not-found")
    assert await is_empty(world, erika)


async def test_the_day_begins_anew_with_each_byte_that_comes(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await half_sent(tus)
    for offset in range(HALF, HALF + 5):
        world.clock.advance(hours=23)
        await world.settle()
        later = await uploader(world, erika)
        assert (await later.patch(path, offset, DATA[offset : offset + 1])).status == 204
    world.clock.advance(hours=23)
    await world.settle()
    assert (await (await uploader(world, erika)).patch(path, HALF + 5, DATA[HALF + 5 :])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_what_was_begun_and_never_sent_is_gone_after_a_day(world: World, erika: Citizen, tus: Uploader) -> None:
    await tus.begun(len(DATA), "Zeugnis.bin")
    world.clock.advance(hours=24)
    assert await is_empty(world, erika)


async def test_after_a_day_an_upload_is_gone_and_what_it_has_become_stays(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await half_sent(tus)
    await tus.patch(path, HALF, DATA[HALF:])
    assert await tus.offset(path) == len(DATA)

    world.clock.advance(hours=25)
    await world.settle()

    assert await world.web.store.scan(Upload) == []
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await objects_in(world)) == 2


async def test_what_a_folder_was_to_hold_lies_outside_if_that_is_deleted_meanwhile(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    kept, gone = [await add_folder(erika.account.id, name, "", world.web) for name in ("Zeugnisse", "Alt")]
    paths = [await half_sent(tus, folder=folder) for folder in (kept, gone)]
    await delete_folder(erika.account.id, gone, world.web)

    for path in paths:
        await tus.patch(path, HALF, DATA[HALF:])

    entries = (await open_safe(erika.account.id, world.web)).contents.entries.values()
    assert [(entry.name, entry.folder) for entry in entries] == [("Zeugnis.bin", kept), ("Zeugnis.bin", "")]


async def first_version(world: World, erika: Citizen, tus: Uploader) -> str:
    """Upload a document and return its id."""
    await tus.patch(await tus.begun(3, "Ausweis.txt"), 0, b"one")
    return (await kept_in(world, erika))["Ausweis.txt"].id


async def test_an_upload_may_be_another_version_of_a_document(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await half_sent(tus, document=await first_version(world, erika, tus))
    assert (await kept_in(world, erika))["Ausweis.txt"].versions == 1

    await tus.patch(path, HALF, DATA[HALF:])

    [entry] = (await kept_in(world, erika)).values()
    assert (entry.name, entry.versions, entry.size, entry.total) == ("Ausweis.txt", 2, len(DATA), len(DATA) + 3)
    assert [await bytes_of(world, erika, "Ausweis.txt", number) for number in ("1", "2")] == [b"one", DATA]
    assert (await version_of(world, erika, "Ausweis.txt", "2")).name == "Zeugnis.bin"


async def test_a_version_of_what_is_deleted_meanwhile_is_a_document_of_its_own(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    document_id = await first_version(world, erika, tus)
    path = await half_sent(tus, document=document_id)
    await throw_away(erika.account.id, document_id, world.web)
    await delete(erika.account.id, document_id, world.web)

    assert (await tus.patch(path, HALF, DATA[HALF:])).status == 204

    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_a_version_too_many_is_refused_before_it_is_sent_and_waits_if_it_was(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    document_id = await first_version(world, erika, tus)
    path, version = await half_sent(tus, document=document_id), await version_of(world, erika, "Ausweis.txt")
    opened = await open_safe(erika.account.id, world.web)
    for _ in range(1, VERSIONS_MAX):
        document = await put_version(opened, document_id, version, world.web)
        await world.web.store.save(opened.kept(), document)

    assert is_problem(await tus.create(5, "Zeugnis.bin", document=document_id), "versions-many")
    assert is_problem(await tus.patch(path, HALF, DATA[HALF:]), "versions-many")
    assert (await tus.head(path)).status == 422
    await throw_away(erika.account.id, document_id, world.web)
    await delete(erika.account.id, document_id, world.web)
    assert await tus.offset(path) == len(DATA)
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


@pytest.fixture
async def small(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform on which a safe holds little more than two files."""
    async with open_world(tmp_path / "small", clock, safe_max_bytes=2 * len(DATA) + 10) as world:
        yield world


async def test_room_is_kept_from_the_beginning_and_given_back_at_the_end(small: World) -> None:
    erika = await small.citizen()
    tus = await uploader(small, erika)
    paths = [await half_sent(tus), await tus.begun(len(DATA), "Zweites.bin")]

    assert is_problem(await tus.create(11, "Drittes.bin"), "safe-full")
    assert (await tus.create(10, "Drittes.bin")).status == 201

    await tus.patch(paths[0], HALF, DATA[HALF:])
    assert is_problem(await tus.create(1, "Viertes.bin"), "safe-full")
    await tus.delete(paths[1])
    assert is_problem(await tus.create(len(DATA) + 1, "Viertes.bin"), "safe-full")
    await tus.patch(await tus.begun(len(DATA), "Viertes.bin"), 0, DATA)
    contents = (await open_safe(erika.account.id, small.web)).contents
    assert (contents.used, [*contents.coming.values()]) == (2 * len(DATA) + 10, [10])


async def test_the_room_of_one_account_is_nobody_elses(small: World) -> None:
    erika, otto = await small.citizen(), await small.citizen("otto")
    for citizen in (erika, otto):
        tus = await uploader(small, citizen)
        for name in ("Eins.bin", "Zwei.bin"):
            assert (await tus.create(len(DATA), name)).status == 201
