"""HTTP byte by byte, for clients that no library plays: too slow, cut off, or not speaking HTTP as they should."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.client import parse_headers
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.refusals import NOTICES, Answer, Desk

BOUNDARY = "a-line-between-parts"
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{{name}}"\r\n\r\n'
END = f"\r\n--{BOUNDARY}--\r\n".encode()


class Wire(NamedTuple):
    """One connection to the platform."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """Read one answer, which comes soon."""
        async with asyncio.timeout(10):
            status = int((await self.reader.readline()).split()[1])
            headers = parse_headers(BytesIO(await self.reader.readuntil(b"\r\n\r\n")))
            return Answer(status, headers, await self.reader.readexactly(int(headers["Content-Length"])))


@asynccontextmanager
async def wire(desk: Desk) -> AsyncIterator[Wire]:
    """Open a connection and close it at the end."""
    url = urlsplit(desk.base_url)
    opened = Wire(*await asyncio.open_connection(url.hostname, url.port))
    try:
        yield opened
    finally:
        opened.writer.close()
        with suppress(ConnectionError):
            await opened.writer.wait_closed()


def head(desk: Desk, path: str = NOTICES, **headers: object) -> bytes:
    """Return the head of a POST with the token; what is not said otherwise is right."""
    told = {
        "Host": urlsplit(desk.base_url).netloc,
        "Authorization": f"Bearer {desk.token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode(errors="surrogateescape")


def part(name: str, data: bytes) -> bytes:
    """Return a part of a multipart body, without its end."""
    return PART.format(name=name).encode() + data


@contextmanager
def answered() -> Iterator[asyncio.Queue[int]]:
    """Yield the statuses that the platform logs: also those of answers that nobody is there to read."""
    statuses: asyncio.Queue[int] = asyncio.Queue()
    logger = logging.getLogger("sk.access")
    handler = _Handing(statuses)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield statuses
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


class _Handing(logging.Handler):
    def __init__(self, statuses: asyncio.Queue[int]) -> None:
        super().__init__()
        self._statuses = statuses

    def emit(self, record: logging.LogRecord) -> None:
        self._statuses.put_nowait(vars(record)["status"])
