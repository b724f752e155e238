"""The platform as processes: the story in both modes, and what starting and killing them does."""

import fcntl
import socket
from pathlib import Path

import aiohttp
import pytest

from sk.clock import SystemClock
from sk.demo.story import Story
from sk.errors import Unavailable
from sk.renderer import renderer_of, socket_beside
from tests.platforms import MODES, Embedded, Mode, Platform, forgotten, running, started
from tests.process import children_of, is_gone, run_sk, until
from tests.servers import Servers


async def a_notice_arrives(platform: Platform) -> None:
    """Check that the platform does its main job: the first half of the story."""
    async with aiohttp.ClientSession() as http:
        await Story(platform.base_url, platform.cast(), lambda _: None).post(http, SystemClock().now())


def _environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def _is_locked(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


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


async def test_a_port_that_is_still_held_is_waited_for(tmp_path: Path) -> None:
    with forgotten(Embedded(tmp_path, {})) as platform:
        with socket.create_server(("127.0.0.1", int(platform.port))):
            platform.up.start("--port", platform.port)
            await until(lambda: _is_locked(tmp_path / "lock"))  # what it does before it listens
        assert platform.up.ready() == f"http://localhost:{platform.port}"


@pytest.mark.parametrize("name", ["web", "work", "render"])
async def test_a_child_that_is_killed_is_started_anew(name: str, platform: Embedded) -> None:
    before = platform.pids()
    platform.kill(name)
    await until(lambda: platform.pids().get(name, before[name]) != before[name])

    await a_notice_arrives(platform)
    assert children_of(platform.up.pid).keys() == {"serve", "work", "render"}
    assert {other: pid for other, pid in platform.pids().items() if other != name}.items() <= before.items()


async def test_previews_are_made_by_a_child_that_knows_nothing_and_is_there_again_when_it_was_killed(
    platform: Embedded,
) -> None:
    assert _environment_of(platform.pids()["render"]) == b""
    renderer = renderer_of(str(socket_beside(platform.folder)), 0)
    await renderer.check()
    platform.kill("render")
    await renderer.check()  # whoever comes meanwhile waits

    told = run_sk(platform.folder, platform.environment, "doctor").stderr
    assert "note: previews of attachments are made by a child of sk up, under the same user" in told
    platform.end()
    with pytest.raises(Unavailable):
        await renderer.check()
    assert not socket_beside(platform.folder).exists()


async def test_where_previews_are_off_no_process_is_there_for_them(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {"render": "off"})) as platform:
        assert children_of(platform.up.pid).keys() == {"serve", "work"}
        told = run_sk(platform.folder, platform.environment, "doctor").stderr
        assert "note: nobody makes previews of attachments (SK_RENDER)" in told


async def test_after_the_line_ready_nothing_comes_on_standard_output(platform: Embedded) -> None:
    await a_notice_arrives(platform)
    platform.kill("work")
    platform.end()

    assert platform.up.said() == ""
