"""Objects: bytes under random names, written once, whole or not at all."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from pathlib import Path

import pytest

from sk.errors import Invalid, NotFound, Unavailable
from sk.objects.files import open_files
from sk.objects.port import BLOCK_BYTES, ObjectStore, new_object_name
from sk.objects.s3 import open_s3
from tests.servers import Server, Servers

DAY = date(2026, 11, 23)
SIZES = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * 2**20, 5 * 2**20 + 1, 12_000_000]


class Interrupted(Exception):
    """Something unexpected happened to a writer."""


@pytest.fixture(params=["files", "s3"])
async def objects(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    """Return an object store that holds nothing yet."""
    opened = open_files(tmp_path / "objects") if request.param == "files" else open_s3(servers.shared("s3").url())
    async with opened as objects:
        yield objects


@pytest.fixture
def name() -> str:
    """Return a fresh name."""
    return new_object_name(DAY)


async def write(objects: ObjectStore, name: str, data: bytes, piece: int = 100_000) -> None:
    async with objects.upload(name, len(data)) as upload:
        for start in range(0, len(data), piece):
            await upload.write(data[start : start + piece])


async def write_then_raise(objects: ObjectStore, name: str, size: int | None, data: bytes, error: Exception) -> None:
    async with objects.upload(name, size) as upload:
        for start in range(0, len(data), 1_000_000):
            await upload.write(data[start : start + 1_000_000])
        raise error


async def write_and_kill(objects: ObjectStore, name: str, server: Server) -> None:
    async with objects.upload(name, 20_000_000) as upload:
        await upload.write(bytes(10_000_000))
        server.kill()
        await upload.write(bytes(10_000_000))


async def write_another_size(objects: ObjectStore, name: str, size: int, written: int) -> None:
    async with objects.upload(name, size) as upload:
        for start in range(0, written, 100_000):
            await upload.write(bytes(min(100_000, written - start)))


async def read(objects: ObjectStore, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([block async for block in objects.read(name, start, end)])


async def names(objects: ObjectStore, day: date = DAY) -> list[str]:
    return [name async for name in objects.names(day)]


async def assert_nothing_there(objects: ObjectStore, name: str) -> None:
    with pytest.raises(NotFound):
        await objects.size(name)
    with pytest.raises(NotFound):
        await read(objects, name)
    assert await names(objects) == []


@pytest.mark.parametrize("size", SIZES)
async def test_an_object_comes_back_byte_for_byte(objects: ObjectStore, name: str, size: int) -> None:
    data = os.urandom(size)

    await write(objects, name, data)

    assert await read(objects, name) == data
    assert await objects.size(name) == size
    assert await names(objects) == [name]


@pytest.mark.parametrize("size", SIZES)
async def test_an_object_whose_size_nobody_knew_before_comes_back_byte_for_byte(
    objects: ObjectStore, name: str, size: int
) -> None:
    data = os.urandom(size)

    async with objects.upload(name, None) as upload:
        for start in range(0, size, 100_000):
            await upload.write(data[start : start + 100_000])

    assert await read(objects, name) == data
    assert await names(objects) == [name]


async def test_an_object_may_come_in_pieces_of_any_size(objects: ObjectStore, name: str) -> None:
    data = os.urandom(3_000_000)
    async with objects.upload(name, len(data)) as upload:
        for piece in (data[:1], b"", data[1:2_500_000], data[2_500_000:2_500_007], data[2_500_007:]):
            await upload.write(piece)

    assert await read(objects, name) == data


async def test_blocks_are_small_however_large_the_object(objects: ObjectStore, name: str) -> None:
    await write(objects, name, bytes(3_000_000))

    assert max([len(block) async for block in objects.read(name)]) <= BLOCK_BYTES


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 1),
        (0, 1000),
        (999, 1000),
        (17, BLOCK_BYTES + 17),
        (BLOCK_BYTES, None),
        (699_999, None),
        (500, 500),
        (600_000, 900_000),
        (700_000, None),
        (900_000, None),
        (900_000, 900_001),
        (5, 3),
    ],
)
async def test_a_range_is_read_alone(objects: ObjectStore, name: str, start: int, end: int | None) -> None:
    data = os.urandom(700_000)
    await write(objects, name, data)

    assert await read(objects, name, start, end) == (data[start:end] if end is None or end > start else b"")


async def test_a_reader_may_stop_before_the_end(objects: ObjectStore, name: str) -> None:
    data = os.urandom(3_000_000)
    await write(objects, name, data)

    for _ in range(40):
        async with aclosing(objects.read(name)) as blocks:  # type: ignore[type-var]
            assert data.startswith(await anext(blocks))

    assert await read(objects, name) == data


async def test_what_was_never_written_is_not_found(objects: ObjectStore, name: str) -> None:
    await assert_nothing_there(objects, name)
    with pytest.raises(NotFound):
        await read(objects, name, 5, 5)


@pytest.mark.parametrize("written", [0, 999_999, 1_000_001, 6_000_000])
@pytest.mark.parametrize("size", [1_000_000, 11_000_000])
async def test_an_object_with_another_number_of_bytes_than_announced_is_not_there(
    objects: ObjectStore, name: str, size: int, written: int
) -> None:
    written += size - 1_000_000
    with pytest.raises(Unavailable, match=f"{written} bytes were written where {size} were announced"):
        await write_another_size(objects, name, size, written)

    await assert_nothing_there(objects, name)


@pytest.mark.parametrize("size", [0, 1000, 3_000_000, 12_000_000])
@pytest.mark.parametrize("part", [0, 0.6, 1])
async def test_an_interrupted_write_leaves_nothing(objects: ObjectStore, name: str, size: int, part: float) -> None:
    with pytest.raises(Interrupted):
        await write_then_raise(objects, name, size, bytes(round(part * size)), Interrupted())

    await assert_nothing_there(objects, name)


@pytest.mark.parametrize("written", [0, 1000, 12_000_000])
async def test_an_interrupted_write_whose_size_nobody_knew_leaves_nothing(
    objects: ObjectStore, name: str, written: int
) -> None:
    with pytest.raises(Interrupted):
        await write_then_raise(objects, name, None, bytes(written), Interrupted())

    await assert_nothing_there(objects, name)


async def test_the_errors_of_a_writer_stay_its_own(objects: ObjectStore, name: str) -> None:
    with pytest.raises(ConnectionResetError):
        await write_then_raise(objects, name, 10, b"x", ConnectionResetError())

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


async def test_many_write_and_read_at_once(objects: ObjectStore) -> None:
    async def one(number: int) -> None:
        data, name = os.urandom(number * 40_000), new_object_name(DAY)
        await write(objects, name, data)
        assert hashlib.sha256(await read(objects, name)).digest() == hashlib.sha256(data).digest()

    await asyncio.gather(*map(one, range(60)))

    assert len(await names(objects)) == 60


async def test_a_writer_that_stalls_keeps_no_other_waiting(objects: ObjectStore) -> None:
    go_on = asyncio.Event()
    slow_names = [new_object_name(DAY) for _ in range(20)]

    async def stall(name: str) -> None:
        async with objects.upload(name, 4_000_000) as upload:
            await upload.write(bytes(3_900_000))
            await go_on.wait()
            await upload.write(bytes(100_000))

    stalled = [asyncio.create_task(stall(name)) for name in slow_names]
    await asyncio.gather(*(write(objects, new_object_name(DAY), bytes(1000)) for _ in range(20)))
    assert len(await names(objects)) == 20

    go_on.set()
    await asyncio.gather(*stalled)
    assert len(await names(objects)) == 40


async def test_what_was_deleted_is_gone_and_may_be_deleted_again(objects: ObjectStore) -> None:
    kept, gone = new_object_name(DAY), new_object_name(DAY)
    await write(objects, kept, b"kept")
    await write(objects, gone, b"gone")

    await objects.delete(gone)
    await objects.delete(gone, new_object_name(DAY), gone)
    await objects.delete()

    assert await names(objects) == [kept]
    with pytest.raises(NotFound):
        await objects.size(gone)


async def test_objects_are_listed_by_their_days(objects: ObjectStore) -> None:
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2025, 12, 31), DAY]
    written = {day: sorted(new_object_name(day) for _ in range(3)) for day in days}
    for name in (name for names in written.values() for name in names):
        await write(objects, name, b"x")
    await objects.check()

    assert await objects.days() == sorted(days)
    assert {day: await names(objects, day) for day in days} == written
    assert await names(objects, date(2026, 10, 2)) == []

    await objects.delete(*written[DAY])
    assert await objects.days() == sorted(days)[:-1]


async def test_what_is_put_under_a_name_is_there_whole_and_may_be_put_again(objects: ObjectStore) -> None:
    named = "2026/11/23/log-0001-000000000000000017"
    for data in (b"", os.urandom(900_000), b"the same by another writer"):
        await objects.put(named, data)
        assert await read(objects, named) == data
    assert await names(objects) == [named]
    assert await objects.unfinished() == []


async def test_many_may_put_the_same_at_once_and_one_that_gives_up_takes_nothing_back(objects: ObjectStore) -> None:
    named, data = "2026/11/23/log-0001-000000000000000017", os.urandom(200_000)
    await objects.put(named, data)
    writers = [asyncio.create_task(objects.put(named, data)) for _ in range(20)]
    await asyncio.sleep(0.002)
    for writer in writers[::2]:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)

    assert [writer.exception() for writer in writers[1::2]] == [None] * 10
    assert await read(objects, named) == data


async def test_names_of_a_day_are_found_by_how_they_begin(objects: ObjectStore) -> None:
    anchors = [f"2026/11/23/log-0001-{size:018}" for size in (7, 12)]
    await asyncio.gather(*(write(objects, new_object_name(DAY), b"x") for _ in range(5)))
    for anchor in anchors:
        await objects.put(anchor, b"{}")

    assert [name async for name in objects.names(DAY, "log-")] == anchors
    assert [name async for name in objects.names(date(2026, 11, 24), "log-")] == []
    assert len(await names(objects)) == 7


async def test_a_day_may_have_more_objects_than_one_answer_lists(objects: ObjectStore) -> None:
    written = sorted(new_object_name(DAY) for _ in range(1100))
    await asyncio.gather(*(write(objects, name, b"x") for name in written))

    assert await names(objects) == written


async def test_a_check_leaves_nothing_behind(objects: ObjectStore) -> None:
    await objects.check()
    await objects.check()

    assert await objects.days() == []


async def test_many_may_check_at_once(objects: ObjectStore) -> None:
    await asyncio.gather(*(objects.check() for _ in range(30)))

    assert await objects.days() == []
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


async def test_an_interrupted_upload_leaves_no_parts_on_the_server(servers: Servers, name: str) -> None:
    server = servers.shared("s3")
    url = server.url()
    async with open_s3(url) as objects:
        with pytest.raises(Interrupted):
            await write_then_raise(objects, name, 20_000_000, bytes(15_000_000), Interrupted())
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
