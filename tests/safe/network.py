"""A network between a browser and the platform that can be gone for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

BLOCK = 64 * 1024


class Network:
    """What passes on all that both sides say, unless it is gone: then it ends every connection, old or new."""

    def __init__(self, base_url: str) -> None:
        """Begin with nobody connected."""
        self._target = urlsplit(base_url)
        self._sides = set[asyncio.StreamWriter]()
        self._is_gone = False
        self.url = ""

    def go(self) -> None:
        """Be gone from now on."""
        self._is_gone = True
        for side in self._sides:
            side.transport.abort()

    def come_back(self) -> None:
        """Be there again."""
        self._is_gone = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes by one connection, until one of both sides ends it."""
        if self._is_gone:
            writer.transport.abort()
            return
        up_reader, up_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        sides = {writer, up_writer}
        self._sides |= sides
        passing = [asyncio.create_task(_pass(reader, up_writer)), asyncio.create_task(_pass(up_reader, writer))]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in passing:
            task.cancel()
        self._sides -= sides
        for side in sides:
            side.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(BLOCK):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def network(base_url: str) -> AsyncIterator[Network]:
    """Open a network to a platform; `url` is where that is found by it."""
    opened = Network(base_url)
    async with await asyncio.start_server(opened.connect, "127.0.0.1", 0) as server:
        opened.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield opened
