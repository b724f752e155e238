"""`sk doctor` finds what somebody has put back, taken out or changed who can write to the database and nothing else."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from sk.auth.steps import give_einwilligung, withdraw_einwilligung
from sk.doctor import examine
from sk.doctor_accounts import examine_accounts
from sk.doctor_log import examine_log
from sk.evidence.keys import revoke
from sk.evidence.log import Memory
from sk.evidence.spelling import hash_of, moment_text
from sk.evidence.statement import Place, Statement
from sk.finding import Finding
from sk.workers.evidence import keep_log
from tests.evidence.cases import a_statement
from tests.evidence.whole import in_the_log
from tests.fakes import FakeClock, WallClock
from tests.workers.cases import fetch, notice_of, statements_of
from tests.world import Delivered, World


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that goes, because doctor compares it with the store's."""
    return WallClock()


class Writer:
    """Somebody who writes into the database, past the platform."""

    def __init__(self, world: World) -> None:
        """Write into the store of a platform."""
        self._path = world.data / "store.db"

    def row(self, kind: str, id: str) -> tuple[int, str]:
        """Return the version and the body of a row."""
        [found] = self.do("SELECT version, body FROM document WHERE kind = ? AND id = ?", kind, id)
        return found

    def put(self, kind: str, id: str, row: tuple[int, str]) -> None:
        """Put a row in the place of one that is there."""
        self.do("UPDATE document SET version = ?, body = ? WHERE kind = ? AND id = ?", *row, kind, id)

    def change(self, kind: str, id: str, old: str, new: str) -> None:
        """Change some text in a row."""
        self.do("UPDATE document SET body = replace(body, ?, ?) WHERE kind = ? AND id = ?", old, new, kind, id)

    def delete(self, kind: str, id: str) -> None:
        """Take a row out, and every entry that leads to it."""
        self.do("DELETE FROM document WHERE kind = ? AND id = ?", kind, id)
        self.do("DELETE FROM entry WHERE kind = ? AND id = ?", kind, id)

    def do(self, sql: str, *values: object) -> list[tuple[int, str]]:
        """Run a statement of SQL."""
        with sqlite3.connect(self._path) as db:
            found = db.execute(sql, values).fetchall()
        db.close()
        return found


@pytest.fixture
async def delivered(world: World) -> Delivered:
    """Return a notice that was delivered, and told of."""
    return await world.delivered()


async def findings(world: World) -> list[Finding]:
    return [found async for found in examine_log(world.web)] + [found async for found in examine_accounts(world.web)]


async def sentences(world: World) -> list[str]:
    return [found.sentence for found in await findings(world)]


async def test_a_notice_that_was_put_back_is_moved_forward_and_never_back(world: World, delivered: Delivered) -> None:
    writer = Writer(world)
    before = writer.row("notice", delivered.notice_id)
    await fetch(world, delivered.citizen)
    await world.settle()
    late = await notice_of(world, delivered.notice_id)
    writer.put("notice", delivered.notice_id, before)

    [found] = await findings(world)
    assert found.sentence == f"the notice {delivered.notice_id} is behind what was stated about it: abgerufen"
    assert found.repair
    await found.repair()

    assert await notice_of(world, delivered.notice_id) == late
    assert await findings(world) == []
    assert [finding async for finding in examine(world.web) if not finding.is_remark] == []


async def test_a_statement_that_was_taken_out_is_missed_in_the_log_and_at_its_notice(
    world: World, delivered: Delivered
) -> None:
    last = (await statements_of(world, delivered.notice_id))[-1]
    Writer(world).delete("statement", last.id)

    assert await sentences(world) == [f"position {last.position} of the log: its statement is missing"]
    told = [finding.sentence async for finding in examine(world.web)]
    assert f"the notice {delivered.notice_id} is not what was stated about it; it is not shown" in told


async def test_another_moment_in_the_place_of_that_of_the_log_is_found(world: World, delivered: Delivered) -> None:
    last = (await statements_of(world, delivered.notice_id))[-1]
    assert last.logged_at
    Writer(world).change("statement", last.id, f'"logged_at":"{last.logged_at:%Y-%m-%d}', '"logged_at":"2026-01-01')

    expected = f"position {last.position} of the log: the statement {last.id} is not what was logged"
    assert await sentences(world) == [expected]


