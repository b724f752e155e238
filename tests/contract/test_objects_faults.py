"""Objects are there whole or not at all, whatever happens to who writes them, and to the store."""

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest

from sk.errors import Invalid, NotFound, Unavailable
from sk.objects.files import open_files
from sk.objects.port import ObjectStore, new_object_name
from sk.objects.s3 import open_s3
from tests.contract.pieces import DAY, assert_nothing_there, names, read, write, write_as, write_on
from tests.servers import Server, Servers


class Interrupted(Exception):
    """Something unexpected happened to a writer."""


async def write_and_kill(objects: ObjectStore, name: str, server: Server) -> None:
    """Write an object, and kill the server halfway."""
    async with objects.upload(name, 20_000_000) as upload:
        await write_on(upload, bytes(10_000_000))
        server.kill()
        await write_on(upload, bytes(10_000_000))


@pytest.mark.parametrize("written", [0, 999_999, 1_000_001, 6_000_000])
@pytest.mark.parametrize("size", [1_000_000, 11_000_000])
async def test_an_object_with_another_number_of_bytes_than_announced_is_not_there(
    objects: ObjectStore, name: str, size: int, written: int
) -> None:
    written += size - 1_000_000
    with pytest.raises(Unavailable, match=f"{written} bytes were written where {size} were announced"):
        await write_as(objects, name, size, bytes(written))

    await assert_nothing_there(objects, name)


@pytest.mark.parametrize("size", [0, 1000, 3_000_000, 12_000_000])
@pytest.mark.parametrize("part", [0, 0.6, 1])
@pytest.mark.parametrize("is_known", [True, False], ids=["announced", "not announced"])
async def test_an_interrupted_write_leaves_nothing_whether_its_size_was_announced_or_not(
    objects: ObjectStore, name: str, size: int, part: float, *, is_known: bool
) -> None:
    with pytest.raises(Interrupted):
        await write_as(objects, name, size if is_known else None, bytes(round(part * size)), Interrupted())

    await assert_nothing_there(objects, name)


async def test_the_errors_of_a_writer_stay_its_own(objects: ObjectStore, name: str) -> None:
    with pytest.raises(ConnectionResetError):
        await write_as(objects, name, 10, b"x", ConnectionResetError())

    await assert_nothing_there(objects, name)


@pytest.mark.parametrize("size", [1000, 12_000_000])
async def test_a_write_that_is_cancelled_at_any_moment_leaves_nothing_or_all(objects: ObjectStore, size: int) -> None:
    data = os.urandom(size)
    whole = 0
    for steps in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89):
        name = new_object_name(DAY)
        task = asyncio.create_task(write(objects, name, data))
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        if outcome is None:
            whole += 1
            assert await read(objects, name) == data
        else:
            with pytest.raises(NotFound):
                await objects.size(name)
    assert len(await names(objects)) == whole
    assert await objects.unfinished() == []


async def test_an_upload_that_ends_between_being_listed_and_looked_at_is_not_unfinished(tmp_path: Path) -> None:
    async with open_files(tmp_path / "objects") as objects:
        (tmp_path / "objects" / "incoming" / "part").symlink_to("gone")  # listed, and not there when it is looked at

        assert await objects.unfinished(date.max) == []


async def test_a_folder_that_refuses_is_unavailable(tmp_path: Path, name: str) -> None:
    async with open_files(tmp_path / "objects") as objects:
        (tmp_path / "objects" / "incoming").rmdir()

        with pytest.raises(Unavailable):
            await write(objects, name, b"x")
        with pytest.raises(Unavailable):
            await objects.check()


@pytest.mark.parametrize("size", [20_000_000, None])
async def test_an_interrupted_upload_leaves_no_parts_on_the_server(
    servers: Servers, name: str, size: int | None
) -> None:
    server = servers.shared("s3")
    url = server.url()
    async with open_s3(url) as objects:
        with pytest.raises(Interrupted):
            await write_as(objects, name, size, bytes(15_000_000), Interrupted())
    bucket = server.folder / "data" / url.partition("?")[0].rpartition("/")[2]
    assert bucket.is_dir()
    assert [path for path in bucket.rglob("*") if path.is_file()] == []


async def test_an_object_server_that_went_away_is_unavailable_and_then_serves_again(
    servers: Servers, name: str
) -> None:
    with servers.private("s3") as server:
        async with open_s3(server.url()) as objects:
            before = new_object_name(DAY)
            await write(objects, before, b"before")

            with pytest.raises(Unavailable):
                await write_and_kill(objects, name, server)

            async with asyncio.timeout(15):
                for attempt in (objects.size(before), read(objects, before), objects.check(), objects.days()):
                    with pytest.raises(Unavailable, match="the object store does not answer"):
                        await attempt

            server.start()
            assert await read(objects, before) == b"before"
            await write(objects, name, b"after")
            assert sorted(await names(objects)) == sorted([before, name])


async def test_an_object_server_that_is_killed_while_reading_never_ends_an_object_early(
    servers: Servers, name: str
) -> None:
    with servers.private("s3") as server:
        async with open_s3(server.url()) as objects:
            await write(objects, name, bytes(20_000_000))
            blocks = objects.read(name)
            await anext(blocks)
            server.kill()

            with pytest.raises(Unavailable):
                _ = [block async for block in blocks]


async def test_an_object_server_that_is_not_there_is_said_so_when_it_is_opened(servers: Servers) -> None:
    with servers.private("s3") as server:
        url = server.url()
    with pytest.raises(Unavailable):
        async with open_s3(url):
            pass


async def test_a_wrong_key_is_unavailable_not_missing(s3_url: str, name: str) -> None:
    async with open_s3(s3_url.replace(":tests-secret@", ":other-secret@")) as objects:
        with pytest.raises(Unavailable):
            await objects.check()
        with pytest.raises(Unavailable):
            await read(objects, name)


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:secret@127.0.0.1:9/",
        "s3://127.0.0.1:9/bucket",
        "s3://key:secret@127.0.0.1:9/Not_A_Bucket!",
        "s3://key:secret@127.0.0.1:9/bucket?tsl=0",
        "s3://key:secret@127.0.0.1:nine/bucket",
    ],
)
async def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="SK_OBJECTS"):
        async with open_s3(url):
            pass
