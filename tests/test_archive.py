"""What unpacks archives may be in the hands of one: what it says is held to what a file can be, and ends in words."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sk.archive import FILES_MAX, Archive, Broken, Busy, NoArchive, unpacking
from sk.errors import Unavailable
from sk.renderer import Renderer
from tests.rendering import MOST_BYTES, open_renderer
from tests.safe.importing.imports import a_zip

A_FILE = {"name": "a.txt", "size": 3, "why": ""}
LISTED = [A_FILE, {"files": 1}]


class Bytes(NamedTuple):
    """An archive in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Return how many bytes there are."""
        return len(self.data)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield some of them."""
        yield self.data[start:end]


@asynccontextmanager
async def one_that_says(folder: Path, *said: Sequence[Any]) -> AsyncIterator[Renderer]:
    """Serve a renderer that says what it wants, each time that it is spoken to."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(b"go\n")
        for lines in said:
            await reader.readline()
            writer.writelines(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
        writer.close()

    async with await asyncio.start_unix_server(answer, folder / "socket"):
        yield Renderer(str(folder / "socket"), MOST_BYTES)


async def read(archive: Archive, number: int = 0) -> bytes:
    return b"".join([block async for block in archive.read(number)])


NO_LISTS: Mapping[str, Sequence[Any]] = {
    "behind its end": [{"read": [0, 101]}, {"files": 0}],
    "before its beginning": [{"read": [-1, 5]}, {"files": 0}],
    "nothing of it": [{"read": [5, 5]}, {"files": 0}],
    "a file too few": [{"files": 1}],
    "another file too few": [A_FILE, {"files": 2}],
    "a size": [{**A_FILE, "size": -1}, {"files": 1}],
    "a reason": [{**A_FILE, "why": "because"}, {"files": 1}],
    "a field": [{**A_FILE, "key": "x"}, {"files": 1}],
    "bytes": [{"bytes": 3}, b"abc"],
    "a file that is damaged": [{"error": "damaged"}],
    "too many files": [*[A_FILE] * (FILES_MAX + 1), {"files": FILES_MAX + 1}],
    "a long line": [b"x" * 100_000 + b"\n"],
    "nonsense": [b"nonsense\n"],
    "silence": [],
}


@pytest.mark.parametrize("lines", NO_LISTS.values(), ids=NO_LISTS)
async def test_a_list_that_can_be_none_is_not_believed(tmp_path: Path, lines: Sequence[Any]) -> None:
    async with one_that_says(tmp_path, lines) as renderer:
        with pytest.raises(Unavailable) as raised:
            async with unpacking(Bytes(bytes(100)), renderer):
                pass
    assert raised.type is Unavailable  # it had its turn


async def read_slowly(source: Bytes, renderer: Renderer) -> bytes:
    """Read what is in an archive, after a while."""
    async with unpacking(source, renderer) as archive:
        await asyncio.sleep(1.5)
        return await read(archive)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([{"bytes": 4}, b"abcd", {"end": True}], Unavailable),
        ([{"bytes": 2}, b"ab", {"bytes": 2}, b"cd", {"end": True}], Unavailable),
        ([{"bytes": 300_000}], Unavailable),
        ([{"bytes": 3}, b"ab"], Unavailable),
        ([A_FILE], Unavailable),
        ([{"bytes": 2}, b"ab", {"end": True}], Broken),
        ([{"bytes": 2}, b"ab", {"error": "damaged"}], Broken),
        ([{"error": "too-slow"}], Broken),
        ([{"error": "bomb"}], Broken),
    ],
)
async def test_bytes_that_can_be_no_such_file_are_not_taken(
    tmp_path: Path, lines: Sequence[Any], error: type[Exception]
) -> None:
    async with one_that_says(tmp_path, LISTED, lines) as renderer:
        with pytest.raises(error):
            async with unpacking(Bytes(bytes(100)), renderer) as archive:
                await read(archive)


async def test_a_job_that_ended_says_so_and_one_that_goes_on_as_well(tmp_path: Path) -> None:
    for why, is_end in (("too-slow", True), ("unreadable", True), ("damaged", False)):
        (tmp_path / why).mkdir()
        async with one_that_says(tmp_path / why, LISTED, [{"error": why}]) as renderer:
            with pytest.raises(Broken) as broken:
                async with unpacking(Bytes(bytes(100)), renderer) as archive:
                    await read(archive)
        assert (broken.value.problem, broken.value.is_end) == (why, is_end)


async def test_files_are_had_in_any_order_and_as_often_as_one_likes(tmp_path: Path) -> None:
    files = {"a.txt": b"eins" * 100_000, "b.txt": b"zwei"}
    async with (
        open_renderer(tmp_path) as socket,
        unpacking(Bytes(a_zip(files)), Renderer(socket, MOST_BYTES)) as archive,
    ):
        assert [file.name for file in archive.files] == [*files]
        assert [await read(archive, number) for number in (1, 0, 1)] == [b"zwei", files["a.txt"], b"zwei"]


async def test_while_one_unpacks_another_waits_and_pages_are_drawn(tmp_path: Path) -> None:
    async with open_renderer(tmp_path) as socket:
        renderer = Renderer(socket, MOST_BYTES, patience=1)
        async with unpacking(Bytes(a_zip({"a.txt": b"eins"})), renderer) as archive:
            with pytest.raises(Busy):
                async with unpacking(Bytes(a_zip({"b.txt": b"zwei"})), renderer):
                    pass
            await renderer.check()
            assert await read(archive) == b"eins"


async def test_what_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sk.render.serve.UNPACK_SECONDS", 1)
    async with open_renderer(tmp_path) as socket:
        with pytest.raises(Broken) as broken:
            await read_slowly(Bytes(a_zip({"a.txt": b"eins"})), Renderer(socket, MOST_BYTES))
    assert broken.value.problem == "too-slow"


async def test_a_kind_that_there_is_not_is_hung_up_on(tmp_path: Path) -> None:
    async with open_renderer(tmp_path) as socket:
        with pytest.raises(Unavailable):
            async with Renderer(socket, MOST_BYTES).turn(b"x"):
                pass
        with pytest.raises(NoArchive):
            async with unpacking(Bytes(b"PK" + bytes(100)), Renderer(socket, MOST_BYTES)):
                pass