async def test_two_statements_that_claim_one_position_are_both_named(world: World, delivered: Delivered) -> None:
    first, second = (await statements_of(world, delivered.notice_id))[-2:]
    writer = Writer(world)
    writer.change("statement", second.id, f'"position":{second.position}', f'"position":{first.position}')
    writer.do("UPDATE entry SET place = ? WHERE kind = 'statement' AND id = ?", first.position, second.id)

    assert await sentences(world) == [
        f"position {first.position} of the log: {first.id} and {second.id} both claim it",
        f"position {second.position} of the log: its statement is missing",
    ]


async def test_a_statement_that_nobody_can_read_hides_no_other_one(world: World, delivered: Delivered) -> None:
    first, second = (await statements_of(world, delivered.notice_id))[-2:]
    Writer(world).put("statement", first.id, (9, "{"))
    Writer(world).change("statement", second.id, '"logged_at":"2', '"logged_at":"1')

    assert await sentences(world) == [
        f"the statement {first.id} cannot be read; the log stands still before it",
        f"position {first.position} of the log: its statement is missing",
        f"position {second.position} of the log: the statement {second.id} is not what was logged",
    ]


@pytest.mark.usefixtures("delivered")
async def test_changed_tiles_do_not_pass(world: World) -> None:
    Writer(world).put("tile", "0.0", (99, '{"id":"0.0","hashes":""}'))

    told = await sentences(world)
    assert "the tiles of the log do not give the root of its head; nobody can prove anything from it" in told
    assert len([said for said in told if said.startswith("position ")]) > 3


@pytest.mark.usefixtures("delivered")
async def test_a_store_that_is_behind_what_was_published_is_told_to_be_restored(world: World) -> None:
    writer = Writer(world)
    rows = writer.do("SELECT version, kind || ' ' || id || ' ' || body FROM document")
    entries = writer.do("SELECT place, kind || ' ' || name || ' ' || key || ' ' || id FROM entry")
    await world.delivered()
    writer.do("DELETE FROM document")
    writer.do("DELETE FROM entry")
    for version, text in rows:
        writer.do("INSERT INTO document VALUES (?, ?, ?, ?)", *_row(version, text))
    for place, text in entries:
        kind, name, rest = text.split(" ", 2)
        key, id_ = rest.rsplit(" ", 1)
        writer.do("INSERT INTO entry VALUES (?, ?, ?, ?, ?, 0)", kind, name, key, place, id_)

    [said] = await sentences(world)
    assert "nothing is signed until `sk restore` was run" in said


def _row(version: int, text: str) -> tuple[str, str, int, str]:
    kind, id_, body = text.split(" ", 2)
    return kind, id_, version, body


async def test_a_statement_that_the_log_has_refused_is_named(world: World, delivered: Delivered) -> None:
    [last] = (await statements_of(world, delivered.notice_id))[-1:]
    copy = last.model_copy(update={"id": "copy", "version": 0, "position": None, "logged_at": None})
    await world.web.store.save(Statement.model_validate(copy.model_dump()))
    await world.settle()

    [found] = await findings(world)
    refused = "the statement copy (benachrichtigt) was refused by the log, which would refuse it again: "
    assert (found.sentence, found.repair) == (f"{refused}it is not what its step has to say", None)


async def test_what_a_revoked_key_has_signed_is_not_said_to_be_mended(world: World) -> None:
    kid = world.workers.keys.signer("sign-delivery").kid
    await revoke(world.web.store, world.workers.keys.signer("log"), kid, world.clock.now())
    await world.settle()
    delivered = await world.delivered()

    told = [found for found in await findings(world) if "refused" in found.sentence]

    sentences = [found.sentence for found in told]
    assert f"its key {kid} was revoked" in sentences[0]
    assert f"{delivered.notice_id}.2, which it comes behind, is not in the log" in sentences[1]
    assert {found.repair for found in told} == {None}


