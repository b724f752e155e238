"""Asking a stranger's server over HTTP: no redirections, no proxies, and only so much is waited and read."""

import ssl
from collections.abc import Mapping
from http import HTTPStatus

import aiohttp

from sk.errors import Unavailable


async def ask(
    who: str,
    url: str,
    message: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    max_bytes: int,
    answers_in: str = "",
    tls: ssl.SSLContext | bool = True,
) -> bytes:
    """Post a message and return the answer, or raise `Unavailable`, which names `who` was asked.

    An answer has the status 200 and, where `answers_in` names one, that content type.
    """
    limit, body = aiohttp.ClientTimeout(total=seconds), bytearray()
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.post(url, data=message, headers=headers, allow_redirects=False, ssl=tls) as answer,
        ):
            if answer.status != HTTPStatus.OK or (answers_in and answer.content_type != answers_in):
                raise Unavailable(f"{who} answers {answer.status} {answer.content_type}")
            async for block in answer.content.iter_any():
                body += block
                if len(body) > max_bytes:
                    raise Unavailable(f"{who}'s answer is too long")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable(f"{who} does not answer") from error
    return bytes(body)
