"""When an account is erased, its safe goes with it: rows, keys, and the bytes in the object store."""

import pytest

from sk.safe.document import Document
from sk.safe.safe import Safe
from sk.safe.upload import Upload
from tests.auth.erasing import erase
from tests.postbox.proofs import fetched
from tests.safe.uploads import filled, kept_in, objects_in
from tests.security.alarms import Alarms
from tests.world import World


async def test_nothing_of_a_safe_is_left_when_its_account_is_erased(world: World) -> None:
    erika, otto = await world.citizen(), await world.citizen("otto")
    for citizen in (erika, otto):
        await filled(world, citizen)
    assert len(await objects_in(world)) == 6

    await erase(world, erika)
    await world.settle()

    assert len(await objects_in(world)) == 2
    for kind, left in ((Safe, 1), (Document, 2), (Upload, 0)):
        assert len(await world.web.store.scan(kind)) == left, kind
    assert [*await kept_in(world, otto)] == ["Zeugnis.bin", "Alt.bin"]


async def test_what_waits_for_a_document_of_an_account_that_is_gone_ends(world: World) -> None:
    erika = await world.citizen()
    await filled(world, erika)

    await erase(world, erika)
    world.clock.advance(hours=24 * 40)
    await world.settle()

    assert await world.web.store.aside() == []
    assert await objects_in(world) == []


async def test_a_document_that_claims_somebody_elses_bytes_takes_none_with_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await fetched(world)
    erika = await world.citizen()
    theirs = await objects_in(world)
    await filled(world, erika)
    document = await world.web.store.get(Document, (await kept_in(world, erika))["Zeugnis.bin"].id)
    document.objects = theirs
    await world.web.store.save(document)

    await erase(world, erika)
    await world.settle()

    assert set(theirs) <= set(await objects_in(world))
    assert "document-damaged" in Alarms(caplog).raised()
