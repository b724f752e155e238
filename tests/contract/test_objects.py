"""Objects: bytes under random names, written once, listed by day, and read in blocks."""

import asyncio
import hashlib
import os
from contextlib import aclosing
from datetime import date
from itertools import chain

import pytest

from sk.errors import NotFound
from sk.objects.port import BLOCK_BYTES, ObjectStore, new_object_name
from tests.contract.pieces import DAY, assert_nothing_there, names, read, write

SIZES = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * 2**20, 5 * 2**20 + 1, 12_000_000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_known", [True, False], ids=["announced", "not announced"])
async def test_an_object_comes_back_byte_for_byte_whether_its_size_was_announced_or_not(
    objects: ObjectStore, name: str, size: int, *, is_known: bool
) -> None:
    data = os.urandom(size)

    await write(objects, name, data, is_known=is_known)

    assert await read(objects, name) == data
    assert await objects.size(name) == size
    assert await names(objects) == [name]
    assert await objects.unfinished() == []


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
    for name in chain.from_iterable(written.values()):
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
