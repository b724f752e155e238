"""Whoever would rather look at an attachment than download it gets pictures of its pages, or a word why not."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from sk.client import File
from sk.demo.browser import Browser
from tests.fakes import FakeClock
from tests.rendering import open_renderer
from tests.strangers import a_pdf, a_photo, a_slow_pdf
from tests.web.pages import words_of
from tests.world import A_FILE, World, open_world

PICTURE = re.compile(r'<img src="([^"]+)" width="(\d+)" height="(\d+)" loading="lazy" alt="([^"]+)">')
BESCHEID = File("bescheid.pdf", a_pdf(12))
PHOTO = File("garten.jpg", a_photo(), "image/jpeg")
TEXT = File("hinweis.txt", b"Bitte beachten.", "text/plain")


@pytest.fixture
async def looking(tmp_path: Path, clock: FakeClock, rendering: Path) -> AsyncIterator[World]:
    """Return a platform with a process that makes previews."""
    async with open_world(tmp_path / "data", clock, render=str(rendering)) as opened:
        yield opened


@asynccontextmanager
async def reader_of(world: World, files: Sequence[File], *, fetched: bool = True) -> AsyncIterator[tuple[Browser, str]]:
    """Yield the browser of somebody who has got these files, and the address under which they lie."""
    delivered = await world.delivered(files=files)
    async with world.browser(delivered.citizen) as browser:
        if fetched:
            await browser.send((await browser.open("/postfach")).forms[-1])
        yield browser, f"/postfach/{delivered.notice_id}/dateien"


async def test_a_pdf_is_shown_page_by_page_five_at_a_time(looking: World) -> None:
    async with reader_of(looking, [BESCHEID]) as (browser, files):
        notice = await browser.open(files.removesuffix("/dateien"))
        assert 'aria-label="Ansehen: bescheid.pdf"' in notice.text
        first = await browser.open(notice.links["Ansehen"])
        second = await browser.open(first.links["Nächste Seiten"])
        last = await browser.open(second.links["Nächste Seiten"])
        back = await browser.open(last.links["Vorige Seiten"])

    assert PICTURE.findall(first.text) == [
        (f"{files}/1/seite/{page}.png", "1000", "1415", f"Seite {page} von 12 von bescheid.pdf") for page in range(1, 6)
    ]
    assert "Seiten 1 bis 5 von 12." in words_of(first.text)
    assert first.links["Datei herunterladen"] == f"{files}/1"
    assert "Seiten 11 bis 12 von 12." in words_of(last.text)
    assert ("Vorige Seiten" in first.links, "Nächste Seiten" in last.links) == (False, False)
    assert back.text.count("<img") == 5


async def test_a_picture_is_shown_and_never_run_nor_kept(looking: World) -> None:
    delivered = await looking.delivered(files=[PHOTO])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        browser = Browser(http, looking.base_url)
        await browser.log_in(delivered.citizen.username, delivered.citizen.password)
        notice = await browser.send((await browser.open("/postfach")).forms[-1])
        ((source, *size, alt),) = PICTURE.findall((await browser.open(notice.links["Ansehen"])).text)
        async with http.get(looking.base_url + source) as answer:
            picture, headers = await answer.read(), answer.headers

    assert (size, alt) == (["1000", "750"], "Bild garten.jpg")
    assert picture.startswith(b"\x89PNG")
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"] == "inline"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "no-store"


async def test_what_is_unread_or_somebody_elses_or_not_there_is_not_shown(looking: World) -> None:
    async with reader_of(looking, [BESCHEID], fetched=False) as (browser, files):
        assert await _statuses(browser, f"{files}/1/ansehen", f"{files}/1/seite/1.png") == [403, 403]
        await browser.send((await browser.open("/postfach")).forms[-1])
        gone = ("1/ansehen?ab=13", "1/ansehen?ab=0", "1/ansehen?ab=x", "1/seite/13.png", "1/seite/0.png", "2/ansehen")
        assert await _statuses(browser, *(f"{files}/{path}" for path in gone)) == [404] * len(gone)
    async with reader_of(looking, [TEXT]) as (browser, _):
        assert await _statuses(browser, f"{files}/1/ansehen", f"{files}/1/seite/1.png") == [404, 404]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (A_FILE, "Diese Datei lässt sich hier nicht anzeigen."),
        (File("geheim.pdf", a_pdf(password="geheim")), "Vielleicht ist sie mit einem Passwort geschützt."),
        (File("gross.pdf", a_pdf() + bytes(500_000)), "Diese Datei ist zu groß für eine Vorschau."),
        (TEXT, "Von dieser Datei gibt es hier keine Vorschau."),
    ],
    ids=["broken", "locked", "large", "text"],
)
async def test_of_what_cannot_be_shown_the_page_says_so_and_offers_the_download(
    tmp_path: Path, clock: FakeClock, rendering: Path, file: File, said: str
) -> None:
    settings = {"render": str(rendering), "render_max_bytes": 100_000}
    async with (
        open_world(tmp_path / "data", clock, **settings) as world,
        reader_of(world, [file]) as (browser, files),
    ):
        shown = await browser.open(f"{files}/1/ansehen")
        assert await _statuses(browser, f"{files}/1/seite/1.png") == [404]
        assert await browser.download(shown.links["Datei herunterladen"]) == file.data

    assert shown.status == 200
    assert said in words_of(shown.text)
    assert "<img" not in shown.text


async def test_a_document_that_hangs_is_given_up(tmp_path: Path, clock: FakeClock) -> None:
    async with (
        open_renderer(tmp_path, cpu_seconds=1) as socket,
        open_world(tmp_path / "data", clock, render=socket) as world,
        reader_of(world, [File("langsam.pdf", a_slow_pdf())]) as (browser, files),
    ):
        assert "Diese Datei anzuzeigen dauert zu lange." in (await browser.open(f"{files}/1/ansehen")).text


async def test_where_nobody_makes_previews_the_notice_offers_none(world: World) -> None:
    async with reader_of(world, [BESCHEID]) as (browser, files):
        notice, shown = await browser.open(files.removesuffix("/dateien")), await browser.open(f"{files}/1/ansehen")

    assert "Ansehen" not in notice.links
    assert "Von dieser Datei gibt es hier keine Vorschau." in words_of(shown.text)


async def test_while_the_renderer_is_away_the_page_says_so(tmp_path: Path, clock: FakeClock) -> None:
    async with (
        open_world(tmp_path / "data", clock, render=str(tmp_path / "nobody")) as world,
        reader_of(world, [BESCHEID]) as (browser, files),
    ):
        away = await browser.open(f"{files}/1/ansehen")
        assert await _statuses(browser, f"{files}/1/seite/1.png") == [503]

    assert away.status == 503
    assert "Die Vorschau geht gerade nicht." in words_of(away.text)
    assert away.links["Datei herunterladen"] == f"{files}/1"


async def test_an_attachment_that_is_damaged_is_not_shown(looking: World) -> None:
    async with reader_of(looking, [BESCHEID]) as (browser, files):
        shown, picture = await browser.open(f"{files}/1/ansehen"), await browser.download(f"{files}/1/seite/1.png")
        for stored in (looking.data / "objects").rglob("*"):
            if stored.is_file() and not stored.name.startswith(("log-", "keys-")):
                raw = stored.read_bytes()
                stored.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        damaged = await browser.open(f"{files}/1/ansehen")
        assert await _statuses(browser, f"{files}/1/seite/1.png") == [403]

    assert (shown.status, picture[:4], damaged.status) == (200, b"\x89PNG", 403)
    assert "Diese Nachricht ist beschädigt" in damaged.text


async def _statuses(browser: Browser, *paths: str) -> list[int]:
    return [(await browser.open(path)).status for path in paths]
