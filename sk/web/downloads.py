"""Files for browsers to keep: saved under a name, and never run."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

from aiohttp import web

from sk.errors import Damaged, SkError
from sk.postbox.envelope import SealedAttachment
from sk.postbox.history import alarm
from sk.postbox.notice import Notice
from sk.postbox.stored import open_or_alarm
from sk.web.keys import SERVICES

log = logging.getLogger(__name__)


NEVER_RUN = "sandbox; default-src 'none'"


class Readable(Protocol):
    """Bytes of which it is known how many there are."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self) -> AsyncIterator[bytes]:
        """Yield the bytes."""
        ...


def file_headers(name: str, *, is_ours: bool = False) -> dict[str, str]:
    """Return the headers with which browsers save a file under a name, and never run it.

    A name that is not ours may hold anything, so it is spelled as RFC 8187 has it.
    """
    filename = f'filename="{name}"' if is_ours else f"filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f"attachment; {filename}", "Content-Security-Policy": NEVER_RUN}


def picture_headers() -> dict[str, str]:
    """Return the headers with which browsers show a picture that we have made, and never run it."""
    return {"Content-Disposition": "inline", "Content-Security-Policy": NEVER_RUN}


def saved(body: bytes, media_type: str, name: str, charset: str | None = None) -> web.Response:
    """Return a file of ours, under a name that we gave it."""
    return web.Response(body=body, content_type=media_type, charset=charset, headers=file_headers(name, is_ours=True))


async def streamed(
    request: web.Request,
    blocks: AsyncIterator[bytes],
    media_type: str,
    headers: Mapping[str, str],
    *,
    status: int = HTTPStatus.OK,
    length: int | None = None,
    damaged: Callable[[], object] | None = None,
) -> web.StreamResponse:
    """Send a file while it is made. What breaks off must not look like the whole, nor end with words of ours.

    `damaged` is told if what is stored does not open.
    """
    response = web.StreamResponse(status=status, headers=headers)
    response.content_type, response.content_length = media_type, length
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for block in blocks:
            await response.write(block)
    except ConnectionError:
        pass  # the browser has gone
    except (Damaged, SkError) as error:
        if isinstance(error, Damaged) and damaged:
            damaged()
        else:
            log.exception("download-broken-off")
        if request.transport:
            request.transport.abort()
    return response


async def send_attachment(
    request: web.Request, notice: Notice, attachment: SealedAttachment, media_type: str
) -> web.StreamResponse:
    """Send an attachment of a notice or of a reply to it: the bytes that came, whole or broken off."""
    reader = await open_or_alarm(notice, attachment, request.app[SERVICES])
    return await send_file(request, reader, attachment.name, media_type, partial(alarm, notice))


async def send_file(
    request: web.Request, file: Readable, name: str, media_type: str, damaged: Callable[[], object] | None = None
) -> web.StreamResponse:
    """Send a file that somebody has sent, under the name that it had."""
    return await streamed(request, file.read(), media_type, file_headers(name), length=file.size, damaged=damaged)
