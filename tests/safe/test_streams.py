"""The streams of a version: read as one file in any part; what is not what it should be is damaged."""

import secrets
from collections.abc import AsyncIterator

import pytest

from sk.crypto.stream import CHUNK_BYTES, KEY_BYTES
from sk.errors import Damaged
from sk.safe.look import NoLook
from sk.safe.streams import Source, Stream, take
from tests.safe.uploads import objects_in
from tests.world import World

SIZES = (1, CHUNK_BYTES, 3 * CHUNK_BYTES + 5, CHUNK_BYTES - 1, 40)
DATA = secrets.token_bytes(sum(SIZES))
BORDERS = [
    0,
    1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    CHUNK_BYTES + 2,
    4 * CHUNK_BYTES,
    len(DATA) - 40,
    len(DATA) - 1,
    len(DATA),
]


async def stored(world: World, sizes: tuple[int, ...] = SIZES) -> Source:
    """Store a file as streams of these sizes."""

    async def piece(data: bytes) -> AsyncIterator[bytes]:
        yield data

    key, start, streams = secrets.token_bytes(KEY_BYTES), 0, list[Stream]()
    for size in sizes:
        streams.append(await take(piece(DATA[start : start + size]), key, NoLook(), world.web))
        start += size
    return Source(streams, key, world.web)


async def read(source: Source, start: int = 0, end: int | None = None) -> bytes:
    """Read a part of a file, or all of it."""
    return b"".join([block async for block in source.read(start, end)])


async def test_every_part_of_a_file_is_read_out_of_the_streams_that_hold_it(world: World) -> None:
    source = await stored(world)

    assert (source.size, await read(source)) == (len(DATA), DATA)
    for start in BORDERS:
        for end in BORDERS:
            assert await read(source, start, end) == DATA[start:end], (start, end)


async def test_what_comes_to_an_end_too_early_leaves_nothing(world: World) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield DATA
        raise Damaged

    with pytest.raises(Damaged):
        await take(broken(), secrets.token_bytes(KEY_BYTES), NoLook(), world.web)
    assert await objects_in(world) == []


async def is_damaged(source: Source) -> bool:
    """Check that a file does not open; it is true then."""
    with pytest.raises(Damaged):
        await read(source)
    return True


async def test_a_stream_is_as_long_as_the_list_says_and_lies_where_it_says(world: World) -> None:
    source = await stored(world, (100, 100))
    first, second = source.streams

    assert await is_damaged(source._replace(streams=[first, second.model_copy(update={"size": 99})]))
    assert await is_damaged(source._replace(key=secrets.token_bytes(KEY_BYTES)))
    await world.web.objects.delete(second.object)
    assert await is_damaged(source)


async def test_a_stream_in_the_place_of_another_does_not_open(world: World) -> None:
    source = await stored(world, (100, 100))
    first, second = [stream.object for stream in source.streams]
    sealed = b"".join([block async for block in world.web.objects.read(first)])
    await world.web.objects.delete(second)
    await world.web.objects.put(second, sealed)

    assert await is_damaged(source)
