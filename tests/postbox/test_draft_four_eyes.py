"""Four eyes: what one has written another one releases, exactly as it was seen; nobody releases their own."""

import asyncio
from typing import Any

import pytest

from sk.auth.authorities import registered
from sk.auth.authority import Authority
from sk.postbox.draft import Draft
from sk.postbox.receipt import Receipt
from tests.postbox.desks import desk
from tests.postbox.drafts import SCAN, Scene, act, change, scene, written
from tests.refusals import nothing_stored
from tests.security.tab import Tab
from tests.web.pages import words_of
from tests.workers.cases import stands
from tests.world import World

CHANGED = "Dieser Entwurf ist inzwischen anders als das, was Sie gesehen haben. Gesendet wurde nichts."


async def submitted(world: World, *roles: Any, **card: Any) -> tuple[Scene, Tab, str]:
    """Return what waits to be released, a tab of somebody who may do that, and where it is."""
    town = await scene(world, *roles, **{"four_eyes": True, **card})
    opened = await written(town)
    place = await town.place()
    assert (await act(town.writer, place, "vorlegen", opened.content.seen())).status == 303
    return town, await town.another("approve"), place


async def set_four_eyes(town: Scene, *, four_eyes: bool) -> None:
    """Have the operator change what an authority wants."""
    services = town.world.web
    card = await registered(town.authority.client_id, services)
    authority = await services.store.get(Authority, card.authority)
    authority.change(card.model_copy(update={"four_eyes": four_eyes}), services.keys.signer("sign-web"))
    await services.store.save(authority)


async def test_one_writes_and_another_one_releases(world: World) -> None:
    town, chief, place = await submitted(world)
    listed = words_of((await chief.get(f"{town.home}/freigabe")).text)
    shown = words_of((await chief.get(place)).text)

    answer = await act(chief, place, "freigeben")

    await world.settle()
    [notice] = await town.notices()
    receipt = await world.web.store.get(Receipt, notice.id)
    by_hand = receipt.open(world.web.keys.lock_key("records")).by_hand
    assert "Bescheid über Wohngeld Aktenzeichen: 50.2-0815 Geschrieben von sachbearbeiterin" in listed
    assert ("Freigeben und senden" in shown, "Ändern" in shown, "verwerfen" in shown) == (True, False, False)
    assert answer.headers["Location"] == f"{town.home}/bescheide/{notice.id}?gesagt=gesendet"
    assert by_hand
    assert (by_hand.written_by, by_hand.approved_by) == ("sachbearbeiterin", "chefin")
    assert notice.bereitgestellt_at


async def test_the_writer_gives_it_to_be_released_and_cannot_send_it(world: World) -> None:
    town = await scene(world, four_eyes=True)
    opened = await written(town)
    place = await town.place()

    shown = words_of((await town.writer.get(place)).text)
    async with nothing_stored(world.data):
        answer = await act(town.writer, place, "senden", opened.content.seen())

    assert ("Zur Freigabe geben" in shown, "Nachricht senden" in shown) == (True, False)
    assert (answer.status, CHANGED in words_of(answer.text)) == (409, True)


async def test_nobody_releases_or_returns_what_they_have_written_whatever_their_roles(world: World) -> None:
    town, _, place = await submitted(world, "post", "approve", "replies")
    seen = (await town.draft()).content.seen()

    shown = words_of((await town.writer.get(place)).text)
    listed = words_of((await town.writer.get(f"{town.home}/freigabe")).text)
    async with nothing_stored(world.data):
        answers = [
            await act(town.writer, place, "freigeben", seen),
            await act(town.writer, place, "zurueckgeben", seen, remark="nein"),
        ]

    assert "Freigeben muss ihn jemand anderes." in shown
    assert ("Freigeben und senden" in shown, "Bescheid über Wohngeld" in listed) == (False, False)
    assert [answer.status for answer in answers] == [403, 403]


async def test_who_lacks_the_role_releases_nothing(world: World) -> None:
    town, _, place = await submitted(world)
    seen = (await town.draft()).content.seen()
    colleague = await town.another("post", "replies", username="kollege")

    async with nothing_stored(world.data):
        answers = [await act(colleague, place, what, seen, remark="nein") for what in ("freigeben", "zurueckgeben")]

    assert [answer.status for answer in answers] == [403, 403]
    assert [(await colleague.get(path)).status for path in (place, f"{town.home}/freigabe")] == [404, 403]


@pytest.mark.parametrize("what", ["freigeben", "zurueckgeben"])
async def test_what_was_changed_after_it_was_seen_is_not_released(world: World, what: str) -> None:
    town, chief, place = await submitted(world)
    seen = (await town.draft()).content.seen()
    assert (await change(town, text="Guten Tag, ganz anders.")).status == 303
    assert (await act(town.writer, place, "vorlegen")).status == 303

    async with nothing_stored(world.data):
        answer = await act(chief, place, what, seen, remark="Bitte prüfen.")

    shown = words_of(answer.text)
    assert (answer.status, CHANGED in shown, "Guten Tag, ganz anders." in shown) == (409, True, True)
    assert (await act(chief, place, "freigeben")).status == 303


async def test_a_change_takes_back_what_waits(world: World) -> None:
    town, chief, place = await submitted(world)
    seen = (await town.draft()).content.seen()

    assert (await change(town, subject="Neuer Betreff")).status == 303

    answer = await act(chief, place, "freigeben", seen)
    assert (await town.draft()).content.state == "open"
    assert (await chief.get(place)).status == 404
    assert (answer.headers["Location"], await town.notices()) == (f"{town.home}/freigabe?gesagt=geaendert", [])
    assert "Gesendet wurde nichts." in (await chief.get(answer.headers["Location"])).text


