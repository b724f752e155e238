"""The trash of a safe: until when something lies there, how it comes back, and that it can be gone at once."""

import pytest

from tests.safe.safes import listed_in, put, put_folder, trash
from tests.safe.uploads import objects_in
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import World

TRASH = "/safe/papierkorb"


async def test_an_empty_trash_says_so(world: World) -> None:
    assert "Ihr Papierkorb ist leer." in await listed_in(world, await world.citizen(), TRASH)


async def test_the_trash_says_when_each_document_is_deleted_the_newest_first(world: World) -> None:
    erika = await world.citizen()
    first = await put(world, erika, "Alt.pdf")
    world.clock.advance(hours=1)
    second = await put(world, erika, "Neu.pdf")
    await trash(world, erika, first)
    world.clock.advance(days=1)
    await trash(world, erika, second)

    page = await listed_in(world, erika, TRASH)

    assert "Was hier liegt, wird nach 30 Tagen gelöscht." in page
    assert "Neu.pdf PDF, 5 KB Wird gelöscht: Donnerstag, 24. Dezember 2026 Zurückholen Endgültig löschen" in page
    assert "Alt.pdf PDF, 5 KB Wird gelöscht: Mittwoch, 23. Dezember 2026" in page
    assert page.index("Neu.pdf") < page.index("Alt.pdf")
    assert "Neu.pdf" not in await listed_in(world, erika)


async def test_on_that_day_it_is_gone_from_the_trash_as_well(world: World) -> None:
    erika = await world.citizen()
    await trash(world, erika, await put(world, erika, "Alt.pdf"))
    world.clock.advance(days=30)
    await world.settle()

    assert "Ihr Papierkorb ist leer." in await listed_in(world, erika, TRASH)


async def test_a_document_comes_back_to_where_it_was(world: World) -> None:
    erika = await world.citizen()
    folder = await put_folder(world, erika, "Steuer")
    id_ = await put(world, erika, "Bescheid.pdf", folder=folder)
    await trash(world, erika, id_)
    tab = await open_tab(world, erika)

    answer = await tab.post(f"/safe/dokumente/{id_}/zurueckholen")

    page = words_of((await tab.get(answer.headers["Location"])).text)
    assert "Das Dokument ist wieder im Safe." in page
    assert "Ihr Papierkorb ist leer." in page
    assert "Bescheid.pdf" in await listed_in(world, erika, f"/safe/ordner/{folder}")


async def test_deleting_at_once_asks_first_and_leaves_nothing(world: World) -> None:
    erika = await world.citizen()
    id_ = await put(world, erika, "Bescheid.pdf")
    await trash(world, erika, id_)
    tab = await open_tab(world, erika)

    asked = words_of((await tab.get(f"/safe/dokumente/{id_}/endgueltig")).text)
    kept = await objects_in(world)
    answer = await tab.post(f"/safe/dokumente/{id_}/endgueltig")
    await world.settle()

    assert "Bescheid.pdf Das lässt sich nicht rückgängig machen. Endgültig löschen Behalten" in asked
    assert len(kept) == 1
    assert "Das Dokument ist gelöscht." in await listed_in(world, erika, answer.headers["Location"])
    assert await objects_in(world) == []
    assert (await tab.post(f"/safe/dokumente/{id_}/endgueltig")).status == 404


async def test_what_is_not_in_the_trash_is_not_deleted_at_once(world: World) -> None:
    erika = await world.citizen()
    id_ = await put(world, erika, "Bescheid.pdf")
    tab = await open_tab(world, erika)

    asked, answer = (
        await tab.get(f"/safe/dokumente/{id_}/endgueltig"),
        await tab.post(f"/safe/dokumente/{id_}/endgueltig"),
    )

    assert (asked.status, answer.status) == (404, 404)
    assert "Bescheid.pdf" in await listed_in(world, erika)


@pytest.mark.parametrize("step", ["zurueckholen", "endgueltig"])
async def test_nobody_touches_the_trash_of_others(world: World, step: str) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    id_ = await put(world, erika, "Bescheid.pdf")
    await trash(world, erika, id_)
    await put(world, mallory, "Eigenes.pdf")
    tab = await open_tab(world, mallory)

    answers = [await tab.post(f"/safe/dokumente/{id_}/{step}"), await tab.get(f"/safe/dokumente/{id_}/endgueltig")]

    assert [answer.status for answer in answers] == [404, 404]
    assert "Bescheid.pdf" in await listed_in(world, erika, TRASH)
