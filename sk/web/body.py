"""Reading bodies as they stream in, from clients of any speed and honesty."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from aiohttp import web
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from sk.config import Settings
from sk.crypto.sign import strict_json
from sk.errors import Damaged, Invalid, SkError

READ_BYTES = 256 * 1024
PART_HEADERS_MAX = 8


class TooSlow(SkError):
    """The request did not arrive in time."""

    problem = "too-slow"


class Malformed(Invalid):
    """The request cannot be read."""

    problem = "malformed"


class Body:
    """The body of a request, read in blocks. A client that dawdles, breaks off or lies about the length is told so."""

    def __init__(self, request: web.Request, settings: Settings) -> None:
        """Begin to measure now."""
        self._content = request.content
        self._grace = settings.body_grace_seconds
        self._rate = settings.body_min_bytes_per_second
        self._started = asyncio.get_running_loop().time()
        self._received = 0

    async def read(self, size: int = READ_BYTES) -> bytes:
        """Return up to `size` bytes, or none at the end."""
        try:
            async with asyncio.timeout_at(self._started + self._grace + self._received / self._rate):
                block = await self._content.read(size)
        except TimeoutError:
            raise TooSlow(f"less than {self._rate} bytes a second arrived") from None
        except web.RequestPayloadError:
            raise Malformed("the body ended before its announced end") from None
        self._received += len(block)
        return block


class Part(NamedTuple):
    """One part of a multipart body. Its bytes must be read before the next part is asked for."""

    name: str
    chunks: AsyncIterator[bytes]

    async def whole(self, limit: int) -> bytes:
        """Return a small part as a whole."""
        data = b""
        async for chunk in self.chunks:
            data += chunk
            if len(data) > limit:
                raise Invalid(f"the part {self.name} has more than {limit} bytes", field=self.name, problem="too-large")
        return data


async def read_parts(request: web.Request, settings: Settings) -> AsyncIterator[Part]:
    """Yield the parts of a multipart/form-data body in the order in which they come."""
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Invalid("the body must be multipart/form-data", problem="unsupported-type")
    try:
        parser = PushMultipartParser(options["boundary"], max_header_count=PART_HEADERS_MAX, strict=True)
        events = parser.parse_async(Body(request, settings).read, READ_BYTES)
        async for event in events:
            if isinstance(event, MultipartSegment):
                yield Part(event.name, _chunks(events))
    except MultipartError as error:
        raise Malformed(f"the multipart body cannot be read: {error}") from None


async def _chunks(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield bytes(event)


def read_json(raw: bytes, field: str) -> dict[str, Any]:
    """Return a JSON object that every reader understands alike, or raise `Malformed`."""
    try:
        return strict_json(raw)
    except Damaged:
        raise Malformed(
            f"{field} is no JSON object in UTF-8 without doubled names, fractions and endless nesting", field=field
        ) from None
