"""Small pictures of documents: made of what can be drawn, given up within limits, and opened by nobody else."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes import FakeClock
from tests.safe.documents import PDF, TEXT, picture_of, put, row_of
from tests.safe.pictures import has_picture, noise, open_drawing_world, waiting
from tests.safe.uploads import bytes_of
from tests.security.alarms import Alarms
from tests.security.tab import open_tab
from tests.strangers import (
    SECRET_PLACE,
    a_fax,
    a_huge_drawing,
    a_nested_pdf,
    a_pdf,
    a_pdf_of_zeros,
    a_photo,
    a_slow_pdf,
)
from tests.world import Citizen, World


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    async with open_drawing_world(tmp_path, clock) as opened:
        yield opened


def a_zip_of_zeros() -> bytes:
    """Return an archive of a few kilobytes that holds a hundred megabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nullen.txt", bytes(100_000_000))
    return file.getvalue()


def a_flat_drawing() -> bytes:
    """Return a fax of a few kilobytes, of as many pixels as are allowed, which are more than the memory holds."""
    file = io.BytesIO()
    Image.new("1", (14_000, 14_000)).save(file, "TIFF", compression="group4")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        ("a.pdf", PDF, (241, 340)),
        ("b.jpg", a_photo(), (240, 180)),
        ("c.tif", a_fax(), (240, 306)),
        ("d.png", noise(100, 50), (100, 50)),
    ],
)
async def test_what_can_be_drawn_gets_a_small_picture(
    world: World, erika: Citizen, name: str, data: bytes, size: tuple[int, int]
) -> None:
    document_id = await put(world, erika, name, data)
    assert not await has_picture(world, erika, document_id)
    await world.settle()
    tab = await open_tab(world, erika)

    answer = await tab.get(f"/safe/dokumente/{document_id}/bild.png")
    page = await tab.get(f"/safe/dokumente/{document_id}")

    assert await has_picture(world, erika, document_id)
    assert answer.status == 200
    assert Image.open(io.BytesIO(answer.body)).size == size
    assert SECRET_PLACE.encode() not in answer.body
    assert {header: answer.headers[header] for header in ("Content-Type", "Content-Disposition", "Cache-Control")} == {
        "Content-Type": "image/png",
        "Content-Disposition": "inline",
        "Cache-Control": "no-store",
    }
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f'<img src="/safe/dokumente/{document_id}/bild.png" alt="">' in page.text


async def test_a_picture_is_locked(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    await world.settle()

    assert b"PNG" not in (await row_of(world, document_id)).picture
    assert (await picture_of(world, erika, document_id)).startswith(b"\x89PNG")


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("zip-bombe.zip", a_zip_of_zeros()),
        ("bombe.pdf", a_pdf_of_zeros()),
        ("riesig.png", a_huge_drawing(100_000)),
        ("flach.tif", a_flat_drawing()),
        ("haengt.pdf", a_slow_pdf()),
        ("verschachtelt.pdf", a_nested_pdf()),
        ("geheim.pdf", a_pdf(password="geheim")),
        ("abgeschnitten.png", noise(300, 300)[:-5000]),
        ("nur-der-anfang.pdf", b"%PDF-1.7\n"),
        ("rauschen.png", noise(240, 900)),
    ],
)
async def test_a_document_that_does_harm_or_is_broken_is_kept_without_a_picture(
    world: World, erika: Citizen, alarms: Alarms, name: str, data: bytes
) -> None:
    document_id = await put(world, erika, name, data)
    await world.settle()
    after = await put(world, erika, "danach.pdf", PDF)
    await world.settle()
    tab = await open_tab(world, erika)

    assert not await has_picture(world, erika, document_id)
    assert await has_picture(world, erika, after), "whoever comes next has one"
    assert await bytes_of(world, erika, name) == data
    assert (await tab.get(f"/safe/dokumente/{document_id}/bild.png")).status == 404
    assert (await tab.get(f"/safe/dokumente/{document_id}")).status == 200
    assert (alarms.raised(), alarms.failures()) == ([], [])
    assert await world.web.store.aside() == []
    assert await waiting(world) == []


async def test_of_what_is_not_drawn_nobody_asks_for_a_picture(world: World, erika: Citizen) -> None:
    await put(world, erika, "a.txt", TEXT)
    await put(world, erika, "b.zip", a_zip_of_zeros())

    assert await waiting(world) == []


async def test_a_new_version_has_a_picture_of_its_own_or_none(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    await world.settle()
    first = await picture_of(world, erika, document_id)
    await put(world, erika, "b.png", noise(50, 50), document=document_id)
    assert not await has_picture(world, erika, document_id)
    await world.settle()
    second = await picture_of(world, erika, document_id)
    await put(world, erika, "c.txt", TEXT, document=document_id)
    await world.settle()

    assert first != second
    assert not await has_picture(world, erika, document_id)
