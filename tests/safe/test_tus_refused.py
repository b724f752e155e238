"""Uploads with malware leave nothing behind; while the scanner is silent, nothing is lost and nothing is clean."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from fpdf import FPDF

from tests.fakes import FakeClock
from tests.faulty_objects import Faulty
from tests.keeper import EICAR
from tests.safe.uploads import (
    at,
    bytes_of,
    is_empty,
    is_problem,
    kept_in,
    objects_in,
    uploader,
    version_of,
)
from tests.scanners import Talk, a_scanner_that, hear_all
from tests.security.alarms import Alarms
from tests.security.serving import serving
from tests.world import World, open_world

DATA = bytes(range(256)) * 12_000
"""More than what lies between two processes before the one that sends notices that the other is gone."""
SMALL = DATA[:20_000]


def zipped(data: bytes) -> bytes:
    """Return a ZIP archive with one file."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr("anlage.txt", data)
    return buffer.getvalue()


def attached(data: bytes) -> bytes:
    """Return a PDF to which a file is attached, deflated."""
    paper = FPDF()
    paper.add_page()
    paper.embed_file(bytes=data, basename="anlage.txt", compress=True)
    return bytes(paper.output())


INFECTED = {"alone.txt": EICAR, "packed.zip": zipped(EICAR), "attached.pdf": attached(EICAR)}


@pytest.fixture
async def scanned(tmp_path: Path, clock: FakeClock, clamd_url: str) -> AsyncIterator[World]:
    """Return a platform with a real scanner."""
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        yield world


def test_only_what_is_alone_shows_the_malware_to_whoever_does_not_look_inside() -> None:
    assert [name for name, data in INFECTED.items() if EICAR in data] == ["alone.txt"]


@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize("name", INFECTED)
async def test_malware_is_refused_in_words_and_leaves_nothing_behind(scanned: World, name: str, parts: int) -> None:
    erika, data = await scanned.citizen(), INFECTED[name]
    tus = await uploader(scanned, erika)
    path, size = await tus.begun(len(data), name), -(-len(data) // parts)

    for start in range(0, len(data), size):
        answer = await tus.patch(path, start, data[start : start + size])

    assert is_problem(answer, "attachment-malware")
    assert answer.text.count(f"the scanner has found Eicar-Test.UNOFFICIAL in {name}") == 1
    assert (await tus.head(path)).status == 404
    assert await is_empty(scanned, erika)


async def test_of_what_is_clean_all_is_kept(scanned: World) -> None:
    erika = await scanned.citizen()
    tus = await uploader(scanned, erika)
    for name, sizes in {"one.bin": [len(DATA)], "two.bin": [1000, len(DATA) - 1000]}.items():
        path, start = await tus.begun(len(DATA), name), 0
        for size in sizes:
            assert (await tus.patch(path, start, DATA[start : start + size])).status == 204
            start += size
        assert await bytes_of(scanned, erika, name) == DATA


async def test_whoever_announces_more_than_they_send_has_all_of_it_looked_at(scanned: World) -> None:
    erika = await scanned.citizen()
    tus = await uploader(scanned, erika)
    for name, data in {"bad.txt": EICAR, "good.bin": SMALL}.items():
        path, half = await tus.begun(len(data), name), len(data) // 2
        await tus.patch(path, 0, data[:half])
        async with tus.sending(path, half, len(data), b"", Expect="100-continue") as wire:
            await wire.reader.readuntil(b"\r\n\r\n")  # somebody reads now: what is sent before the end is not lost
            await wire.send(data[half:])
            wire.writer.write_eof()
            assert await wire.reader.read() == b""
        assert (await tus.head(path)).status == {"bad.txt": 404, "good.bin": 200}[name]

    version = await version_of(scanned, erika, "good.bin")
    assert [*await kept_in(scanned, erika)] == ["good.bin"]
    assert (version.size, version.sha256) == (len(SMALL), sha256(SMALL).hexdigest())


async def hangs_up(*_: object) -> None:
    """Close at once."""


async def dies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listen for a while, and end without a word."""
    await reader.readexactly(1000)
    writer.transport.abort()


async def gives_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as clamd does when a file is too much for it."""
    await hear_all(reader)
    writer.write(b"INSTREAM size limit exceeded. ERROR\0")


async def is_content(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Call all of it clean."""
    await hear_all(reader)
    writer.write(b"stream: OK\0")


async def cries_wolf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Find something in all of it."""
    await hear_all(reader)
    writer.write(b"stream: Wolf FOUND\0")


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("talks", [hangs_up, dies, gives_up])
async def test_what_a_silent_scanner_did_not_call_clean_waits_until_it_does(
    world: World, talks: Talk, parts: int
) -> None:
    erika = await world.citizen()
    tus, size = await uploader(world, erika), len(DATA) // parts
    async with a_scanner_that(talks) as scanner, serving(replace(world.web, scanner=scanner)) as silent:
        there = at(tus, silent)
        path = await there.begun(len(DATA), "Zeugnis.bin")
        for start in range(0, len(DATA), size):
            answer = await there.patch(path, start, DATA[start : start + size])
        head = await there.head(path)
        again = await there.patch(path, len(DATA), b"")

    assert is_problem(answer, "scanner-silent")
    assert is_problem(again, "scanner-silent")
    assert {one.headers["Retry-After"] for one in (answer, head, again)} == {"5"}
    assert (head.status, "Upload-Offset" in head.headers) == (503, False)
    assert (await kept_in(world, erika), len(await objects_in(world))) == ({}, parts)
    async with a_scanner_that(is_content) as scanner, serving(replace(world.web, scanner=scanner)) as heard:
        assert await at(tus, heard).offset(path) == len(DATA)
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_what_is_found_once_the_scanner_is_back_leaves_nothing_behind(world: World) -> None:
    erika = await world.citizen()
    tus = await uploader(world, erika)
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    for talks, offset, data in ((hangs_up, 0, DATA), (cries_wolf, len(DATA), b"")):
        async with a_scanner_that(talks) as scanner, serving(replace(world.web, scanner=scanner)) as there:
            answer = await at(tus, there).patch(path, offset, data)
        assert is_problem(answer, "scanner-silent" if data else "attachment-malware")

    assert await is_empty(world, erika)


class Counting(Faulty):
    """It counts how many bytes are read."""

    bytes_read = 0

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        async for block in self.objects.read(name, start, end):
            self.bytes_read += len(block)
            yield block


async def test_nothing_is_read_back_for_a_scanner_that_is_silent(world: World) -> None:
    tus, objects = await uploader(world, await world.citizen()), Counting(world.web.objects)
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with (
        a_scanner_that(hangs_up) as scanner,
        serving(replace(world.web, scanner=scanner, objects=objects)) as silent,
    ):
        await at(tus, silent).patch(path, 0, DATA)
        assert (await at(tus, silent).head(path)).status == 503
    assert objects.bytes_read < len(DATA) / 2


async def test_what_is_lost_from_the_object_store_is_no_document(world: World, alarms: Alarms) -> None:
    erika = await world.citizen()
    tus = await uploader(world, erika)
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:1000])
    await world.web.objects.delete(*await objects_in(world))

    assert is_problem(await tus.patch(path, 1000, DATA[1000:]), "damaged")
    assert (await kept_in(world, erika), alarms.raised()) == ({}, ["damaged"])
