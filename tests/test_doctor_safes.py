"""What `sk doctor` says of safes: objects that are nobody's, documents that are not there, safes that do not open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sk.doctor import examine
from sk.safe.document import Document
from sk.safe.safe import open_safe
from sk.safe.upload import Upload
from tests.fakes import WallClock
from tests.safe.uploads import filled, kept_in
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform whose clock goes, because doctor compares it with the store's."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


async def of_objects(world: World) -> list[str]:
    """Return what `sk doctor` says of objects and safes."""
    found = [finding async for finding in examine(world.web, all_days=True)]
    return [one.sentence for one in found if "object" in one.sentence or "safe" in one.sentence]


async def test_the_doctor_finds_objects_without_an_owner_and_owners_without_objects(world: World) -> None:
    erika = await world.citizen()
    await filled(world, erika)
    before = await of_objects(world)
    document = await world.web.store.get(Document, (await kept_in(world, erika))["Zeugnis.bin"].id)
    uploads = await world.web.store.get_many(Upload, await world.web.store.scan(Upload))

    await world.web.objects.delete(*document.objects)
    await world.web.store.save(remove=[upload for upload in uploads.values() if upload.objects])

    after = await of_objects(world)
    assert before == []
    assert f"the object {document.objects[0]} is missing; a notice, a reply, a draft or a document owns it" in after
    assert any(sentence.endswith("is nobody's") for sentence in after)
    assert any("keeps room for the upload" in sentence for sentence in after)


async def test_the_doctor_finds_a_safe_that_lists_what_is_not_there(world: World) -> None:
    erika = await world.citizen()
    await filled(world, erika)
    opened = await open_safe(erika.account.id, world.web)
    listed, stray = (entry.id for entry in opened.contents.entries.values())
    del opened.contents.entries[stray]
    await world.web.store.save(opened.kept(), remove=[await world.web.store.get(Document, listed)])

    found = await of_objects(world)

    assert f"the safe of the account {erika.account.id} lists the document {listed}, which is not there" in found
    assert f"the safe of the account {erika.account.id} does not list the document {stray}, which is there" in found


async def test_a_safe_that_does_not_open_is_told_of(world: World) -> None:
    erika, otto = await world.citizen(), await world.citizen("otto")
    for citizen in (erika, otto):
        await filled(world, citizen)
    safe = (await open_safe(erika.account.id, world.web)).safe
    safe.locked = (await open_safe(otto.account.id, world.web)).safe.locked
    await world.web.store.save(safe)

    said = f"the safe of the account {erika.account.id} does not open, or a document in it does not"
    assert said in await of_objects(world)
