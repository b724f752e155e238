"""The log says itself whose signatures it takes: before a key's first statement, and when a key is void."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sk.crypto.keyring import KeyRing
from sk.crypto.sign import decode, encode, kid_in
from sk.errors import Invalid
from sk.evidence import form
from sk.evidence.keys import key_statements, revoke, steps_of
from sk.evidence.log import Memory
from sk.evidence.sequence import log_head, reconsider, refused
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.workers.evidence import keep_log
from tests.evidence.cases import not_knowing
from tests.evidence.whole import check_keys, in_the_log
from tests.fakes import FakeClock, RunningClock
from tests.workers.cases import MESSAGE, statements_of
from tests.world import World, a_notice


async def said_about_keys(world: World) -> list[Mapping[str, Any]]:
    """Return what the log says about keys, in order."""
    found = await key_statements(world.web.store)
    return [verified(one, world.web.keys.signers, one.step) for one in found]


async def test_before_the_first_statement_of_a_key_the_log_says_whose_key_it_is_and_what_it_may_state(
    world: World,
) -> None:
    await world.delivered(**MESSAGE)
    await world.delivered(**MESSAGE)

    log, signers = await in_the_log(world.web.store), world.web.keys.signers
    check_keys(log, signers)
    introduced = await said_about_keys(world)
    assert [one["kid"].rpartition("-")[0] for one in introduced] == [
        *("log", "sign-web", "sign-delivery", "sign-notification"),
    ]
    for one in introduced:
        use, key = signers.by_kid[one["kid"]]
        assert (one["steps"], decode(one["x"])) == (steps_of(use), key.public_bytes_raw())
        form.SignersKey.model_validate(one)
        assert (one["authority"], one["notice"], one["number"], one["previous"]) == ("", "", 0, "")
    assert log[0].step == "key"
    assert kid_in(log[0].jws) == introduced[0]["kid"]


async def test_a_key_is_introduced_in_the_write_that_logs_its_first_statement(world: World) -> None:
    await world.web.store.save(_about_nobody(world.web.keys, world.clock))
    await keep_log(replace(world.workers, clock=RunningClock(world.clock.now())), Memory())

    log = await in_the_log(world.web.store)
    assert [one.step for one in log] == ["key", "key", "account-added"]
    assert len({one.logged_at for one in log}) == 1


async def test_a_sequencer_that_starts_anew_introduces_no_key_a_second_time(world: World) -> None:
    await world.delivered(**MESSAGE)
    before = await said_about_keys(world)

    await world.web.store.save(_about_nobody(world.web.keys, world.clock))
    await keep_log(world.workers, Memory())

    assert await said_about_keys(world) == before
    assert await refused(world.web.store) == []


async def test_a_key_that_may_state_more_steps_than_the_log_says_is_introduced_once_more(
    world: World, clock: FakeClock
) -> None:
    sign, signers = world.workers.keys.signer("log"), world.web.keys.signers
    kid = world.web.keys.signer("sign-web").kid
    x = encode(signers.by_kid[kid][1].public_bytes_raw())
    facts = {"kid": kid, "x": x, "steps": ["accepted"]}  # as a program said that knew one step only
    await world.web.store.save(make_statement(sign, "key", clock.now(), facts, Place()))
    await world.settle()

    await world.web.store.save(_about_nobody(world.web.keys, clock))
    await world.settle()

    said = [one["steps"] for one in await said_about_keys(world) if one["kid"] == kid]
    assert said == [["accepted"], steps_of(signers.by_kid[kid][0])]


async def test_what_a_revoked_key_signs_is_refused_and_the_log_goes_on_for_all_others(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(**MESSAGE)
    stolen = world.web.keys.signer("sign-web").kid
    await revoke(world.web.store, world.workers.keys.signer("log"), stolen, clock.now())
    await world.settle()
    size = (await log_head(world.web.store)).size

    late = _about_nobody(world.web.keys, clock)
    await world.web.store.save(late)
    await _stated_by_delivery(world, notice.notice_id)
    await world.settle()

    assert [one.id for one in await refused(world.web.store)] == [late.id]
    assert [one.step for one in (await in_the_log(world.web.store))[size:]] == ["rejected"]
    assert [one["step"] for one in await said_about_keys(world)][-1] == "key-revoked"


async def test_a_revoked_key_is_void_for_a_sequencer_that_starts_anew_as_well(world: World, clock: FakeClock) -> None:
    await world.delivered(**MESSAGE)
    await revoke(world.web.store, world.workers.keys.signer("log"), world.web.keys.signer("sign-web").kid, clock.now())
    clock.advance(seconds=1)
    late = _about_nobody(world.web.keys, clock)
    await world.web.store.save(late)

    await keep_log(world.workers, Memory())  # the revocation and what comes behind it in one batch
    again = _about_nobody(world.web.keys, clock)
    await world.web.store.save(again)
    await keep_log(world.workers, Memory())

    assert {one.id for one in await refused(world.web.store)} == {late.id, again.id}


async def test_the_key_of_the_log_cannot_revoke_itself(world: World, clock: FakeClock) -> None:
    sign = world.workers.keys.signer("log")
    with pytest.raises(Invalid, match="cannot be revoked in the log"):
        await revoke(world.web.store, sign, sign.kid, clock.now())


async def test_a_key_that_no_file_of_keys_names_is_not_introduced(world: World, clock: FakeClock) -> None:
    await world.web.store.save(_about_nobody(world.web.keys, clock))

    await keep_log(not_knowing("sign-web", world.workers), Memory())

    assert await in_the_log(world.web.store) == []
    assert len(await refused(world.web.store)) == 1


async def test_a_notice_of_which_a_statement_was_refused_is_damaged_until_that_is_looked_at_once_more(
    world: World,
) -> None:
    authority, erika = await world.authority(), await world.citizen()
    _, posted = await authority.post(a_notice(erika.handle, **MESSAGE))
    path = f"/api/v1/notices/{posted['id']}"
    await keep_log(not_knowing("sign-web", world.workers), Memory())

    status, told = await authority.get(path)
    assert (status, told["type"]) == (403, "/problems/notice-damaged")

    for statement in await refused(world.web.store):
        await reconsider(world.web.store, statement)
    await world.settle()
    assert (await authority.get(path))[0] == 200


async def test_a_statement_for_a_bundle_is_never_logged(world: World, clock: FakeClock) -> None:
    facts = {"keys": 4, "stamps": None}
    as_of = make_statement(world.web.keys.signer("sign-web"), "as-of", clock.now(), facts, Place())
    await world.web.store.save(as_of)
    await world.settle()

    assert [one.id for one in await refused(world.web.store)] == [as_of.id]


def _about_nobody(keys: KeyRing, clock: FakeClock) -> Statement:
    facts = {"by": "operator", "commitments": {}}
    return make_statement(keys.signer("sign-web"), "account-added", clock.now(), facts, Place())


async def _stated_by_delivery(world: World, notice_id: str) -> None:
    """Have delivery state something more about a notice."""
    last = (await statements_of(world, notice_id))[-1]
    place = Place(last.authority_id, notice_id, last.number + 1, hash_of(last.jws))
    sign, at = world.workers.keys.signer("sign-delivery"), world.clock.now()
    await world.web.store.save(make_statement(sign, "rejected", at, {"reason": "unreachable"}, place))
