"""`sk log audit` against a platform that serves, honest or not, and against servers that serve anything."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.errors import Invalid
from sk.evidence.audit import audit as audit_leaves
from sk.evidence.note import Checkpoint
from sk.evidence.watch import Contradiction, Kept, read_checkpoint
from sk.installation import log_vkey
from tests.evidence.cases import Shelf, a_shelf, fill, go_back, rewrite
from tests.evidence.whole import in_the_log
from tests.process import run_sk
from tests.world import World

MANY = 700  # more than two tiles, and the third one not full
Done = subprocess.CompletedProcess[str]


async def audit(folder: Path, url: str, *more: str) -> Done:
    """Audit the log of a platform as anybody can, with the state in a folder."""
    return await asyncio.to_thread(run_sk, folder, {}, "log", "audit", url, "--state", "state.json", *more)


def said(done: Done, code: int) -> str:
    """Return the one line that was said."""
    assert done.returncode == code, done.stderr
    line = done.stdout if code == 0 else done.stderr
    assert line.count("\n") == 1, line
    assert "Traceback" not in done.stderr
    return line.strip()


async def test_an_audit_follows_a_log_that_grows(world: World, tmp_path: Path) -> None:
    origin, trust = (await log_vkey(world.web)).name, str(await log_vkey(world.web))
    old = await fill(world, 300)
    first = said(await audit(tmp_path, world.base_url, "--trust", trust), 0)
    assert first == f"the log {origin} has {old} leaves; its checkpoint is kept from now on"
    assert said(await audit(tmp_path, world.base_url), 0) == f"the log {origin} has not changed: {old} leaves"

    new = await fill(world, MANY - 300)
    grew = said(await audit(tmp_path, world.base_url, "--trust", trust), 0)
    assert grew == f"the log {origin} grew from {old} to {new} leaves and only grew"
    whole = said(await audit(tmp_path, world.base_url, "--all"), 0)
    assert whole == f"the log {origin} has not changed: {new} leaves; every leaf was checked"


async def test_without_a_key_from_elsewhere_the_first_audit_says_that_it_believes_the_log(
    world: World, tmp_path: Path
) -> None:
    await fill(world, 3)
    done = await audit(tmp_path, world.base_url)

    assert done.returncode == 0
    assert str(await log_vkey(world.web)) in done.stderr
    assert "was taken from the log itself" in done.stderr
    assert (await audit(tmp_path, world.base_url)).stderr == ""


@pytest.mark.parametrize("more", [0, 1, MANY - 300])
async def test_one_rewritten_leaf_with_everything_signed_again_is_reported_by_an_audit_and_by_a_client(
    more: int, world: World, tmp_path: Path
) -> None:
    authority, client_state = await world.authority(), tmp_path / "client.json"
    trust = str(await log_vkey(world.web))
    old = await fill(world, 300)
    await audit(tmp_path, world.base_url, "--trust", trust)
    assert (await authority.events(state=client_state, trust=trust))[0] == 200
    before = contents(tmp_path)

    await rewrite(world, 7, more)

    noticed = f"among its first {old} leaves something was changed"
    assert noticed in said(await audit(tmp_path, world.base_url), 1)
    # A stranger who looks for the first time sees a log that is in order: it takes somebody who kept a checkpoint.
    (tmp_path / "new").mkdir()
    assert (await audit(tmp_path / "new", world.base_url, "--all")).returncode == 0
    with pytest.raises(Contradiction, match=noticed):
        await authority.events(state=client_state)
    assert contents(tmp_path) == before


async def test_a_log_that_went_back_is_reported(world: World, tmp_path: Path) -> None:
    size = await fill(world, MANY)
    await audit(tmp_path, world.base_url)
    await go_back(world, 600)

    assert f"went back: it has 600 leaves, and had {size}" in said(await audit(tmp_path, world.base_url), 1)


async def test_a_leaf_that_is_served_and_not_the_one_that_was_hashed_is_reported(world: World, tmp_path: Path) -> None:
    await fill(world, MANY)
    await audit(tmp_path, world.base_url)
    changed = (await in_the_log(world.web.store))[300]
    changed.jws += "x"
    await world.web.store.save(changed)

    assert "has not changed" in said(await audit(tmp_path, world.base_url), 0)
    assert "leaves from 256 on are not those" in said(await audit(tmp_path, world.base_url, "--all"), 1)


async def test_another_key_than_the_one_that_was_kept_is_not_believed(world: World, tmp_path: Path) -> None:
    await fill(world, 3)
    await audit(tmp_path, world.base_url)
    other = str(a_shelf(1).vkey)

    assert "under another key" in said(await audit(tmp_path, world.base_url, "--trust", other), 1)
    (tmp_path / "state.json").unlink()
    assert "not signed by the key" in said(await audit(tmp_path, world.base_url, "--trust", other), 1)


@pytest.mark.parametrize("text", ["", "{", '{"vkey": "x", "checkpoints": []}'])
async def test_a_state_that_cannot_be_read_is_said_and_left_alone(text: str, world: World, tmp_path: Path) -> None:
    await fill(world, 3)
    (tmp_path / "state.json").write_text(text)

    assert "the state state.json cannot be read" in said(await audit(tmp_path, world.base_url), 2)
    assert contents(tmp_path) == {"state.json": text}


async def test_a_state_that_cannot_be_written_is_said(world: World, tmp_path: Path) -> None:
    await fill(world, 3)
    trust = str(await log_vkey(world.web))
    done = await audit(tmp_path, world.base_url, "--trust", trust, "--state", "nowhere/state.json")

    assert "the state nowhere/state.json cannot be written" in said(done, 2)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://konto.example.org", "must begin with https://"),
        ("http://127.0.0.1.example.org", "must begin with https://"),
        ("ftp://127.0.0.1", "no base URL"),
        ("konto.example.org", "no base URL"),
        ("http://erika@127.0.0.1", "no base URL"),
        ("http://127.0.0.1/?a=b", "no base URL"),
        ("http://127.0.0.1:1", "cannot be reached"),
        ("http://127.0.0.1:99999", "cannot be reached"),
    ],
)
async def test_what_cannot_be_asked_is_said_in_a_sentence(url: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in said(await audit(tmp_path, url), 2)
    assert contents(tmp_path) == {}


async def test_before_the_first_leaf_there_is_nothing_to_audit(world: World, tmp_path: Path) -> None:
    vkey = str(await log_vkey(world.web))
    assert "/log/checkpoint answers 404" in said(await audit(tmp_path, world.base_url, "--trust", vkey), 2)


@pytest.mark.parametrize("size", [1, 256, 257, MANY])
async def test_a_log_that_is_in_order_is_counted_to_its_end(size: int) -> None:
    shelf, counted = a_shelf(size), list[int]()
    await audit_leaves(checkpoint_of(shelf), shelf.fetch, counted.append)

    assert sum(counted) == size


async def test_a_leaf_that_was_logged_before_the_one_that_it_follows_is_reported() -> None:
    for index in (1, 256, 600):
        shelf = a_shelf(MANY).rewritten(index, (index - 2 if index > 1 else 2**63).to_bytes(8) + bytes(32))
        with pytest.raises(Contradiction, match="logged before the one that it follows"):
            await audit_leaves(checkpoint_of(shelf), shelf.fetch, nobody_hears)


async def test_a_root_that_is_not_over_the_leaves_is_reported() -> None:
    shelf = a_shelf(MANY)
    with pytest.raises(Contradiction, match="the root over its 700 leaves"):
        await audit_leaves(checkpoint_of(shelf)._replace(root=bytes(32)), shelf.fetch, nobody_hears)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: raw[:-1], id="cut off"),
        pytest.param(lambda raw: raw[:-42], id="a leaf less"),
        pytest.param(lambda raw: raw + raw[-42:], id="a leaf more"),
        pytest.param(lambda raw: b"\0\x29" + raw[2:], id="another length"),
    ],
)
async def test_leaves_of_another_number_or_length_are_not_read(change: Callable[[bytes], bytes]) -> None:
    shelf = a_shelf(MANY)

    async def fetch(path: str) -> bytes:
        body = await shelf.fetch(path)
        return change(body) if "entries" in path else body

    with pytest.raises(Invalid, match="does not serve 256 leaves"):
        await audit_leaves(checkpoint_of(shelf), fetch, nobody_hears)


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("checkpoint", b"x" * 65537, "more than the 65536 bytes"),
        ("checkpoint", b"\xff\xfe", "is none"),
        ("tile/", b"x" * 8193, "more than the 8192 bytes"),
        ("tile/", b"x" * 100, "serves 100 bytes as tile/"),
        ("tile/entries", b"x" * 10753, "more than the 10752 bytes"),
        ("checkpoint", None, "checkpoint answers 302"),
        ("tile/", None, "answers 302"),
    ],
)
async def test_a_server_that_serves_anything_is_not_listened_to_for_long(
    path: str, body: bytes | None, sentence: str, tmp_path: Path
) -> None:
    shelf = a_shelf(MANY)
    Kept(vkey=str(shelf.vkey), checkpoints=[shelf.note(300)]).save(tmp_path / "state.json")
    before = contents(tmp_path)
    async with serving(shelf, path, body) as base_url:
        assert sentence in said(await audit(tmp_path, base_url, "--all"), 2)
    assert contents(tmp_path) == before


@asynccontextmanager
async def serving(shelf: Shelf, wrong: str, body: bytes | None) -> AsyncIterator[str]:
    """Serve a log in memory, but under some paths another body or a redirect; yield the base URL."""

    async def serve(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path.startswith(wrong):
            return web.Response(body=body) if body else web.Response(status=302, headers={"Location": "/log/vkey"})
        return web.Response(body=shelf.note().encode() if path == "checkpoint" else await shelf.fetch(path))

    app = web.Application()
    app.router.add_get("/log/{path:.+}", serve)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def checkpoint_of(shelf: Shelf) -> Checkpoint:
    return read_checkpoint(shelf.note(), shelf.vkey)


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.glob("*.json")}


def nobody_hears(_: int) -> None:
    """Hear nothing."""