async def test_so_does_the_removal_of_a_file(world: World) -> None:
    town, chief, place = await submitted(world)

    assert (await act(town.writer, place, "dateien/1/entfernen")).status == 303

    assert (await town.draft()).content.state == "open"
    assert (await chief.get(place)).status == 404


async def test_who_was_quicker_with_a_change_is_not_overtaken_by_a_release(world: World) -> None:
    town, chief, place = await submitted(world)
    opened = await town.draft()

    changed, released = await asyncio.gather(
        change(town, seen=opened.content.seen(), subject="Neuer Betreff"),
        act(chief, place, "freigeben", opened.content.seen()),
    )

    notices, drafts = await town.notices(), await town.drafts()
    assert len(notices) + len(drafts) == 1
    assert ("/bescheide/" in released.headers.get("Location", "")) == bool(notices)
    if drafts:
        assert (changed.status, drafts[0].content.entered.subject) == (303, "Neuer Betreff")


async def test_two_who_release_it_at_once_send_one_notice(world: World) -> None:
    town, chief, place = await submitted(world)
    other = await town.another("approve", username="vertretung")
    seen = (await town.draft()).content.seen()

    answers = await asyncio.gather(*(act(tab, place, "freigeben", seen) for tab in (chief, other, chief)))

    [notice] = await town.notices()
    assert {answer.headers["Location"] for answer in answers} == {f"{town.home}/bescheide/{notice.id}?gesagt=gesendet"}


async def test_what_comes_back_says_why_and_can_be_submitted_once_more(world: World) -> None:
    town, chief, place = await submitted(world)

    answer = await act(chief, place, "zurueckgeben", remark="Bitte das Datum prüfen.\r\nDanke!")

    shown = words_of((await town.writer.get(place)).text)
    listed = words_of((await town.writer.get(f"{town.home}/entwuerfe")).text)
    assert answer.headers["Location"] == f"{town.home}/freigabe?gesagt=zurueckgegeben"
    assert "chefin schreibt dazu:Bitte das Datum prüfen. Danke!" in shown
    assert "Bescheid über Wohngeld Zurückgekommen" in listed
    assert (await chief.get(place)).status == 404
    assert (await change(town, text="Guten Tag, mit neuem Datum.")).status == 303
    assert (await act(town.writer, place, "vorlegen")).status == 303
    assert (await act(chief, place, "freigeben")).status == 303


@pytest.mark.parametrize(
    ("remark", "words"),
    [
        (" \n ", "Bitte füllen Sie dieses Feld aus."),
        ("x" * 1001, "Das sind zu viele Zeichen."),
        ("Bitte \x07 ändern", "Das kann hier nicht stehen."),
    ],
)
async def test_without_a_remark_nothing_goes_back(world: World, remark: str, words: str) -> None:
    _, chief, place = await submitted(world)

    async with nothing_stored(world.data):
        answer = await act(chief, place, "zurueckgeben", remark=remark)

    assert (answer.status, words in answer.text) == (422, True)
    assert remark.strip()[:20] in answer.text


async def test_who_withdraws_the_einwilligung_meanwhile_gets_nothing(world: World) -> None:
    town, chief, place = await submitted(world)
    seen = (await town.draft()).content.seen()
    await stands(world, town.citizen, einwilligung={})

    shown = words_of((await chief.get(place)).text)
    async with nothing_stored(world.data):
        answer = await act(chief, place, "freigeben", seen)

    assert "Die Person hat nicht eingewilligt" in shown
    assert "Freigeben und senden" not in shown
    assert (answer.status, "Die Person hat nicht eingewilligt" in answer.text) == (422, True)


async def test_what_was_to_be_sent_before_four_eyes_were_wanted_is_not_sent(world: World) -> None:
    town = await scene(world)
    opened = await written(town)
    await set_four_eyes(town, four_eyes=True)

    answer = await act(town.writer, await town.place(), "senden", opened.content.seen())

    assert (answer.status, await town.notices()) == (409, [])
    assert "Zur Freigabe geben" in answer.text


async def test_where_four_eyes_are_wanted_no_more_what_waits_is_sent_by_its_writer(world: World) -> None:
    town, _, place = await submitted(world)
    await set_four_eyes(town, four_eyes=False)

    shown = words_of((await town.writer.get(place)).text)
    answer = await act(town.writer, place, "senden")

    assert "Nachricht senden" in shown
    assert (answer.status, len(await town.notices())) == (303, 1)


async def test_who_releases_sees_the_files(world: World) -> None:
    _, chief, place = await submitted(world)

    file = await chief.get(f"{place}/dateien/1")

    assert (file.status, file.body) == (200, SCAN.data)
    assert file.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Bescheid.pdf"
    assert file.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_what_another_authority_has_to_release_is_not_there(world: World) -> None:
    town, _, place = await submitted(world)
    other = await world.authority("Amt für Wohnen", four_eyes=True)
    stranger = await desk(world, other, "post", "approve", username="fremde")
    there = place.replace(town.authority.client_id, other.client_id)
    seen = (await town.draft()).content.seen()

    answers = [await stranger.get(there), await stranger.get(f"{there}/dateien/1")]
    answers += [await act(stranger, there, what, seen, remark="x") for what in ("freigeben", "senden", "verwerfen")]

    assert {answer.status for answer in answers} == {404}
    assert len(await world.web.store.scan(Draft)) == 1
