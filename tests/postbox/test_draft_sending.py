"""Writing by hand: what was written and checked goes out as a notice like any other, once, however often it is sent."""

import asyncio

from sk.postbox.receipt import Receipt
from tests.postbox.drafts import MESSAGE, PHOTO, SCAN, act, draft_rows, files_stored, scene, sent, write, written
from tests.postbox.proofs import verified
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.workers.cases import fetch, steps_of
from tests.world import World


async def test_what_was_written_is_checked_sent_and_read_by_the_citizen(world: World) -> None:
    town = await scene(world)
    answer = await write(town, [SCAN, PHOTO])
    place = await town.place()
    shown = words_of((await town.writer.get(place)).text)
    done = await act(town.writer, place, "senden")
    await world.settle()

    [notice] = await town.notices()
    assert (answer.status, answer.headers["Location"]) == (303, place)
    assert "Bescheid über Wohngeld Das ist ein Bescheid. Guten Tag, anbei Ihr Bescheid. Bescheid.pdf" in shown
    assert done.headers["Location"] == f"{town.home}/bescheide/{notice.id}?gesagt=gesendet"
    await fetch(world, town.citizen, "Bescheid über Wohngeld")
    tab = await open_tab(world, town.citizen)
    read = words_of((await tab.get(f"/postfach/{notice.id}")).text)
    assert "Guten Tag, anbei Ihr Bescheid." in read
    files = [(await tab.get(f"/postfach/{notice.id}/dateien/{number}")).body for number in (1, 2)]
    assert files == [SCAN.data, PHOTO.data]
    assert await draft_rows(world) == 0


async def test_it_has_the_evidence_that_a_posted_notice_has(world: World) -> None:
    town = await scene(world)
    notice = await sent(town)

    bundle = (await town.writer.get(f"{town.home}/bescheide/{notice.id}/evidence.json")).body
    proof = await verified(world, bundle)

    assert await steps_of(world, notice.id) == ["accepted", "bereitgestellt", "benachrichtigt"]
    assert [len(proof.statements), bool(proof.opening)] == [3, True]


async def test_the_receipt_says_who_has_written_it(world: World) -> None:
    town = await scene(world)
    notice = await sent(town)

    receipt = await world.web.store.get(Receipt, notice.id)
    kept = receipt.open(world.web.keys.lock_key("records"))

    assert kept.by_hand
    assert (kept.by_hand.written_by, kept.by_hand.approved_by) == ("sachbearbeiterin", "")
    assert (kept.case, kept.reference[:5]) == ("50.2-0815", "hand-")


async def test_sending_copies_nothing(world: World) -> None:
    town = await scene(world)
    await written(town, [SCAN, PHOTO])
    before = files_stored(world)

    assert (await act(town.writer, await town.place(), "senden")).status == 303

    assert files_stored(world) == before


async def test_a_message_has_no_law_and_no_days(world: World) -> None:
    town = await scene(world, laws=())
    notice = await sent(town, [], **MESSAGE)

    assert (notice.notice_kind, notice.law, notice.rechtsbehelf) == ("message", None, None)


async def test_pressed_twice_it_is_one_notice(world: World) -> None:
    town = await scene(world)
    opened = await written(town)
    place, seen = await town.place(), opened.content.seen()

    answers = await asyncio.gather(*(act(town.writer, place, "senden", seen) for _ in range(3)))
    later = await act(town.writer, place, "senden", seen)

    [notice] = await town.notices()
    assert {answer.headers["Location"] for answer in (*answers, later)} == {
        f"{town.home}/bescheide/{notice.id}?gesagt=gesendet"
    }


async def test_the_form_sent_twice_is_one_draft(world: World) -> None:
    town = await scene(world)

    first, second = [await write(town, [SCAN], token="ein-formular") for _ in range(2)]

    assert first.headers["Location"] == second.headers["Location"]
    assert await draft_rows(world) == 1
    assert len(files_stored(world)) == 1