@pytest.mark.usefixtures("delivered")
async def test_what_the_log_would_take_in_now_is_mended_with_what_comes_behind_it(world: World) -> None:
    first = a_statement(world)
    second = a_statement(world, Place("a", first.notice_id, 2, hash_of(first.jws)))
    first.refused = second.refused = True
    await world.web.store.save(first, second)

    mended = 0
    async for found in examine_log(world.web):
        if found.repair:
            await found.repair()
            mended += 1

    assert mended == 2
    await world.settle()
    assert {first.id, second.id} <= {one.id for one in await in_the_log(world.web.store)}
    assert await findings(world) == []


@pytest.mark.usefixtures("delivered")
async def test_an_anchor_that_is_damaged_is_named_with_what_to_do(world: World) -> None:
    anchor = max((world.data / "objects").rglob("log-*"))
    whole = anchor.read_bytes()
    anchor.write_bytes(whole[:100])

    said = (await sentences(world))[-1]
    assert f"{anchor.relative_to(world.data / 'objects')} in the object store is damaged" in said
    assert "move it away" in said

    anchor.write_bytes(whole.replace(b"trial", b"other"))
    said = (await sentences(world))[-1]
    assert "signed by no key of this log" in said


async def test_a_log_that_is_ahead_of_the_clock_is_told(world: World) -> None:
    clock = FakeClock(world.clock.now() + timedelta(days=365))
    await world.web.store.save(a_statement(world))
    await keep_log(replace(world.workers, clock=clock), Memory())

    assert [f"{moment_text(clock.now())}, which is still to come" in said for said in await sentences(world)] == [True]


async def test_a_statement_that_does_not_continue_its_notice_is_named(world: World, delivered: Delivered) -> None:
    [last] = (await statements_of(world, delivered.notice_id))[-1:]
    copy = last.model_copy(update={"id": f"{delivered.notice_id}.{last.number + 1}", "version": 0})
    copy = Statement.model_validate({**copy.model_dump(), "position": None, "logged_at": None, "refused": True})
    await world.web.store.save(copy)

    told = await sentences(world)
    assert f"the statement {copy.id} does not continue what the notice {delivered.notice_id} has" in told


async def test_an_account_of_which_nobody_stated_that_it_was_added_is_told(world: World) -> None:
    erika = await world.citizen()
    await world.settle()
    added = [one for one in await in_the_log(world.web.store) if one.step == "account-added"]
    Writer(world).delete("opening", added[0].id)

    assert await sentences(world) == [f"the account {erika.account.id} was never stated to be added"]


async def test_an_account_that_was_put_back_to_an_einwilligung_that_it_had_is_told(world: World) -> None:
    erika = await world.citizen()
    before = Writer(world).row("account", erika.account.id)
    account = await world.web.store.get(type(erika.account), erika.account.id)
    withdraw_einwilligung(account, "*", world.clock.now(), world.web)
    await world.web.store.save(account)
    await world.settle()
    assert await sentences(world) == []

    Writer(world).put("account", erika.account.id, before)

    expected = f"the account {erika.account.id} has other Einwilligungen than those that were stated last"
    assert await sentences(world) == [expected]


async def test_einwilligungen_that_come_and_go_are_what_was_stated(world: World) -> None:
    erika = await world.citizen()
    account = await world.web.store.get(type(erika.account), erika.account.id)
    for change, whose in (
        (withdraw_einwilligung, "a"),
        (give_einwilligung, "b"),
        (withdraw_einwilligung, "*"),
        (give_einwilligung, "a"),
    ):
        change(account, whose, world.clock.now(), world.web)
        await world.web.store.save(account)

    assert await sentences(world) == []


async def test_an_account_that_nobody_can_read_is_told(world: World) -> None:
    erika = await world.citizen()
    Writer(world).put("account", erika.account.id, (9, "{"))

    assert await sentences(world) == [f"the account {erika.account.id} cannot be read"]


async def test_where_nothing_is_stamped_doctor_says_that_nobody_outside_watches(world: World) -> None:
    remarks = [finding.sentence async for finding in examine(world.web) if finding.is_remark]

    assert "nobody outside watches the log by time stamps (SK_TSA); let somebody run sk log audit" in remarks
