"""Drafts in the store: nothing can be read, moved or brought back there, and doctor and backups know their files."""

from dataclasses import replace
from pathlib import Path

from sk.auth.account import Account
from sk.auth.journal import belongs_to
from sk.doctor import examine
from sk.postbox.draft_steps import drafts_of, give_up_all_for
from tests.fakes import WallClock
from tests.machines import Machines
from tests.postbox.desks import desk
from tests.postbox.drafts import PHOTO, SCAN, act, draft_rows, files_stored, scene, written
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.security.search import files_below, rows_of, search
from tests.security.tab import open_tab
from tests.world import Citizen, World, open_world

CANARIES = {
    "subject": "Kanarie im Betreff",
    "text": "Kanarie im Text",
    "case": "Kanarie-0815",
}


async def test_no_word_of_a_draft_nor_who_writes_it_can_be_read_in_the_store(world: World) -> None:
    town = await scene(world)
    await written(town, [SCAN], **CANARIES)
    needles = {name: value.encode() for name, value in CANARIES.items()}
    needles |= {"file name": SCAN.name.encode(), "content": SCAN.data[:200], "writer": b"sachbearbeiterin"}
    needles |= {"handle": town.citizen.handle.encode()}

    blobs = [
        *files_below(world.data, but=[world.data / "keys", world.data / "mail"]),
        *rows_of(world.data / "store.db"),
    ]

    assert await draft_rows(world) == 1
    assert search(blobs, needles) == []


async def test_a_draft_that_somebody_has_changed_is_not_opened(world: World, alarms: Alarms) -> None:
    town = await scene(world)
    opened = await written(town)
    for forged in ({"objects": ["2026/11/23/of-somebody-else"]}, {"locked": "AAAA"}):
        with intrusion(world) as intruder:
            intruder.change("draft", opened.draft.id, **forged)

        shown = await town.writer.get(f"{town.home}/entwuerfe/{opened.draft.id}")
        listed = await town.writer.get(f"{town.home}/entwuerfe")

        assert (shown.status, "Bescheid über Wohngeld" in shown.text) == (503, False)
        assert (listed.status, "Bescheid über Wohngeld" in listed.text) == (200, False)
    assert set(alarms.raised()) == {"damaged", "draft-damaged"}


async def test_a_draft_that_somebody_has_given_to_another_authority_is_not_opened_there(world: World) -> None:
    town = await scene(world)
    opened = await written(town)
    other = await world.authority("Amt für Wohnen")
    stranger = await desk(world, other, "post", "approve", username="fremde")
    with intrusion(world) as intruder:
        intruder.change("draft", opened.draft.id, authority_id=other.client_id)
        intruder.enter("draft", "authority", other.client_id, 0, opened.draft.id)

    shown = await stranger.get(f"/behoerde/{other.client_id}/entwuerfe/{opened.draft.id}")
    listed = await stranger.get(f"/behoerde/{other.client_id}/entwuerfe")

    assert (shown.status, listed.status) == (503, 200)
    assert "Wohngeld" not in shown.text + listed.text


async def test_who_writes_into_the_indexes_shows_a_draft_to_nobody_and_has_none_deleted(
    world: World, alarms: Alarms
) -> None:
    town = await scene(world)
    opened = await written(town)
    stored = files_stored(world)
    other, max_ = await world.authority("Amt für Wohnen"), await world.citizen("max")
    stranger = await desk(world, other, "post", "approve", username="fremde")
    with intrusion(world) as intruder:
        intruder.enter("draft", "authority", other.client_id, 0, opened.draft.id)
        intruder.enter("draft", "belongs", belongs_to(max_.account.id, world.web), 0, opened.draft.id)

    found = await drafts_of(other.client_id, world.web)
    listed = await stranger.get(f"/behoerde/{other.client_id}/freigabe")
    await give_up_all_for(max_.account.id, world.web)

    assert (found, listed.status, "draft-damaged" in alarms.raised()) == ([], 200, True)
    assert (await draft_rows(world), len(stored), files_stored(world)) == (1, 1, stored)


async def test_what_is_sealed_for_one_account_is_not_sent_to_another(world: World) -> None:
    town = await scene(world)
    draft, content = await written(town)
    other = await world.citizen("max")
    draft.keep(content.model_copy(update={"account_id": other.account.id}), world.web)
    await world.web.store.save(draft)

    answer = await act(town.writer, await town.place(), "senden", (await town.draft()).content.seen())

    assert (answer.status, await town.notices()) == (503, [])


async def test_who_brings_back_the_draft_of_what_was_sent_neither_sends_it_again_nor_has_its_files_deleted(
    world: World,
) -> None:
    town = await scene(world)
    opened = await written(town)
    with intrusion(world) as intruder:
        row = intruder.read("draft", opened.draft.id)
    place = await town.place()
    assert (await act(town.writer, place, "senden")).status == 303
    await world.settle()
    with intrusion(world) as intruder:
        intruder.insert("draft", row)
    stored = files_stored(world)

    [notice] = await town.notices()
    found = [await town.writer.get(place), await act(town.writer, place, "verwerfen", opened.content.seen())]
    world.clock.advance(days=31)
    await world.settle()

    assert {answer.headers["Location"] for answer in found} == {f"{town.home}/bescheide/{notice.id}?gesagt=gesendet"}
    assert len(await town.notices()) == 1
    assert (len(stored), files_stored(world), await draft_rows(world)) == (1, stored, 0)


async def test_doctor_knows_whose_the_files_of_a_draft_are(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data", WallClock()) as world:
        town = await scene(world)
        await written(town, [SCAN, PHOTO])
        before = await wrong_with(world)
        await act(town.writer, await town.place(), "senden")
        [notice] = await town.notices()
        after = await wrong_with(world)
        await world.web.objects.delete(notice.objects[0])

        assert (before, after) == ([], [])
        assert await wrong_with(world) == [
            f"the object {notice.objects[0]} is missing; a notice, a reply, a draft or a document owns it"
        ]


async def test_doctor_tells_of_a_draft_that_cannot_be_read_and_deletes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data", WallClock()) as world:
        town = await scene(world)
        opened = await written(town)
        with intrusion(world) as intruder:
            intruder.change("draft", opened.draft.id, unknown=1)
        found = [finding async for finding in examine(world.web, all_days=True) if not finding.is_remark]

    [draft, orphan] = found
    assert draft.sentence == f"the draft {opened.draft.id} cannot be read"
    assert (opened.draft.objects[0] in orphan.sentence, orphan.repair) == (True, None)


async def test_a_draft_in_the_backup_comes_back_with_its_files_and_can_be_sent(machines: Machines) -> None:
    town = await scene(machines.world)
    opened = await written(town)
    backup = await machines.back_up()
    machines.burn_down(with_objects=True)

    await machines.restore(backup)

    async with machines.restored() as restored:
        writer = Citizen(await restored.web.store.get(Account, opened.content.writer), "", "", "")
        back = replace(town, world=restored, writer=await open_tab(restored, writer, means="passkey"))
        place = await back.place()
        assert (await back.writer.get(f"{place}/dateien/1")).body == SCAN.data
        assert (await act(back.writer, place, "senden")).status == 303
        await restored.settle()
        [notice] = await back.notices()
        assert notice.bereitgestellt_at


async def wrong_with(world: World) -> list[str]:
    """Return what doctor says is wrong."""
    return [finding.sentence async for finding in examine(world.web, all_days=True) if not finding.is_remark]
