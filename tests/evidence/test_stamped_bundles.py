"""Bundles with time stamps: between which two a statement was logged, and that nobody can write the log anew."""

from pathlib import Path

import pytest

from sk.evidence.bundle import Bundle
from sk.evidence.note import VKey
from sk.evidence.sentences import report_on
from sk.evidence.sequence import signed_head
from sk.evidence.verdict import NotValid
from sk.evidence.verify import verify_bundle
from sk.installation import ensure_installation
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.proof import bundle_of
from tests.evidence.authority import Authorities, Authority, kept, stamp, stamping
from tests.evidence.cases import logged, rewrite
from tests.process import run_sk
from tests.world import World

UNCHECKED = "Von wem die Zeitstempel sind, ist nicht geprüft"


async def bundle(world: World, notice_id: str) -> Bundle:
    """Return the evidence about a notice."""
    notice = await world.web.store.get(Notice, notice_id)
    return await bundle_of(notice, await history_of(notice, world.web), world.web)


async def vkey(world: World) -> VKey:
    """Return what somebody knows beforehand of a log."""
    return VKey((await ensure_installation(world.web)).log_origin, world.web.keys.signers.public("log"))


async def stamped_around(world: World, authority: Authority) -> str:
    """Have the log stamped before and after a notice, and let it grow; return the id of the notice."""
    async with stamping(world, authority) as services:
        await world.delivered()
        await stamp(services)
        notice = await world.delivered()
        await stamp(services)
        await world.delivered()
        await stamp(services)
    return notice.notice_id


async def test_a_bundle_holds_the_time_stamps_around_each_statement_and_says_between_which_it_was_logged(
    world: World, authorities: Authorities
) -> None:
    notice_id = await stamped_around(world, authorities.ours)
    before, after, _ = await kept(world)

    found = await bundle(world, notice_id)
    verified = verify_bundle(found.text().encode(), [await vkey(world)], authorities.ours.roots())

    assert [one.size for one in verified.stamps] == [before.size, after.size]
    assert all(one.trusted for one in verified.stamps)
    assert all(before.size <= one.index < after.size for one in verified.statements)
    remarks = [words.de for words in report_on(verified).remarks]
    between = [words for words in remarks if "kam nach dem" in words and "und vor dem" in words]
    assert len(between) == len(verified.statements)
    assert all("CN=Stempelamt TSA,O=Stempelamt" in words for words in between)
    assert not [words for words in remarks if words.startswith(UNCHECKED)]


async def test_a_time_stamp_is_trusted_only_by_whoever_trusts_its_authority(
    world: World, authorities: Authorities, tmp_path: Path
) -> None:
    notice_id = await stamped_around(world, authorities.ours)
    (tmp_path / "evidence.json").write_text((await bundle(world, notice_id)).text())
    trust = ("--trust", str(await vkey(world)))

    for tsa, unchecked in (
        ((), True),
        (("--tsa", str(authorities.theirs.root)), True),
        (("--tsa", str(authorities.ours.root)), False),
        (("--tsa", str(authorities.ours.root), "--tsa", str(authorities.theirs.root)), False),
    ):
        ran = run_sk(tmp_path, {}, "verify", "evidence.json", *trust, *tsa, "--lang", "de")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert (UNCHECKED in ran.stdout) is unchecked, tsa


async def test_a_log_that_was_written_anew_with_all_keys_is_refused_by_a_time_stamp(
    world: World, authorities: Authorities
) -> None:
    notice_id = await stamped_around(world, authorities.ours)
    known = [await vkey(world)]
    size = (await signed_head(world.web.store)).size
    verify_bundle((await bundle(world, notice_id)).text().encode(), known)

    about_accounts = [one.position for one in await logged(world) if one.step == "account-added"]
    assert about_accounts[0] is not None
    await rewrite(world, about_accounts[0])

    rewritten = await bundle(world, notice_id)
    assert (await signed_head(world.web.store)).size == size
    with pytest.raises(NotValid, match="A time stamp contradicts the checkpoint"):
        verify_bundle(rewritten.text().encode(), known)


async def test_a_log_that_was_written_anew_and_never_stamped_is_believed(world: World) -> None:
    notice = await world.delivered()
    about_accounts = [one.position for one in await logged(world) if one.step == "account-added"]
    assert about_accounts[0] is not None
    await rewrite(world, about_accounts[0])

    verified = verify_bundle((await bundle(world, notice.notice_id)).text().encode(), [await vkey(world)])

    assert [words for words in report_on(verified).remarks if "keinen Zeitstempel einer fremden Stelle" in words.de]
