"""A reply comes once, however often its form is sent and whoever else writes at that moment."""

import asyncio
from dataclasses import replace

from sk.ids import new_id
from tests.postbox.replies import (
    PHOTO,
    SCAN,
    TEXT,
    asked,
    replies_of,
    reply,
    reply_for,
    reply_past_the_page,
)
from tests.refusals import objects
from tests.workers.cases import Raced, notice_of, steps_of
from tests.world import World


async def test_the_button_pressed_twice_sends_one_reply(world: World) -> None:
    notice, tab = await asked(world)
    token = new_id()

    first = await reply(tab, notice.notice_id, TEXT, [SCAN], token)
    before = sorted(objects(world.data))
    second = await reply(tab, notice.notice_id, TEXT, [SCAN], token)
    left = sorted(objects(world.data))
    await world.settle()

    assert (first.status, second.status, second.headers["Location"]) == (303, 303, first.headers["Location"])
    assert left == before
    assert (await steps_of(world, notice.notice_id)).count("replied") == 1
    assert len(await replies_of(world, notice)) == 1


async def test_the_same_form_sent_again_with_other_words_or_files_is_another_reply(world: World) -> None:
    notice, tab = await asked(world)
    token = new_id()

    for text, files in ((TEXT, [SCAN]), ("Noch etwas.", [SCAN]), (TEXT, [SCAN, PHOTO]), (TEXT, [SCAN])):
        assert (await reply(tab, notice.notice_id, text, files, token)).status == 303

    assert (await steps_of(world, notice.notice_id)).count("replied") == 3


async def test_of_ten_presses_at_once_one_reply_comes_and_no_object_is_left_over(world: World) -> None:
    notice, tab = await asked(world)
    before, token = len(objects(world.data)), new_id()

    answers = await asyncio.gather(*(reply(tab, notice.notice_id, TEXT, [SCAN], token) for _ in range(10)))

    assert {answer.status for answer in answers} == {303}
    assert (await steps_of(world, notice.notice_id)).count("replied") == 1
    assert len(objects(world.data)) == before + 1


async def test_two_replies_at_once_from_two_forms_are_both_taken(world: World) -> None:
    notice, tab = await asked(world)

    answers = await asyncio.gather(*(reply(tab, notice.notice_id, f"Antwort {n}", [SCAN]) for n in range(4)))
    await world.settle()

    assert {answer.status for answer in answers} == {303}
    found = [(await reply_for(world, notice, one["id"])).json()["text"] for one in await replies_of(world, notice)]
    assert sorted(found) == [f"Antwort {n}" for n in range(4)]


async def test_a_lost_race_is_looked_at_again_and_the_reply_is_taken(world: World) -> None:
    notice, _ = await asked(world)

    async def somebody_else() -> None:
        other = await notice_of(world, notice.notice_id)
        other.archived = True
        await world.web.store.save(other)

    raced = replace(world, web=replace(world.web, store=Raced(world.web.store, somebody_else)))
    await reply_past_the_page(raced, notice, TEXT)

    assert (await notice_of(world, notice.notice_id)).archived
    assert (await steps_of(world, notice.notice_id))[-1] == "replied"
