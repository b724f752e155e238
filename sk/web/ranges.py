"""Parts of files: which bytes a request asks for (RFC 9110 section 14)."""

import re

from aiohttp import web

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def part_wanted(request: web.Request, size: int, etag: str) -> range | None:
    """Return which bytes of a file are asked for, none of them if it has no such part; or None: the whole file.

    The whole is what whoever asks for several parts gets, or for what makes no sense, or for a part of another file
    than that of this `etag`.
    """
    found = RANGE.fullmatch(", ".join(request.headers.getall("Range", ())).strip())
    if request.method != "GET" or found is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    if first:
        return range(int(first), min(int(last or size) + 1, size))
    return range(max(size - int(last), 0), size) if last else None
