"""Uploads that break off: a real client, tuspy, over connections that are cut at whatever byte."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest
from tusclient.client import TusClient
from tusclient.uploader.uploader import Uploader as TusUploader

from tests.fakes import FakeClock
from tests.safe.cutting import ALL, Cut, Proxy, cutting
from tests.safe.uploads import Uploader, bytes_of, kept_in, objects_in, uploader, version_of
from tests.world import World, open_world

CUTS = 50
SALT_BYTES = 24
RANDOM = Random(6)  # noqa: S311 - to be made again, not a secret
DATA = RANDOM.randbytes(3_000_000)
ANYWHERE = [Cut(RANDOM.randrange(90_000), gently=RANDOM.random() < 0.5) for _ in range(CUTS)]


class Watched(TusUploader):
    """The client, which notes at what offset it was told to go on."""

    told: list[int]

    def get_offset(self) -> int:
        """See `tusclient.uploader.Uploader.get_offset`."""
        offset: int = super().get_offset()
        self.told.append(offset)
        return offset


async def send(tus: Uploader, proxy: Proxy, data: bytes, chunk: int = ALL, *, checksum: bool = False) -> list[int]:
    """Have the client send a file, however often it has to; return the offsets at which it was told to go on."""
    client = TusClient(f"{proxy.url}/safe/tus", {"Cookie": f"session={tus.tab.token}", "X-CSRF-Token": tus.tab.csrf})
    upload = Watched(
        client=client,
        file_stream=BytesIO(data),
        metadata={"filename": "Zeugnis.bin"},
        chunk_size=chunk,
        retries=1000,
        retry_delay=0,
        upload_checksum=checksum,
    )
    upload.told = []
    await asyncio.to_thread(upload.upload)
    return upload.told


@pytest.fixture(params=["files", "s3"])
async def stored(tmp_path: Path, clock: FakeClock, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Return a platform on each of the object stores."""
    objects = {"objects": request.getfixturevalue("s3_url")} if request.param == "s3" else {}
    async with open_world(tmp_path / "data", clock, **objects) as world:
        yield world


async def test_what_breaks_off_fifty_times_has_the_same_bytes_at_the_end(stored: World) -> None:
    erika = await stored.citizen()
    async with cutting(stored.base_url, ANYWHERE) as proxy:
        told = await send(await uploader(stored, erika), proxy, DATA)

    streams = (await version_of(stored, erika, "Zeugnis.bin")).streams
    assert (proxy.made, await bytes_of(stored, erika, "Zeugnis.bin") == DATA) == (CUTS, True)
    assert told == sorted(told)
    assert {*told} <= {0, *accumulate(stream.size for stream in streams)}
    assert len(streams) <= CUTS + 1
    assert sorted(stream.object for stream in streams) == sorted(await objects_in(stored))
    salts = {await salt_of(stored, stream.object) for stream in streams}
    assert len(salts) == len(streams)


async def salt_of(world: World, name: str) -> bytes:
    """Return the salt of a stream."""
    return b"".join([block async for block in world.web.objects.read(name, 0, SALT_BYTES)])


async def test_with_checksums_a_part_counts_as_a_whole_or_not_at_all(world: World) -> None:
    erika, chunk = await world.citizen(), 100_000
    async with cutting(world.base_url, ANYWHERE) as proxy:
        told = await send(await uploader(world, erika), proxy, DATA, chunk, checksum=True)

    assert (proxy.made, await bytes_of(world, erika, "Zeugnis.bin") == DATA) == (CUTS, True)
    assert {offset % chunk for offset in told} == {0}
    streams = (await version_of(world, erika, "Zeugnis.bin")).streams
    assert {stream.size for stream in streams} == {chunk}
    assert len(await objects_in(world)) == len(streams)


@pytest.mark.parametrize("chunk", [ALL, 1_000_000], ids=["in one go", "in parts"])
async def test_whoever_did_not_hear_the_last_answer_learns_that_nothing_is_left_to_send(
    world: World, chunk: int
) -> None:
    erika = await world.citizen()
    parts = -(-len(DATA) // min(chunk, len(DATA)))
    async with cutting(world.base_url, [Cut(ALL)] * parts) as proxy:
        told = await send(await uploader(world, erika), proxy, DATA, chunk)

    assert told == [min(chunk * number, len(DATA)) for number in range(1, parts + 1)]
    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
