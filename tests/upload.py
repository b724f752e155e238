"""A client that posts a notice whose one document comes in pieces: at the pace of the test, and of any size."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import aiohttp

from sk.client import AuthorityClient
from tests.platforms import Platform
from tests.world import a_notice

BOUNDARY = "a-boundary-of-the-tests"
NOTICE_PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="notice"\r\n\r\n'
FILE_PART = f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="attachment"; filename="x"\r\n\r\n'
LARGE = b"Einspruch! " * 1_500_000
T = TypeVar("T")
END = f"\r\n--{BOUNDARY}--\r\n"


class Document(NamedTuple):
    """A document as it is announced."""

    name: str
    type: str
    size: int
    sha256: str


async def post_in_pieces(
    http: aiohttp.ClientSession,
    base_url: str,
    authority: AuthorityClient,
    notice: Mapping[str, Any],
    document: Document,
    pieces: AsyncIterator[bytes],
) -> tuple[int, dict[str, Any]]:
    """Post a notice, sending its document as the pieces come; return the status and the answer."""
    head = NOTICE_PART + json.dumps({**notice, "attachments": [document._asdict()]}) + FILE_PART

    async def body() -> AsyncIterator[bytes]:
        yield head.encode()
        async for piece in pieces:
            yield piece
        yield END.encode()

    headers = {
        "Authorization": f"Bearer {await authority.token()}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + document.size + len(END)),
    }
    async with http.post(f"{base_url}/api/v1/notices", data=body(), headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


class InTwoHalves:
    """A document of which the second half is sent when the test says so."""

    def __init__(self, data: bytes) -> None:
        """Take enough data that half of it does not fit between two processes: then the other side is reading."""
        self.document = Document("eingabe.txt", "text/plain", len(data), sha256(data).hexdigest())
        self.half_sent = asyncio.Event()
        self.go_on = asyncio.Event()
        self._data = data

    async def post(
        self, http: aiohttp.ClientSession, base_url: str, authority: AuthorityClient, notice: Mapping[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        """Post a notice with this document."""
        return await post_in_pieces(http, base_url, authority, notice, self.document, self._pieces())

    async def _pieces(self) -> AsyncIterator[bytes]:
        """Yield the halves."""
        middle = len(self._data) // 2
        yield self._data[:middle]
        self.half_sent.set()
        await self.go_on.wait()
        yield self._data[middle:]


@asynccontextmanager
async def under_way(doing: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Have something done beside the block; behind it, it is over in one way or another."""
    task = asyncio.create_task(doing)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class HalfPosted:
    """A notice of whose document one half has arrived."""

    authority: AuthorityClient
    notice: dict[str, Any]
    upload: InTwoHalves
    answer: asyncio.Task[tuple[int, dict[str, Any]]]

    async def found(self) -> tuple[int, dict[str, Any]]:
        """Look the notice up by its reference."""
        return await self.authority.get("/api/v1/notices", reference=self.notice["reference"])


@asynccontextmanager
async def half_posted(platform: Platform) -> AsyncIterator[HalfPosted]:
    """Begin to post a notice."""
    players, upload = platform.cast(), InTwoHalves(LARGE)
    async with aiohttp.ClientSession() as http:
        authority, notice = platform.authority(http, players), a_notice(players.handle)
        async with under_way(upload.post(http, platform.base_url, authority, notice)) as answer:
            await upload.half_sent.wait()
            yield HalfPosted(authority, notice, upload, answer)
