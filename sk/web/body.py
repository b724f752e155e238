"""Reading bodies as they stream in, from clients of any speed and honesty."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from aiohttp import HttpVersion11, web
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from sk.config import Settings
from sk.crypto.sign import read_strictly
from sk.errors import Invalid, SkError, Unavailable

READ_BYTES = 256 * 1024
PART_HEADERS_MAX = 8


class TooSlow(SkError):
    """The request did not arrive in time."""

    problem = "too-slow"


class Malformed(Invalid):
    """The request cannot be read."""

    problem = "malformed"


class Body:
    """The body of a request, read in blocks. A client that dawdles, breaks off or lies about the length is told so.

    Only the time spent waiting for the client counts: a slow scanner or store of ours is not its fault.
    """

    def __init__(self, request: web.Request, settings: Settings) -> None:
        """Begin with nothing received."""
        self._content = request.content
        self._grace = settings.body_grace_seconds
        self._rate = settings.body_min_bytes_per_second
        self._received = 0
        self._waited = 0.0

    async def read(self, size: int = READ_BYTES) -> bytes:
        """Return up to `size` bytes, or none at the end."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._grace + self._received / self._rate - self._waited):
                block = await self._content.read(size)
        except TimeoutError:
            raise TooSlow(
                f"{self._received} bytes arrived in time; after {self._grace} seconds, "
                f"{self._rate} bytes a second are the least"
            ) from None
        except (web.RequestPayloadError, ConnectionError):
            raise Malformed("the body ended before its announced end") from None
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            # Told to stop, aiohttp cuts off the body of whoever takes too long, not the handler.
            raise Unavailable("this process is being stopped; send it again") from None
        self._received += len(block)
        self._waited += loop.time() - began
        return block


async def go_on(request: web.Request) -> None:
    """Let a client send its body that waits to be told so; by now it is known that it may be here.

    What else it may expect is no reason to refuse (RFC 9110 section 10.1.1).
    """
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun


class Part(NamedTuple):
    """One part of a multipart body. Its bytes must be read before the next part is asked for."""

    name: str
    chunks: AsyncIterator[bytes]
    filename: str = ""

    async def whole(self, limit: int) -> bytes:
        """Return a small part as a whole."""
        data = b""
        async for chunk in self.chunks:
            data += chunk
            if len(data) > limit:
                raise Invalid(f"the part {self.name} has more than {limit} bytes", field=self.name, problem="too-large")
        return data


async def read_form(request: web.Request, settings: Settings) -> None:
    """Take in a whole form, in time; handlers find it in `request.post()`."""
    if request.content_type.startswith("multipart/"):
        raise Malformed("a form is sent as application/x-www-form-urlencoded")
    if (request.charset or "utf-8").lower() != "utf-8":
        raise Malformed("a form is sent in the character set of its page, UTF-8")
    await go_on(request)
    try:
        async with asyncio.timeout(settings.body_grace_seconds):
            await request.post()
    except TimeoutError:
        raise TooSlow(f"the form did not arrive within {settings.body_grace_seconds} seconds") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Malformed("the form ended before its announced end") from None
    except (ValueError, LookupError):
        raise Malformed("the form is no text in the character set that it names") from None


async def read_parts(request: web.Request, settings: Settings) -> AsyncIterator[Part]:
    """Yield the parts of a multipart/form-data body in the order in which they come."""
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Invalid("the body must be multipart/form-data with a boundary", problem="unsupported-type")
    await go_on(request)
    events = _events(options["boundary"], Body(request, settings))
    async for event in events:
        if isinstance(event, MultipartSegment):
            yield Part(event.name, _chunks(events), event.filename or "")


async def _events(boundary: str, body: Body) -> AsyncIterator[Any]:
    """Yield what the parser finds. Whoever asks for the next piece is told what is wrong with it."""
    try:
        parser = PushMultipartParser(boundary, max_header_count=PART_HEADERS_MAX, strict=True)
        async for event in parser.parse_async(body.read, READ_BYTES):
            yield event
    except (MultipartError, UnicodeEncodeError) as error:
        raise Malformed(f"the multipart body cannot be read: {error}") from None


async def _chunks(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield bytes(event)


def read_json(raw: bytes, field: str) -> dict[str, Any]:
    """Return a JSON object that every reader understands alike, or raise `Malformed`."""
    try:
        return read_strictly(raw)
    except ValueError as error:
        raise Malformed(f"{field} is no JSON object that can be taken: {error}", field=field) from None
