"""The files that pages are made with: read and compressed once, under an address that changes when one of them does.

Browsers keep them for a year. A browser that has a page of a newer or older process, while they are being replaced one
by one, gets the file of this one, and does not keep it. Pages themselves are never compressed: from the length of what
a stranger can write into a page with a secret in it, the secret could be guessed (BREACH).
"""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import brotli
from aiohttp import web

from sk.web.routes import Handler

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2"}
FONTS = "kern/web/"
"""Where the cut-down fonts are; the whole ones beside them are for what is printed."""
BROTLI_QUALITY = 9
KEPT = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file, and its compressed forms by the name of the encoding, the best one first."""

    type: str
    plain: bytes
    encoded: Mapping[str, bytes]


@lru_cache(maxsize=1)
def assets() -> Mapping[str, Asset]:
    """Return the files by their paths."""
    paths = sorted(file for file in STATIC.rglob("*.*") if file.suffix in TYPES)
    found = {str(file.relative_to(STATIC)): file for file in paths}
    return {path: _asset(file) for path, file in found.items() if file.suffix != ".woff2" or path.startswith(FONTS)}


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return what is another one whenever a file is."""
    digest = sha256()
    for path, asset in assets().items():
        digest.update(sha256(path.encode()).digest() + sha256(asset.plain).digest())
    return digest.hexdigest()[:16]


def address() -> str:
    """Return the address under which pages find the files."""
    return f"/static/{fingerprint()}"


def add_assets(app: web.Application) -> None:
    """Add a route for each file, so that no stranger's path reaches the disk."""
    for path, asset in assets().items():
        app.router.add_get(f"/static/{{fingerprint}}/{path}", _sender_of(asset))


def _asset(file: Path) -> Asset:
    plain = file.read_bytes()
    is_compressed = file.suffix == ".woff2"
    encoded = (
        {} if is_compressed else {"br": brotli.compress(plain, quality=BROTLI_QUALITY), "gzip": gzip.compress(plain)}
    )
    return Asset(TYPES[file.suffix], plain, encoded)


def _sender_of(asset: Asset) -> Handler:
    async def send(request: web.Request) -> web.Response:
        headers = {"Vary": "Accept-Encoding"}
        if request.match_info["fingerprint"] == fingerprint():
            headers["Cache-Control"] = KEPT
        body, accepted = asset.plain, request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
        if encoding := next((name for name in asset.encoded if name in accepted), ""):
            body, headers["Content-Encoding"] = asset.encoded[encoding], encoding
        return web.Response(
            body=body, content_type=asset.type, charset="utf-8" if asset.encoded else None, headers=headers
        )

    return send
