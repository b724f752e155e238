"""Bundles with time stamps: between which two a statement was logged, and that nobody can write the log anew."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sk.clock import day_ends_at, local_day
from sk.evidence.bundle import Bundle
from sk.evidence.sentences import report_on
from sk.evidence.sequence import signed_head
from sk.evidence.verdict import NotValid
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.proof import bundle_of
from tests.evidence.authority import Authorities, Authority, kept, stamp, stamping
from tests.evidence.cases import rewrite
from tests.evidence.whole import in_the_log
from tests.fakes import FakeClock
from tests.process import run_sk
from tests.world import World, open_world

UNCHECKED = "Von wem die Zeitstempel sind, ist nicht geprüft"


def clock_that_shows(at: datetime) -> FakeClock:
    """Return a clock that shows a moment, or two minutes earlier just before midnight: there nothing can be signed."""
    is_late = day_ends_at(local_day(at)) - at < timedelta(minutes=2)
    return FakeClock(at - timedelta(minutes=2) if is_late else at)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that shows what the time-stamp authority's shows."""
    return clock_that_shows(datetime.now(UTC))


async def bundle(world: World, notice_id: str) -> Bundle:
    """Return the evidence about a notice."""
    notice = await world.web.store.get(Notice, notice_id)
    return await bundle_of(notice, await history_of(notice, world.web), world.web, world.clock.now())


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
    verified = verify_bundle(found.text().encode(), [await log_vkey(world.web)], authorities.ours.roots())

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
    trust = ("--trust", str(await log_vkey(world.web)))

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
    known = [await log_vkey(world.web)]
    size = (await signed_head(world.web.store)).size
    verify_bundle((await bundle(world, notice_id)).text().encode(), known)

    about_accounts = [one.position for one in await in_the_log(world.web.store) if one.step == "account-added"]
    assert about_accounts[0] is not None
    await rewrite(world, about_accounts[0])

    rewritten = await bundle(world, notice_id)
    assert (await signed_head(world.web.store)).size == size
    with pytest.raises(NotValid, match="A time stamp contradicts the checkpoint"):
        verify_bundle(rewritten.text().encode(), known)


async def test_a_log_that_was_written_anew_and_never_stamped_is_believed(world: World) -> None:
    notice = await world.delivered()
    about_accounts = [one.position for one in await in_the_log(world.web.store) if one.step == "account-added"]
    assert about_accounts[0] is not None
    await rewrite(world, about_accounts[0])

    verified = verify_bundle((await bundle(world, notice.notice_id)).text().encode(), [await log_vkey(world.web)])

    assert [words for words in report_on(verified).remarks if "keinen Zeitstempel einer fremden Stelle" in words.de]


async def test_a_log_that_dates_its_entries_back_is_refused_by_whoever_trusts_the_time_stamps(
    tmp_path: Path, authorities: Authorities
) -> None:
    async with open_world(tmp_path / "late", clock_that_shows(datetime.now(UTC) - timedelta(hours=2))) as world:
        raw = (await bundle(world, await stamped_around(world, authorities.ours))).text().encode()
        known = [await log_vkey(world.web)]

    with pytest.raises(NotValid, match="Contradiction: the statement accepted is said to have come into the log on"):
        verify_bundle(raw, known, authorities.ours.roots())
    remarks = [words.de for words in report_on(verify_bundle(raw, known)).remarks]
    assert remarks[1].startswith("Widerspruch: Die Aussage „accepted“ soll am ")  # behind that it is a trial


async def test_a_log_whose_checkpoint_was_stamped_a_while_later_is_believed_and_that_is_pointed_out(
    tmp_path: Path, authorities: Authorities
) -> None:
    async with open_world(tmp_path / "late", clock_that_shows(datetime.now(UTC) - timedelta(minutes=20))) as world:
        raw = (await bundle(world, await stamped_around(world, authorities.ours))).text().encode()
        verified = verify_bundle(raw, [await log_vkey(world.web)], authorities.ours.roots())

    assert report_on(verified).remarks[1].de.startswith("Widerspruch: ")


async def test_whom_a_stranger_names_in_a_time_stamp_is_not_looked_at(world: World, authorities: Authorities) -> None:
    raw = (await bundle(world, await stamped_around(world, authorities.ours))).text().encode()
    known = [await log_vkey(world.web)]

    assert {stamp.by for stamp in verify_bundle(raw, known).stamps} == {"CN=Stempelamt TSA,O=Stempelamt"}
    assert {stamp.by for stamp in verify_bundle(raw).stamps} == {""}
