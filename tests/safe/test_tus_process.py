"""Uploads to `sk up`: its web process is killed in the middle, and a large file passes through little memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random

import aiohttp
import pytest

from sk.demo.browser import Browser
from tests.platforms import Embedded, running, until_ready
from tests.process import peak_megabytes, until
from tests.safe.uploads import BYTES, Uploader
from tests.security.tab import Tab

MIB = 1024 * 1024
NOISE = Random(8).randbytes(MIB)  # noqa: S311 - to be made again, not a secret
LARGE = 200 * MIB
GROWTH_MEGABYTES = 16


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder of its own."""
    with running(Embedded(tmp_path, {})) as platform:
        yield platform


@asynccontextmanager
async def logged_in(platform: Embedded) -> AsyncIterator[Uploader]:
    """Log somebody in who uploads."""
    account = platform.sk("account", "add", "--username", "erika", "--email", "erika@example.org")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=None)) as http:
        page = await Browser(http, platform.base_url).log_in("erika", account["password"])
        token = next(cookie.value for cookie in jar if cookie.key == "session")
        yield Uploader(Tab(http, platform.base_url, token, page.forms[-1].fields["csrf"]))


async def noise(start: int, end: int) -> AsyncIterator[bytes]:
    """Yield so many mebibytes of a file, each other than the one before."""
    for number in range(start // MIB, end // MIB):
        yield number.to_bytes(4) + NOISE[4:]


async def digest_of(tus: Uploader, name: str) -> str:
    """Return the SHA-256 of what a document gives back."""
    page = await Browser(tus.tab.http, tus.tab.base_url).open("/safe")
    digest = sha256()
    async with tus.tab.http.get(f"{tus.tab.base_url}{page.links[name]}/datei") as answer:
        async for block in answer.content.iter_chunked(MIB):
            digest.update(block)
    return digest.hexdigest()


def peak_from_now_on(pid: int) -> float:
    """Forget how much memory a process has had at most, for passwords for example, and return how much it has."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak_megabytes(pid)


async def test_what_was_durable_when_the_process_was_killed_is_gone_on_with(up: Embedded, tmp_path: Path) -> None:
    data = NOISE * 6
    async with logged_in(up) as tus:
        path = await tus.begun(len(data), "Zeugnis.bin")
        assert (await tus.patch(path, 0, data[:MIB])).status == 204
        async with tus.sending(path, MIB, len(data) - MIB, data[MIB : 4 * MIB]):
            await until(lambda: any((tmp_path / "objects" / "incoming").iterdir()))
            up.kill("web")
        await until_ready(up)

        assert await tus.offset(path) == MIB
        assert (await tus.patch(path, MIB, data[MIB:])).status == 204
        assert await digest_of(tus, "Zeugnis.bin") == sha256(data).hexdigest()


async def test_a_large_file_passes_through_little_memory_also_when_it_is_read_back(up: Embedded) -> None:
    expected, middle = sha256(), LARGE // 4
    async for piece in noise(0, LARGE):
        expected.update(piece)
    async with logged_in(up) as tus:
        await tus.patch(await tus.begun(MIB, "Klein.bin"), 0, NOISE)
        before = peak_from_now_on(up.pids()["web"])
        for name, borders in {"Ganz.bin": [0, LARGE], "Teile.bin": [0, middle, LARGE]}.items():
            path = await tus.begun(LARGE, name)
            for start, end in pairwise(borders):
                sent = {"Content-Type": BYTES, "Content-Length": str(end - start), "Upload-Offset": str(start)}
                headers = {**tus.headers, **sent}
                answer = await tus.tab.ask("PATCH", path, headers=headers, data=noise(start, end))
                assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(end)), answer.text
        grown = peak_megabytes(up.pids()["web"]) - before

        assert [await digest_of(tus, name) for name in ("Ganz.bin", "Teile.bin")] == [expected.hexdigest()] * 2
    assert grown < GROWTH_MEGABYTES
