"""Folders of a safe: made, called otherwise and deleted by their owner, and by nobody else."""

import pytest

from sk.safe.folder_steps import DEPTH_MAX
from sk.safe.safe import open_safe
from tests.safe.safes import put, put_folder
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World

TAKEN = "Hier gibt es schon einen Ordner, der so heißt."
UNUSABLE = "Dieser Name ist zu lang oder enthält Zeichen, die hier nicht gehen"
EMPTY = "Bitte füllen Sie dieses Feld aus."


async def send(tab: Tab, path: str, **fields: str) -> Answer:
    """Send a form off."""
    return await tab.ask("POST", path, data={"csrf": tab.csrf, **fields})


async def folders_of(world: World, who: Citizen) -> dict[str, str]:
    """Return in which folder each folder of a safe lies, by their names."""
    contents = (await open_safe(who.account.id, world.web)).contents
    names = {id_: folder.name for id_, folder in contents.folders.items()}
    return {folder.name: names.get(folder.parent, "") for folder in contents.folders.values()}


async def test_a_folder_is_made_within_another_and_one_is_led_into_it(world: World) -> None:
    erika = await world.citizen()
    tab, steuer = await open_tab(world, erika), await put_folder(world, erika, "Steuer")

    made = await send(tab, "/safe/ordner", name=" 2025 ", parent=steuer)

    page = await tab.get(made.headers["Location"])
    assert (made.status, page.status) == (303, 200)
    assert "Safe Steuer 2025 2025 Der Ordner ist angelegt." in words_of(page.text)
    assert f'<a class="kern-link" href="/safe/ordner/{steuer}"><bdi>Steuer</bdi></a>' in page.text
    assert '<span aria-current="page"><bdi>2025</bdi></span>' in page.text
    assert await folders_of(world, erika) == {"Steuer": "", "2025": "Steuer"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("", EMPTY), ("  ", EMPTY), ("STEUER", TAKEN), ("a/b", UNUSABLE), ("\u202eknab", UNUSABLE), ("x" * 256, UNUSABLE)],
)
async def test_a_name_that_no_folder_can_have_is_refused_at_its_field(world: World, name: str, words: str) -> None:
    erika = await world.citizen()
    tab, steuer = await open_tab(world, erika), await put_folder(world, erika, "Steuer")
    other = await put_folder(world, erika, "Auto")

    made = await send(tab, "/safe/ordner", name=name, parent="")
    called = await send(tab, f"/safe/ordner/{other}/name", name=name)

    for answer, title in ((made, "Fehler: Safe"), (called, "Fehler: Ordner ändern")):
        assert answer.status == 422
        assert words in answer.text
        assert f"<title>{title}" in answer.text
        assert f'value="{name}"' in answer.text
    assert await folders_of(world, erika) == {"Steuer": "", "Auto": ""}
    assert (await send(tab, f"/safe/ordner/{steuer}/name", name="STEUER")).status == 303  # its own name it may have


async def test_folders_lie_only_so_deep_within_each_other(world: World) -> None:
    erika = await world.citizen()
    tab, folder = await open_tab(world, erika), ""
    for depth in range(DEPTH_MAX):
        folder = await put_folder(world, erika, f"{depth + 1}", folder)

    answer = await send(tab, "/safe/ordner", name="zu tief", parent=folder)

    assert answer.status == 422
    assert "Mehr Ordner gehen nicht, oder sie liegen zu tief ineinander." in answer.text
    assert f"Safe {' '.join(str(depth + 1) for depth in range(DEPTH_MAX))}" in words_of(answer.text)


async def test_a_folder_is_called_something_else(world: World) -> None:
    erika = await world.citizen()
    tab, steuer = await open_tab(world, erika), await put_folder(world, erika, "Steuer")
    form = (await tab.get(f"/safe/ordner/{steuer}/name")).text

    answer = await send(tab, f"/safe/ordner/{steuer}/name", name="Finanzamt")

    assert 'value="Steuer"' in form
    assert "Safe Finanzamt Finanzamt Der Ordner heißt jetzt anders." in words_of(
        (await tab.get(answer.headers["Location"])).text
    )


async def test_what_lies_in_a_folder_that_is_deleted_moves_up_as_was_said_before(world: World) -> None:
    erika = await world.citizen()
    tab, steuer = await open_tab(world, erika), await put_folder(world, erika, "Steuer")
    year = await put_folder(world, erika, "2025", steuer)
    await put_folder(world, erika, "Belege", year)
    await put(world, erika, "Bescheid.pdf", folder=year)
    asked = words_of((await tab.get(f"/safe/ordner/{year}/name")).text)

    answer = await send(tab, f"/safe/ordner/{year}/loeschen")

    assert "Was darin liegt, wird nicht gelöscht. Es liegt danach eine Ebene höher." in asked
    assert answer.headers["Location"] == f"/safe/ordner/{steuer}?gesagt=geloescht"
    page = words_of((await tab.get(answer.headers["Location"])).text)
    assert "Der Ordner ist gelöscht. Was darin lag, liegt jetzt hier." in page
    assert "Belege Ordner leer Bescheid.pdf" in page
    assert await folders_of(world, erika) == {"Steuer": "", "Belege": "Steuer"}


async def test_of_a_folder_that_lies_in_no_other_it_is_said_that_its_documents_will_lie_in_none(world: World) -> None:
    erika = await world.citizen()
    tab, steuer = await open_tab(world, erika), await put_folder(world, erika, "Steuer")

    assert "Es liegt danach in keinem Ordner." in (await tab.get(f"/safe/ordner/{steuer}/name")).text
    assert (await send(tab, f"/safe/ordner/{steuer}/loeschen")).headers["Location"] == "/safe?gesagt=geloescht"


async def test_nobody_touches_the_folders_of_others(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    steuer, tab = await put_folder(world, erika, "Steuer"), await open_tab(world, mallory)
    await put_folder(world, mallory, "Eigener")

    answers = [
        await tab.get(f"/safe/ordner/{steuer}/name"),
        await send(tab, f"/safe/ordner/{steuer}/name", name="x"),
        await send(tab, f"/safe/ordner/{steuer}/loeschen"),
        await send(tab, "/safe/ordner", name="x", parent=steuer),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    assert await folders_of(world, erika) == {"Steuer": ""}
    assert await folders_of(world, mallory) == {"Eigener": ""}
