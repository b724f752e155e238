"""Scanners that are no clamd: each test says how one talks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sk.scanner import Scanner

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_scanner_that(talks: Talk, patience: float = 0.2) -> AsyncIterator[Scanner]:
    """Serve something that is no scanner as one would wish."""
    connections: list[asyncio.Task[Any] | None] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        with suppress(ConnectionError):
            await talks(reader, writer)
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield Scanner(host="127.0.0.1", port=server.sockets[0].getsockname()[1], patience=patience)
    await asyncio.gather(*filter(None, connections))


async def hear_all(reader: asyncio.StreamReader) -> int:
    """Read a stream to its end and return how many bytes it had."""
    heard = 0
    await reader.readuntil(b"\0")
    while size := int.from_bytes(await reader.readexactly(4)):
        heard += len(await reader.readexactly(size))
    return heard
