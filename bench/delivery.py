"""The whole way, embedded: notices posted, delivered, and told of by a mail that the catcher took. And the peer's."""

import asyncio
import fcntl
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import aiohttp

from bench.cast import Cast, gather_cast
from bench.load import ATTACHMENT_BYTES, CONNECTIONS, Failed, post, write_request
from sk.client import AuthorityClient
from sk.config import load_settings
from sk.mail.catcher import mail_folder
from sk.services import open_services
from sk.up import prepare

LOOK_SECONDS = 0.5
LONGEST_SECONDS = 120
PAGE = "1000"
MAIL_PEER = Path(__file__).with_name("mail-peer")


class Rates(NamedTuple):
    """What one side did in one round."""

    accepted_per_s: float
    delivered_per_s: float


async def measure_sk(count: int, place: Path) -> Rates:
    """Post to a fresh platform in its default settings, each notice to another citizen.

    The clock runs from the first request to the moment that the last statement `benachrichtigt` names.
    """
    data, request = place / "data", place / "request"
    cast = await _cast(data, count)
    async with running(data) as base_url, aiohttp.ClientSession() as http:
        authority = AuthorityClient(http, base_url, cast.client_id, cast.key, cast.kid)
        write_request(request, cast.handles, await authority.token())
        began = datetime.now(UTC)
        seconds = await post(base_url, request, count)
        await until_mailed(data, count)
        ended = await _last_benachrichtigt(authority, count)
    return Rates(count / seconds, count / (ended - began).total_seconds())


async def measure_peer(count: int, place: Path) -> Rates:
    """Mail the same bytes over as many connections to as many people, each of whom has a key pair already."""
    size = ("-n", str(count), "-s", str(ATTACHMENT_BYTES), "-c", str(CONNECTIONS), "-u", str(count), "-d", str(place))
    with MAIL_PEER.open() as turn:
        await asyncio.to_thread(fcntl.flock, turn, fcntl.LOCK_EX)  # its ports are fixed: two benchmarks take turns
        peer = await asyncio.create_subprocess_exec(MAIL_PEER, *size, stdout=asyncio.subprocess.PIPE)
        try:
            said, _ = await peer.communicate()
        finally:
            if peer.returncode is None:
                peer.terminate()
                await peer.wait()
    if peer.returncode:
        raise Failed("mail-peer failed; what it says stands above")
    told = json.loads(said)
    if told["delivered"] != count:
        raise Failed(f"the peer delivered {told['delivered']} of {count} mails")
    return Rates(told["accepted_per_s"], told["delivered_per_s"])


async def _cast(data: Path, count: int) -> Cast:
    settings = load_settings({"data": data})
    prepare(settings)
    async with open_services(settings, ["web"], only_these_keys=False) as services:
        return await gather_cast(count, services)


@asynccontextmanager
async def running(data: Path, **settings: str) -> AsyncIterator[str]:
    """Run `sk up` with some settings, its log beside its folder, and yield its base URL."""
    settings_unset = {name: value for name, value in os.environ.items() if not name.startswith("SK_")}
    with (data.parent / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sk", "up", f"--data={data}", "--port=0"),
            env={**settings_unset, **settings},
            cwd=data.parent,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        yield await _base_url(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _base_url(process: asyncio.subprocess.Process) -> str:
    said = await process.stdout.readline() if process.stdout else b""
    word, _, base_url = said.decode().strip().partition(" ")
    if word != "ready":
        raise Failed("sk up did not start")
    return base_url


async def until_mailed(data: Path, count: int) -> None:
    """Wait until the catcher holds a mail for each notice. It costs the platform nothing to be watched so."""
    for _ in range(int(LONGEST_SECONDS / LOOK_SECONDS)):
        if sum(1 for _ in mail_folder(data).glob("*.eml")) >= count:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise Failed(f"not all of {count} citizens were told within {LONGEST_SECONDS} seconds")


async def _last_benachrichtigt(authority: AuthorityClient, count: int) -> datetime:
    """Read the feed until all notices are benachrichtigt; return when the last one was."""
    moments: list[str] = []
    cursor: dict[str, str] = {}
    async with asyncio.timeout(LONGEST_SECONDS):
        while len(moments) < count:
            _, page = await authority.get("/api/v1/events", limit=PAGE, wait="5", **cursor)
            moments += [event["at"] for event in page["events"] if event["step"] == "benachrichtigt"]
            cursor = {"after": page["cursor"]}
    return max(map(datetime.fromisoformat, moments))
