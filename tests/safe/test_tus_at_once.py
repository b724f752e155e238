"""Uploads of which two know at once: a connection that is dead and its client, two clients, a process that ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest
from aiohttp import web

from sk.safe.upload_steps import append
from sk.scanner import Scanner
from sk.web.app import make_app
from tests.process import until
from tests.safe.uploads import Uploader, at, bytes_of, is_problem, kept_in, objects_in, uploader
from tests.scanners import a_scanner_that, hear_all
from tests.security.alarms import Alarms
from tests.security.serving import serving
from tests.upload import under_way
from tests.world import Citizen, World

HALF = 2_000_000
"""Enough to be written to the disk while it comes."""
DATA = Random(7).randbytes(2 * HALF)  # noqa: S311 - to be made again, not a secret


async def received(world: World) -> None:
    """Wait until some of what was sent is on the disk, under no name yet."""
    await until(lambda: any((world.data / "objects" / "incoming").iterdir()))


async def test_a_connection_that_has_fallen_silent_is_cut_off_once_its_client_is_back(
    world: World, erika: Citizen, tus: Uploader, alarms: Alarms
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with tus.sending(path, 0, len(DATA), DATA[:HALF]) as silent:
        await received(world)
        async with asyncio.timeout(30):  # the connection would be waited for much longer
            offset = await tus.offset(path)
        assert await silent.reader.read() == b""

    assert 0 < offset <= HALF
    assert (await tus.patch(path, offset, DATA[offset:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert (alarms.raised(), alarms.failures()) == ([], [])


async def test_so_it_is_if_the_client_goes_on_or_gives_up_without_asking(world: World, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with tus.sending(path, 0, len(DATA), DATA[:HALF]), asyncio.timeout(30):
        await received(world)
        assert is_problem(await tus.patch(path, 0, DATA), "upload-offset")
    offset = await tus.offset(path)
    assert offset > 0

    async with tus.sending(path, offset, len(DATA) - offset, DATA[offset:-1]) as silent, asyncio.timeout(30):
        await received(world)
        assert (await tus.delete(path)).status == 204
        assert await silent.reader.read() == b""
    await world.settle()
    assert await objects_in(world) == []


async def test_nobody_elses_upload_is_cut_off(world: World, erika: Citizen, tus: Uploader) -> None:
    mallory = await uploader(world, await world.citizen("mallory"))
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with tus.sending(path, 0, len(DATA), DATA[:HALF]) as wire:
        await received(world)
        assert (await mallory.head(path)).status == 404
        assert is_problem(await mallory.patch(path, 0, DATA), "not-found")
        assert is_problem(await mallory.delete(path), "not-found")
        await wire.send(DATA[HALF:])
        assert (await wire.reader.readline()).split()[1] == b"204"

    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_of_two_at_the_same_place_in_two_processes_one_wins(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with serving(world.web) as other, tus.sending(path, 0, HALF, DATA[: HALF - 1]) as slower:
        await received(world)
        assert (await at(tus, other).patch(path, 0, DATA[:1000])).status == 204
        await slower.send(DATA[HALF - 1 : HALF])
        lost = await slower.answer()
        assert (lost.status, lost.json()["type"]) == (409, "/problems/upload-offset")

    assert await tus.offset(path) == 1000
    assert len(await objects_in(world)) == 1
    assert (await tus.patch(path, 1000, DATA[1000:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await objects_in(world)) == 2


async def test_of_many_at_once_each_byte_is_taken_once(world: World, erika: Citizen, tus: Uploader) -> None:
    path, data = await tus.begun(40_000, "Zeugnis.bin"), DATA[:40_000]
    async with serving(world.web) as other:
        clients = [tus, at(tus, other)]
        for start in range(0, 40_000, 10_000):
            answers = await asyncio.gather(*(one.patch(path, start, data[start : start + 10_000]) for one in clients))
            assert sorted(answer.status for answer in answers) == [204, 409]

    assert await bytes_of(world, erika, "Zeugnis.bin") == data
    assert len(await objects_in(world)) == 4


async def test_whoever_asks_while_all_of_it_is_looked_at_waits_for_that(world: World, tus: Uploader) -> None:
    looks, begun = list[int](), asyncio.Event()

    async def takes_its_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looks.append(await hear_all(reader))
        begun.set()
        await asyncio.sleep(0.5)
        writer.write(b"stream: OK\0")

    async with (
        a_scanner_that(takes_its_time, patience=10) as scanner,
        serving(replace(world.web, scanner=scanner)) as scanning,
    ):
        there = at(tus, scanning)
        path = await there.begun(len(DATA), "Zeugnis.bin")
        async with under_way(there.patch(path, 0, DATA)) as sent:
            await begun.wait()
            heads = await asyncio.gather(*(there.head(path) for _ in range(3)))
            answers = [await sent, *heads]

    assert [(answer.status, answer.headers["Upload-Offset"]) for answer in answers] == [
        (204, str(len(DATA))),
        *[(200, str(len(DATA)))] * 3,
    ]
    assert looks == [len(DATA)]


async def test_what_two_processes_look_at_is_one_document(world: World, erika: Citizen, tus: Uploader) -> None:
    async def takes_its_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hear_all(reader)
        await asyncio.sleep(0.5)
        writer.write(b"stream: OK\0")

    path = await tus.begun(len(DATA), "Zeugnis.bin")
    nowhere = replace(world.web, scanner=Scanner(host="127.0.0.1", port=1))
    async with a_scanner_that(takes_its_time, patience=10) as scanner, serving(nowhere) as silent:
        services = replace(world.web, scanner=scanner)
        assert is_problem(await at(tus, silent).patch(path, 0, DATA), "scanner-silent")
        async with serving(services) as one, serving(services) as other:
            offsets = await asyncio.gather(*(at(tus, process).offset(path) for process in (one, other)))

    assert offsets == [len(DATA)] * 2
    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


@pytest.mark.parametrize("checksum", [{}, {"Upload-Checksum": "sha1 AAAA"}], ids=["", "but for what had a checksum"])
async def test_a_process_that_is_told_to_stop_keeps_what_has_come(
    world: World, erika: Citizen, tus: Uploader, checksum: dict[str, str]
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    runner = web.AppRunner(make_app(world.web), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stopped = at(tus, "http://{}:{}".format(*runner.addresses[0]))
    async with stopped.sending(path, 0, len(DATA), DATA[:HALF], **checksum) as wire:
        await received(world)
        await runner.cleanup()
        answer = await wire.answer()

    assert (answer.status, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["Retry-After"]
    offset = await tus.offset(path)
    assert (offset > 0) == (not checksum)
    assert (await tus.patch(path, offset, DATA[offset:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await objects_in(world)) == (1 if checksum else 2)


async def test_a_request_that_is_ended_in_the_middle_leaves_what_was_there(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:1000])

    async def endless() -> AsyncIterator[bytes]:
        yield DATA[1000:HALF]
        await asyncio.Event().wait()

    upload_id = path.rpartition("/")[2]
    async with under_way(append(upload_id, erika.account.id, 1000, None, endless(), world.web)):
        await received(world)

    assert len(await objects_in(world)) == 1
    assert await tus.offset(path) == 1000
    assert (await tus.patch(path, 1000, DATA[1000:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
