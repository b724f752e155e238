"""How an import goes on: once, a while at a time, however often it is broken off, and until its day is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from sk.archive import Archive, Broken
from sk.render import serve
from sk.renderer import Renderer
from sk.safe import import_steps
from sk.safe.importing import Import, imports_of
from sk.scanner import Scanner
from sk.workers.handle import receiver
from tests.fakes import FakeClock
from tests.safe.importing.imports import (
    HERE,
    THREE,
    a_zip,
    imported,
    left_out,
    open_unpacking_world,
    progress_of,
    send,
    tree,
)
from tests.safe.uploads import objects_in
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import SOON, Citizen, World


async def test_one_form_is_one_import_and_while_one_goes_on_there_is_no_other(world: World, otto: Citizen) -> None:
    tab = await open_tab(world, otto)

    first, again = [await send(tab, a_zip(THREE), token="x") for _ in range(2)]
    other = await send(tab, a_zip({"d.txt": b"vier"}), token="y")
    await world.settle()
    later = await send(tab, a_zip({"d.txt": b"vier"}), token="y")
    await world.settle()

    assert [first.status, again.status, other.status, later.status] == [303, 303, 409, 303]
    assert "Ein anderer Import läuft noch." in words_of(other.text)
    assert {*await tree(world, otto)} == {*THREE, "d.txt"}
    assert len(await world.web.store.scan(Import)) == 1
    assert len(await objects_in(world)) == 4


async def test_killed_in_the_middle_it_goes_on_where_it_was(
    world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, killed = Archive.read, list[int]()

    async def read_and_be_killed(archive: Archive, number: int) -> AsyncIterator[bytes]:
        async for block in read(archive, number):
            if number == 1 and len(killed) < 2:
                killed.append(number)
                raise ConnectionError
            yield block

    monkeypatch.setattr(Archive, "read", read_and_be_killed)
    await send(await open_tab(world, otto), a_zip(THREE))
    await world.settle()
    world.clock.advance(hours=1)
    between = await progress_of(world, otto)

    for _ in range(3):
        await world.settle()
        world.clock.advance(minutes=1)

    assert (len(killed), between.done, between.taken) == (2, 1, 1)
    assert (await progress_of(world, otto)).ended == "done"
    assert {*await tree(world, otto)} == {*THREE}
    assert len(await objects_in(world)) == 3


async def test_it_goes_on_for_a_while_at_a_time(world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_steps, "AT_A_TIME_SECONDS", 0)
    await send(await open_tab(world, otto), a_zip(THREE))
    world.clock.advance(seconds=1)

    for done in (1, 2, 3):
        [event] = await world.web.store.take_due("test", world.clock.now(), limit=1, lease=SOON)
        for _ in range(2):  # it may come twice
            await receiver(world.web)(event.id)
        assert (await progress_of(world, otto)).done == done

    assert (await progress_of(world, otto)).ended == "done"
    assert {*await tree(world, otto)} == {*THREE}


async def test_two_that_go_on_at_once_take_nothing_twice(
    world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_steps, "GOING_ON", asyncio.Semaphore(2))  # as in two processes
    monkeypatch.setattr(serve, "UNPACK_AT_ONCE", 2)
    await send(await open_tab(world, otto), a_zip({f"{number}.txt": b"x" for number in range(20)}))
    [found] = await imports_of(otto.account.id, world.web)
    found.row.go_on(otto.account.id, world.clock.now())
    await world.web.store.save(found.row)
    events = await world.web.store.take_due("test", world.clock.now(), limit=2, lease=SOON)

    await asyncio.gather(*(receiver(world.web)(event.id) for event in events))
    await world.settle()

    assert len(events) == 2
    assert (await progress_of(world, otto)).taken == 20
    assert len(await tree(world, otto)) == len(await objects_in(world)) == 20


async def test_while_one_goes_on_another_waits_its_turn(world: World, otto: Citizen) -> None:
    await send(await open_tab(world, otto), a_zip(THREE))
    world.clock.advance(seconds=1)

    async with import_steps.GOING_ON:
        [event] = await world.web.store.take_due("test", world.clock.now(), limit=1, lease=SOON)
        await receiver(world.web)(event.id)
        assert (await progress_of(world, otto)).done == 0
    await world.settle()
    world.clock.advance(seconds=5)
    await world.settle()

    assert (await progress_of(world, otto)).ended == "done"


async def test_while_the_renderer_is_away_it_is_waited_for(world: World, otto: Citizen) -> None:
    away = replace(world, web=replace(world.web, renderer=Renderer(str(world.data / "nobody"), 1)))
    await send(await open_tab(world, otto), a_zip(THREE))

    for _ in range(20):
        await away.settle()
        world.clock.advance(seconds=5)
    assert (await progress_of(world, otto)).done == 0
    await world.settle()

    assert (await progress_of(world, otto)).ended == "done"
    assert await world.web.store.aside() == []


async def test_a_file_at_which_the_renderer_gives_up_is_left_out(
    world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = Archive.read

    async def read_or_give_up(archive: Archive, number: int) -> AsyncIterator[bytes]:
        if number == 1:
            archive.writer.close()
            raise Broken("too-slow")
        async for block in read(archive, number):
            yield block

    monkeypatch.setattr(Archive, "read", read_or_give_up)

    progress = await imported(world, otto, a_zip(THREE))

    assert left_out(progress) == {"Ordner/b.txt": "too-slow"}
    assert "event-failed" not in caplog.messages
    assert {*await tree(world, otto)} == {*THREE} - {"Ordner/b.txt"}


async def test_an_archive_that_a_restore_has_not_brought_back_ends_in_words(world: World, otto: Citizen) -> None:
    await send(await open_tab(world, otto), a_zip(THREE))
    await world.web.objects.delete(*await objects_in(world))

    await world.settle()

    assert (await progress_of(world, otto)).ended == "unreadable"


async def test_a_silent_scanner_is_waited_for(tmp_path: Path, clock: FakeClock) -> None:
    async with open_unpacking_world(tmp_path, clock, scanner="clamd://127.0.0.1:1") as world:
        otto = await world.citizen("otto")

        progress = await imported(world, otto, a_zip(THREE))
        assert (progress.ended, progress.done, await tree(world, otto)) == ("", 0, {})

        patient = replace(world, web=replace(world.web, scanner=Scanner()))
        world.clock.advance(hours=1)
        await patient.settle()
        assert {*await tree(world, otto)} == {*THREE}


async def test_ended_by_its_owner_it_leaves_what_is_in_the_safe(
    world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_steps, "AT_A_TIME_SECONDS", 0)
    tab = await open_tab(world, otto)
    await send(tab, a_zip(THREE))
    [event] = await world.web.store.take_due("test", world.clock.now(), limit=1, lease=SOON)
    await receiver(world.web)(event.id)
    going = words_of((await tab.get(HERE)).text)

    await tab.post(f"{HERE}/abbrechen")
    await world.settle()

    assert "1 von 3 Dateien sind geprüft und ausgepackt." in going
    assert "Sie haben den Import abgebrochen." in words_of((await tab.get(HERE)).text)
    assert {*await tree(world, otto)} == {"a.txt"}
    assert len(await objects_in(world)) == 1


async def test_one_that_takes_longer_than_a_day_ends_and_says_so_for_another(tmp_path: Path, clock: FakeClock) -> None:
    async with open_unpacking_world(tmp_path, clock, scanner="clamd://127.0.0.1:1") as world:
        otto = await world.citizen("otto")
        await send(await open_tab(world, otto), a_zip(THREE))

        world.clock.advance(hours=24)
        await world.settle()
        late = await progress_of(world, otto)
        world.clock.advance(hours=24)
        await world.settle()

        assert (late.ended, late.archive) == ("late", None)
        assert await world.web.store.scan(Import) == []
        assert await objects_in(world) == []
