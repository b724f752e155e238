"""Drafts on their way: changed, given up, forgotten, gone with their recipient; what was quicker counts."""

import asyncio

import pytest

from sk.client import File
from sk.errors import Conflict
from sk.postbox.draft_steps import give_up
from tests.auth.erasing import erase, rows_naming
from tests.postbox.drafts import (
    MESSAGE,
    PHOTO,
    SCAN,
    act,
    change,
    draft_rows,
    files_stored,
    scene,
    sent,
    write,
    written,
)
from tests.refusals import nothing_stored
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.workers.cases import stands
from tests.world import World

OTHER_FILE = File("Merkblatt.txt", b"Merkblatt")


async def test_what_was_written_is_changed_and_files_are_added_and_removed(world: World) -> None:
    town = await scene(world)
    await written(town, [SCAN, PHOTO])
    place = await town.place()

    answer = await change(town, [OTHER_FILE], subject="Neuer Betreff", reply="")
    removed = await act(town.writer, place, "dateien/1/entfernen")

    content = (await town.draft()).content
    assert (answer.status, answer.headers["Location"], removed.status) == (303, place, 303)
    assert (content.entered.subject, content.entered.reply) == ("Neuer Betreff", "")
    assert [one.name for one in content.attachments] == [PHOTO.name, OTHER_FILE.name]
    assert len(files_stored(world)) == 2


async def test_the_form_to_change_it_shows_what_was_written(world: World) -> None:
    town = await scene(world)
    await written(town)

    page = await town.writer.get(f"{await town.place()}/bearbeiten")

    assert (page.status, "Schon beim Entwurf: Bescheid.pdf" in words_of(page.text)) == (200, True)
    for value in (town.citizen.handle, "50.2-0815", "Bescheid über Wohngeld"):
        assert f'value="{value}"' in page.text
    assert '<option value="verwaltungsakt" selected>' in page.text
    assert '<option value="yes" selected>' in page.text


async def test_a_change_that_is_wrong_is_kept_and_can_be_mended(world: World) -> None:
    town = await scene(world)
    await written(town)

    refused = await change(town, [PHOTO], subject="", text="Neuer Text")
    kept = (await town.draft()).content
    mended = await change(town, subject="Neuer Betreff")

    assert (refused.status, mended.status) == (422, 303)
    assert (kept.entered.text, [one.name for one in kept.attachments]) == ("Neuer Text", [SCAN.name, PHOTO.name])


async def test_in_two_tabs_the_slower_change_is_told_and_what_was_entered_is_shown_again(world: World) -> None:
    town = await scene(world)
    seen = (await written(town)).content.seen()
    assert (await change(town, subject="Aus dem ersten Tab")).status == 303

    async with nothing_stored(world.data):
        answer = await change(town, [PHOTO], seen, subject="Aus dem zweiten Tab")

    assert (answer.status, "Dieser Entwurf ist inzwischen anders" in answer.text) == (409, True)
    assert 'value="Aus dem zweiten Tab"' in answer.text
    assert (await town.draft()).content.entered.subject == "Aus dem ersten Tab"


async def test_of_two_changes_at_once_one_is_kept_with_its_file_and_nothing_of_the_other(world: World) -> None:
    town = await scene(world)
    seen = (await written(town, [])).content.seen()

    answers = await asyncio.gather(*(change(town, [file], seen, subject=file.name) for file in (SCAN, PHOTO)))

    content = (await town.draft()).content
    assert sorted(answer.status for answer in answers) == [303, 409]
    assert [one.name for one in content.attachments] == [content.entered.subject]
    assert len(files_stored(world)) == 1


async def test_what_was_not_seen_is_neither_sent_nor_given_up_nor_loses_a_file(world: World) -> None:
    town = await scene(world)
    await written(town)
    place = await town.place()

    async with nothing_stored(world.data):
        answers = [
            await act(town.writer, place, what, "f" * 64) for what in ("senden", "verwerfen", "dateien/1/entfernen")
        ]

    assert [answer.status for answer in answers] == [409] * 3


