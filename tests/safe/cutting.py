"""A proxy between a client and the platform that cuts connections: in the middle of a request, or before its answer."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

BLOCK = 64 * 1024
ALL = sys.maxsize


class Cut(NamedTuple):
    """After how many bytes of a request a connection ends, and whether both sides are told so as a client tells.

    If the platform answers before, its answer is lost.
    """

    after: int
    gently: bool = True


class Proxy:
    """What stands between. Each connection brings one request; those that send bytes are cut, one after another."""

    def __init__(self, base_url: str, cuts: Iterable[Cut]) -> None:
        """Begin with nobody connected."""
        self._target = urlsplit(base_url)
        self._cuts = iter(cuts)
        self.url = ""
        self.made = 0

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what one connection brings, until one of both sides ends it, or it is cut."""
        up_reader, up_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        first = await reader.read(BLOCK)
        cut = next(self._cuts, None) if first.startswith(b"PATCH ") else None
        passing = [
            asyncio.create_task(_pass(first, reader, up_writer, cut.after if cut else ALL)),
            asyncio.create_task(up_reader.read(1) if cut else _pass(b"", up_reader, writer, ALL)),
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        self.made += bool(cut)
        for side in (writer, up_writer):
            if cut and not cut.gently:
                side.transport.abort()
            side.close()
            with suppress(ConnectionError):
                await side.wait_closed()


async def _pass(first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int) -> None:
    """Pass on bytes up to a number, or to their end."""
    left, data = most, first
    with suppress(ConnectionError):
        while left and (data := data or await reader.read(BLOCK)):
            writer.write(data[:left])
            await writer.drain()
            left, data = max(left - len(data), 0), b""


@asynccontextmanager
async def cutting(base_url: str, cuts: Iterable[Cut]) -> AsyncIterator[Proxy]:
    """Stand before a platform for as long as the block lasts."""
    proxy, connections = Proxy(base_url, cuts), list[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(task := asyncio.create_task(proxy.connect(reader, writer)))
        await asyncio.wait([task])

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        proxy.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield proxy
    await asyncio.gather(*connections)
