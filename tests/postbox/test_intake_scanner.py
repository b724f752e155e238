"""Where a malware scanner is configured, attachments pass it while they stream in; a silent one lets nothing pass."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from sk.client import File
from tests.fakes import FakeClock
from tests.keeper import EICAR
from tests.refusals import Office, open_office
from tests.scanners import Talk, a_scanner_that, hear_all
from tests.world import A_FILE, a_notice, open_world


@pytest.fixture
async def scanned(tmp_path: Path, clock: FakeClock, clamd_url: str) -> AsyncIterator[Office]:
    """Return an office of a platform with a real scanner."""
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        yield await open_office(world)


async def test_a_clean_file_passes_the_scanner(scanned: Office) -> None:
    assert (await scanned.post(a_notice(scanned.handle), [A_FILE])).status == 202


def zipped(data: bytes) -> bytes:
    """Return a ZIP archive with one file."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("anlage.txt", data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "file",
    [
        File("anlage.txt", EICAR, "text/plain"),
        File("anlage.pdf", b"%PDF-1.7\n" + EICAR, "application/pdf"),
        File("anlage.zip", zipped(EICAR), "application/zip"),
    ],
    ids=["text", "pdf", "zip"],
)
async def test_malware_is_refused_and_nothing_of_the_notice_is_kept(scanned: Office, file: File) -> None:
    notice = a_notice(scanned.handle)
    told = await scanned.is_refused(notice, [A_FILE, file], problem="attachment-malware", field="attachments.1")
    assert "Eicar-Test" in told["detail"]
    assert file.name in told["detail"]


async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Listen for ever."""
    while await reader.read(65536):
        pass


async def hangs_up(*_: object) -> None:
    """Close at once."""


async def gives_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as clamd does when a file is too large for it."""
    await reader.read(1)
    writer.write(b"INSTREAM size limit exceeded. ERROR\0")


async def never_ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk without an end of the sentence."""
    await reader.read(1)
    writer.write(b"stream: OK" * 100_000)


async def thinks_for_long(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Call a file clean after more time than a client is given."""
    await hear_all(reader)
    await asyncio.sleep(1.5)
    writer.write(b"stream: OK\0")


@pytest.mark.parametrize("talks", [says_nothing, hangs_up, gives_up, never_ends])
async def test_what_no_scanner_calls_clean_is_not_taken(office: Office, talks: Talk) -> None:
    async with a_scanner_that(talks) as scanner, office.with_other(scanner=scanner) as scanned:
        await scanned.is_refused(a_notice(office.handle), [A_FILE], problem="scanner-silent")


async def test_a_scanner_that_takes_its_time_is_not_the_clients_fault(office: Office) -> None:
    hurried = {"body_grace_seconds": 1, "body_min_bytes_per_second": 10_000_000}
    settings = office.world.web.settings.model_copy(update=hurried)
    large = File("bescheid.pdf", b"%PDF-1.7\n" + bytes(1_000_000), "application/pdf")
    async with (
        a_scanner_that(thinks_for_long, patience=10) as scanner,
        office.with_other(scanner=scanner, settings=settings) as scanned,
    ):
        assert (await scanned.post(a_notice(office.handle), [large, large])).status == 202


async def test_a_scanner_that_is_not_there_is_named_by_the_readiness_check(office: Office) -> None:
    async with a_scanner_that(hangs_up) as gone:
        pass
    async with office.with_other(scanner=gone) as scanned:
        await scanned.is_refused(a_notice(office.handle), [A_FILE], problem="scanner-silent")
        ready = await scanned.get("/readyz")
    assert ready.status == 503
    assert "scanner" in ready.json()["parts"]["scanner"]


async def test_a_notice_without_attachments_needs_no_scanner(office: Office) -> None:
    async with a_scanner_that(says_nothing) as scanner, office.with_other(scanner=scanner) as scanned:
        assert (await scanned.post(a_notice(office.handle))).status == 202


def a_pdf(size: int) -> File:
    """Return a file of so many bytes."""
    return File("bescheid.pdf", b"%PDF-1.7\n".ljust(size), "application/pdf")


async def test_a_file_larger_than_the_scanner_takes_is_refused_before_it_is_sent(
    tmp_path: Path, clock: FakeClock, clamd_url: str
) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url, scanner_max=100_000) as world:
        office = await open_office(world)
        notice = a_notice(office.handle, attachments=[a_pdf(100_001).declared()])
        told = await office.is_refused(notice, problem="invalid", field="attachments.0.size")
        taken = await office.post(a_notice(office.handle), [a_pdf(100_000)])

    assert (told["detail"], taken.status) == ("at most 100000 bytes are taken", 202)


async def test_without_a_scanner_nobody_asks_what_one_would_take(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock, scanner="off", scanner_max=100_000) as world:
        office = await open_office(world)
        assert (await office.post(a_notice(office.handle), [a_pdf(100_001)])).status == 202
