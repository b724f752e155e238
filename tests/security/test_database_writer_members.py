"""A writer in the database gains nothing: who may act for an authority.

They may have an account, and be a member elsewhere. What they can do: put back a member who was removed, as that row
was; and delete.
"""

import pytest

from sk.auth.members import member_id, members_of, memberships_of
from tests.postbox.desks import desk
from tests.postbox.replies import replied
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder
from tests.security.tab import open_tab
from tests.world import Citizen, World


async def cast(world: World) -> tuple[str, str, Citizen, Citizen]:
    """Return the ids of an authority and of another one, a member of the first, and an intruder who is of the other."""
    city, village = await world.authority(), await world.authority("Dorf")
    karl = await world.member(city, "post", "replies", username="karl")
    return city.client_id, village.client_id, karl, await world.member(village, "post", username="mallory")


@pytest.mark.parametrize("renamed", [True, False], ids=["under this id", "under its own id"])
@pytest.mark.parametrize("source", ["of the member", "of the intruder"])
async def test_a_row_that_was_copied_makes_nobody_a_member(
    world: World, intruder: Intruder, alarms: Alarms, source: str, *, renamed: bool
) -> None:
    city, village, karl, mallory = await cast(world)
    row = intruder.read(
        "member",
        member_id(city, karl.account.id, world.web)
        if source == "of the member"
        else member_id(village, mallory.account.id, world.web),
    )
    own = intruder.read("member", member_id(village, mallory.account.id, world.web))
    target = member_id(city, mallory.account.id, world.web)
    intruder.insert("member", {**row, "id": target, "authority_id": city, "belongs": own["belongs"]})
    if not renamed:
        intruder.write("member", target, row)

    tab = await open_tab(world, mallory, means="passkey")
    answers = [await tab.get(f"/behoerde/{city}{rest}") for rest in ("", "/antworten")]

    assert [answer.status for answer in answers] == [503, 503]
    assert "Stadt Musterstadt" not in "".join(answer.text for answer in answers)
    assert set(alarms.raised()) == {"damaged"}


async def test_a_row_that_was_exchanged_gives_no_other_roles(world: World, intruder: Intruder, alarms: Alarms) -> None:
    _, village, _, mallory = await cast(world)
    office = await world.authority("Amt")
    await world.let_act(office, mallory)
    card = intruder.read("member", member_id(village, mallory.account.id, world.web))["locked"]

    intruder.change("member", member_id(office.client_id, mallory.account.id, world.web), locked=card)

    tab = await open_tab(world, mallory, means="passkey")
    assert (await tab.get(f"/behoerde/{office.client_id}")).status == 503
    assert set(alarms.raised()) == {"damaged"}


async def test_lists_leave_out_what_an_index_was_made_to_lead_to(world: World, intruder: Intruder) -> None:
    city, village, karl, mallory = await cast(world)
    own = member_id(village, mallory.account.id, world.web)
    belongs = intruder.read("member", member_id(city, karl.account.id, world.web))["belongs"]

    intruder.enter("member", "authority", city, 0, own)
    intruder.enter("member", "belongs", belongs, 0, own)

    assert [card.username for card in await members_of(city, world.web)] == ["karl"]
    assert [card.authority for card in await memberships_of(karl.account.id, world.web)] == [city]


async def test_a_member_whose_row_does_not_open_hides_no_other(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    city, karl = await world.authority(), await world.member(await world.authority("Dorf"), username="karl")
    await world.member(city, "post", username="berta")
    await world.let_act(city, karl, "post")

    intruder.change("member", member_id(city.client_id, karl.account.id, world.web), locked="AAAA")

    assert [card.username for card in await members_of(city.client_id, world.web)] == ["berta"]
    assert set(alarms.raised()) == {"member-damaged"}


async def test_the_list_of_an_authority_tells_nothing_of_nobody_elses_notices(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, mallory = await world.delivered(case="32.4-0815 Erika"), await world.authority("Dorf")
    tab = await desk(world, mallory, "post", "replies")

    intruder.enter("notice", "authority", mallory.client_id, 0, notice.notice_id)

    shown = (await tab.get(f"/behoerde/{mallory.client_id}")).text
    assert "Beschädigte Nachricht" in shown
    assert "32.4-0815 Erika" not in shown
    assert notice.answer["reference"] not in shown
    assert (await tab.get(f"/behoerde/{mallory.client_id}/bescheide/{notice.notice_id}")).status == 404
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_the_list_of_replies_tells_of_nobody_elses(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, _ = await replied(world)
    mallory = await world.authority("Dorf")
    tab = await desk(world, mallory, "replies")
    [statement] = [id_ for id_ in intruder.ids("statement") if intruder.read("statement", id_)["step"] == "replied"]

    intruder.enter("statement", "replies", mallory.client_id, 0, statement)

    answer = await tab.get(f"/behoerde/{mallory.client_id}/antworten")
    assert (answer.status, notice.notice_id in answer.text) == (503, False)
    assert set(alarms.raised()) == {"damaged"}
