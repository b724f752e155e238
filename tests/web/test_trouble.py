"""When something that is needed is full or gone, it is a 503 that says when to come again, and nothing is half done."""

import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import aiohttp
import pytest

from sk.client import ASSERTION_TYPE
from sk.errors import Unavailable
from tests.auth.visitors import begin_session
from tests.platforms import started
from tests.process import until
from tests.refusals import Desk, Office, is_quiet
from tests.servers import Servers
from tests.world import A_FILE, a_notice

FORM = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}


class Unreachable:
    """`Store` of which nothing is heard."""

    def __getattr__(self, _: str) -> Callable[..., Awaitable[None]]:
        """Return what every method of it does."""

        async def fail(*_: object, **__: object) -> None:
            raise Unavailable("the store does not answer")

        return fail


@pytest.fixture
async def cut_off(office: Office) -> AsyncIterator[Office]:
    """Return an office of a platform that has lost its store."""
    async with office.with_other(store=Unreachable()) as opened:
        yield opened


async def test_without_its_store_the_platform_takes_no_notice(cut_off: Office) -> None:
    await cut_off.is_refused(a_notice(cut_off.handle), [A_FILE], problem="unavailable")


@pytest.mark.parametrize("path", ["/api/v1/notices?reference=1", "/api/v1/events", "/api/v1/postboxes/x"])
async def test_without_its_store_the_platform_says_when_to_ask_again(cut_off: Office, path: str) -> None:
    answer = await cut_off.get(path)
    assert answer.headers["Retry-After"] == "5"
    template = path.partition("?")[0].replace("/x", "/{handle}")
    answer.says("unavailable", path=template, method="GET")


async def test_without_its_store_the_platform_gives_no_token(cut_off: Office) -> None:
    form = {**FORM, "client_assertion": cut_off.authority.assertion()}
    answer = await cut_off.send(form, "/oauth/token")
    assert (answer.status, answer.json()["error"]) == (503, "temporarily_unavailable")
    answer.is_described("/oauth/token")


async def test_the_readiness_check_names_the_store_that_is_gone(cut_off: Office) -> None:
    answer = await cut_off.get("/readyz")
    assert (answer.status, answer.json()["ready"]) == (503, False)
    assert answer.json()["parts"]["store"] == "the store does not answer"
    answer.is_described("/readyz", "GET")


@pytest.mark.parametrize("path", ["/", "/anmelden", "/aktivieren", "/healthz", "/api/v1/openapi.json"])
async def test_without_its_store_the_platform_shows_what_is_for_anybody_also_to_who_had_logged_in(
    cut_off: Office, path: str
) -> None:
    token = await begin_session(cut_off.citizen.account, "high", "password", cut_off.world.web)
    async with cut_off.http.get(cut_off.base_url + path, cookies={"session": token}) as answer:
        assert answer.status == 200
        assert "Abmelden" not in await answer.text()


async def test_a_session_changes_nothing_about_what_the_readiness_check_says(cut_off: Office) -> None:
    told = (await cut_off.get("/readyz")).json()
    async with cut_off.http.get(f"{cut_off.base_url}/readyz", cookies={"session": "of somebody"}) as answer:
        assert (await answer.json(), answer.status) == (told, 503)


async def test_without_the_folder_of_objects_no_attachment_is_taken(office: Office) -> None:
    rmtree(office.data / "objects")
    await office.is_refused(a_notice(office.handle), [A_FILE], problem="unavailable")

    parts = (await office.get("/readyz")).json()["parts"]
    assert "folder" in parts["objects"]


async def test_a_process_without_the_keys_says_which_it_lacks(office: Office) -> None:
    async with office.with_other(keys=office.world.workers.keys) as opened:
        told = (await opened.get("/api/v1/events")).says("key-missing", path="/api/v1/events", method="GET")
    assert "token" in told["detail"]


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """Let a process write nothing more to any file: what it tries fails as it does on a disk that is full."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def test_on_a_full_disk_nothing_is_taken_and_with_room_again_it_goes_on(tmp_path: Path, servers: Servers) -> None:
    with started("embedded", tmp_path, servers) as platform:
        players = platform.cast()
        async with aiohttp.ClientSession() as http:
            authority = platform.authority(http, players)
            desk = Desk(http, platform.base_url, tmp_path, await authority.token(), players.handle)
            notice = a_notice(desk.handle)
            await until(lambda: is_quiet(tmp_path))  # what was stated about the cast, and the first keys
            with full_disk(platform.pids()["web"]):
                await desk.is_refused(notice, [A_FILE], problem="unavailable")  # objects first
                await desk.is_refused(notice, problem="unavailable")  # then the store
                ready = await desk.get("/readyz")
            assert (ready.status, ready.json()["ready"]) == (503, False)
            assert "File too large" in ready.json()["parts"]["objects"]
            assert "the store cannot be written" in ready.json()["parts"]["store"]
            assert (await desk.post(notice, [A_FILE])).status == 202
