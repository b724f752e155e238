"""Searching a safe: by name, label and folder; what was searched for stands nowhere afterwards."""

import re
import unicodedata

import pytest

from sk.safe.listing import PAGE_LENGTH
from tests.safe.safes import put, put_folder, trash
from tests.security.tab import Tab, open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World

NAME = re.compile(r"subject[^>]*><bdi>(.*?)</bdi>")


async def search(tab: Tab, words: str, **fields: str) -> str:
    """Search for words; return the page that answers."""
    answer = await tab.ask("POST", "/safe/suche", data={"csrf": tab.csrf, "suche": words, **fields})
    assert answer.status == 200, answer.text
    return answer.text


@pytest.fixture
async def erika(world: World) -> Citizen:
    """Return somebody with a safe in which there is something to find."""
    erika = await world.citizen()
    steuer = await put_folder(world, erika, "Steuer")
    year = await put_folder(world, erika, "Jahr 2025", steuer)
    await put(world, erika, "Bescheid.pdf", folder=year, labels="Finanzamt, wichtig")
    await put(world, erika, unicodedata.normalize("NFD", "Müllgebühr.pdf"), labels="Haus")
    await trash(world, erika, await put(world, erika, "Bescheid alt.pdf"))
    return erika


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("bescheid", ["Bescheid.pdf"]),
        ("scheid", ["Bescheid.pdf"]),
        ("FINANZ", ["Bescheid.pdf"]),
        ("steuer", ["Steuer", "Bescheid.pdf"]),
        ("steuer pdf 2025", ["Bescheid.pdf"]),
        ("jahr 2025", ["Jahr 2025", "Bescheid.pdf"]),
        ("MÜLL", ["Müllgebühr.pdf"]),
        ("bescheid haus", []),
        ("bescheidfinanzamt", []),
        ("alt", []),
    ],
)
async def test_all_words_must_occur_in_the_name_the_labels_and_the_folders(
    world: World, erika: Citizen, words: str, names: list[str]
) -> None:
    page = await search(await open_tab(world, erika), words)

    assert [unicodedata.normalize("NFC", name) for name in NAME.findall(page)] == names
    said = {0: "Nichts gefunden.", 1: "1 Treffer."}.get(len(names), f"{len(names)} Treffer.")
    assert said in words_of(page)


async def test_a_document_that_is_found_says_in_which_folder_it_lies(world: World, erika: Citizen) -> None:
    page = await search(await open_tab(world, erika), "bescheid")

    assert "Liegt in: Jahr 2025" in words_of(page)
    assert '"><bdi>Jahr 2025</bdi></a>' in page


async def test_a_label_is_a_button_that_searches_for_it(world: World, erika: Citizen) -> None:
    async with world.browser(erika) as browser:
        listed = await browser.open("/safe")
        assert 'name="suche" value="Haus"' in listed.text

        found = await browser.send(listed.form("Haus"), suche="Haus")

    assert len(NAME.findall(found.text)) == 1
    assert "1 Treffer." in words_of(found.text)


async def test_what_is_searched_for_stands_in_no_address(world: World, erika: Citizen) -> None:
    tab = await open_tab(world, erika)

    anew, nothing = await tab.get("/safe/suche"), await tab.ask("POST", "/safe/suche", data={"csrf": tab.csrf})
    page = await search(tab, "Bescheid")

    assert [(answer.status, answer.headers["Location"]) for answer in (anew, nothing)] == [(303, "/safe")] * 2
    assert re.findall(r'(?:href|action)="[^"]*Bescheid', page) == []


async def test_many_are_found_page_by_page_which_are_sent_as_well(world: World) -> None:
    erika = await world.citizen()
    for number in range(PAGE_LENGTH + 1):
        await put(world, erika, f"Rechnung {number}.txt", b"x")
        world.clock.advance(seconds=1)
    tab = await open_tab(world, erika)

    first, second = await search(tab, "rechnung"), await search(tab, "rechnung", seite="2")

    assert (len(NAME.findall(first)), NAME.findall(second)) == (PAGE_LENGTH, ["Rechnung 0.txt"])
    assert 'name="seite" value="2"' in first
    assert "Seite 1 von 2 Nächste Seite" in words_of(first)
    assert "Seite 2 von 2 Vorige Seite" in words_of(second)


async def test_nobody_finds_what_is_in_the_safes_of_others(world: World, erika: Citizen) -> None:
    mallory = await world.citizen("mallory")

    assert NAME.findall(await search(await open_tab(world, erika), "e")) != []
    assert NAME.findall(await search(await open_tab(world, mallory), "e")) == []
