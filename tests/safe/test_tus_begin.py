"""Uploads are begun: of what length, under which name, and what else a client may say of them."""

from base64 import b64encode
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.safe.uploads import BYTES, Uploader, is_empty, is_problem, uploader
from tests.world import Citizen, World, open_world

DATA = bytes(range(256)) * 400


def spelled(**metadata: str | bytes) -> str:
    """Return metadata as their header spells them."""
    values = {name: value.encode() if isinstance(value, str) else value for name, value in metadata.items()}
    return ",".join(f"{name} {b64encode(value).decode()}" for name, value in values.items())


def beginning(tus: Uploader, **headers: str | None) -> dict[str, str]:
    """Return the headers with which an upload is begun, but for the changes; None leaves one out."""
    right = {**tus.headers, "Upload-Length": "5", "Upload-Metadata": spelled(filename="Zeugnis.bin")}
    changed = {**right, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {name: value for name, value in changed.items() if value is not None}


async def test_what_is_begun_is_told_again_and_kept_by_nobody_on_the_way(world: World, tus: Uploader) -> None:
    said = spelled(filename="Zeugnis ä.bin", filetype="image/png", checksum=bytes(range(256))) + ",is_confidential"
    headers = beginning(tus, Upload_Length="100", Upload_Metadata=said)
    begun = await tus.tab.ask("POST", "/safe/tus", headers=headers)
    ends = parsedate_to_datetime(begun.headers["Upload-Expires"])

    answer = await tus.head(begun.headers["Location"])

    assert (begun.status, begun.headers["Location"][:10]) == (201, "/safe/tus/")
    assert timedelta(hours=24) - (ends - world.clock.now()) < timedelta(seconds=2)
    told = {name: answer.headers[f"Upload-{name}"] for name in ("Offset", "Length", "Metadata", "Expires")}
    expected = {"Offset": "0", "Length": "100", "Metadata": said, "Expires": begun.headers["Upload-Expires"]}
    assert (answer.status, told, answer.headers["Cache-Control"]) == (200, expected, "no-store")


UNREADABLE: dict[str, dict[str, str | None]] = {
    "no length": {"Upload_Length": None},
    "no number": {"Upload_Length": "five"},
    "a fraction": {"Upload_Length": "5.0"},
    "less than nothing": {"Upload_Length": "-5"},
    "other digits": {"Upload_Length": "\u0665"},
    "a number beyond all": {"Upload_Length": "5" * 19},
    "length told later": {"Upload_Length": None, "Upload_Defer_Length": "1"},
    "a part of another": {"Upload_Concat": "partial"},
    "another method": {"X_HTTP_Method_Override": "PATCH"},
    "no base64": {"Upload_Metadata": "filename Zeugnis.bin"},
    "a name that is no text": {"Upload_Metadata": spelled(filename=b"\xff")},
    "a name twice": {"Upload_Metadata": f"{spelled(filename='a')},{spelled(filename='b')}"},
    "too much": {"Upload_Metadata": spelled(filename="a", more="b" * 4096)},
    "no ascii": {"Upload_Metadata": f"{spelled(filename='a')},größe"},
    "a tab": {"Upload_Metadata": f"{spelled(filename='a')},x\tx"},
}


@pytest.mark.parametrize("headers", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_begins_nothing(
    world: World, erika: Citizen, tus: Uploader, headers: dict[str, str | None]
) -> None:
    answer = await tus.tab.ask("POST", "/safe/tus", headers=beginning(tus, **headers))

    assert is_problem(answer, "malformed")
    assert await is_empty(world, erika)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Upload_Length": "0"}, "attachment-size"),
        ({"Upload_Length": "1073741825"}, "too-large"),
        ({"Upload_Metadata": None}, "field-missing"),
        ({"Upload_Metadata": "filename"}, "field-missing"),
        ({"Upload_Metadata": spelled(filename="../Zeugnis.bin")}, "attachment-name"),
        ({"Upload_Metadata": spelled(filename="a" * 256)}, "attachment-name"),
        ({"Upload_Metadata": spelled(filename="a", folder="b" * 26)}, "not-found"),
        ({"Upload_Metadata": spelled(filename="a", document="b" * 26)}, "not-found"),
    ],
)
async def test_what_cannot_be_kept_begins_nothing(
    world: World, erika: Citizen, tus: Uploader, headers: dict[str, str | None], problem: str
) -> None:
    answer = await tus.tab.ask("POST", "/safe/tus", headers=beginning(tus, **headers))

    assert is_problem(answer, problem)
    assert answer.headers.get("Tus-Max-Size") == ("1073741824" if problem == "too-large" else None)
    assert await is_empty(world, erika)


async def test_the_bytes_come_once_the_upload_is_begun(world: World, erika: Citizen, tus: Uploader) -> None:
    headers = beginning(tus, Content_Type=BYTES)
    assert is_problem(await tus.tab.ask("POST", "/safe/tus", headers=headers, data=b"hello"), "malformed")
    assert await is_empty(world, erika)


async def test_a_file_is_no_larger_than_the_smaller_of_our_limit_and_the_scanners(
    tmp_path: Path, clock: FakeClock
) -> None:
    nowhere = {"scanner": "clamd://127.0.0.1:1", "scanner_max": 100_000}
    for settings, most in (({"safe_file_max_bytes": 5}, 5), (nowhere, 100_000)):
        async with open_world(tmp_path / str(most), clock, **settings) as world:
            tus = await uploader(world, await world.citizen())
            answers = [await tus.create(most + more, "Zeugnis.bin") for more in (0, 1)]
            options = await tus.tab.ask("OPTIONS", "/safe/tus")
        assert [answer.status for answer in answers] == [201, 413]
        assert {answers[1].headers["Tus-Max-Size"], options.headers["Tus-Max-Size"]} == {str(most)}
