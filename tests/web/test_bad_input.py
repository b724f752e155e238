"""Whatever cannot be read, comes too slowly or breaks off gets one clear answer, and leaves nothing behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.refusals import NOTICES, Office, nothing_stored, open_office, parts
from tests.web.wire import END, answered, head, part, wire
from tests.world import A_FILE, a_notice, open_world

DEEP = 10_000


UNREADABLE = {
    "empty": (b"", "line 1"),
    "cut off": (b"{", "line 1"),
    "comma": (b'{"subject": "Bescheid",}', "line 1"),
    "array": (b"[]", "no object"),
    "text": (b'"notice"', "no object"),
    "name twice": (b'{"subject": "Bescheid", "subject": "Bescheid"}', "subject"),
    "name twice within": (b'{"recipient": {"land": "NW", "land": "BY"}}', "land"),
    "latin-1": (b'{"subject": "\xfcber"}', "byte 13"),
    "utf-16": ('{"subject": "über"}'.encode("utf-16"), "byte 0"),
    "surrogate": (b'{"subject": "\xed\xa0\x80"}', "byte 13"),
    "surrogate escaped": (b'{"subject": "\\ud800"}', "surrogate"),
    "objects too deep": (b'{"a": ' * DEEP + b"1" + b"}" * DEEP, "nested"),
    "arrays too deep": (b'{"attachments": ' + b"[" * DEEP + b"]" * DEEP + b"}", "nested"),
    "fraction": (b'{"attachments": [{"size": 1.5}]}', "1.5"),
    "exponent": (b'{"attachments": [{"size": 1e3}]}', "1e3"),
    "not a number": (b'{"attachments": [{"size": NaN}]}', "NaN"),
    "beyond 53 bits": (b'{"attachments": [{"size": 9007199254740993}]}', "53 bits"),
    "beyond all bits": (b'{"attachments": [{"size": ' + b"9" * 5000 + b"}]}", "53 bits"),
}


@pytest.mark.parametrize(("notice", "reason"), UNREADABLE.values(), ids=UNREADABLE)
async def test_a_notice_that_readers_could_take_differently_is_refused(
    office: Office, notice: bytes, reason: str
) -> None:
    told = await office.is_refused(notice, problem="malformed", field="notice")
    assert reason in told["detail"]


async def test_a_notice_larger_than_a_mebibyte_is_refused(office: Office) -> None:
    blown_up = json.dumps(a_notice(office.handle)).encode() + b" " * 1024 * 1024
    await office.is_refused(blown_up, problem="too-large", field="notice")


async def test_a_body_without_parts_is_refused(office: Office) -> None:
    async with nothing_stored(office.data):
        answer = await office.send(END.strip(), Content_Type="multipart/form-data; boundary=a-line-between-parts")
    answer.says("attachment-out-of-order", "notice")


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "multipart/form-data", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded", ""],
)
async def test_a_body_of_another_type_is_refused(office: Office, media_type: str) -> None:
    notice = json.dumps(a_notice(office.handle)).encode()
    async with nothing_stored(office.data):
        answer = await office.send(notice, Content_Type=media_type)
    answer.says("unsupported-type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no parts",
        b"--x\r\n\r\n{}\r\n--x--",
        b"--x\r\nContent-Disposition: attachment; name=notice\r\n\r\n{}\r\n--x--",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--",
        b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\n{}\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n{}\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=notice\r\n\r\n{}\r\n--x",
    ],
    ids=["empty", "text", "no header", "disposition", "no name", "headers", "no text", "no end"],
)
async def test_a_multipart_body_that_is_none_is_refused(office: Office, body: bytes) -> None:
    async with nothing_stored(office.data):
        answer = await office.send(body, Content_Type="multipart/form-data; boundary=x")
    answer.says("malformed")


async def test_a_boundary_that_is_no_text_is_refused(office: Office) -> None:
    async with nothing_stored(office.data), wire(office) as connection:
        typed = 'multipart/form-data; boundary="\udcff"'  # as a byte that is no UTF-8 comes out of a header
        await connection.send(head(office, Content_Type=typed, Content_Length=4) + b"text")
        answer = await connection.answer()
    answer.says("malformed")


async def test_a_body_that_ends_within_an_attachment_is_refused(office: Office) -> None:
    notice = json.dumps(a_notice(office.handle, attachments=[A_FILE.declared()])).encode()
    body = part("notice", notice) + b"\r\n" + part("attachment", A_FILE.data[:1000])
    async with nothing_stored(office.data), wire(office) as connection:
        await connection.send(head(office, Content_Length=len(body)) + body)
        answer = await connection.answer()
    answer.says("malformed")


async def test_chunks_that_are_none_are_refused(office: Office) -> None:
    notice = json.dumps(a_notice(office.handle)).encode()
    async with nothing_stored(office.data), wire(office) as connection:
        chunk = part("notice", notice)
        await connection.send(head(office, Transfer_Encoding="chunked"))
        await connection.send(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\nnot a length\r\n")
        answer = await connection.answer()
    assert answer.status == 400


@pytest.fixture
async def impatient(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Office]:
    """Return an office of a platform that gives a body one second, and more only if it flows."""
    async with open_world(tmp_path / "data", clock, body_grace_seconds=1) as world:
        yield await open_office(world)


def a_beginning(office: Office) -> tuple[bytes, bytes]:
    """Return the head of a POST with an attachment, and the beginning of its body."""
    notice = json.dumps(a_notice(office.handle, attachments=[A_FILE.declared()])).encode()
    body = part("notice", notice) + b"\r\n" + part("attachment", A_FILE.data) + END
    return head(office, Content_Length=len(body)), body[:2000]


async def test_a_body_that_stops_half_way_is_given_up(impatient: Office) -> None:
    async with nothing_stored(impatient.data), wire(impatient) as connection:
        await connection.send(b"".join(a_beginning(impatient)))
        answer = await connection.answer()
    answer.says("too-slow")


async def test_a_client_that_sends_byte_by_byte_is_given_up(impatient: Office) -> None:
    start, body = a_beginning(impatient)
    async with nothing_stored(impatient.data), wire(impatient) as connection:
        await connection.send(start)
        answering = asyncio.create_task(connection.answer())
        for byte in body:
            await connection.send(bytes([byte]))
            if (await asyncio.wait([answering], timeout=0.05))[0]:
                break
        answer = await answering
    told = answer.says("too-slow")
    assert "bytes a second" in told["detail"]


async def test_a_client_that_hangs_up_half_way_leaves_nothing(office: Office) -> None:
    with answered() as statuses:
        async with nothing_stored(office.data):
            async with wire(office) as connection:
                await connection.send(b"".join(a_beginning(office)))
            assert await asyncio.wait_for(statuses.get(), 10) == 400


async def test_a_form_that_is_sent_byte_by_byte_is_given_up(impatient: Office) -> None:
    form = "application/x-www-form-urlencoded"
    async with nothing_stored(impatient.data), wire(impatient) as connection:
        await connection.send(head(impatient, "/oauth/token", Content_Type=form, Content_Length=1000) + b"grant_type")
        answer = await connection.answer()
    assert answer.status == 408
    answer.is_described("/oauth/token")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://["])
async def test_a_page_of_another_site_cannot_post(office: Office, origin: str) -> None:
    notice = json.dumps(a_notice(office.handle)).encode()
    async with nothing_stored(office.data):
        answer = await office.send(parts(("notice", notice)), Origin=origin)
    answer.says("foreign-page")


async def test_an_expectation_that_we_do_not_know_is_no_reason_to_refuse(office: Office) -> None:
    notice = json.dumps(a_notice(office.handle)).encode()
    answer = await office.send(parts(("notice", notice)), Expect="a miracle")
    assert answer.status == 202


async def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(office: Office) -> None:
    body = part("notice", json.dumps(a_notice(office.handle)).encode()) + END
    async with wire(office) as connection:
        await connection.send(head(office, Content_Length=len(body), Expect="100-continue"))
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await connection.send(body)
        assert (await connection.answer()).status == 202


async def test_what_there_is_not_is_not_found_and_says_so_as_a_problem(office: Office) -> None:
    answer = await office.get("/api/v1/letters")
    assert (answer.status, answer.type) == (404, "application/problem+json")
    assert answer.headers["X-Request-ID"]


async def test_another_method_is_told_which_ones_there_are(office: Office) -> None:
    async with office.http.delete(office.base_url + NOTICES) as answer:
        told = await answer.json(content_type="application/problem+json")
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD,POST")
    assert "POST" in told["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=1e2",
        "limit=",
        "limit=%D9%A3",
        "wait=61",
        "wait=0000000000061",
        "wait=a",
    ],
)
async def test_a_number_outside_its_range_is_refused(office: Office, query: str) -> None:
    answer = await office.get(f"/api/v1/events?{query}")
    told = answer.says("invalid", query.partition("=")[0], path="/api/v1/events", method="GET")
    assert "a whole number from" in told["detail"]


@pytest.mark.parametrize("cursor", ["", "a", "1.0", "-2", "9" * 19, "%D9%A3"])
async def test_a_cursor_that_is_none_is_refused(office: Office, cursor: str) -> None:
    answer = await office.get(f"/api/v1/events?after={cursor}")
    answer.says("invalid", "after", path="/api/v1/events", method="GET")


async def test_a_cursor_from_beyond_the_log_is_gone_and_says_where_to_go_on(office: Office) -> None:
    await office.post(a_notice(office.handle))
    await office.world.settle()
    cursor = (await office.get("/api/v1/events")).json()["cursor"]

    answer = await office.get("/api/v1/events?after=999")
    told = answer.says("cursor-gone", "after", path="/api/v1/events", method="GET")
    assert (await office.get(f"/api/v1/events?after={told['cursor']}")).json()["events"] == []
    assert told["cursor"] == cursor


async def test_looking_a_notice_up_needs_its_reference(office: Office) -> None:
    (await office.get(NOTICES)).says("invalid", "reference", method="GET")
    (await office.get(f"{NOTICES}?reference=%ED%A0%80")).says("not-found", method="GET")
