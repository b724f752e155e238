"""Told to stop: what is under way is finished or refused, everybody is answered, and within 20 seconds all is over."""

import asyncio
import os
import socket
from pathlib import Path
from signal import SIGTERM

import aiohttp
import pytest

from sk.demo.browser import Browser
from tests.journeys.conftest import GRACE_SECONDS
from tests.platforms import Embedded, forgotten, running, until_bereitgestellt
from tests.process import STOP_SECONDS, is_gone, until
from tests.upload import LARGE, InTwoHalves, half_posted, under_way
from tests.world import a_notice


@pytest.mark.parametrize("name", ["up", "web", "work", "render"])
async def test_whichever_process_is_told_to_stop_all_end_in_good_order(name: str, platform: Embedded) -> None:
    children = platform.pids()
    os.kill({"up": platform.up.pid, **children}[name], SIGTERM)

    assert platform.up.wait() == 0
    assert all(is_gone(pid) for pid in children.values())


async def test_a_long_poll_is_answered_when_the_platform_is_told_to_stop(platform: Embedded) -> None:
    sent, trace = asyncio.Queue[str](), aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(lambda _session, _context, told: sent.put(told.url.path))
    async with aiohttp.ClientSession(trace_configs=[trace]) as http:
        authority = platform.authority(http, platform.cast())
        async with under_way(authority.get("/api/v1/events", wait="60")) as poll:
            while await sent.get() != "/api/v1/events":
                pass
            async with http.get(f"{platform.base_url}/healthz"):  # so that the poll has arrived as well
                platform.up.signal(SIGTERM)

            status, page = await poll
            assert (status, page["events"]) == (200, [])
    assert platform.up.wait() == 0


async def test_an_upload_under_way_is_finished_before_the_platform_ends(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {})) as platform:
        async with half_posted(platform) as posted:
            platform.up.signal(SIGTERM)
            posted.upload.go_on.set()

            status, answer = await posted.answer
            assert status == 202
            assert platform.up.wait() == 0
            platform.start()
            status, found = await posted.found()
            assert (status, found["id"]) == (200, answer["id"])


async def test_an_upload_that_does_not_finish_in_time_is_refused_and_leaves_nothing(platform: Embedded) -> None:
    async with half_posted(platform) as posted:
        platform.up.signal(SIGTERM)

        status, refused = await posted.answer
        assert (status, refused["type"]) == (503, "/problems/unavailable")
        assert platform.up.wait() == 0
        left = {file.name for file in (platform.folder / "objects").rglob("*") if file.is_file()}
        assert {name for name in left if not name.startswith(("log-", "keys-"))} == set()
        platform.start()
        assert (await posted.found())[0] == 404


async def test_children_finish_their_work_also_when_their_parent_is_killed_and_started_anew(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {})) as platform:
        async with half_posted(platform) as posted:
            children = platform.pids()
            platform.up.signal(SIGTERM)
            await until(lambda: is_gone(children["work"]))
            platform.up.kill()
            platform.start()
            assert not is_gone(children["web"])
            posted.upload.go_on.set()

            status, answer = await posted.answer
            assert status == 202
            await until_bereitgestellt(posted.authority, answer["id"])
        await until(lambda: is_gone(children["web"]))


async def test_somebody_who_does_not_read_a_download_does_not_keep_the_platform_from_ending(platform: Embedded) -> None:
    players = platform.cast()
    async with aiohttp.ClientSession() as http:
        authority = platform.authority(http, players)
        (upload := InTwoHalves(LARGE)).go_on.set()
        _, answer = await upload.post(http, platform.base_url, authority, a_notice(players.handle))
        browser = Browser(http, platform.base_url)
        await browser.log_in(players.username, players.password)
        await until_bereitgestellt(authority, answer["id"])
        postbox = await browser.open("/postfach")
        opened = await browser.send(postbox.forms[-1])
        async with http.get(platform.base_url + opened.links["eingabe.txt"]) as download:
            assert download.status == 200
            platform.up.signal(SIGTERM)
            assert platform.up.wait() == 0


async def test_a_mail_server_that_does_not_answer_does_not_keep_the_platform_from_ending(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = f"catcher://127.0.0.1:{silent.getsockname()[1]}"
        with running(Embedded(tmp_path, {"stop_grace_seconds": GRACE_SECONDS, "mail": mail})) as platform:
            players = platform.cast()
            async with aiohttp.ClientSession() as http:
                await platform.authority(http, players).post(a_notice(players.handle))
            silent.settimeout(STOP_SECONDS)
            with silent.accept()[0]:
                assert platform.up.end() == 0


async def test_told_to_stop_while_a_killed_child_is_started_anew_it_ends(platform: Embedded) -> None:
    platform.kill("work")
    await until(lambda: "child-died" in platform.up.tail())

    assert platform.up.end() == 0


async def test_told_to_stop_while_it_starts_it_ends_in_good_order_and_never_was_ready(tmp_path: Path) -> None:
    with forgotten(Embedded(tmp_path, {})) as platform:
        platform.up.start("--port", platform.port)
        await until(lambda: bool(platform.pids()))

        assert platform.up.end() == 0
        assert platform.up.said() == ""
