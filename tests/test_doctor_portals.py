"""What `sk doctor` says about portals and BundID."""

from datetime import UTC, datetime
from pathlib import Path

from sk.auth.authority import Authority
from sk.auth.portal import Portal
from sk.doctor_portals import examine_bundid, examine_portals
from tests.auth.bund import world_with_bundid
from tests.auth.portals import a_portal
from tests.fakes import FakeClock
from tests.world import World


async def said(world: World) -> list[str]:
    """Return what is said about portals."""
    return [finding.sentence async for finding in examine_portals(world.web)]


async def test_nothing_is_said_of_a_portal_to_which_people_can_log_in(world: World) -> None:
    await a_portal(world)

    assert await said(world) == []


async def test_a_portal_whose_authority_is_disabled_or_gone_is_named(world: World) -> None:
    disabled, gone = await a_portal(world, name="Eins"), await a_portal(world, name="Zwei")
    authority = await world.web.store.get(Authority, disabled.card.authority)
    card = authority.details(world.web.keys.signers).model_copy(update={"disabled": True})
    authority.change(card, world.web.keys.signer("sign-web"))
    await world.web.store.save(authority, remove=[await world.web.store.get(Authority, gone.card.authority)])

    found = await said(world)

    assert sorted(found) == sorted(
        f"the portal {portal.id} ({portal.card.name}): its authority {portal.card.authority} is disabled or gone; "
        "nobody can log in to it"
        for portal in (disabled, gone)
    )


async def test_keys_that_cannot_be_fetched_are_named_and_a_disabled_portal_is_left_alone(world: World) -> None:
    silent = "http://127.0.0.1:9/keys"
    portal = await a_portal(world, jwks=(), jwks_uri=silent)
    await a_portal(world, jwks=(), jwks_uri=silent, disabled=True)

    assert await said(world) == [
        f"the portal {portal.id} (Serviceportal Musterstadt): the address of the keys does not answer: {silent}"
    ]


async def test_a_portal_that_somebody_else_has_written_is_named(world: World) -> None:
    portal, other = await a_portal(world), await a_portal(world)
    stored = await world.web.store.get(Portal, portal.id)
    stored.card = (await world.web.store.get(Portal, other.id)).card
    await world.web.store.save(stored)

    [sentence] = await said(world)

    assert sentence.startswith(f"the portal {portal.id} is not what an operator has registered")


async def test_certificates_between_us_and_bundid_are_named_when_they_end_soon(
    world: World, tmp_path: Path, clock: FakeClock
) -> None:
    unknown = [finding.sentence async for finding in examine_bundid(world.web)]
    async with world_with_bundid(tmp_path / "bundid", clock) as known:
        before = [finding.sentence async for finding in examine_bundid(known.web)]
        clock.advance(days=(datetime(2119, 12, 10, tzinfo=UTC) - clock.now()).days)
        found = [finding.sentence async for finding in examine_bundid(known.web)]
        (tmp_path / "bundid" / "bundid.xml").unlink()
        gone = [finding.sentence async for finding in examine_bundid(known.web)]

    assert (unknown, before) == ([], [])
    assert found == [
        "a certificate of BundID ends on 2120-01-01; ask for new metadata (SK_BUNDID)",
        "the certificate for BundID ends on 2120-01-01; put another in its place (SK_BUNDID_OTHER_KEY)",
    ]
    assert gone == [f"SK_BUNDID: {tmp_path}/bundid/bundid.xml cannot be read: No such file or directory"]
