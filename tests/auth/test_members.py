"""Members: whom the operator lets act for an authority, with which roles, and what becomes of that."""

import json
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest

from sk.auth.authorities import registered
from sk.auth.members import Member, member_of, members_of, memberships_of, remove_member
from sk.client import new_key
from sk.errors import Invalid, NotFound
from tests.auth.erasing import erase
from tests.auth.exporting import exported
from tests.auth.visitors import journal
from tests.fakes import FakeClock
from tests.process import run_sk
from tests.web.pages import words_of
from tests.world import World


async def test_a_member_may_do_what_the_operator_says_and_stays_one_since_the_first_moment(
    world: World, clock: FakeClock
) -> None:
    authority, began = await world.authority(), clock.now()
    karl = await world.member(authority, "replies", "post", "replies", username="karl")
    first = await member_of(authority.client_id, karl.account.id, world.web)
    clock.advance(days=3)

    await world.let_act(authority, karl, "approve")

    second = await member_of(authority.client_id, karl.account.id, world.web)
    assert (first.username, first.roles, first.since) == ("karl", ("post", "replies"), began)
    assert second == first.model_copy(update={"roles": ("approve",)})


async def test_members_are_found_by_authority_and_by_account(world: World) -> None:
    city, office = await world.authority("Stadt"), await world.authority("Amt")
    karl, berta = [await world.member(city, "post", username=name) for name in ("karl", "berta")]
    await world.let_act(office, karl)

    assert [card.username for card in await members_of(city.client_id, world.web)] == ["berta", "karl"]
    assert {card.authority for card in await memberships_of(karl.account.id, world.web)} == {
        city.client_id,
        office.client_id,
    }
    assert [card.authority for card in await memberships_of(berta.account.id, world.web)] == [city.client_id]


async def test_whoever_is_removed_is_no_member_any_more(world: World) -> None:
    authority = await world.authority()
    karl = await world.member(authority, "post", username="karl")
    card = await registered(authority.client_id, world.web)

    await remove_member(card, karl.account.id, world.web)

    assert await members_of(authority.client_id, world.web) == []
    with pytest.raises(NotFound):
        await member_of(authority.client_id, karl.account.id, world.web)
    with pytest.raises(NotFound):
        await remove_member(card, karl.account.id, world.web)


async def test_an_account_that_is_closed_becomes_no_member(world: World) -> None:
    authority, karl = await world.authority(), await world.citizen("karl")
    closed = karl.account.standing(world.web.keys.signers).model_copy(update={"state": "closed"})
    karl.account.change(closed, world.web.keys.signer("sign-web"))

    with pytest.raises(Invalid, match="not active"):
        await world.let_act(authority, karl, "post")


async def test_the_owner_finds_it_in_the_journal_with_the_name_of_the_authority(world: World) -> None:
    authority = await world.authority("Amt für Wohnen")
    karl = await world.member(authority, "post", username="karl")
    await remove_member(await registered(authority.client_id, world.web), karl.account.id, world.web)

    async with world.browser(karl) as browser:
        shown = words_of((await browser.open("/konto/protokoll")).text)

    assert {"member-removed", "member-added"} <= set(await journal(world, karl))
    assert "was Sie für eine Behörde tun dürfen. Behörde: Amt für Wohnen." in shown
    assert "nicht mehr für eine Behörde handeln. Behörde: Amt für Wohnen." in shown


async def test_an_account_that_is_erased_is_no_member_any_more(world: World) -> None:
    authority = await world.authority()
    karl = await world.member(authority, "post", username="karl")
    assert len(await world.web.store.scan(Member)) == 1

    await erase(world, karl)

    assert await world.web.store.scan(Member) == []
    assert await members_of(authority.client_id, world.web) == []


async def test_an_export_names_the_authorities_and_the_roles(world: World, clock: FakeClock) -> None:
    authority, began = await world.authority(), clock.now()
    karl = await world.member(authority, "post", "approve", username="karl")

    with await exported(world, karl) as zipped:
        said = json.loads(zipped.read("konto.json"))["behoerden"]

    assert said == [{"behoerde": authority.client_id, "rollen": ["post", "approve"], "seit": began.isoformat()}]


