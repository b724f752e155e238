"""The platform as processes, started, told to stop, and killed, as an operator and a bad day would do it."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import aiohttp
import pytest

from sk.clock import SystemClock
from sk.demo.authority import AuthorityClient
from sk.demo.browser import Browser
from sk.demo.story import Story
from tests.platforms import MODES, Embedded, Mode, Platform, running, started
from tests.process import STOP_SECONDS, children_of, is_gone, run_sk, until
from tests.servers import Servers
from tests.upload import InTwoHalves
from tests.world import a_notice

GRACE_SECONDS = 2
LARGE = b"Einspruch! " * 1_500_000


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder of its own. What runs when it is told to stop has two seconds to finish."""
    with running(Embedded(tmp_path, {"stop_grace_seconds": GRACE_SECONDS})) as embedded:
        yield embedded


async def a_notice_arrives(platform: Platform) -> None:
    """Check that the platform does its main job: the first half of the story."""
    async with aiohttp.ClientSession() as http:
        await Story(platform.base_url, platform.cast(), lambda _: None).post(http, SystemClock().now())


async def until_bereitgestellt(authority: AuthorityClient, notice_id: str) -> None:
    """Wait until a notice is in its postbox."""
    cursor: dict[str, str] = {}
    while True:
        _, page = await authority.get("/api/v1/events", wait="10", **cursor)
        if any((event["notice_id"], event["step"]) == (notice_id, "bereitgestellt") for event in page["events"]):
            return
        cursor = {"after": page["cursor"]}


@pytest.mark.parametrize("mode", MODES)
async def test_the_story_goes_well_also_over_a_restart(mode: Mode, tmp_path: Path, servers: Servers) -> None:
    with started(mode, tmp_path, servers) as platform:
        story = Story(platform.base_url, platform.cast(), lambda _: None)
        async with aiohttp.ClientSession() as authority, aiohttp.ClientSession() as citizen:
            notice, bescheid = await story.post(authority, SystemClock().now())
            assert set(platform.end()) == {0}
            platform.start()
            await story.read(citizen, notice, bescheid)
            await story.look_back(authority, notice)

        assert [mail["Message-ID"] for mail in platform.mails()] == [f"<{notice['id']}@localhost>"]


async def test_a_second_sk_up_on_a_folder_is_refused_with_a_sentence(platform: Embedded) -> None:
    refused = run_sk(platform.folder, platform.environment, "up", "--port", "0")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"sk: another `sk up` runs on {platform.folder}\n"


async def test_a_parent_that_is_killed_leaves_no_child_and_is_started_again_at_once(platform: Embedded) -> None:
    children = platform.pids()
    platform.up.kill()
    platform.start()

    await until(lambda: all(is_gone(pid) for pid in children.values()))
    await a_notice_arrives(platform)


@pytest.mark.parametrize("name", ["web", "work"])
async def test_a_child_that_is_killed_is_started_anew(name: str, platform: Embedded) -> None:
    before = platform.pids()
    platform.kill(name)
    await until(lambda: platform.pids().get(name, before[name]) != before[name])

    await a_notice_arrives(platform)
    assert children_of(platform.up.pid).keys() == {"serve", "work"}
    assert {other: pid for other, pid in platform.pids().items() if other != name}.items() <= before.items()


@pytest.mark.parametrize("name", ["up", "web", "work"])
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
        poll = asyncio.create_task(authority.get("/api/v1/events", wait="60"))
        while await sent.get() != "/api/v1/events":
            pass
        async with http.get(f"{platform.base_url}/healthz"):  # so that the poll has arrived as well
            platform.up.signal(SIGTERM)

        status, page = await poll
        assert (status, page["events"]) == (200, [])
    assert platform.up.wait() == 0


async def test_after_the_line_ready_nothing_comes_on_standard_output(platform: Embedded) -> None:
    await a_notice_arrives(platform)
    platform.kill("work")
    platform.end()

    assert platform.up.said() == ""


async def test_an_upload_under_way_is_finished_before_the_platform_ends(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {})) as platform:
        upload, notice = InTwoHalves(LARGE), a_notice((players := platform.cast()).handle)
        async with aiohttp.ClientSession() as http:
            authority = platform.authority(http, players)
            post = asyncio.create_task(upload.post(http, platform.base_url, authority, notice))
            await upload.half_sent.wait()
            platform.up.signal(SIGTERM)
            upload.go_on.set()

            status, answer = await post
            assert status == 202
            assert platform.up.wait() == 0
            platform.start()
            status, found = await authority.get("/api/v1/notices", reference=notice["reference"])
            assert (status, found["id"]) == (200, answer["id"])


async def test_an_upload_that_does_not_finish_in_time_is_refused_and_leaves_nothing(platform: Embedded) -> None:
    upload, notice = InTwoHalves(LARGE), a_notice((players := platform.cast()).handle)
    async with aiohttp.ClientSession() as http:
        authority = platform.authority(http, players)
        post = asyncio.create_task(upload.post(http, platform.base_url, authority, notice))
        await upload.half_sent.wait()
        platform.up.signal(SIGTERM)

        status, refused = await post
        assert (status, refused["type"]) == (503, "/problems/unavailable")
        assert platform.up.wait() == 0
        assert [file for file in (platform.folder / "objects").rglob("*") if file.is_file()] == []
        platform.start()
        assert (await authority.get("/api/v1/notices", reference=notice["reference"]))[0] == 404


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
    platform = Embedded(tmp_path, {})
    platform.up.start()
    try:
        await until(lambda: bool(platform.pids()))
        assert platform.up.end() == 0
        assert platform.up.said() == ""
    finally:
        platform.forget()
