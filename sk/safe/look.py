"""Looking at a file while it passes, or while it is read back: its digest, its first bytes, and what a scanner says."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from hashlib import sha256

from sk.errors import Invalid, Unavailable
from sk.scanner import Scan
from sk.services import Services

HEAD_BYTES = 4096
"""Enough to tell what a file is."""


class Look:
    """What one file is seen to be. A scanner that falls silent meanwhile is told of at the end."""

    def __init__(self, scan: Scan | None) -> None:
        """Begin with the first byte."""
        self._scan = scan
        self._digest = sha256()
        self.head = b""
        self.size = 0

    async def feed(self, data: bytes) -> None:
        """Look at the next bytes."""
        self.size += len(data)
        self._digest.update(data)
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        if self._scan:
            try:
                await self._scan.feed(data)
            except Unavailable:
                self._scan = None

    @property
    def is_blind(self) -> bool:
        """Tell whether the scanner does not answer, so that nothing can be said at the end."""
        return self._scan is None

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what has passed, in hex."""
        return self._digest.hexdigest()

    async def finish(self, name: str) -> str:
        """Return the SHA-256 in hex; malware is `Invalid`, and a scanner that has fallen silent `Unavailable`."""
        if self._scan is None:
            raise Unavailable("the malware scanner does not answer", problem="scanner-silent")
        if finding := await self._scan.finding():
            said = f"the scanner has found {finding} in {name}"
            raise Invalid(said, field="files", problem="attachment-malware", more={"name": name})
        return self.digest


class NoLook(Look):
    """Of a part of a file nothing is looked at: the whole is, once it is there."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(None)

    async def feed(self, data: bytes) -> None:
        """See `Look.feed`."""


@asynccontextmanager
async def looking(services: Services) -> AsyncIterator[Look]:
    """Look at a file for as long as the block lasts. What is written goes on if the scanner does not answer."""
    async with AsyncExitStack() as stack:
        scan = None
        with suppress(Unavailable):
            scan = await stack.enter_async_context(services.scanner.scan())
        yield Look(scan)
