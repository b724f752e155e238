"""Debian's AusweisApp2, the client that citizens have, without a screen: started for a test, asked, and ended.

It listens on a port of its own, so that any number of tests run at once. A browser starts it by a link and waits for
its answer, which is where to go next; beside that it tells whoever steers it over a WebSocket what became of the card.
"""

import asyncio
import json
import os
from asyncio import timeout
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from tests.keeper import free_port, tool

PATIENCE_SECONDS = 30
DEFAULT_PORT = 24727
STILL_BUSY = 409
"""What it answers while the use before has not quite ended."""


class Told(NamedTuple):
    """What the client tells whoever steers it at the end: the last part of the reason, and where the browser is led."""

    minor: str
    url: str


@dataclass(frozen=True)
class AusweisApp:
    """A client that runs."""

    port: int
    socket: aiohttp.ClientWebSocketResponse

    async def run(self, token_url: str) -> Told:
        """Steer it to a token in developer mode, in which certificates of test servers are taken."""
        async with timeout(PATIENCE_SECONDS):
            while True:
                await self.socket.send_json({"cmd": "RUN_AUTH", "tcTokenURL": token_url, "developerMode": True})
                said = await self._outcome()
                if "error" not in said:
                    return Told(said["result"].get("minor", "").rpartition("#")[2], said.get("url", ""))
                await asyncio.sleep(0.02)

    async def browse(self, link: str) -> tuple[int, str]:
        """Open one of our links as a browser does; return the status and the address that it is led to, if any."""
        prefix, _, query = link.partition("?")
        assert prefix == f"http://127.0.0.1:{DEFAULT_PORT}/eID-Client"
        async with timeout(PATIENCE_SECONDS):
            while True:
                answer = await self._answer(query)
                if answer[0] != STILL_BUSY:
                    await self._outcome()
                    return answer
                await asyncio.sleep(0.02)

    async def _answer(self, query: str) -> tuple[int, str]:
        """Return what the client says to a browser.

        It first says that it is at work (102), and on the same connection what comes of it: most HTTP libraries do not
        expect that, so it is read here as it comes.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /eID-Client?{query} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        head = answer.rpartition("HTTP/1.")[2].partition("\r\n\r\n")[0].splitlines()
        headers = dict(line.split(": ", 1) for line in head[1:])
        return int(head[0].split()[1]), headers.get("Location", "")

    async def _outcome(self) -> dict[str, Any]:
        """Return what it tells of the end of one use of the card, or why that could not begin."""
        while True:
            said: dict[str, Any] = json.loads(await self.socket.receive_str())
            if said["msg"] == "AUTH" and ("result" in said or "error" in said):
                return said


@asynccontextmanager
async def ausweisapp(folder: Path) -> AsyncIterator[AusweisApp]:
    """Run the client with a folder as its home, while the block lasts."""
    port = free_port(folder / "port")
    with (folder / "output").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(tool("setpriv", "Debian's package util-linux"), "--pdeathsig", "KILL"),
            *(tool("AusweisApp2", "Debian's package ausweisapp2"), "--no-logfile", "--no-proxy"),
            *("--ui", "webservice", "--ui", "websocket", "--address", "127.0.0.1", "--port", str(port)),
            env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "QT_QPA_PLATFORM": "offscreen"},
            stdin=DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        async with aiohttp.ClientSession() as http, await _steered(http, port) as socket:
            yield AusweisApp(port, socket)
    finally:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()


async def _steered(http: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    """Connect to the client as soon as it listens. Unless somebody steers it, it does nothing for a browser."""
    async with timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await http.ws_connect(f"ws://127.0.0.1:{port}/eID-Kernel")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
