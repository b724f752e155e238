"""A large document on its way into a safe and out of it, beside the object store alone, and what a range of it costs.

Both are served by the same aiohttp on the same machine and spoken to by the same client; the other one neither hashes
nor encrypts. The scanner is off.
"""

import asyncio
import os
import re
import secrets
import socket
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import NamedTuple

import aiohttp
from aiohttp.client import _RequestContextManager

from bench.bare import open_bare
from bench.cast import gather_cast
from bench.delivery import running
from bench.load import Failed
from sk.auth.handles import account_behind
from sk.auth.sessions import new_session
from sk.config import load_settings
from sk.safe.safe import find_safe
from sk.services import Services, open_services
from sk.up import prepare

MEGABYTE = 1_000_000
BLOCK = secrets.token_bytes(1024 * 1024)
RANGES = 20
RANGE_BYTES = 100_000
RCLONE = Path(sys.executable).with_name("rclone")


Objects = Callable[[Path], AbstractAsyncContextManager[str]]
"""Keeps an object store in a folder for as long as its block lasts, and yields its URL."""


class Speeds(NamedTuple):
    """Megabytes a second up and down, ours and those of the store alone; how much memory web took at most, in MB.

    `range_ms` is what some bytes in the middle take, `small_ms` the same bytes as a document of their own.
    """

    up: float
    down: float
    bare_up: float
    bare_down: float
    range_ms: float
    small_ms: float
    memory: float


async def measure_documents(size: int, rounds: int, objects: str, place: Path) -> Speeds:
    """Send a document of so many bytes up and down, and the same bytes past us, in turn; return the medians."""
    data = place / "data"
    settings = load_settings({"data": data, "objects": objects})
    prepare(settings)
    async with (
        open_services(settings, ["web"], only_these_keys=False) as services,
        running(data, SK_OBJECTS=objects) as base_url,
        open_bare(objects) as bare_url,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as http,
    ):
        safe = await _safe(http, base_url, services)
        small = await safe.upload("small", RANGE_BYTES)
        ups, downs, bare_ups, bare_downs = list[float](), list[float](), list[float](), list[float]()
        for number in range(rounds):
            began = time.perf_counter()
            document = await safe.upload(f"large {number}", size)
            ups.append(_speed(size, began))
            began = time.perf_counter()
            name = await _sent(http.post(bare_url, data=_blocks(size)), HTTPStatus.OK)
            bare_ups.append(_speed(size, began))
            began = time.perf_counter()
            await _taken(safe.get(document), size)
            downs.append(_speed(size, began))
            began = time.perf_counter()
            await _taken(http.get(f"{bare_url}/{name}"), size)
            bare_downs.append(_speed(size, began))
        middle, ranges, whole = size // 2, list[float](), list[float]()
        for _ in range(RANGES):
            began = time.perf_counter()
            await _taken(safe.get(document, f"bytes={middle}-{middle + RANGE_BYTES - 1}"), RANGE_BYTES)
            ranges.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            await _taken(safe.get(small), RANGE_BYTES)
            whole.append((time.perf_counter() - began) * 1000)
        memory = _most_memory()
    return Speeds(*map(median, (ups, downs, bare_ups, bare_downs, ranges, whole, [memory])))


class Safe(NamedTuple):
    """The safe of somebody who is logged in."""

    http: aiohttp.ClientSession
    base_url: str
    account_id: str
    headers: dict[str, str]
    services: Services

    async def upload(self, name: str, size: int) -> str:
        """Upload a document and return its id."""
        named = f"filename {b64encode(name.encode()).decode()}"
        said = {**self.headers, "Upload-Length": str(size), "Upload-Metadata": named}
        async with self.http.post(f"{self.base_url}/safe/tus", headers=said) as begun:
            place = self.base_url + begun.headers.get("Location", "")
        sent = {**self.headers, "Content-Length": str(size), "Content-Type": "application/offset+octet-stream"}
        await _sent(self.http.patch(place, headers={**sent, "Upload-Offset": "0"}, data=_blocks(size)), 204)
        opened = await find_safe(self.account_id, self.services)
        found = [entry.id for entry in opened.contents.entries.values() if entry.name == name] if opened else []
        if not found:
            raise Failed(f"the document {name} did not arrive")
        return found[0]

    def get(self, document_id: str, wanted: str = "") -> _RequestContextManager:
        """Ask for a document, or for a range of it."""
        headers = {**self.headers, **({"Range": wanted} if wanted else {})}
        return self.http.get(f"{self.base_url}/safe/dokumente/{document_id}/datei", headers=headers)


async def _safe(http: aiohttp.ClientSession, base_url: str, services: Services) -> Safe:
    cast = await gather_cast(1, services)
    owner = await account_behind(cast.handles[0], cast.client_id, services)
    begun = new_session(owner.id, "high", "card", services)
    await services.store.save(begun.session)
    csrf = begun.session.open(services.keys.lock_key("vault")).csrf
    headers = {"Cookie": f"session={begun.token}", "X-CSRF-Token": csrf, "Tus-Resumable": "1.0.0"}
    return Safe(http, base_url, owner.id, headers, services)


async def _blocks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: size - start]


async def _sent(request: _RequestContextManager, status: int) -> str:
    async with request as answer:
        said = await answer.text()
        if answer.status != status:
            raise Failed(f"an upload was answered {answer.status}: {said[:200]}")
    return said


async def _taken(request: _RequestContextManager, size: int) -> None:
    async with request as answer:
        came = 0
        async for block in answer.content.iter_any():
            came += len(block)
    if came != size:
        raise Failed(f"{came} bytes came of {size}; it was answered {answer.status}")


def _speed(size: int, began: float) -> float:
    return size / MEGABYTE / (time.perf_counter() - began)


@asynccontextmanager
async def in_folder(place: Path) -> AsyncIterator[str]:
    """Keep objects in a folder."""
    (place / "objects").mkdir()
    yield f"file://{place}/objects"


@asynccontextmanager
async def in_s3(place: Path) -> AsyncIterator[str]:
    """Keep them behind a small S3 server, which is slower than those that people run."""
    (place / "s3").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(RCLONE), "serve", "s3", "--config", str(place / "none"), "--auth-key", "bench,bench-secret"]
    server = await asyncio.create_subprocess_exec(
        *(*command, "--addr", address, str(place / "s3")), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _until_listening(address)
        yield f"s3://bench:bench-secret@{address}/objects?tls=0"
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


async def _until_listening(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise Failed("rclone serve s3 did not start")


def _most_memory() -> float:
    """Return how much memory the web process of `sk up`, a grandchild of ours, has had at most, in MB."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"serve" in command and _parent(_parent(int(process.name))) == os.getpid():
                return _status(int(process.name), "VmHWM") * 1024 / MEGABYTE
    raise Failed("there is no web process")


def _parent(pid: int) -> int:
    return _status(pid, "PPid")


def _status(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
