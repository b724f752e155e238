"""A machine dies with a hundred notices since the last backup: what the operator sees, and everybody else."""

import asyncio
import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from sk.client import AuthorityClient
from sk.demo.story import Cast
from tests.platforms import Embedded, Platform, running, until_bereitgestellt
from tests.process import is_gone, run_sk, until
from tests.world import A_FILE, a_notice

COUNT = 100


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder, whose workers end a moment after it is killed."""
    (tmp_path / "data").mkdir()
    with running(Embedded(tmp_path / "data", {"stop_grace_seconds": 1})) as embedded:
        yield embedded


async def test_a_restore_names_a_hundred_lost_notices_and_never_goes_on_with_the_old_log(platform: Embedded) -> None:
    players, backup = platform.cast(), platform.folder.parent / "backup"
    async with aiohttp.ClientSession() as http:
        authority = platform.authority(http, players)
        before = await post(authority, players, "before the backup")
        await until_bereitgestellt(authority, before)
        old_bundle = await bundle(authority, before, platform, "old")
        assert platform.sk("backup", str(backup))["objects"] == 1

        lost = set(await asyncio.gather(*(post(authority, players, f"lost-{number}") for number in range(COUNT))))
        cursor = await until_logged(authority, lost)
        checkpoint = await checkpoint_at_least(platform, http, int(cursor) + 1)
    await die(platform)
    for file in platform.folder.glob("store.db*"):
        file.unlink()

    told = run_sk(platform.folder, platform.environment, "restore", str(backup))
    assert told.returncode == 0, told.stderr
    assert {line.split()[2] for line in told.stdout.splitlines() if line.startswith("lost: notice ")} == lost
    origin, size = checkpoint.split("\n")[:2]
    summary = (
        rf"{COUNT} notices were lost and are named above; .* brought back; the log {re.escape(origin)} was closed "
    )
    found = re.search(rf"{summary}at size (\d+), {re.escape(origin)}/2 goes on\n", told.stdout)
    assert found, told.stdout[-400:]
    assert int(found[1]) >= int(size)

    platform.start()
    async with aiohttp.ClientSession() as http:
        authority = platform.authority(http, players)
        first = await checkpoint_at_least(platform, http, 1)
        status, gone = await authority.get("/api/v1/events", after=cursor)
        assert (status, gone["type"].rpartition("/")[2]) == (HTTPStatus.GONE, "cursor-gone")
        again = await post(authority, players, "lost-0")
        assert again not in lost
        status, page = await authority.get("/api/v1/events", after=gone["cursor"], wait="20")
        assert (status, page["events"][0]["notice_id"]) == (HTTPStatus.OK, again)
        grown = await checkpoint_at_least(platform, http, int(first.split("\n")[1]) + 1)
        assert {first.split("\n")[0], grown.split("\n")[0]} == {f"{origin}/2"}
        assert (await authority.get(f"/api/v1/notices/{min(lost)}"))[0] == HTTPStatus.NOT_FOUND
        new_bundle = await bundle(authority, before, platform, "new")
        async with http.get(f"{platform.base_url}/log/vkey") as answer:
            new_vkey = (await answer.text()).strip()

    for file, vkey in ((old_bundle, players.log_vkey), (new_bundle, new_vkey)):
        verified = run_sk(platform.folder, {}, "verify", str(file), "--trust", vkey)
        assert verified.returncode == 0, verified.stdout + verified.stderr
    looked_at = run_sk(platform.folder, platform.environment, "doctor")
    assert (looked_at.returncode, looked_at.stdout) == (0, "all well\n")


def test_a_restore_is_refused_while_the_platform_runs(platform: Embedded) -> None:
    platform.sk("backup", str(platform.folder.parent / "backup"))

    done = run_sk(platform.folder, platform.environment, "restore", str(platform.folder.parent / "backup"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"sk: another `sk up` runs on {platform.folder}\n"
    assert [*platform.folder.glob("store.db.*")] == []


async def post(authority: AuthorityClient, players: Cast, reference: str) -> str:
    status, answer = await authority.post(a_notice(players.handle, reference=reference), [A_FILE])
    assert status == HTTPStatus.ACCEPTED, answer
    return str(answer["id"])


async def until_logged(authority: AuthorityClient, notices: set[str]) -> str:
    """Wait until the feed has told of notices, and return the cursor behind them."""
    seen, cursor = set[str](), dict[str, str]()
    while not notices <= seen:
        _, page = await authority.get("/api/v1/events", wait="10", limit="1000", **cursor)
        seen |= {event["notice_id"] for event in page["events"] if event["step"] == "accepted"}
        cursor = {"after": page["cursor"]}
    return str(page["cursor"])


async def checkpoint_at_least(platform: Platform, http: aiohttp.ClientSession, size: int) -> str:
    """Wait until the log is published at a size, and return its checkpoint."""
    while True:
        async with http.get(f"{platform.base_url}/log/checkpoint") as answer:
            note = await answer.text()
        if answer.status == HTTPStatus.OK and int(note.split("\n")[1]) >= size:
            return note
        await asyncio.sleep(0.1)


async def bundle(authority: AuthorityClient, notice_id: str, platform: Platform, name: str) -> Path:
    """Keep the evidence about a notice in a file, as soon as it can be had."""
    status, found = await authority.get(f"/api/v1/notices/{notice_id}/evidence.json")
    while status == HTTPStatus.SERVICE_UNAVAILABLE:
        await asyncio.sleep(0.2)
        status, found = await authority.get(f"/api/v1/notices/{notice_id}/evidence.json")
    assert status == HTTPStatus.OK, found
    file = platform.folder.parent / f"{name}.json"
    file.write_text(json.dumps(found, separators=(",", ":"), ensure_ascii=False))
    return file


async def die(platform: Embedded) -> None:
    """Kill the platform, and wait until nothing of it is left."""
    children = [*platform.pids().values()]
    platform.up.kill()
    await until(lambda: all(map(is_gone, children)))
