"""A log over HTTP, as a stranger's server: nobody is followed elsewhere, and no more is read than there can be."""

import re
from http import HTTPStatus
from ipaddress import ip_address

import aiohttp

from sk.errors import Unavailable
from sk.evidence.tiles import WIDTH
from sk.evidence.tree import HASH_BYTES
from sk.evidence.watch import Fetch, unreadable

URL = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?(/[\w.~/-]*)?", re.ASCII)
NOTE_MAX_BYTES = 64 * 1024
LEAF_BYTES = 8 + HASH_BYTES
LENGTH_BYTES = 2
TIMEOUT_SECONDS = 30
TIMEOUT = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
PLAIN = {"Accept-Encoding": "identity"}  # so that a limit counts what is sent


def check_url(url: str) -> str:
    """Return the base URL of a platform without a slash at its end, or say why nothing is fetched from it."""
    found = URL.fullmatch(url)
    if not found:
        raise unreadable(f"{url} is no base URL of a platform; one is like https://konto.example.org")
    if found["scheme"] == "http" and not _is_loopback(found["host"]):
        raise unreadable(f"{url} must begin with https://; http:// is for a platform on this machine only")
    return url.rstrip("/")


def log_at(http: aiohttp.ClientSession, base_url: str) -> Fetch:
    """Return what fetches from the log of a platform."""

    async def fetch(path: str) -> bytes:
        url, limit = f"{base_url}/log/{path}", _limit(path)
        try:
            async with http.get(url, timeout=TIMEOUT, headers=PLAIN, allow_redirects=False) as answer:
                if answer.status != HTTPStatus.OK:
                    raise unreadable(f"{url} answers {answer.status}")
                return await _read(answer, limit)
        except TimeoutError:
            raise Unavailable(f"{url} has not answered within {TIMEOUT_SECONDS} seconds") from None
        except aiohttp.ClientError as error:
            raise Unavailable(f"{url} cannot be reached: {error}") from None

    return fetch


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for block in answer.content.iter_any():
        body += block
        if len(body) > limit:
            raise unreadable(f"{answer.url} answers with more than the {limit} bytes that there can be")
    return bytes(body)


def _limit(path: str) -> int:
    if path.startswith("tile/entries/"):
        return WIDTH * (LENGTH_BYTES + LEAF_BYTES)
    return WIDTH * HASH_BYTES if path.startswith("tile/") else NOTE_MAX_BYTES


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
