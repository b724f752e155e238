"""The malware scanner: none, or clamd, spoken to while the bytes pass (INSTREAM)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from sk.errors import Invalid, Unavailable

TIMEOUT_SECONDS = 60
DEFAULT_PORT = 3310


class Scan:
    """One stream that nobody looks at: the scanner is off."""

    async def feed(self, data: bytes) -> None:
        """Hand over the next bytes."""

    async def finding(self) -> str | None:
        """Return the name of what was found, or None, after the last byte."""
        return None


class ClamdScan(Scan):
    """One stream that clamd looks at."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use a connection that waits for the first chunk."""
        self._reader = reader
        self._writer = writer

    async def feed(self, data: bytes) -> None:
        """See `Scan.feed`."""
        self._writer.write(len(data).to_bytes(4) + data)
        await self._writer.drain()

    async def finding(self) -> str | None:
        """See `Scan.finding`. An answer that is neither clean nor a finding is no answer."""
        self._writer.write(bytes(4))
        await self._writer.drain()
        answer = (await self._reader.readuntil(b"\0")).rstrip(b"\0").decode(errors="replace")
        if answer == "stream: OK":
            return None
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise Unavailable(f"the malware scanner gave up: {answer}", problem="scanner-silent")


class Scanner(NamedTuple):
    """Where clamd listens: a socket, a host and port, or nowhere, and then the scanner is off."""

    socket: str = ""
    host: str = ""
    port: int = DEFAULT_PORT

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[Scan]:
        """Begin to look at a stream. A scanner that is configured and silent is `Unavailable`, never "clean"."""
        if not self.socket and not self.host:
            yield Scan()
            return
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                reader, writer = await self._connect()
            writer.write(b"zINSTREAM\0")
            try:
                yield ClamdScan(reader, writer)
            finally:
                writer.close()
        except (OSError, EOFError, TimeoutError) as error:
            raise Unavailable("the malware scanner does not answer", problem="scanner-silent") from error

    async def check(self) -> None:
        """Raise `Unavailable` unless the scanner answers."""
        async with self.scan() as scan:
            await scan.finding()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.socket:
            return await asyncio.open_unix_connection(self.socket)
        return await asyncio.open_connection(self.host, self.port)


def scanner_of(setting: str) -> Scanner:
    """Return the scanner that a setting names."""
    if setting == "off":
        return Scanner()
    url = urlsplit(setting)
    if url.scheme != "clamd" or not (url.hostname or url.path):
        raise Invalid("SK_SCANNER must be off, clamd:///SOCKET or clamd://HOST:PORT")
    return Scanner(socket="" if url.hostname else url.path, host=url.hostname or "", port=url.port or DEFAULT_PORT)