async def test_only_a_member_is_led_from_the_account_to_the_authority(world: World) -> None:
    karl, erika = await world.member(await world.authority(), username="karl"), await world.citizen()

    shown = []
    for who in (karl, erika):
        async with world.browser(who) as browser:
            shown.append("/behoerde" in (await browser.open("/konto")).links.values())

    assert shown == [True, False]


# `sk authority member` and `sk authority change`


class Installed(NamedTuple):
    """A platform in a folder, with an account and an authority."""

    folder: Path
    client_id: str

    def sk(self, *arguments: str) -> CompletedProcess[str]:
        """Run `sk authority`, in which CLIENT stands for the authority."""
        named = [self.client_id if argument == "CLIENT" else argument for argument in arguments]
        return run_sk(self.folder, {}, "authority", *named, "--json", "--data", "data")

    def told(self, *arguments: str) -> dict[str, Any]:
        """Run it, and return what it says."""
        done = self.sk(*arguments)
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said


def installed(folder: Path, environment: Mapping[str, str]) -> Installed:
    """Return a platform with an account, and with an authority."""
    (folder / "key.json").write_text(json.dumps(new_key()[1]))
    karl = ("account", "add", "--username", "karl", "--email", "karl@example.org")
    city = ("authority", "add", "Stadt", "--key", "key.json", "--json")
    *_, added = [run_sk(folder, environment, *arguments, "--data", "data") for arguments in (karl, city)]
    assert added.returncode == 0, added.stderr
    return Installed(folder, json.loads(added.stdout)["client_id"])


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return a platform in a folder."""
    return installed(tmp_path_factory.mktemp("members"), {})


def test_an_operator_names_lists_changes_and_removes_members(platform: Installed) -> None:
    named = platform.told("member", "add", "CLIENT", "--username", "Karl", "--role", "post", "--role", "approve")
    changed = platform.told("member", "add", "CLIENT", "--username", "karl", "--role", "replies")
    listed = platform.told("member", "list", "CLIENT")
    platform.told("member", "remove", "CLIENT", "--username", "karl")

    assert (named["username"], named["roles"]) == ("karl", ["post", "approve"])
    assert changed == {**named, "roles": ["replies"]}
    assert listed == changed
    assert platform.sk("member", "list", "CLIENT").stdout == ""


def test_an_operator_has_an_authority_work_with_four_eyes(platform: Installed) -> None:
    before = platform.told("show", "CLIENT")

    changed = platform.told("change", "CLIENT", "--four-eyes")

    assert (before["four_eyes"], changed) == (False, {**before, "four_eyes": True})
    assert platform.told("change", "CLIENT", "--no-four-eyes") == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["member", "add", "CLIENT", "--username", "mia"], "there is no account with the user name mia"),
        (["member", "add", "nobody", "--username", "karl"], "there is no authority nobody"),
        (["member", "remove", "CLIENT", "--username", "karl"], "karl is no member of Stadt"),
        (["member", "list", "nobody"], "there is no authority nobody"),
        (["member", "add", "CLIENT", "--username", "karl", "--role", "boss"], "boss"),
        (["change", "CLIENT"], "say --four-eyes or --no-four-eyes"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(platform: Installed, arguments: list[str], says: str) -> None:
    done = platform.sk(*arguments)

    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_account_that_nobody_has_activated_becomes_no_member(tmp_path: Path) -> None:
    real = {"SK_MAIL": "smtp://mail.example.org", "SK_BASE_URL": "https://konto.example.org"}
    client_id = installed(tmp_path, real).client_id

    done = run_sk(tmp_path, real, "authority", "member", "add", client_id, "--username", "karl", "--data", "data")

    assert done.returncode == 1
    assert "this account is not active" in done.stderr
