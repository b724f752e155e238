"""A reply that was not taken: its sender is told why and keeps their text, and nothing of it is stored."""

import asyncio
from pathlib import Path

import pytest

from sk.client import File
from sk.ids import new_id
from sk.postbox.reply_intake import REPLIES_MAX, TEXT_MAX
from tests.fakes import FakeClock
from tests.keeper import EICAR
from tests.postbox.replies import (
    SCAN,
    TEXT,
    asked,
    form_of,
    replied,
    reply,
    reply_past_the_page,
)
from tests.process import until
from tests.refusals import nothing_stored, stored
from tests.security.tab import open_tab
from tests.workers.cases import steps_of
from tests.world import World, open_world


@pytest.mark.parametrize(
    ("text", "files", "words"),
    [
        ("", [], "Bitte schreiben Sie etwas, oder wählen Sie eine Datei aus."),
        (" \n\t ", [], "Bitte schreiben Sie etwas, oder wählen Sie eine Datei aus."),
        ("x" * (TEXT_MAX + 1), [], "Das sind zu viele Zeichen."),
        ("Guten \0 Tag", [], "Das kann hier nicht stehen."),
        (TEXT, [SCAN, File("programm.exe", b"MZ")], "Die Datei „programm.exe“ ist von einer Art"),
        (TEXT, [SCAN, File("ohne", b"%PDF-1.7")], "Die Datei „ohne“ ist von einer Art"),
        (TEXT, [SCAN, File("kein.pdf", b"Text")], "Die Datei „kein.pdf“ ist von einer Art"),
        (TEXT, [SCAN, File("leer.txt", b"")], "Die Datei „leer.txt“ ist leer oder zu groß."),
        (TEXT, [SCAN, File("gross.txt", b"x" * 100_001)], "Die Datei „gross.txt“ ist leer oder zu groß."),
        (TEXT, [SCAN] * 4, "Das sind zu viele Dateien."),
        (TEXT, [SCAN, File(f"{'n' * 252}.txt", b"x")], "Der Name einer Datei ist zu lang"),
        (TEXT, [SCAN, File("\u202efdp.txt", b"x")], "Der Name einer Datei ist zu lang"),
    ],
)
async def test_what_cannot_be_sent_is_named_the_text_is_kept_and_nothing_is_stored(
    tmp_path: Path, clock: FakeClock, text: str, files: list[File], words: str
) -> None:
    async with open_world(tmp_path / "data", clock, attachments_max=3, attachment_max_bytes=100_000) as world:
        notice, tab = await asked(world)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, text, files)

    assert answer.status == 422
    assert words in answer.text
    assert "<title>Fehler: Antworten" in answer.text
    assert text.strip()[:50] in answer.text


async def test_a_text_that_is_not_even_read_to_its_end_is_refused_as_too_long(world: World) -> None:
    notice, tab = await asked(world)
    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, "ä" * 3 * TEXT_MAX)

    assert (answer.status, "Das sind zu viele Zeichen." in answer.text) == (422, True)


async def test_no_more_replies_are_taken_than_evidence_can_hold(world: World) -> None:
    notice, tab = await replied(world)
    for number in range(2, REPLIES_MAX + 1):
        await reply_past_the_page(world, notice, f"Antwort {number}")

    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert (answer.status, "Mehr Antworten auf eine Nachricht gehen nicht." in answer.text) == (422, True)


async def test_malware_is_refused_and_nothing_is_left(tmp_path: Path, clock: FakeClock, clamd_url: str) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        notice, tab = await asked(world)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, TEXT, [SCAN, File("Anlage.txt", EICAR)])
        clean = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert answer.status == 422
    assert "In der Datei „Anlage.txt“ hat der Virenscanner etwas gefunden." in answer.text
    assert TEXT in answer.text
    assert clean.status == 303


async def test_a_file_larger_than_the_scanner_takes_is_refused_and_the_form_says_how_large_one_may_be(
    tmp_path: Path, clock: FakeClock, clamd_url: str
) -> None:
    large, too_large = File("Anlage.txt", b"x" * 100_000), File("Anlage.txt", b"x" * 100_001)
    async with open_world(tmp_path / "data", clock, scanner=clamd_url, scanner_max=100_000) as world:
        notice, tab = await asked(world)
        form = (await tab.get(f"/postfach/{notice.notice_id}/antwort")).text
        async with nothing_stored(world.data):
            refused = await reply(tab, notice.notice_id, TEXT, [too_large])
        taken = await reply(tab, notice.notice_id, TEXT, [large])
    async with open_world(tmp_path / "data", clock, scanner="off", scanner_max=100_000) as world:
        tab = await open_tab(world, notice.citizen)
        taken_without = await reply(tab, notice.notice_id, TEXT, [too_large])

    assert "jede bis 100 KB" in form
    assert 'data-bytes-max="100000"' in form
    assert (refused.status, "Die Datei „Anlage.txt“ ist leer oder zu groß." in refused.text) == (422, True)
    assert (taken.status, taken_without.status) == (303, 303)


async def test_a_scanner_that_is_silent_lets_nothing_pass_and_the_page_says_to_try_later(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_world(tmp_path / "data", clock) as world:
        notice, _ = await asked(world)
    async with open_world(tmp_path / "data", clock, scanner="clamd://127.0.0.1:1") as world:
        tab = await open_tab(world, notice.citizen)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, TEXT, [SCAN])
        without_files = await reply(tab, notice.notice_id)

    assert answer.status == 503
    assert "Der Virenscanner antwortet gerade nicht," in answer.text
    assert TEXT in answer.text
    assert without_files.status == 303


async def test_an_upload_that_breaks_off_leaves_nothing(world: World) -> None:
    notice, tab = await asked(world)
    body = await form_of(tab.csrf, TEXT, [SCAN, SCAN], new_id())().as_bytes()
    boundary = body[2 : body.index(b"\r\n")].decode()

    for sent in (len(body) // 2, len(body) - 60):
        before = stored(world.data)
        await _break_off(world, tab.token, notice.notice_id, boundary, body[:sent], len(body))
        await until(lambda before=before: stored(world.data) == before)  # type: ignore[misc]

    assert "replied" not in await steps_of(world, notice.notice_id)


async def _break_off(world: World, token: str, notice_id: str, boundary: str, body: bytes, announced: int) -> None:
    host, port = world.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /postfach/{notice_id}/antwort HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: session={token}\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {announced}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.write_eof()
    await reader.read()
    writer.close()
