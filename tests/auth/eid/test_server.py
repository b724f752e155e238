"""The eID-Server as we ask it: its answers become a card, or one of four errors; nothing else gets through."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from sk.auth.eid.messages import RESULT_MINORS
from sk.auth.eid.server import (
    GET_RESULT,
    USE_ID,
    CardRefused,
    CardUseOver,
    EidServer,
    NoResultYet,
    http_transport,
)
from sk.auth.eid.simulator import Identity
from sk.auth.eid.wsse import SOAP, sign
from sk.errors import SkError, Unavailable
from sk.xml import MAX_BYTES, Element
from tests.auth.eid.answers import RESULT_OK, body, get_result
from tests.auth.eid.parties import OURS, STRANGER, THEIRS
from tests.auth.eid.tls import Pair, new_pair, served
from tests.fakes import FakeClock

SESSION = "<eid:Session><eid:ID>1234567890abcdef1234567890abcdef</eid:ID></eid:Session>"
STARTED = f"<eid:useIDResponse>{SESSION}{RESULT_OK}</eid:useIDResponse>"


def asked(answer: Element | bytes, clock: FakeClock, address: str = "", signer: Identity = THEIRS) -> EidServer:
    """Return an eID-Server that gives one answer, signed by itself unless somebody else is named."""

    async def transport(_: str, __: bytes) -> bytes:
        return answer if isinstance(answer, bytes) else sign(SOAP("Envelope", answer), *signer, clock.now())

    return EidServer(transport, *OURS, THEIRS.certificate, address, clock)


def refusing(function: str, minor: str) -> Element:
    """Return the answer of a function that says no."""
    uri = minor if ":" in minor else f"http://www.bsi.bund.de/eid/server/2.0/resultminor/{minor}"
    major = "http://www.bsi.bund.de/ecard/api/1.1/resultmajor#error"
    parts = f"<ResultMajor>{major}</ResultMajor><ResultMinor>{uri}</ResultMinor>"
    return body(f"<eid:{function}Response><dss:Result>{parts}</dss:Result></eid:{function}Response>")


ERRORS: dict[str, type[SkError]] = {
    **dict.fromkeys((minor for minor in RESULT_MINORS if minor.startswith(("common#", "useID#"))), Unavailable),
    "getResult#noResultYet": NoResultYet,
    "getResult#invalidSession": CardUseOver,
    "getResult#invalidCounter": CardUseOver,
    "getResult#deniedDocument": CardRefused,
    "getResult#invalidDocument": CardRefused,
    "http://www.bsi.bund.de/ecard/api/1.1/resultminor/sal#cancellationByUser": CardRefused,
}


@pytest.mark.parametrize("minor", ERRORS)
async def test_every_reason_for_no_result_is_one_of_four_errors(minor: str, clock: FakeClock) -> None:
    with pytest.raises(SkError) as raised:
        await asked(refusing("getResult", minor), clock).get_result("7f" * 16, 1)

    assert type(raised.value) is ERRORS[minor]


async def test_a_refused_card_keeps_the_reason(clock: FakeClock) -> None:
    cancelled = "http://www.bsi.bund.de/ecard/api/1.1/resultminor/sal#cancellationByUser"
    for given, kept in (
        ("getResult#invalidDocument", "getResult#invalidDocument"),
        (cancelled, "sal#cancellationByUser"),
    ):
        with pytest.raises(CardRefused) as raised:
            await asked(refusing("getResult", given), clock).get_result("7f" * 16, 1)
        assert raised.value.minor == kept


@pytest.mark.parametrize("minor", RESULT_MINORS)
async def test_a_use_of_the_card_that_cannot_begin_is_trouble_of_ours(
    minor: str, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unavailable):
        await asked(refusing("useID", minor), clock).use_id()

    assert [vars(record).get("minor") for record in caplog.records] == [minor]


async def test_where_cards_are_read_is_said_by_the_server_or_by_a_setting(clock: FakeClock) -> None:
    there = "<eid:eCardServerAddress>https://there.example</eid:eCardServerAddress>"
    with_address = body(STARTED.replace(SESSION, SESSION + there))

    assert (await asked(body(STARTED), clock, "https://set.example").use_id()).server_address == "https://set.example"
    assert (await asked(with_address, clock, "https://set.example").use_id()).server_address == "https://there.example"
    with pytest.raises(Unavailable):
        await asked(body(STARTED), clock).use_id()


@pytest.mark.parametrize("signer", [STRANGER, OURS], ids=["a stranger", "ourselves"])
async def test_an_answer_that_somebody_else_has_signed_is_no_answer(
    signer: Identity, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unavailable):
        await asked(get_result(), clock, signer=signer).get_result("7f" * 16, 1)

    assert [record.message for record in caplog.records] == ["eid-answer-refused"]


@pytest.mark.parametrize("answer", [b"", b"<a/>", b"<html>Guten Tag", b"<!DOCTYPE a><a/>"])
async def test_an_answer_that_nobody_has_signed_is_no_answer(answer: bytes, clock: FakeClock) -> None:
    with pytest.raises(Unavailable):
        await asked(answer, clock).use_id()


async def test_an_answer_to_something_else_is_no_answer(clock: FakeClock) -> None:
    with pytest.raises(Unavailable):
        await asked(body(STARTED), clock).get_result("7f" * 16, 1)


Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def fetched(handle: Handle, pair: Pair, seconds: float = 5) -> bytes:
    """Send a message to a server that handles it so, and return its answer."""
    app = web.Application()
    app.router.add_post("/eid", handle)
    async with served(app, pair.served()) as origin:
        return await http_transport(f"{origin}/eid", pair.trusted(), seconds)(USE_ID, b"<message/>")


async def test_a_message_travels_as_soap_1_1(pair: Pair) -> None:
    seen: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=await request.read(), content_type="text/xml")

    assert await fetched(handle, pair) == b"<message/>"
    assert seen[0].headers["Content-Type"] == "text/xml; charset=utf-8"
    assert seen[0].headers["SOAPAction"] == '"http://bsi.bund.de/eID/useID"'
    assert GET_RESULT == "http://bsi.bund.de/eID/getResult"


async def _fault(_: web.Request) -> web.Response:
    return web.Response(status=500, body=b"<fault/>")


async def _moved(_: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect("https://127.0.0.1:1/elsewhere")


async def _goes_on(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()  # it says nothing of its length
    await response.prepare(request)
    for _ in range(5):
        await response.write(b" " * (MAX_BYTES // 4))
    return response


async def _too_long(_: web.Request) -> web.Response:
    return web.Response(body=b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize("handle", [_fault, _moved, _goes_on, _too_long])
async def test_a_server_that_fails_leads_elsewhere_or_says_too_much_is_not_there(handle: Handle, pair: Pair) -> None:
    with pytest.raises(Unavailable):
        await fetched(handle, pair)


async def test_a_server_that_does_not_answer_is_not_there(pair: Pair) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await http_transport("https://127.0.0.1:1/", pair.trusted())(USE_ID, b"")


async def test_a_server_that_keeps_silent_is_not_waited_for_without_end(pair: Pair) -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    with pytest.raises(Unavailable, match="does not answer"):
        await fetched(silent, pair, seconds=0.2)


async def test_a_server_with_a_certificate_that_nobody_vouches_for_is_not_spoken_to(pair: Pair, tmp_path: Path) -> None:
    async def never(_: web.Request) -> web.Response:
        raise AssertionError

    app = web.Application()
    app.router.add_post("/", never)
    async with served(app, pair.served()) as origin:
        with pytest.raises(Unavailable):
            await http_transport(origin, new_pair(tmp_path, "other").trusted())(USE_ID, b"")


async def test_no_proxy_of_the_environment_comes_in_between(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=b"<answer/>")

    assert await fetched(handle, pair) == b"<answer/>"
