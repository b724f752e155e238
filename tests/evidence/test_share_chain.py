"""What is stated about a share is numbered within it: the log takes it in this order, and never with a gap."""

import pytest

from sk.errors import Damaged
from sk.evidence.sequence import refused
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.safe.share_steps import revoke
from tests.safe.shares import fetch, shared
from tests.world import World


async def stated(world: World, share_id: str) -> list[Statement]:
    """Return what was stated about a share, in the order of the index."""
    return await world.web.store.find(Statement, "share", share_id)


def another_fetch(world: World, last: Statement, number: int, previous: str) -> Statement:
    """Return the statement that a document was fetched once more."""
    place = Place(last.authority_id, number=number, previous=previous, share_id=last.share_id)
    world.clock.advance(seconds=1)
    return make_statement(world.web.keys.signer("sign-web"), "share-fetched", world.clock.now(), {"document": 1}, place)


async def test_its_statements_are_found_by_the_share_in_their_order_and_are_in_the_log(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    await revoke(share_id, erika.account.id, world.web)
    await world.settle()

    found = await stated(world, share_id)

    assert [one.id for one in found] == [f"{share_id}.{number}" for number in (1, 2, 3)]
    assert [one.step for one in found] == ["share-granted", "share-fetched", "share-revoked"]
    assert all(one.position is not None for one in found)


async def test_the_tenth_comes_behind_the_ninth(world: World) -> None:
    _, _, share_id = await shared(world)
    for number in range(2, 12):
        last = (await stated(world, share_id))[-1]
        await world.web.store.save(another_fetch(world, last, number, hash_of(last.jws)))
    await world.settle()

    found = await stated(world, share_id)

    assert [one.number for one in found] == [*range(1, 12)]
    assert await refused(world.web.store) == []


async def test_they_are_in_nobodys_feed_of_notices(world: World) -> None:
    _, authority, _ = await shared(world)
    await world.settle()

    _, page = await authority.get("/api/v1/events")

    assert page["events"] == []


@pytest.mark.parametrize(("number", "previous"), [(2, ""), (2, "another"), (3, "the first"), (0, "")])
async def test_what_is_not_the_next_of_its_share_is_refused(world: World, number: int, previous: str) -> None:
    _, _, share_id = await shared(world)
    await world.settle()
    [first] = await stated(world, share_id)
    named = {"another": hash_of("another"), "the first": hash_of(first.jws)}.get(previous, "")
    await world.web.store.save(another_fetch(world, first, number, named))

    await world.settle()

    assert [one.id for one in await refused(world.web.store)] == [f"{share_id}.{number}"]


async def test_behind_a_refused_statement_nothing_is_logged_about_its_share(world: World) -> None:
    _, _, share_id = await shared(world)
    [first] = await stated(world, share_id)
    second = another_fetch(world, first, 2, hash_of("another"))
    third = another_fetch(world, first, 3, hash_of(second.jws))
    await world.web.store.save(second, third)

    await world.settle()

    assert [one.number for one in await refused(world.web.store)] == [2, 3]
    assert [one.position is None for one in await stated(world, share_id)] == [False, True, True]


async def test_a_row_that_claims_another_share_than_it_was_signed_for_is_damaged(world: World) -> None:
    _, _, share_id = await shared(world)
    [first] = await stated(world, share_id)
    signers = world.web.keys.signers
    assert verified(first, signers, "share-granted")["share"] == share_id

    for changes in ({"share_id": "another"}, {"share_id": ""}, {"id": "another.1"}, {"vollmacht_id": share_id}):
        with pytest.raises(Damaged):
            verified(first.model_copy(update=changes), signers, "share-granted")
