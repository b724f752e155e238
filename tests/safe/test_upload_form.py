"""Uploading by a form, without JavaScript: what is taken stays, what is refused is named, with the reason."""

from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from sk.client import File
from sk.safe.upload_pages import FILES_MAX
from tests.fakes import FakeClock
from tests.keeper import EICAR
from tests.refusals import nothing_stored, objects
from tests.safe.safes import put_folder
from tests.safe.uploads import bytes_of, kept_in
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World, open_world

LETTER = File("Brief.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 100)
PHOTO = File("Foto.JPG", b"\xff\xd8\xff" + bytes(range(256)), "image/jpeg")
EMPTY = File("leer.txt", b"")
REFUSED = "Eine Datei ist nicht im Safe"


def form_of(csrf: str, files: Sequence[File], folder: str = "") -> aiohttp.FormData:
    """Return the form as a browser sends it, which sends an empty file where none was chosen."""
    form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    form.add_field("csrf", csrf)
    form.add_field("folder", folder)
    for file in files or [File("", b"")]:
        form.add_field("files", file.data, filename=file.name, content_type="application/octet-stream")
    return form


async def upload(tab: Tab, *files: File, folder: str = "") -> Answer:
    """Send the form."""
    return await tab.ask("POST", "/safe/hochladen", data=form_of(tab.csrf, files, folder))


async def names_in(world: World, who: Citizen) -> list[str]:
    """Return the names of what lies in a safe."""
    return sorted(await kept_in(world, who))


async def test_several_files_are_documents_of_the_folder_in_which_one_is(world: World) -> None:
    erika = await world.citizen()
    tab, folder = await open_tab(world, erika), await put_folder(world, erika, "Steuer")
    assert f'name="folder" value="{folder}"' in (await tab.get(f"/safe/ordner/{folder}")).text

    answer = await upload(tab, LETTER, PHOTO, folder=folder)

    assert (answer.status, answer.headers["Location"]) == (303, f"/safe/ordner/{folder}?gesagt=hochgeladen")
    page = words_of((await tab.get(answer.headers["Location"])).text)
    assert "Ihre Dateien sind jetzt im Safe." in page
    assert {name: entry.folder for name, entry in (await kept_in(world, erika)).items()} == {
        LETTER.name: folder,
        PHOTO.name: folder,
    }
    assert await bytes_of(world, erika, LETTER.name) == LETTER.data


async def test_a_form_without_a_file_says_so(world: World) -> None:
    tab = await open_tab(world, await world.citizen())
    async with nothing_stored(world.data):
        answer = await upload(tab)

    assert answer.status == 422
    assert "Bitte wählen Sie mindestens eine Datei aus." in answer.text
    assert "<title>Fehler: Safe" in answer.text
    assert 'href="#files"' in answer.text


async def test_what_is_refused_is_named_with_the_reason_and_what_came_before_and_after_it_stays(world: World) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)

    answer = await upload(tab, LETTER, EMPTY, File("a/b.pdf", LETTER.data * 40), PHOTO)

    assert answer.status == 422
    page = words_of(answer.text)
    assert (
        "2 Dateien sind nicht im Safe leer.txt: Die Datei ist leer oder größer als 1,07 GB. a/b.pdf: Der Name" in page
    )
    assert "Diese Dateien sind jetzt im Safe: Brief.pdf Foto.JPG" in page
    assert await names_in(world, erika) == [LETTER.name, PHOTO.name]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (EMPTY, "Die Datei ist leer oder größer als 100 KB."),
        (File("gross.bin", b"x" * 100_001), "Die Datei ist leer oder größer als 100 KB."),
        (File(f"{'n' * 252}.txt", b"x"), "Der Name ist zu lang oder enthält Zeichen, die hier nicht gehen."),
        (File("\u202efdp.txt", b"x"), "Der Name ist zu lang oder enthält Zeichen, die hier nicht gehen."),
        (File("a/b.txt", b"x"), "Der Name ist zu lang oder enthält Zeichen, die hier nicht gehen."),
    ],
)
async def test_what_cannot_be_taken_leaves_nothing(tmp_path: Path, clock: FakeClock, file: File, words: str) -> None:
    async with open_world(tmp_path / "data", clock, safe_file_max_bytes=100_000) as world:
        tab = await open_tab(world, await world.citizen())
        async with nothing_stored(world.data):
            answer = await upload(tab, file)

    assert answer.status == 422
    assert f"{REFUSED} {file.name}: {words}" in words_of(answer.text)


