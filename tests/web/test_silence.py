"""Whoever connects and does not say what for is not waited for without end."""

import asyncio
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.platforms import started
from tests.servers import Servers

HALF = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: "
WHOLE = HALF + b"x\r\n\r\n"


class Talk(NamedTuple):
    """What a client says at once, what it goes on saying, and to how much of it there is an answer."""

    said: bytes
    goes_on: bytes = b""
    answers: int = 0


TALKS = {
    "nothing": Talk(b""),
    "half a head": Talk(HALF),
    "a head without end": Talk(HALF, b"x"),
    "a request and nothing more": Talk(WHOLE, answers=1),
    "a request and half a head": Talk(WHOLE + HALF, answers=1),
    "a request and a head without end": Talk(WHOLE + HALF, b"x", answers=1),
}


async def test_a_client_that_does_not_say_what_it_wants_is_hung_up_on(tmp_path: Path, servers: Servers) -> None:
    with started("embedded", tmp_path, servers, body_grace_seconds=1) as platform:
        port = urlsplit(platform.base_url).port or 0
        answers = await asyncio.gather(*(_answers_until_the_end(port, talk) for talk in TALKS.values()))

    assert dict(zip(TALKS, answers, strict=True)) == {name: talk.answers for name, talk in TALKS.items()}


async def _answers_until_the_end(port: int, talk: Talk) -> int:
    """Talk until the platform hangs up; return how many answers came until then."""
    reader, writer = await asyncio.open_connection("localhost", port)
    hearing = asyncio.create_task(_hear(reader))
    writer.write(talk.said)
    async with asyncio.timeout(10):
        while not (await asyncio.wait([hearing], timeout=0.1))[0]:
            writer.write(talk.goes_on)
    writer.close()
    return (await hearing).count(b"HTTP/1.1 200 OK")


async def _hear(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the end, which may be abrupt for who was still talking."""
    heard = b""
    try:
        while block := await reader.read(1000):
            heard += block
    except ConnectionError:
        pass
    return heard
