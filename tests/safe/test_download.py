"""A document leaves the safe: the bytes that came, whole or in part, and never what only looks like them."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast
from urllib.parse import unquote

import pytest

from sk.crypto.stream import HEAD_BYTES, SEALED_CHUNK_BYTES
from sk.objects.port import ObjectStore
from tests.faulty_objects import Faulty
from tests.safe.documents import TEXT, change_entry, put, put_in_parts, row_of
from tests.security.serving import serving
from tests.security.tab import Answer, Tab, open_tab
from tests.world import Citizen, World

NAME = 'Zeugnis; filename="x.exe" – ß.txt'
SIZE = len(TEXT)
PARTS = [TEXT[start : start + 10_000] for start in range(0, SIZE, 10_000)]


class Counting(Faulty):
    """`ObjectStore` that counts what is read."""

    def __init__(self, objects: ObjectStore) -> None:
        """Begin with nothing."""
        super().__init__(objects)
        self.read_of = Counter[str]()

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        async for block in self.objects.read(name, start, end):
            self.read_of[name] += len(block)
            yield block


async def asked(tab: Tab, document_id: str, *ranges: str, **headers: str) -> Answer:
    """Ask for a document, or for a part of it."""
    wanted = [("Range", said) for said in ranges] + list(headers.items())
    return await tab.ask("GET", f"/safe/dokumente/{document_id}/datei", headers=wanted)


async def test_a_document_comes_back_as_it_was_under_its_present_name_and_is_never_run(
    world: World, erika: Citizen, tab: Tab
) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, name=NAME)

    answer = await asked(tab, document_id)

    assert (answer.status, answer.body) == (200, TEXT)
    named = re.fullmatch(r"attachment; filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])
    assert named
    assert unquote(named[1]) == NAME
    assert {name: answer.headers[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")} == {
        "Content-Type": "text/plain",
        "Content-Length": str(SIZE),
        "Accept-Ranges": "bytes",
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("seite.html", b"<!doctype html><html><script>alert(1)</script></html>", "application/octet-stream"),
        ("bild.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "application/octet-stream"),
        ("programm.exe", b"MZ\x90\x00" + bytes(200), "application/octet-stream"),
        ("scan.pdf", b"%PDF-1.7\n", "application/pdf"),
    ],
)
async def test_a_browser_is_told_a_type_of_ours_or_none(
    world: World, erika: Citizen, tab: Tab, name: str, data: bytes, said: str
) -> None:
    answer = await asked(tab, await put(world, erika, name, data))

    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, said, data)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("BYTES=9999-10000", 9999, 10000),
        (f"bytes=16384-{SIZE}", 16384, SIZE - 1),
        ("bytes=39990-", 39990, SIZE - 1),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-10001", SIZE - 10001, SIZE - 1),
        ("bytes=-999999999", 0, SIZE - 1),
    ],
)
@pytest.mark.parametrize("is_in_parts", [False, True], ids=["one stream", "many streams"])
async def test_a_part_is_those_bytes_and_says_which(
    world: World, erika: Citizen, tab: Tab, said: str, first: int, last: int, *, is_in_parts: bool
) -> None:
    document_id = await (put_in_parts(world, erika, PARTS) if is_in_parts else put(world, erika))

    answer = await asked(tab, document_id, said)

    assert (answer.status, answer.body) == (206, TEXT[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last + 1 - first)
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("said", [f"bytes={SIZE}-", "bytes=999999999-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
async def test_of_what_lies_behind_the_end_nothing_comes(world: World, erika: Citizen, tab: Tab, said: str) -> None:
    answer = await asked(tab, await put(world, erika), said)

    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "said",
    [
        "bytes=0-1,5-6",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "lines=0-5",
        "bytes 0-5",
        "bytes=²-3",
        "0-5",
        "bytes=1-2-3",
    ],
)
async def test_of_several_parts_and_of_nonsense_the_whole_comes(
    world: World, erika: Citizen, tab: Tab, said: str
) -> None:
    answer = await asked(tab, await put(world, erika), said.encode().decode("latin-1"))

    assert (answer.status, answer.body) == (200, TEXT)
    assert "Content-Range" not in answer.headers


async def test_two_ranges_in_two_headers_are_several(world: World, erika: Citizen, tab: Tab) -> None:
    answer = await asked(tab, await put(world, erika), "bytes=0-1", "bytes=5-6")

    assert (answer.status, answer.body) == (200, TEXT)


async def test_a_part_of_another_version_than_one_has_begun_with_is_not_sent(
    world: World, erika: Citizen, tab: Tab
) -> None:
    document_id = await put(world, erika)
    etag = (await asked(tab, document_id)).headers["ETag"]

    same = await asked(tab, document_id, "bytes=1-2", **{"If-Range": etag})
    weak = await asked(tab, document_id, "bytes=1-2", **{"If-Range": f"W/{etag}"})
    by_date = await asked(tab, document_id, "bytes=1-2", **{"If-Range": "Mon, 23 Nov 2026 09:00:00 GMT"})
    await put(world, erika, data=TEXT, document=document_id)
    newer = await asked(tab, document_id, "bytes=1-2", **{"If-Range": etag})

    assert (same.status, same.body) == (206, TEXT[1:3])
    assert [(one.status, one.body) for one in (weak, by_date, newer)] == [(200, TEXT)] * 3
    assert re.fullmatch(r'"[0-9a-f]{64}"', etag)


async def test_what_it_is_can_be_asked_without_the_bytes(world: World, erika: Citizen, tab: Tab) -> None:
    document_id = await put(world, erika)

    answer = await tab.ask("HEAD", f"/safe/dokumente/{document_id}/datei", headers={"Range": "bytes=5-9"})

    assert (answer.status, answer.body) == (200, b"")
    assert (answer.headers["Content-Length"], answer.headers["Accept-Ranges"]) == (str(SIZE), "bytes")


async def test_a_part_in_the_middle_costs_what_it_holds(world: World, erika: Citizen) -> None:
    parts = [bytes([number]) * 1_000_000 for number in range(5)]
    document_id = await put_in_parts(world, erika, parts)
    counting = Counting(world.web.objects)
    async with serving(replace(world.web, objects=cast("ObjectStore", counting))) as address:
        tab = await open_tab(world, erika, base_url=address)

        answer = await asked(tab, document_id, "bytes=2500000-2500099")

    head_and_two_chunks = HEAD_BYTES + 2 * SEALED_CHUNK_BYTES
    assert answer.body == bytes([2]) * 100
    assert {*counting.read_of} == {(await row_of(world, document_id)).objects[2]}
    assert sum(counting.read_of.values()) <= head_and_two_chunks
