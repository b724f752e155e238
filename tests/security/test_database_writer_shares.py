"""A writer in the database gains nothing from shares: nobody fetches more, later, or something else by it."""

from typing import Any

import pytest

from sk.auth.journal import belongs_to
from sk.ids import new_id
from sk.safe.share_steps import revoke
from tests.safe.documents import put
from tests.safe.shares import PASS, SCHOOL, fetch, problem, share, shared
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, signed_anew
from tests.security.tab import open_tab
from tests.world import World


async def test_a_share_cannot_be_given_to_somebody_else(world: World, intruder: Intruder, alarms: Alarms) -> None:
    _, authority, share_id = await shared(world)
    other = await world.authority("Stadt Nebenan")
    intruder.change("share", share_id, authority_id=other.client_id)

    for who in (authority, other):
        assert problem(await fetch(world, who, share_id, 1)) == (404, "not-found")
    assert alarms.raised() == ["share-damaged"]


@pytest.mark.parametrize("is_pointed", [True, False], ids=["and its index", "alone"])
async def test_a_copy_of_a_share_is_none(world: World, intruder: Intruder, alarms: Alarms, *, is_pointed: bool) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    copy = new_id()
    intruder.insert("share", {**intruder.read("share", share_id), "id": copy})
    if is_pointed:
        intruder.enter("statement", "share", copy, 1, f"{share_id}.1")

    assert problem(await fetch(world, authority, copy, 1)) == (404, "not-found")
    assert (await fetch(world, authority, share_id, 1)).body == PASS
    assert set(alarms.raised()) == {"share-damaged"}


@pytest.mark.parametrize("field", ["access", "mine"])
async def test_what_is_in_one_share_is_nothing_in_another(
    world: World, intruder: Intruder, alarms: Alarms, field: str
) -> None:
    erika, authority, share_id = await shared(world)
    other = await share(world, erika, authority, [await put(world, erika, "zeugnis.pdf", SCHOOL)])
    intruder.change("share", share_id, **{field: intruder.read("share", other)[field]})

    answer = await fetch(world, authority, share_id, 1)

    assert problem(answer) == (404, "not-found")
    assert alarms.raised() == ["share-damaged"]


async def test_a_fetch_is_not_undone_by_putting_the_share_back(world: World, intruder: Intruder) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    before = intruder.read("share", share_id)
    assert (await fetch(world, authority, share_id, 1)).body == PASS

    intruder.write("share", share_id, before)

    assert problem(await fetch(world, authority, share_id, 1)) == (410, "share-used-up")


async def test_a_fetch_is_not_undone_by_removing_what_was_stated(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    assert (await fetch(world, authority, share_id, 1)).body == PASS

    intruder.delete("statement", f"{share_id}.2")

    assert problem(await fetch(world, authority, share_id, 1)) == (404, "not-found")
    assert alarms.raised() == ["share-damaged"]


async def test_a_fetch_is_not_undone_by_hiding_what_was_stated(world: World, intruder: Intruder) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    before = intruder.read("share", share_id)
    assert (await fetch(world, authority, share_id, 1)).body == PASS

    intruder.write("share", share_id, before)
    intruder.hide("statement", "share", f"{share_id}.2")

    assert problem(await fetch(world, authority, share_id, 1)) == (503, "unavailable")


async def test_what_was_revoked_is_not_revived_by_putting_the_share_back(world: World, intruder: Intruder) -> None:
    erika, authority, share_id = await shared(world)
    before = intruder.read("share", share_id)
    await revoke(share_id, erika.account.id, world.web)

    intruder.write("share", share_id, before)

    assert problem(await fetch(world, authority, share_id, 1)) == (410, "share-revoked")
    page = await (await open_tab(world, erika)).get(f"/safe/freigaben/{share_id}")
    assert "Beendet am Montag, 23. November 2026." in page.text


@pytest.mark.parametrize("changes", [{"fetches": 9}, {"until": "2036-12-23T23:00:00.000000Z"}], ids=["count", "until"])
async def test_nobody_states_that_more_was_granted(
    world: World, intruder: Intruder, alarms: Alarms, changes: dict[str, Any]
) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    statement = intruder.read("statement", f"{share_id}.1")
    intruder.change("statement", f"{share_id}.1", jws=signed_anew(statement["jws"], **changes))

    assert problem(await fetch(world, authority, share_id, 1)) == (404, "not-found")
    assert alarms.raised() == ["share-damaged"]


async def test_a_share_cannot_be_put_among_those_of_somebody_else(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    erika, authority, share_id = await shared(world)
    mallory = await world.citizen("mallory")
    await share(world, mallory, authority, [await put(world, mallory)])
    belongs = belongs_to(mallory.account.id, world.web)
    intruder.change("share", share_id, belongs=belongs)
    intruder.enter("share", "belongs", belongs, 0, share_id)
    tab = await open_tab(world, mallory)

    listed, page = await tab.get("/safe/freigaben"), await tab.get(f"/safe/freigaben/{share_id}")

    assert (listed.status, listed.text.count('href="/safe/freigaben/'), share_id in listed.text) == (200, 2, False)
    assert (page.status, "ausweis.pdf" in page.text) == (404, False)
    assert set(alarms.raised()) == {"share-damaged"}
    assert (await (await open_tab(world, erika)).get(f"/safe/freigaben/{share_id}")).status == 404


async def test_an_end_that_comes_too_early_ends_nothing(world: World, intruder: Intruder, alarms: Alarms) -> None:
    _, authority, share_id = await shared(world)
    intruder.hasten("ShareEnded", 40 * 24 * 3600 * 1_000_000)

    await world.settle()

    assert (await fetch(world, authority, share_id, 1)).body == PASS
    assert alarms.raised() == ["event-before-its-day"]


async def test_an_event_that_names_no_share_or_a_damaged_one_ends_by_itself(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    _, authority, share_id = await shared(world)
    intruder.send("ShareEnded", {"id": "made-up", "share_id": "a" * 26})
    await world.settle()
    assert (await fetch(world, authority, share_id, 1)).body == PASS
    intruder.change("share", share_id, access="")

    world.clock.advance(days=31)
    await world.settle()

    assert alarms.raised() == ["share-damaged"]
    assert await world.web.store.aside() == []
