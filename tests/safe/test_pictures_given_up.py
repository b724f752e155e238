"""Small pictures that are not made, not yet or not for this: nobody is bothered, and nothing wrong is shown."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sk.errors import Damaged, Unavailable
from sk.events import PictureDue
from sk.ids import new_id
from sk.renderer import PNG, Picture, Renderer
from sk.safe.pictures import BYTES_MAX, MAKING, TRIES, WIDTH, make_picture
from sk.safe.steps import delete, throw_away
from tests.fakes import FakeClock
from tests.safe.documents import PDF, TEXT, damage, picture_of, put, row_of
from tests.safe.pictures import has_picture, open_drawing_world, waiting
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.security.tab import open_tab
from tests.strangers import a_pdf
from tests.world import Citizen, World, open_world


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    async with open_drawing_world(tmp_path, clock) as opened:
        yield opened


class Interrupted(Renderer):
    """`Renderer` beside which something happens while it draws."""

    meanwhile: Callable[[], Awaitable[object]]

    async def picture(self, *asked: Any) -> Picture:
        """See `Renderer.picture`."""
        drawn = await super().picture(*asked)
        await self.meanwhile()
        return drawn


class Wasteful(Renderer):
    """`Renderer` whose pictures have more bytes than they need."""

    async def picture(self, *_: Any) -> Picture:
        """See `Renderer.picture`."""
        return Picture(1, WIDTH, WIDTH, PNG + bytes(BYTES_MAX))


async def test_a_picture_of_a_version_that_has_been_replaced_meanwhile_is_not_kept(
    world: World, erika: Citizen
) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    [event] = await waiting(world)

    renderer = Interrupted(*world.web.renderer)
    renderer.meanwhile = lambda: put(world, erika, "b.txt", TEXT, document=document_id)

    await make_picture(event, replace(world.web, renderer=renderer))

    assert not await has_picture(world, erika, document_id)
    assert await world.web.store.due(event.id) is None


async def test_a_renderer_that_is_away_is_asked_again_and_at_last_no_more(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world(tmp_path / "data", clock, render=str(tmp_path / "nobody")) as world:
        erika = await world.citizen()
        document_id = await put(world, erika, "a.pdf", PDF)
        for _ in range(TRIES + 5):
            await world.settle()
            clock.advance(hours=1)

        assert await waiting(world) == []
        assert await world.web.store.aside() == []
        assert not await has_picture(world, erika, document_id)
    said = [record.getMessage() for record in caplog.records]
    assert said == ["event-failed"] * (TRIES - 1) + ["picture-given-up"]


async def test_a_renderer_that_is_back_makes_the_picture(world: World, erika: Citizen) -> None:
    away = replace(world, web=replace(world.web, renderer=Renderer("/nobody/is/here", 1_000_000)))
    document_id = await put(world, erika, "a.pdf", PDF)
    await away.settle()
    without = await has_picture(world, erika, document_id)
    world.clock.advance(minutes=1)
    await world.settle()

    assert (without, await has_picture(world, erika, document_id)) == (False, True)


async def test_one_picture_at_a_time_leaves_the_renderer_to_those_who_look(world: World, erika: Citizen) -> None:
    await put(world, erika, "a.pdf", PDF)
    [event] = await waiting(world)

    async with MAKING:
        with pytest.raises(Unavailable, match="another picture is being made"):
            await make_picture(event, world.web)

    assert not MAKING.locked()


async def test_a_picture_that_is_too_large_to_be_small_is_not_kept(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    [event] = await waiting(world)

    await make_picture(event, replace(world.web, renderer=Wasteful(*world.web.renderer)))

    assert not await has_picture(world, erika, document_id)
    assert await world.web.store.due(event.id) is None


async def test_of_a_damaged_document_there_is_no_picture_but_an_alarm(
    world: World, erika: Citizen, alarms: Alarms
) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    [name] = (await row_of(world, document_id)).objects
    damage(world, name)
    await world.settle()

    assert not await has_picture(world, erika, document_id)
    assert (alarms.raised(), alarms.failures()) == (["document-damaged"], [])
    assert await waiting(world) == []


async def test_of_a_document_or_an_account_that_is_gone_there_is_none(
    world: World, erika: Citizen, alarms: Alarms
) -> None:
    document_id = await put(world, erika, "a.pdf", PDF)
    with intrusion(world) as intruder:
        intruder.send(PictureDue.__name__, {"id": new_id(), "account_id": new_id(), "document_id": document_id})
    events = await waiting(world)
    await throw_away(erika.account.id, document_id, world.web)
    await delete(erika.account.id, document_id, world.web)
    await world.settle()

    assert len(events) == 2
    assert [await world.web.store.due(event.id) for event in events] == [None, None]
    assert (alarms.raised(), alarms.failures()) == ([], [])


@pytest.mark.parametrize("whose", ["own", "somebody else's"])
async def test_the_picture_of_another_document_does_not_open(
    world: World, erika: Citizen, alarms: Alarms, whose: str
) -> None:
    owner = erika if whose == "own" else await world.citizen("otto")
    document_id, other_id = await put(world, erika, "a.pdf", PDF), await put(world, owner, "b.pdf", a_pdf(1))
    await world.settle()
    with intrusion(world) as intruder:
        intruder.change("document", document_id, picture=intruder.read("document", other_id)["picture"])

    answer = await (await open_tab(world, erika)).get(f"/safe/dokumente/{document_id}/bild.png")

    assert (answer.status, b"PNG" in answer.body) == (403, False)
    assert alarms.raised() == ["document-damaged"]
    document = await row_of(world, document_id)
    with pytest.raises(Damaged):
        await picture_of(world, owner, document.id)
