"""Files on their way out: the bytes that were posted, under their own names, and harmless in the browser."""

import re
from urllib.parse import unquote

import aiohttp
import pytest

from sk.client import File
from sk.crypto.stream import CHUNK_BYTES, SEALED_CHUNK_BYTES
from sk.postbox.attachment_types import MAGIC
from sk.postbox.notice import Notice
from tests.security.alarms import Alarms
from tests.security.tab import Answer, open_tab
from tests.world import A_FILE, Delivered, World

DISPOSITION = re.compile(r"attachment; filename\*=UTF-8''((?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+)")
NAMES = (
    'Bescheid "2027"; filename=evil.exe.pdf',
    "100 %41.pdf",
    "Größe in € – ß.pdf",
    "通知書.pdf",
    "😀👩‍👩‍👧.pdf",
    "it's ''quoted''.pdf",
    "UTF-8''evil.pdf",
    "=?utf-8?q?evil?=.pdf",
    " .pdf",
    ".htaccess",
    "CON",
    "a:b*c?d<e>f|g.pdf",
    "<script>alert(1)<script>.pdf",
    "a,b;c=d&e#f+g@h.pdf",
    "Zu\u0308rich.pdf",
    "no-break\u00a0space.pdf",
    "x" * 255,
)


async def test_every_file_comes_back_under_its_own_name_byte_for_byte(world: World) -> None:
    files = [File(name, f"%PDF-1.7 {number}".encode()) for number, name in enumerate(NAMES)]
    answers = await _downloads(world, await world.delivered(files=files))

    assert [answer.body for answer in answers] == [file.data for file in files]
    assert [_named(answer) for answer in answers] == [*NAMES]


async def test_every_file_is_saved_and_never_run_whatever_its_type(world: World) -> None:
    files = [File("file", (magic[0] if magic else b"<html><script>") + b"x", name) for name, magic in MAGIC.items()]
    answers = await _downloads(world, await world.delivered(files=files))

    assert [answer.headers["Content-Type"] for answer in answers] == [*MAGIC]
    for answer in answers:
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_the_size_of_a_file_that_was_fetched_can_be_asked_for(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")

    answer = await tab.ask("HEAD", f"/postfach/{notice.notice_id}/dateien/1")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(A_FILE.data))
    assert _named(answer) == A_FILE.name


@pytest.mark.parametrize("number", ["0", "2", "01", "00011", "-1", "1.0", "²", "1%00", "%ff", "99999999999999999999"])
async def test_a_file_that_there_is_not_is_not_found(world: World, alarms: Alarms, number: str) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")

    assert (await tab.get(f"/postfach/{notice.notice_id}/dateien/{number}")).status == 404
    assert (alarms.raised(), alarms.failures()) == ([], [])


async def test_a_file_that_is_damaged_in_the_middle_breaks_off_and_says_nothing_else(
    world: World, alarms: Alarms
) -> None:
    large = File("large.pdf", b"%PDF-1.7\n" + bytes(60 * CHUNK_BYTES))
    notice = await world.delivered(files=[large])
    [name] = (await world.web.store.get(Notice, notice.notice_id)).objects
    stored = world.data / "objects" / name
    raw = bytearray(stored.read_bytes())
    raw[50 * SEALED_CHUNK_BYTES] ^= 1
    stored.write_bytes(raw)
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")

    path = f"{world.base_url}/postfach/{notice.notice_id}/dateien/1"
    async with world.http.get(path, cookies={"session": tab.token}) as answer:
        received = await _until_it_breaks(answer.content)

    assert 0 < len(received) < len(large.data)
    assert large.data.startswith(received)
    assert (alarms.raised(), alarms.failures()) == (["notice-damaged"], [])


async def _downloads(world: World, notice: Delivered) -> list[Answer]:
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")
    declared = notice.answer["opening"]["attachments"]
    return [await tab.get(f"/postfach/{notice.notice_id}/dateien/{number + 1}") for number in range(len(declared))]


async def _until_it_breaks(content: aiohttp.StreamReader) -> bytes:
    received = b""
    try:
        async for block in content.iter_any():
            received += block
    except aiohttp.ClientPayloadError:
        return received
    pytest.fail("a file that is damaged came to its end")


def _named(answer: Answer) -> str:
    """Return the file name as a reader of RFC 6266 and RFC 8187 understands it."""
    found = DISPOSITION.fullmatch(answer.headers["Content-Disposition"])
    assert found, answer.headers["Content-Disposition"]
    return unquote(found[1], errors="strict")
