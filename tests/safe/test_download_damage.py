"""Bytes that are not what was stored: told in words or broken off, and never sent as if they were whole."""

import aiohttp
import pytest

from tests.safe.documents import TEXT, damage, put, put_in_parts, row_of
from tests.security.alarms import Alarms
from tests.security.tab import Answer, Tab
from tests.world import Citizen, World

PARTS = [TEXT[start : start + 10_000] for start in range(0, len(TEXT), 10_000)]


async def asked(tab: Tab, document_id: str) -> Answer:
    """Ask for a document."""
    return await tab.get(f"/safe/dokumente/{document_id}/datei")


async def test_what_is_damaged_where_it_begins_is_told_and_an_alarm_raised(
    world: World, erika: Citizen, tab: Tab, alarms: Alarms
) -> None:
    document_id = await put(world, erika)
    [name] = (await row_of(world, document_id)).objects
    damage(world, name)
    changed = await asked(tab, document_id)
    (world.data / "objects" / name).unlink()
    missing = await asked(tab, document_id)

    for answer in (changed, missing):
        assert answer.status == 403
        assert "Dieses Dokument ist beschädigt" in answer.text
        assert "Content-Disposition" not in answer.headers
    assert (alarms.raised(), alarms.failures()) == (["document-damaged"] * 2, [])


@pytest.mark.parametrize("is_missing", [False, True], ids=["changed", "missing"])
async def test_what_is_damaged_further_on_breaks_off_and_never_looks_whole(
    world: World, erika: Citizen, tab: Tab, alarms: Alarms, *, is_missing: bool
) -> None:
    document_id = await put_in_parts(world, erika, PARTS)
    name = (await row_of(world, document_id)).objects[2]
    if is_missing:
        (world.data / "objects" / name).unlink()
    else:
        damage(world, name)

    received = await _until_it_breaks(world, tab, document_id)

    assert received == TEXT[:20_000]
    assert (alarms.raised(), alarms.failures()) == (["document-damaged"], [])


async def test_bytes_of_another_document_in_its_place_are_not_sent(
    world: World, erika: Citizen, tab: Tab, alarms: Alarms
) -> None:
    document_id, other_id = await put(world, erika), await put(world, erika, "Fremd.txt", b"fremd" * 8000)
    [name], [other] = [(await row_of(world, one)).objects for one in (document_id, other_id)]
    folder = world.data / "objects"
    (folder / name).write_bytes((folder / other).read_bytes())

    answer = await asked(tab, document_id)

    assert (answer.status, b"fremd" in answer.body) == (403, False)
    assert alarms.raised() == ["document-damaged"]


async def _until_it_breaks(world: World, tab: Tab, document_id: str) -> bytes:
    received = b""
    url = f"{world.base_url}/safe/dokumente/{document_id}/datei"
    async with world.http.get(url, cookies={"session": tab.token}) as answer:
        assert answer.headers["Content-Length"] == str(len(TEXT))
        try:
            async for block in answer.content.iter_any():
                received += block
        except aiohttp.ClientPayloadError:
            return received
    pytest.fail("a document that is damaged came to its end")