async def test_a_safe_that_is_full_takes_nothing_more(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock, safe_max_bytes=len(LETTER.data) + 1) as world:
        erika = await world.citizen()
        tab = await open_tab(world, erika)

        answer = await upload(tab, LETTER, PHOTO)
        kept = objects(world.data)

    assert f"{REFUSED} Foto.JPG: In Ihrem Safe ist dafür kein Platz mehr." in words_of(answer.text)
    assert len(kept) == 1


async def test_malware_is_refused_and_leaves_nothing(tmp_path: Path, clock: FakeClock, clamd_url: str) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        erika = await world.citizen()
        tab = await open_tab(world, erika)

        answer = await upload(tab, LETTER, File("Anlage.txt", EICAR))
        kept, names = objects(world.data), await names_in(world, erika)

    assert f"{REFUSED} Anlage.txt: Der Virenscanner hat in dieser Datei etwas gefunden." in words_of(answer.text)
    assert (len(kept), names) == (1, [LETTER.name])


async def test_a_scanner_that_is_silent_lets_nothing_pass(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock, scanner="clamd://127.0.0.1:1") as world:
        tab = await open_tab(world, await world.citizen())
        async with nothing_stored(world.data):
            answer = await upload(tab, LETTER)

    assert answer.status == 503
    assert f"{REFUSED} Brief.pdf: Der Virenscanner antwortet gerade nicht." in words_of(answer.text)


async def test_only_so_many_files_are_taken_at_once(world: World) -> None:
    erika = await world.citizen()
    files = [File(f"{number}.txt", b"x") for number in range(FILES_MAX + 2)]

    answer = await upload(await open_tab(world, erika), *files)

    assert f"{REFUSED} {FILES_MAX}.txt: Das sind zu viele Dateien auf einmal." in words_of(answer.text)
    assert len(await names_in(world, erika)) == FILES_MAX


async def test_nothing_goes_into_a_folder_of_somebody_else(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    folder, tab = await put_folder(world, erika, "Steuer"), await open_tab(world, mallory)
    async with nothing_stored(world.data):
        answer = await upload(tab, LETTER, folder=folder)

    assert answer.status == 404


@pytest.mark.parametrize("order", [("files",), ("folder", "folder"), ("folder", "name"), ()])
async def test_parts_that_do_not_belong_to_the_form_are_refused(world: World, order: Sequence[str]) -> None:
    tab = await open_tab(world, await world.citizen())
    form = aiohttp.FormData(default_to_multipart=True)
    for name in ("csrf", *order):
        form.add_field(name, tab.csrf if name == "csrf" else "")
    async with nothing_stored(world.data):
        answer = await tab.ask("POST", "/safe/hochladen", data=form)

    assert answer.status == 400


async def test_what_breaks_off_leaves_nothing_but_what_came_whole(world: World) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)
    form = form_of(tab.csrf, [LETTER, PHOTO])()
    body = await form.as_bytes()
    broken = body[: body.index(PHOTO.data) + 100]

    answer = await tab.ask(
        "POST", "/safe/hochladen", data=broken, headers={"Content-Type": form.headers["Content-Type"]}
    )

    assert answer.status == 400
    assert f"{REFUSED} Foto.JPG: Das hat nicht geklappt." in words_of(answer.text)
    assert await names_in(world, erika) == [LETTER.name]
    assert len(objects(world.data)) == 1
