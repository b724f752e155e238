"""`sk doctor` tries the scanner: with a file as large as we take, with malware in one, and with what is too much."""

import asyncio
from pathlib import Path

import pytest

from sk.config import load_settings
from sk.doctor import examine
from sk.doctor_scanner import examine_scanner
from sk.scanner import Scanner, scanner_of
from tests.fakes import WallClock
from tests.scanners import Talk, a_scanner_that, hear_all
from tests.servers import Servers
from tests.world import open_world

MOST = 2_000_000
SMALL_STREAM = (
    "the scanner takes no stream of 2000000 bytes: its StreamMaxLength is smaller than SK_SCANNER_MAX; "
    "set StreamMaxLength 2000000 or more in clamd.conf, or SK_SCANNER_MAX to less"
)
NO_ALERT = 'the scanner says "OK" where its limits kept it from looking: set AlertExceedsMax yes in clamd.conf'
DEBIAN = "StreamMaxLength 25M\nMaxFileSize 25M\nMaxScanSize 100M"


async def findings(scanner: Scanner, most: int = MOST) -> list[str]:
    """Return what there is to say about a scanner."""
    return [finding.sentence async for finding in examine_scanner(scanner, most) if not finding.is_remark]


def not_all(harmless: str, harmful: str) -> str:
    """Return what is said of a scanner that does not look at everything."""
    return (
        f"the scanner does not look through a file of 2000000 bytes: it says {harmless} to a harmless archive, and "
        f"{harmful} to one at whose end the test file lies; set ScanArchive yes, MaxFileSize 2000000, MaxScanSize "
        "4000000 and MaxScanTime 120000 in clamd.conf"
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("StreamMaxLength 2000000\nMaxFileSize 2000000\nMaxScanSize 4000000\nAlertExceedsMax yes", []),
        ("StreamMaxLength 1999999\nAlertExceedsMax yes", [SMALL_STREAM]),
        ("StreamMaxLength 1M", [SMALL_STREAM, NO_ALERT]),
        (DEBIAN, [NO_ALERT]),
        ("MaxRecursion 100", [NO_ALERT]),
        ("ScanArchive no", [not_all("OK", "OK"), NO_ALERT]),
        ("MaxRecursion 100\nAlertExceedsMax yes", []),
        ("MaxFileSize 1999999", [not_all("OK", "OK"), NO_ALERT]),
        (
            "MaxFileSize 1999999\nAlertExceedsMax yes",
            [not_all("Heuristics.Limits.Exceeded.MaxFileSize", "Heuristics.Limits.Exceeded.MaxFileSize")],
        ),
        (
            "MaxScanSize 3M\nAlertExceedsMax yes",
            [not_all("Heuristics.Limits.Exceeded.MaxScanSize", "Eicar-Test.UNOFFICIAL")],
        ),
    ],
)
async def test_doctor_says_what_clamd_lacks(servers: Servers, settings: str, told: list[str]) -> None:
    with servers.private("clamd", settings) as clamd:
        assert await findings(scanner_of(clamd.url())) == told


async def test_what_debian_sets_is_enough_for_what_we_take_unless_told_otherwise(servers: Servers) -> None:
    most = load_settings({}).scanner_max
    with servers.private("clamd", f"{DEBIAN}\nAlertExceedsMax yes") as clamd:
        assert await findings(scanner_of(clamd.url()), most) == []


async def finds_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Call everything clean."""
    await hear_all(reader)
    writer.write(b"stream: OK\0")


async def finds_everything(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Call everything malware."""
    await hear_all(reader)
    writer.write(b"stream: Test FOUND\0")


async def runs_out_of_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Call large files clean, as clamd does at its MaxScanTime. Its own clock would make the test a race."""
    writer.write(b"stream: Test FOUND\0" if await hear_all(reader) < MOST else b"stream: OK\0")


async def is_slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Have an answer for small files only."""
    if await hear_all(reader) < MOST:
        writer.write(b"stream: Test FOUND\0")
    else:
        await reader.read()


@pytest.mark.parametrize(
    ("talks", "told"),
    [
        (
            finds_nothing,
            "the scanner does not find the test file of all scanners (EICAR): it has no signatures; see freshclam",
        ),
        (finds_everything, not_all("Test", "Test")),
        (runs_out_of_time, not_all("OK", "OK")),
        (is_slow, "scanner: the malware scanner does not answer"),
    ],
)
async def test_doctor_tells_apart_why_a_scanner_is_none(talks: Talk, told: str) -> None:
    async with a_scanner_that(talks, patience=2) as scanner:
        assert await findings(scanner) == [told]


@pytest.mark.parametrize("setting", ["StreamMaxLength 1M", "AlertExceedsMax no"])
async def test_doctor_on_the_whole_platform_tries_the_scanner(tmp_path: Path, servers: Servers, setting: str) -> None:
    with servers.private("clamd", setting) as clamd:
        async with open_world(tmp_path / "data", WallClock(), scanner=clamd.url(), scanner_max=MOST) as world:
            told = [finding.sentence async for finding in examine(world.web) if not finding.is_remark]

    assert told == ([SMALL_STREAM] if "Stream" in setting else []) + [NO_ALERT]


async def test_where_there_is_no_scanner_doctor_says_so() -> None:
    found = [finding async for finding in examine_scanner(Scanner(), MOST)]

    assert [(one.sentence, one.is_remark) for one in found] == [
        ("nobody looks for malware in attachments (SK_SCANNER)", True)
    ]
