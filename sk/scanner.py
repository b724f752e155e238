"""The malware scanner: none, or clamd, spoken to while the bytes pass (INSTREAM)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from sk.errors import Invalid, Unavailable

PATIENCE_SECONDS = 150  # clamd gives a file up after 120 (MaxScanTime)
CHECK_SECONDS = 5
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

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float) -> None:
        """Use a connection that waits for the first chunk."""
        self._reader = reader
        self._writer = writer
        self._patience = patience

    async def feed(self, data: bytes) -> None:
        """See `Scan.feed`."""
        async with _answering(self._patience):
            self._writer.write(len(data).to_bytes(4) + data)
            await self._writer.drain()

    async def finding(self) -> str | None:
        """See `Scan.finding`. An answer that is neither clean nor a finding is no answer."""
        async with _answering(self._patience):
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
    patience: float = PATIENCE_SECONDS

    @property
    def is_off(self) -> bool:
        """Tell whether there is none."""
        return not self.socket and not self.host

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[Scan]:
        """Begin to look at a stream. A scanner that is configured and silent is `Unavailable`, never "clean"."""
        if self.is_off:
            yield Scan()
            return
        async with _answering(self.patience):
            reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            yield ClamdScan(reader, writer, self.patience)
        finally:
            writer.close()

    async def check(self) -> None:
        """Raise `Unavailable` unless the scanner answers soon."""
        await self._replace(patience=min(self.patience, CHECK_SECONDS)).look_at([])

    async def look_at(self, blocks: Iterable[bytes]) -> str | None:
        """Return the name of what is found in a stream, or None; all of it takes no longer than there is patience."""
        async with _answering(self.patience), self.scan() as scan:
            for block in blocks:
                await scan.feed(block)
            return await scan.finding()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.socket:
            return await asyncio.open_unix_connection(self.socket)
        return await asyncio.open_connection(self.host, self.port)


@asynccontextmanager
async def _answering(patience: float) -> AsyncIterator[None]:
    """Turn a scanner that is gone, talks nonsense or says nothing into `Unavailable`."""
    try:
        async with asyncio.timeout(patience):
            yield
    except (OSError, EOFError, asyncio.LimitOverrunError) as error:  # a timeout is an OSError
        raise Unavailable("the malware scanner does not answer", problem="scanner-silent") from error


def scanner_of(setting: str) -> Scanner:
    """Return the scanner that a setting names."""
    if setting == "off":
        return Scanner()
    url = urlsplit(setting)
    if url.scheme != "clamd" or not (url.hostname or url.path):
        raise Invalid("SK_SCANNER must be off, clamd:///SOCKET or clamd://HOST:PORT")
    return Scanner(socket="" if url.hostname else url.path, host=url.hostname or "", port=url.port or DEFAULT_PORT)