async def test_files_are_for_one_postbox_only(world: World) -> None:
    town = await scene(world)
    await written(town)
    other = await world.citizen("max")

    async with nothing_stored(world.data):
        refused = await change(town, to=other.handle)
    assert (await act(town.writer, await town.place(), "dateien/1/entfernen")).status == 303
    taken = await change(town, to=other.handle)
    assert (await act(town.writer, await town.place(), "senden")).status == 303
    await world.settle()

    assert "schon für das bisherige Postfach verschlüsselt" in words_of(refused.text)
    assert f'value="{other.handle}"' in refused.text
    assert (refused.status, taken.status) == (422, 303)
    tabs = [await open_tab(world, who) for who in (town.citizen, other)]
    assert [("Bescheid über Wohngeld" in (await tab.get("/postfach")).text) for tab in tabs] == [False, True]


async def test_a_file_that_is_not_there_cannot_be_removed(world: World) -> None:
    town = await scene(world)
    seen = (await written(town)).content.seen()

    answers = [await act(town.writer, await town.place(), f"dateien/{n}/entfernen", seen) for n in ("0", "2", "x")]

    assert {answer.status for answer in answers} == {404}


async def test_given_up_it_is_gone_with_its_files(world: World) -> None:
    town = await scene(world)
    await written(town)
    place = await town.place()

    answer = await act(town.writer, place, "verwerfen")

    assert answer.headers["Location"] == f"{town.home}/entwuerfe?gesagt=verworfen"
    assert (await town.writer.get(place)).status == 404
    assert (await draft_rows(world), files_stored(world)) == (0, [])


async def test_after_thirty_days_it_is_forgotten_with_its_files(world: World) -> None:
    town = await scene(world)
    await written(town)
    shown = words_of((await town.writer.get(await town.place())).text)
    world.clock.advance(days=30, seconds=-10)
    await world.settle()
    before = await draft_rows(world)

    world.clock.advance(minutes=1)
    await world.settle()

    assert "Am Mittwoch, 23. Dezember 2026 wird der Entwurf gelöscht" in shown
    assert (before, await draft_rows(world), files_stored(world)) == (1, 0, [])


async def test_what_was_sent_keeps_its_files_when_the_time_of_its_draft_is_over(world: World) -> None:
    town = await scene(world)
    await sent(town)
    stored = files_stored(world)

    world.clock.advance(days=31)
    await world.settle()

    assert len(stored) == 1
    assert files_stored(world) == stored


async def test_who_sends_it_at_the_last_moment_keeps_the_files(world: World) -> None:
    town = await scene(world)
    seen_by_the_worker = (await written(town)).draft
    stored = files_stored(world)
    assert (await act(town.writer, await town.place(), "senden")).status == 303

    with pytest.raises(Conflict):  # so that the event comes back, and finds nothing to do
        await give_up(seen_by_the_worker, world.web)

    assert len(stored) == 1
    assert files_stored(world) == stored


async def test_while_the_person_closes_the_postbox_nothing_is_sent_and_the_draft_stays(world: World) -> None:
    town = await scene(world)
    seen = (await written(town)).content.seen()
    await stands(world, town.citizen, state="closed")

    async with nothing_stored(world.data):
        answer = await act(town.writer, await town.place(), "senden", seen)

    assert (answer.status, "Dieses Postfach nimmt keine Post an." in answer.text) == (422, True)


async def test_what_was_drafted_for_an_account_goes_with_it(world: World) -> None:
    town = await scene(world)
    await written(town)
    other = await world.citizen("max")
    assert (await write(town, [PHOTO], to=other.handle, **MESSAGE)).status == 303

    await erase(world, town.citizen)

    [opened] = await town.drafts()
    assert opened.content.account_id == other.account.id
    assert [one.name for one in opened.content.attachments] == [PHOTO.name]
    assert [name.endswith(opened.content.attachments[0].object) for name in files_stored(world)] == [True]
    assert await draft_rows(world) == 1
    assert "draft" not in await rows_naming(world, town.citizen.account.id)


@pytest.mark.parametrize("path", ["entwuerfe", "freigabe"])
async def test_lists_that_are_empty_say_so(world: World, path: str) -> None:
    town = await scene(world, "post", "approve")

    shown = words_of((await town.writer.get(f"{town.home}/{path}")).text)

    assert {"entwuerfe": "Sie haben keine Entwürfe.", "freigabe": "Gerade wartet nichts."}[path] in shown
