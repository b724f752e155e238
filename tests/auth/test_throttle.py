"""Throttling: guessing takes longer and longer, and nobody is locked out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from sk.auth.log_in import check_log_in
from sk.auth.passwords import Passwords
from sk.auth.throttle import OF_ACCOUNT, OF_MAILS, OF_SOURCE, Attempts, counted, of_address, of_source
from sk.config import load_settings
from sk.errors import Invalid, Unavailable
from sk.web.form_words import problem_words
from sk.web.keys import SERVICES
from sk.web.source import source_of
from tests.auth.visitors import ELSEWHERE, HOME, WRONG, CountingPasswords, InstantPasswords, log_in, refused, visit
from tests.fakes import FakeClock
from tests.security.serving import serving
from tests.security.tab import FORM_TOKEN, Tab
from tests.world import World

T = TypeVar("T")


def test_five_failures_cost_nothing_and_each_further_one_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [OF_ACCOUNT.delay(failures).total_seconds() for failures in range(18)]

    assert waits == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_source_has_fifty_failures_and_waits_a_minute_at_most() -> None:
    waits = [OF_SOURCE.delay(failures).total_seconds() for failures in (50, 51, 52, 56, 57, 58, 10_000)]

    assert waits == [0, 1, 2, 32, 60, 60, 60]


@pytest.mark.parametrize("username", ["erika", "nobody"])
async def test_a_try_during_a_wait_is_no_try_whether_the_account_exists_or_not(
    world: World, clock: FakeClock, username: str
) -> None:
    await world.citizen()
    passwords = CountingPasswords()
    said = []
    for _ in range(9):
        with pytest.raises(Invalid) as refusal:
            await check_log_in(username, WRONG, visit(), passwords, world.web)
        said.append(refusal.value)

    assert [one.problem for one in said] == ["log-in-refused"] * 6 + ["too-many-tries"] * 3
    assert problem_words(said[-1], "de").endswith("Bitte warten Sie eine Sekunde, dann geht es wieder.")
    assert passwords.runs == 6
    clock.advance(seconds=1)
    assert (await refused(world, username)).problem == "log-in-refused"
    assert (await refused(world, username)).more == {"seconds": "2"}


async def test_the_case_of_a_user_name_gives_nobody_more_tries(world: World) -> None:
    await world.citizen()

    said = [
        await refused(world, username) for username in ("erika", "ERIKA", " Erika ", "eriKA", "erika", "Erika", "e")
    ]
    assert [one.problem for one in said] == ["log-in-refused"] * 7
    assert (await refused(world, "erikA")).problem == "too-many-tries"


async def test_of_many_tries_at_the_same_moment_no_more_are_free(world: World) -> None:
    await world.citizen()
    passwords = CountingPasswords()

    tries = (check_log_in("erika", WRONG, visit(), passwords, world.web) for _ in range(40))
    await asyncio.gather(*tries, return_exceptions=True)

    assert passwords.runs == 6


async def test_of_many_tries_at_the_moment_in_which_a_source_may_try_again_one_is_made(
    world: World, clock: FakeClock
) -> None:
    for number in range(OF_SOURCE.free + 1):
        await refused(world, f"nobody-{number}", passwords=InstantPasswords())
    clock.advance(minutes=1)
    passwords = CountingPasswords()

    tries = (check_log_in(f"citizen-{number}", WRONG, visit(), passwords, world.web) for number in range(40))
    await asyncio.gather(*tries, return_exceptions=True)

    assert passwords.runs == 1


async def test_failures_at_the_same_moment_are_all_counted_and_none_is_an_error_of_ours(world: World) -> None:
    tries = (check_log_in(f"citizen-{number}", WRONG, visit(), InstantPasswords(), world.web) for number in range(40))
    said = await asyncio.gather(*tries, return_exceptions=True)

    assert {one.problem for one in said if isinstance(one, Invalid)} == {"log-in-refused"}
    assert len([one for one in said if isinstance(one, Invalid)]) == 40
    assert [one.failures for one in await counted(world.web, of_source(HOME, world.web))] == [40]


async def test_who_gets_in_from_a_busy_source_leaves_its_count_as_it_was(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    for number in range(OF_SOURCE.free + 10):
        await refused(world, f"nobody-{number}", passwords=InstantPasswords())
        clock.advance(minutes=1)

    for _ in range(3):
        assert await log_in(world, "erika", erika.password)
    assert [one.failures for one in await counted(world.web, of_source(HOME, world.web))] == [OF_SOURCE.free + 10]
    for _ in range(7):
        await refused(world, "erika", visit(ELSEWHERE))
    assert (await refused(world, "erika")).problem == "too-many-tries"  # of the name: nothing was tried
    assert [one.failures for one in await counted(world.web, of_source(HOME, world.web))] == [OF_SOURCE.free + 10]


async def test_tags_and_case_make_no_other_address(world: World) -> None:
    ids = {of_address(address, world.web).id for address in ("erika@example.org", "Erika+a@EXAMPLE.org")}

    assert len(ids) == 1
    assert of_address("erik@example.org", world.web).id not in ids


def test_mails_to_an_address_wait_a_day_at_most() -> None:
    waits = [OF_MAILS.delay(mails).total_seconds() for mails in (5, 6, 7, 22, 23, 10_000)]

    assert waits == [0, 1, 2, 65536, 86400, 86400]
    assert (
        problem_words(Invalid("", problem="too-many-tries", more={"seconds": "86400"}), "de").count("24 Stunden") == 1
    )


async def test_a_success_forgets_the_failures(world: World) -> None:
    erika = await world.citizen()
    for _ in range(3):
        for _ in range(5):
            await refused(world, "erika")
        await log_in(world, "erika", erika.password)

    assert (await refused(world, "erika")).problem == "log-in-refused"


async def test_a_stranger_does_not_lock_the_owner_out(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    device = (await log_in(world, "erika", erika.password)).device
    for number in range(30):
        await refused(world, "erika", visit(f"203.0.113.{number}"))
        clock.advance(seconds=2**number if number < 10 else 901)
    await refused(world, "erika", visit(ELSEWHERE))

    delayed = await refused(world, "erika", visit(), erika.password)
    entered = await log_in(world, "erika", erika.password, visit(device=device))

    assert int(delayed.more["seconds"]) <= timedelta(minutes=15).total_seconds()
    assert entered.token
    assert await log_in(world, "erika", erika.password)  # what the stranger did is forgotten by that


async def test_without_a_known_device_the_owner_waits_a_quarter_of_an_hour_at_most(
    world: World, clock: FakeClock
) -> None:
    erika = await world.citizen()
    for _ in range(20):
        await refused(world, "erika", visit(ELSEWHERE))
        clock.advance(minutes=15)

    clock.advance(minutes=15)
    assert await log_in(world, "erika", erika.password)


async def test_a_stolen_device_is_throttled_for_itself(world: World) -> None:
    erika = await world.citizen()
    device = (await log_in(world, "erika", erika.password)).device
    thief = visit(ELSEWHERE, device)

    said = [(await refused(world, "erika", thief)).problem for _ in range(7)]

    assert said == ["log-in-refused"] * 6 + ["too-many-tries"]
    assert await log_in(world, "erika", erika.password, visit())


async def test_failures_are_forgotten_a_day_after_the_last_one(world: World, clock: FakeClock) -> None:
    for _ in range(7):
        await refused(world, "nobody")
    clock.advance(hours=23)
    await refused(world, "nobody")

    clock.advance(hours=23)
    await world.settle()
    assert len(await world.web.store.scan(Attempts)) == 2  # of the name, and of the source
    clock.advance(hours=1)
    await world.settle()
    assert await world.web.store.scan(Attempts) == []


class FullPasswords(Passwords):
    """A pool in which too many wait."""

    async def _run(self, work: Callable[[], T]) -> T:
        del work
        raise Unavailable


async def test_when_too_many_log_in_at_once_they_are_asked_to_come_again(world: World) -> None:
    erika = await world.citizen()
    form = {"username": "erika", "password": erika.password, "csrf": FORM_TOKEN}
    async with serving(world.web, FullPasswords()) as address:
        answer = await Tab(world.http, address, "", "").ask("POST", "/anmelden", data=form)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "Gerade geht es nicht" in answer.text


async def test_what_is_counted_names_nobody(world: World) -> None:
    await refused(world, "somebody.in.particular", visit("192.0.2.77"))

    stored = (world.data / "store.db").read_bytes() + (world.data / "store.db-wal").read_bytes()
    assert b"somebody" not in stored
    assert b"192.0.2" not in stored


@pytest.mark.parametrize(
    ("proxies", "remote", "said", "source"),
    [
        ("", "198.51.100.7", "", "198.51.100.7"),
        ("", "198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("10.0.0.0/8", "10.1.2.3", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.0/8", "10.1.2.3", "1.2.3.4, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.0/8", "10.1.2.3", "192.0.2.1, 10.9.9.9", "192.0.2.1"),
        ("10.0.0.0/8", "10.1.2.3", "", "10.1.2.3"),
        ("10.0.0.0/8", "10.1.2.3", "unknown", "10.1.2.3"),
        ("10.0.0.0/8", "198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("::1,10.0.0.0/8", "::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "2001:db8:1:2::7", "", "2001:db8:1:2::/64"),
        ("", "::ffff:198.51.100.7", "", "198.51.100.7"),
    ],
)
async def test_the_source_is_the_last_hop_that_is_no_proxy_of_ours(
    world: World, proxies: str, remote: str, said: str, source: str
) -> None:
    app = web.Application()
    settings = load_settings({"data": world.data, "trusted_proxies": proxies})
    app[SERVICES] = replace(world.web, settings=settings)
    headers = {"X-Forwarded-For": said} if said else {}

    request = make_mocked_request("POST", "/anmelden", headers, app=app).clone(remote=remote)

    assert source_of(request) == source


@pytest.mark.parametrize("said", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33"])
def test_what_is_no_network_stops_the_start(said: str) -> None:
    with pytest.raises(Invalid, match="SK_TRUSTED_PROXIES"):
        load_settings({"trusted_proxies": said})
