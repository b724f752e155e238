"""Einwilligung: given and withdrawn in general or for one authority, and what that does to notices."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sk.auth.account import EVERY_AUTHORITY, Account, Standing
from sk.auth.authority import public_jwk
from sk.auth.steps import give_einwilligung, withdraw_einwilligung
from sk.client import new_key
from sk.crypto.sign import decode, strict_json
from sk.evidence.statement import Statement
from sk.store.port import all_of
from tests.process import run_sk
from tests.world import Citizen, World, a_notice

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOBODY = Standing(account="erika", state="active", trust="high")


async def change(world: World, who: Citizen, authority_id: str, *, give: bool) -> None:
    account = await world.web.store.get(Account, who.account.id)
    (give_einwilligung if give else withdraw_einwilligung)(account, authority_id, world.clock.now(), world.web)
    await world.web.store.save(account)


# Whom it covers


def test_a_general_einwilligung_covers_every_authority_until_it_is_withdrawn() -> None:
    given = NOBODY.with_einwilligung(EVERY_AUTHORITY, AT)

    assert given.has_einwilligung("stadt")
    assert not given.without_einwilligung(EVERY_AUTHORITY, AT).has_einwilligung("stadt")


def test_one_authority_can_be_excepted_from_a_general_einwilligung_and_taken_in_again() -> None:
    excepted = NOBODY.with_einwilligung(EVERY_AUTHORITY, AT).without_einwilligung("stadt", AT)

    assert (excepted.has_einwilligung("stadt"), excepted.has_einwilligung("kreis")) == (False, True)
    for again in ("stadt", EVERY_AUTHORITY):
        assert excepted.with_einwilligung(again, AT).has_einwilligung("stadt")


def test_what_was_given_to_one_authority_outlives_the_general_einwilligung() -> None:
    both = NOBODY.with_einwilligung(EVERY_AUTHORITY, AT).with_einwilligung("stadt", AT)
    left = both.without_einwilligung(EVERY_AUTHORITY, AT)

    assert (left.has_einwilligung("stadt"), left.has_einwilligung("kreis")) == (True, False)
    assert not left.without_einwilligung("stadt", AT).has_einwilligung("stadt")


def test_an_exception_ends_with_the_general_einwilligung_that_it_was_made_from() -> None:
    excepted = NOBODY.with_einwilligung(EVERY_AUTHORITY, AT).without_einwilligung("stadt", AT)

    assert excepted.without_einwilligung(EVERY_AUTHORITY, AT).excepted == {}


def test_said_twice_it_holds_since_the_first_moment_and_so_does_an_exception() -> None:
    given, later = NOBODY.with_einwilligung(EVERY_AUTHORITY, AT), AT + timedelta(days=1)
    excepted = given.without_einwilligung("stadt", AT)

    assert given.with_einwilligung(EVERY_AUTHORITY, later) == given
    assert excepted.without_einwilligung("stadt", later) == excepted


# What it does


@pytest.mark.parametrize("of", ["this authority", "every authority"])
async def test_after_it_was_withdrawn_notices_are_refused_until_it_is_given_again(world: World, of: str) -> None:
    authority, erika = await world.authority(), await world.citizen()
    whose = authority.client_id if of == "this authority" else EVERY_AUTHORITY

    await change(world, erika, whose, give=False)
    status, refused = await authority.post(a_notice(erika.handle))
    _, told = await authority.get(f"/api/v1/postboxes/{erika.handle}")
    await change(world, erika, whose, give=True)
    again, _ = await authority.post(a_notice(erika.handle))

    assert (status, refused["type"], told["einwilligung"]) == (422, "/problems/no-einwilligung", False)
    assert again == 202


async def test_one_authority_alone_is_refused_if_it_alone_was_excepted(world: World) -> None:
    stadt, kreis, erika = await world.authority(), await world.authority("Kreis"), await world.citizen()

    await change(world, erika, stadt.client_id, give=False)

    assert (await stadt.post(a_notice(erika.handle)))[0] == 422
    assert (await kreis.post(a_notice(erika.handle)))[0] == 202


async def test_what_was_accepted_and_not_delivered_is_rejected_and_what_was_delivered_stays(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    _, first = await authority.post(a_notice(erika.handle))
    await world.settle()
    _, second = await authority.post(a_notice(erika.handle))
    await change(world, erika, EVERY_AUTHORITY, give=False)
    await world.settle()

    told = [(await authority.get(f"/api/v1/notices/{answer['id']}"))[1] for answer in (first, second)]
    assert [answer["status"] for answer in told] == ["bereitgestellt", "rejected"]
    assert told[1]["reason"] == "no-einwilligung"


async def test_each_is_stated_by_a_commitment_to_the_account_and_never_by_its_id(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    await change(world, erika, authority.client_id, give=False)
    await change(world, erika, EVERY_AUTHORITY, give=False)

    found = [one async for one in all_of(world.web.store, Statement) if one.step == "einwilligung-withdrawn"]
    said = [strict_json(decode(one.jws.split(".")[1])) for one in found]
    assert {(one["general"], one["authority"]) for one in said} == {(False, authority.client_id), (True, "")}
    assert not [one for one in found if erika.account.id in str(said) + one.id]


# The command


def test_in_a_trial_the_operator_withdraws_and_gives_it_for_an_invented_citizen(tmp_path: Path) -> None:
    folder = {"SK_DATA": str(tmp_path / "data")}
    run_sk(tmp_path, folder, *["account", "add", "--username", "erika", "--email", "e@example.org", "--einwilligung"])

    said = [
        run_sk(tmp_path, folder, "account", "einwilligung", "erika", *how)
        for how in (["--withdraw"], ["--give"], ["--give", "--authority", "nobody"], [])
    ]

    assert [done.returncode for done in said] == [0, 0, 1, 2]
    assert [done.stdout.split()[-3:] for done in said[:2]] == [["False", "still", "none"], ["True", "still", "all"]]


def test_the_command_says_which_authorities_may_still_announce(tmp_path: Path) -> None:
    folder, key = {"SK_DATA": str(tmp_path / "data")}, tmp_path / "stadt.jwk.json"
    key.write_text(json.dumps(public_jwk(new_key()[1])))
    run_sk(tmp_path, folder, *["account", "add", "--username", "erika", "--email", "e@example.org"])
    added = run_sk(tmp_path, folder, "authority", "add", "Stadt", "--key", str(key), "--law", "ozg-9", "--json")
    stadt = json.loads(added.stdout)["client_id"]

    told = [
        json.loads(run_sk(tmp_path, folder, "account", "einwilligung", "erika", *how, "--json").stdout)
        for how in (
            ["--give", "--authority", stadt],
            ["--give"],
            ["--withdraw"],
            ["--give"],
            ["--withdraw", "--authority", stadt],
        )
    ]

    assert [one["still"] for one in told] == [stadt, "all", stadt, "all", f"all but {stadt}"]
    assert [one["einwilligung"] for one in told] == [True, True, False, True, False]


def test_outside_a_trial_nobody_but_the_citizen_does_that(tmp_path: Path) -> None:
    folder = {"SK_DATA": str(tmp_path / "data"), "SK_MAIL": "smtp://127.0.0.1:1"}
    run_sk(tmp_path, folder, *["account", "add", "--username", "erika", "--email", "e@example.org"])

    refused = run_sk(tmp_path, folder, "account", "einwilligung", "erika", "--give")

    assert refused.returncode == 1
    assert "outside a trial only the citizen gives or withdraws an Einwilligung" in refused.stderr
