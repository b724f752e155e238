"""Versions of a document: a new one comes, the older ones stay and can be had."""

from pathlib import Path

import pytest

from sk.client import File
from sk.demo.browser import Browser, Page
from sk.safe.document import VERSIONS_MAX
from sk.safe.steps import throw_away
from tests.fakes import FakeClock
from tests.safe.documents import TEXT, entry_of, put, row_of
from tests.safe.uploads import objects_in
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World, open_world

NEWER = b"Zeugnis, neue Fassung\n" * 3000


async def sent(browser: Browser, document_id: str, *files: File) -> Page:
    """Choose files as the new version, and send the form."""
    page = await browser.open(f"/safe/dokumente/{document_id}")
    return await browser.send_files(page.form("Hochladen"), files)


async def test_a_new_version_is_what_the_document_is_from_now_on(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    world.clock.advance(days=1)
    async with world.browser(erika) as browser:
        page = await sent(browser, document_id, File("Zeugnis-neu.md", NEWER, "text/markdown"))
        newest = await browser.download(f"/safe/dokumente/{document_id}/datei")
        older = await browser.download(page.links["Fassung 1"])

    words, entry = words_of(page.text), await entry_of(world, erika, document_id)
    assert "Die neue Fassung ist da. Die älteren bleiben erhalten." in words
    assert "Fassung 1 Montag, 23. November 2026 Text, 40 KB" in words
    assert "Fassung 2" not in words
    assert (newest, older) == (NEWER, TEXT)
    assert (entry.name, entry.versions, entry.size, entry.total) == (
        "Zeugnis.txt",
        2,
        len(NEWER),
        len(NEWER) + len(TEXT),
    )


async def test_older_versions_stand_there_the_newest_of_them_first(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika, data=b"1")
    for number in range(2, 5):
        await put(world, erika, data=str(number).encode(), document=document_id)
    tab = await open_tab(world, erika)

    page = await tab.get(f"/safe/dokumente/{document_id}")
    versions = [(await tab.get(f"/safe/dokumente/{document_id}/fassungen/{number}")).body for number in range(1, 5)]

    assert words_of(page.text).index("Fassung 3") < words_of(page.text).index("Fassung 2")
    assert "Fassung 4" not in words_of(page.text)
    assert versions == [b"1", b"2", b"3", b"4"]


@pytest.mark.parametrize("number", ["0", "2", "01", "-1", "1.0", "²", "x", "99999999999999999999"])
async def test_a_version_that_there_is_not_is_not_found(world: World, erika: Citizen, number: str) -> None:
    document_id = await put(world, erika)
    tab = await open_tab(world, erika)

    assert (await tab.get(f"/safe/dokumente/{document_id}/fassungen/{number}")).status == 404


async def test_who_chooses_no_file_is_told_so(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        page = await sent(browser, document_id)

    assert (page.status, 'id="files-error"' in page.text) == (422, True)
    assert "Bitte wählen Sie mindestens eine Datei aus." in words_of(page.text)
    assert (await entry_of(world, erika, document_id)).versions == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (File("leer.txt", b""), "Die Datei „leer.txt“ ist leer oder zu groß."),
        (File("a\u202eb.txt", b"x"), "Der Name einer Datei ist zu lang oder enthält Zeichen, die hier nicht gehen."),
    ],
    ids=["empty", "name"],
)
async def test_a_file_that_is_not_taken_leaves_nothing_behind(
    world: World, erika: Citizen, file: File, said: str
) -> None:
    document_id = await put(world, erika)
    before = await objects_in(world)
    async with world.browser(erika) as browser:
        page = await sent(browser, document_id, file)

    assert page.status == 422
    assert said in words_of(page.text)
    assert await objects_in(world) == before
    assert (await entry_of(world, erika, document_id)).versions == 1


async def test_where_there_is_no_room_left_nothing_is_taken(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "small", clock, safe_max_bytes=len(TEXT) + 10) as world:
        erika = await world.citizen()
        document_id = await put(world, erika)
        async with world.browser(erika) as browser:
            page = await sent(browser, document_id, File("a.txt", b"elf Zeichen"))

        assert "In Ihrem Safe ist dafür kein Platz mehr." in words_of(page.text)
        assert (page.status, len(await objects_in(world))) == (422, 1)


async def test_of_two_files_the_first_is_the_version(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        await sent(browser, document_id, File("a.txt", b"erste"), File("b.txt", NEWER))
        newest = await browser.download(f"/safe/dokumente/{document_id}/datei")

    assert (newest, (await entry_of(world, erika, document_id)).versions) == (b"erste", 2)
    assert len(await objects_in(world)) == 2


async def test_a_document_has_no_more_versions_than_it_may(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    for _ in range(VERSIONS_MAX - 1):
        await put(world, erika, data=b"x", document=document_id)
    before = await objects_in(world)
    async with world.browser(erika) as browser:
        page = await sent(browser, document_id, File("noch eine.txt", b"x"))

    assert page.status == 422
    assert "Mehr Fassungen kann ein Dokument nicht haben." in words_of(page.text)
    assert await objects_in(world) == before
    assert len((await row_of(world, document_id)).objects) == VERSIONS_MAX


async def test_a_new_version_takes_a_document_out_of_the_trash(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        form = (await browser.open(f"/safe/dokumente/{document_id}")).form("Hochladen")
        await throw_away(erika.account.id, document_id, world.web)
        page = await browser.send_files(form, [File("a.txt", b"neu")])

    assert "Die neue Fassung ist da." in words_of(page.text)
    assert (await entry_of(world, erika, document_id)).trashed_at is None


async def test_a_form_that_breaks_off_is_no_version(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    tab = await open_tab(world, erika)
    begun = (
        f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{tab.csrf}\r\n'
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalb'
    )

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await tab.ask("POST", f"/safe/dokumente/{document_id}/fassung", data=begun, headers=headers)

    assert answer.status == 400
    assert (await entry_of(world, erika, document_id)).versions == 1
    assert len(await objects_in(world)) == 1
