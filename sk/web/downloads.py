"""Files for browsers to keep: saved under a name, and never run."""

from urllib.parse import quote

from aiohttp import web


def file_headers(name: str, *, is_ours: bool = False) -> dict[str, str]:
    """Return the headers with which browsers save a file under a name, and never run it.

    A name that is not ours may hold anything, so it is spelled as RFC 8187 has it.
    """
    filename = f'filename="{name}"' if is_ours else f"filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f"attachment; {filename}", "Content-Security-Policy": "sandbox; default-src 'none'"}


def saved(body: bytes, media_type: str, name: str, charset: str | None = None) -> web.Response:
    """Return a file of ours, under a name that we gave it."""
    return web.Response(body=body, content_type=media_type, charset=charset, headers=file_headers(name, is_ours=True))
