"""The lists of a safe: what is said of each document and folder, in which order, and how one gets through many."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from sk.clock import local_day
from sk.safe.entries import Entries
from sk.safe.listing import PAGE_LENGTH, expiry, natural, page_of
from sk.safe.safe import Folder
from tests.fakes import FakeClock
from tests.safe.documents import change_entry
from tests.safe.safes import A_DOCUMENT, listed_in, put, put_folder, trash
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import World, open_world

TODAY = date(2026, 11, 23)


async def test_an_empty_safe_says_what_it_is_for_and_takes_files(world: World) -> None:
    tab = await open_tab(world, await world.citizen())

    page = (await tab.get("/safe")).text

    assert "Ihr Safe ist leer." in words_of(page)
    assert 'action="/safe/hochladen"' in page
    assert 'action="/safe/suche"' not in page
    assert "Belegt" not in page


async def test_the_head_leads_to_the_safe_from_everywhere(world: World) -> None:
    tab = await open_tab(world, await world.citizen())

    assert '<a class="kern-link" href="/safe">Safe</a>' in (await tab.get("/konto")).text
    assert '<a class="kern-link" href="/safe" aria-current="page">Safe</a>' in (await tab.get("/safe")).text


async def test_of_each_document_stands_what_it_is_and_from_where(world: World) -> None:
    erika = await world.citizen()
    id_ = await put(world, erika, "Meldung.pdf", b"%PDF-1.7".ljust(93_000), labels="Wohnen, Umzug")
    await change_entry(world, erika, id_, issued_by="Stadt Musterstadt", expires_on=date(2027, 6, 30))
    tab = await open_tab(world, erika)

    page = (await tab.get("/safe")).text

    [line] = re.findall(r"<li>.*?</li>", page.partition("data-safe-list")[2], re.DOTALL)[:1]
    assert f'href="/safe/dokumente/{id_}"' in line
    assert words_of(line) == (
        "Meldung.pdf PDF, 93 KB Geändert: Montag, 23. November 2026 Von Stadt Musterstadt "
        "Gültig bis Mittwoch, 30. Juni 2027 Stichwörter: Wohnen Umzug"
    )
    assert "bild.png" not in line


async def test_a_picture_is_shown_where_there_is_one(world: World) -> None:
    erika = await world.citizen()
    id_ = await put(world, erika, "Meldung.pdf")
    await change_entry(world, erika, id_, has_picture=True)
    tab = await open_tab(world, erika)

    assert f'<img src="/safe/dokumente/{id_}/bild.png" alt="" loading="lazy">' in (await tab.get("/safe")).text


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (-1, "Abgelaufen: war gültig bis Sonntag, 22. November 2026"),
        (0, "Läuft bald ab: gültig bis Montag, 23. November 2026"),
        (56, "Läuft bald ab: gültig bis Montag, 18. Januar 2027"),
        (57, "Gültig bis Dienstag, 19. Januar 2027"),
    ],
)
async def test_a_document_that_ends_soon_or_has_ended_says_so(world: World, ends: int, words: str) -> None:
    erika = await world.citizen()
    today = local_day(world.clock.now())
    await change_entry(world, erika, await put(world, erika, "Pass"), expires_on=today + timedelta(days=ends))

    assert words in await listed_in(world, erika)


def test_without_a_day_nothing_ends() -> None:
    assert expiry(None, TODAY) == ""


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("", ["Ärger 10.txt", "Zebra.txt", "arm.txt", "Ärger 9.txt"]),
        ("?sortierung=nonsense", ["Ärger 10.txt", "Zebra.txt", "arm.txt", "Ärger 9.txt"]),
        ("?sortierung=name", ["Ärger 9.txt", "Ärger 10.txt", "arm.txt", "Zebra.txt"]),
        ("?sortierung=groesse", ["arm.txt", "Ärger 9.txt", "Zebra.txt", "Ärger 10.txt"]),
    ],
)
async def test_documents_are_put_in_the_order_that_somebody_chooses(world: World, order: str, names: list[str]) -> None:
    erika = await world.citizen()
    for name, size in (("Ärger 9.txt", 300), ("arm.txt", 400), ("Zebra.txt", 200), ("Ärger 10.txt", 100)):
        await put(world, erika, name, b"x" * size)
        world.clock.advance(minutes=1)
    tab = await open_tab(world, erika)

    page = (await tab.get(f"/safe{order}")).text

    assert re.findall(r"<bdi>(.*?\.txt)</bdi>", page) == names
    chosen = re.findall(r'href="([^"]*)" aria-current="true">', page)
    assert chosen == ["/safe" if "nonsense" in order else f"/safe{order}"]


def test_names_are_put_in_order_as_din_5007_1_has_it_and_numbers_by_what_they_count() -> None:
    names = [
        "Öl",
        "10 Briefe",
        "Äpfel",
        "Maße 2",
        "Apfel 10",
        "2 Briefe",
        "Ofen",
        "Apfelsaft",
        "Masse",
        "apfel 2",
        "Apfel",
    ]

    assert sorted(names, key=natural) == [
        *(
            "2 Briefe",
            "10 Briefe",
            "Apfel",
            "Äpfel",
            "apfel 2",
            "Apfel 10",
            "Apfelsaft",
            "Masse",
            "Maße 2",
            "Ofen",
            "Öl",
        )
    ]


async def test_folders_come_first_by_name_and_say_what_is_in_them(world: World) -> None:
    erika = await world.citizen()
    zoo = await put_folder(world, erika, "Zoo")
    await put_folder(world, erika, "Tiere", zoo)
    await put(world, erika, "Karte.pdf", folder=zoo)
    await put(world, erika, "Plan.pdf", folder=zoo)
    await trash(world, erika, await put(world, erika, "Alt.pdf", folder=zoo))
    await put_folder(world, erika, "Auto")
    await put(world, erika, "Brief.pdf")
    tab = await open_tab(world, erika)

    safe, inside = (await tab.get("/safe?sortierung=name")).text, (await tab.get(f"/safe/ordner/{zoo}")).text

    assert f'href="/safe/ordner/{zoo}?sortierung=name"' in safe  # the order stays
    assert "Auto Ordner leer Zoo Ordner 2 Dokumente 1 Ordner darin Brief.pdf" in words_of(safe)
    assert re.findall(r"<bdi>(\w+\.pdf)</bdi>", inside) == ["Karte.pdf", "Plan.pdf"]
    assert [words_of(line) for line in re.findall(r"<ol.*?</ol>", inside, re.DOTALL)] == ["Safe Zoo"]


async def test_many_documents_are_shown_page_by_page(world: World) -> None:
    erika = await world.citizen()
    await put_folder(world, erika, "Ordner")
    for number in range(PAGE_LENGTH):
        await put(world, erika, f"Nummer {number + 1}.txt", b"x")
    tab = await open_tab(world, erika)
    pages = {
        asked: (await tab.get(f"/safe?sortierung=name&seite={asked}")).text
        for asked in ("", "0", "-1", "eins", "1", "2", "3", "9999999")
    }

    names = {asked: re.findall(r"subject[^>]*><bdi>(.*?)</bdi>", page) for asked, page in pages.items()}
    first, last = ["Ordner", *(f"Nummer {number}.txt" for number in range(1, 25))], ["Nummer 25.txt"]
    assert names == dict.fromkeys(("", "0", "-1", "eins", "1", "9999999"), first) | dict.fromkeys(("2", "3"), last)
    assert "Seite 1 von 2 Nächste Seite" in words_of(pages["1"])
    assert "Seite 2 von 2 Vorige Seite" in words_of(pages["2"])
    assert 'href="/safe?sortierung=name&amp;seite=2"' in pages["1"]
    assert 'href="/safe?sortierung=name&amp;seite=1"' in pages["2"]


@pytest.mark.parametrize(("lines", "pages"), [(0, 1), (1, 1), (25, 1), (26, 2), (50, 2), (51, 3)])
def test_a_page_is_full_before_the_next_begins(lines: int, pages: int) -> None:
    assert page_of(Entries({}), [Folder(str(number), "Ordner") for number in range(lines)], [], "", "").pages == pages


async def test_how_much_is_used_is_said_and_of_how_much_if_there_is_a_limit(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock) as world:
        erika = await world.citizen()
        await trash(world, erika, await put(world, erika, "Alt.bin", b"x" * 1_500_000))
        await put(world, erika, "Neu.bin", b"x" * 500_000)
        unlimited = await listed_in(world, erika)
    async with open_world(tmp_path / "data", clock, safe_max_bytes=2_000_001) as world:
        limited = await listed_in(world, erika)
    async with open_world(tmp_path / "data", clock, safe_max_bytes=2_000_000) as world:
        full = await listed_in(world, erika)

    assert "Belegt sind 2 MB. Der Papierkorb zählt mit. Papierkorb (1)" in unlimited
    assert "Belegt sind 2 MB von 2 MB." in limited
    assert ["Ihr Safe ist voll." in page for page in (unlimited, limited, full)] == [False, False, True]


async def test_the_safe_and_the_folders_of_others_are_not_there(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    folder = await put_folder(world, erika, "Geheim")
    await put(world, erika, "Geheimnis.pdf", A_DOCUMENT, folder)
    tab = await open_tab(world, mallory)

    foreign, unknown = await tab.get(f"/safe/ordner/{folder}"), await tab.get("/safe/ordner/nothing")

    assert (foreign.status, unknown.status) == (404, 404)
    assert foreign.text.replace(folder, "") == unknown.text.replace("nothing", "")
    assert "Geheim" not in (await tab.get("/safe")).text
