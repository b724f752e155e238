"""The evidence about a share, as owner and recipient get it: what became of it, and nothing that says whose it was."""

from hashlib import sha256

import pytest

from sk.errors import Damaged, Unavailable
from sk.evidence.bundle import ShareBundle
from sk.evidence.sentences import report_on
from sk.evidence.statement import Statement
from sk.evidence.verdict import VerifiedShare, find_files
from sk.evidence.verify import verify_any
from sk.installation import log_vkey
from sk.safe.share import own_share, received
from sk.safe.share_proof import share_evidence
from sk.safe.share_steps import revoke
from tests.safe.shares import PASS, PURPOSE, fetch, shared
from tests.world import World


async def verified(world: World, bundle: str) -> VerifiedShare:
    """Return what a bundle proves to somebody who knows the key of the log."""
    found = verify_any(bundle.encode(), [await log_vkey(world.web)])
    assert isinstance(found, VerifiedShare)
    assert found.trusted
    return found


async def test_it_proves_what_was_granted_fetched_and_revoked(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    await fetch(world, authority, share_id, 1)
    await revoke(share_id, erika.account.id, world.web)
    await world.settle()

    bundle = await share_evidence(await own_share(share_id, erika.account.id, world.web), world.web)

    found = await verified(world, bundle)
    assert [one.step for one in found.statements] == [
        "share-granted",
        "share-fetched",
        "share-fetched",
        "share-revoked",
    ]
    assert find_files(found, {"ausweis.pdf": sha256(PASS).digest()})["ausweis.pdf"].de == "Dokument 1 der Freigabe"
    assert (
        f"wurde ein Dokument aus einem Konto für {authority.client_id} freigegeben, Zweck „{PURPOSE}“: abrufbar bis "
        in (report_on(found).proven[0].de)
    )


async def test_the_recipient_gets_the_same_and_neither_is_told_whose_account_it_is(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await world.settle()
    one, _ = await received(share_id, authority.client_id, world.web)

    theirs = await share_evidence(one, world.web)
    own = await share_evidence(await own_share(share_id, erika.account.id, world.web), world.web)

    assert ShareBundle.model_validate_json(theirs).statements == ShareBundle.model_validate_json(own).statements
    assert (await verified(world, theirs)).opening == one.terms.opening
    assert erika.account.id not in theirs


async def test_it_stays_with_its_opening_when_the_share_is_over(world: World) -> None:
    erika, _, share_id = await shared(world)
    await world.settle()
    world.clock.advance(days=40)
    await world.settle()

    found = await verified(
        world, await share_evidence(await own_share(share_id, erika.account.id, world.web), world.web)
    )

    assert found.opening
    assert found.opening.purpose == PURPOSE


async def test_it_says_up_to_when_nothing_is_missing(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await world.settle()
    one = await own_share(share_id, erika.account.id, world.web)
    world.clock.advance(hours=1)

    as_of = (await verified(world, await share_evidence(one, world.web))).as_of

    assert (world.clock.now() - as_of).total_seconds() == 12
    await fetch(world, authority, share_id, 1)
    await world.settle()
    newest = (await verified(world, await share_evidence(one, world.web))).statements[-1]
    assert newest.step == "share-fetched"


async def test_until_all_of_it_is_in_the_log_there_is_none(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await world.settle()
    await fetch(world, authority, share_id, 1)

    one = await own_share(share_id, erika.account.id, world.web)
    with pytest.raises(Unavailable, match="in the log yet") as refused:
        await share_evidence(one, world.web)

    assert refused.value.problem == "not-logged-yet"


async def test_what_does_not_verify_is_handed_out_to_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    await fetch(world, authority, share_id, 1)
    await world.settle()
    one = await own_share(share_id, erika.account.id, world.web)
    await world.web.store.save(remove=[await world.web.store.get(Statement, f"{share_id}.2")])

    with pytest.raises(Damaged):
        await share_evidence(one, world.web)

    assert "share-damaged" in caplog.text
