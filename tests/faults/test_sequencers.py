"""Sequencers are killed and frozen while statements arrive: none is lost, none is logged twice, there is one log."""

import asyncio
from asyncio import TaskGroup
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from signal import SIGCONT, SIGSTOP
from time import monotonic

import pytest

from sk.clock import SystemClock
from sk.crypto.keyring import create_keys
from sk.evidence.sequence import signed_head
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Place, make_statement
from sk.ids import new_id
from sk.services import Services, open_services
from tests.evidence.whole import check_whole_log, in_the_log
from tests.faults.sequencer import settings_for
from tests.process import Process
from tests.servers import Servers

AT_ONCE = 6
CHAIN_MAX = 6
INTRODUCED = 4
"""The keys of the log, of web, of delivery and of notification."""
PATIENCE_SECONDS = 60
"""How long the log may stand still."""
WITH_TESTS = {"PYTHONPATH": str(Path(__file__).parents[2])}
BUSY_SECONDS, FROZEN_SECONDS = 0.6, 1.0
"""How long a sequencer is left alone, and how long one stands still, at most."""
FROZEN_SHARE = 1 / 3
"""Of all that happens to sequencers; the rest kills them."""


class Steps:
    """People who state one thing after the other about many notices, and whoever counts it."""

    def __init__(self, services: Services, random: Random) -> None:
        """State as web and delivery do."""
        self._services, self._random = services, random
        self._signers = [services.keys.signer(name) for name in ("sign-web", "sign-delivery")]
        self._done = asyncio.Event()
        self.stated = 0

    def end(self) -> None:
        """Have everybody finish the notice that they are at."""
        self._done.set()

    async def state(self) -> None:
        """State until told to end."""
        clock = SystemClock()
        while not self._done.is_set():
            place = Place("an-authority", new_id(), 1)
            for _ in range(self._random.randint(1, CHAIN_MAX)):
                sign, facts = self._random.choice([*zip(self._signers, ({}, {"reason": "unreachable"}), strict=True)])
                statement = make_statement(sign, "rejected" if facts else "withdrawn", clock.now(), facts, place)
                await self._services.store.save(statement)
                self.stated += 1
                place = place._replace(number=place.number + 1, previous=hash_of(statement.jws))
                await asyncio.sleep(self._random.uniform(0, 0.01))


@pytest.fixture(params=["files", "servers"])
async def services(request: pytest.FixtureRequest, tmp_path: Path, servers: Servers) -> AsyncIterator[Services]:
    """Return what sequencers and those who state have in common: store, objects and keys.

    The database is one of their own: whoever is frozen in the middle of a transaction keeps all others waiting there.
    """
    create_keys(tmp_path / "keys")
    with ExitStack() as ours:
        store, objects = f"sqlite://{tmp_path}/store.db", f"file://{tmp_path}/objects"
        if request.param == "servers":
            store, objects = ours.enter_context(servers.private("mongodb")).url(), servers.shared("s3").url()
        settings = settings_for(tmp_path, store, objects)
        async with open_services(settings, ["web", "delivery"], only_these_keys=False) as opened:
            yield opened


async def live_through(services: Services, kills: int, random: Random) -> None:
    """State things while two sequencers are killed so many times, and frozen besides, and check the log."""
    settings = services.settings
    arguments = (str(settings.data), settings.store_url(), settings.objects_url())
    pair = [
        Process(settings.data, f"sequencer-{number}", ("-m", "tests.faults.sequencer", *arguments), WITH_TESTS)
        for number in (1, 2)
    ]
    steps = Steps(services, random)
    try:
        for sequencer in pair:
            sequencer.start()
            sequencer.ready()
        async with TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(steps.state())
            await asyncio.gather(*(_have_accidents(one, kills // 2, random) for one in pair))
            steps.end()
        await _until_published(services, steps.stated + INTRODUCED)
    finally:
        for sequencer in pair:
            sequencer.forget()
            print(f"--- {sequencer.log.name}\n{sequencer.tail()}")  # noqa: T201 - pytest keeps it for a failure
    await check_whole_log(services.store, services.objects, services.keys.signers)
    log = await in_the_log(services.store)
    assert len([one for one in log if one.notice_id]) == steps.stated
    assert len(log) == steps.stated + INTRODUCED


@pytest.mark.parametrize("services", ["files", "servers"], indirect=True)
async def test_no_accident_of_a_sequencer_costs_a_statement_or_logs_one_twice(
    services: Services, random: Random
) -> None:
    await live_through(services, 4, random)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("services", ["files", "servers"], indirect=True)
async def test_after_fifty_kills_of_sequencers_there_is_one_log_with_all_that_was_stated(
    services: Services, random: Random
) -> None:
    await live_through(services, 50, random)


async def _have_accidents(sequencer: Process, kills: int, random: Random) -> None:
    """Kill a sequencer so many times, and freeze it in between, while the other one has its own accidents."""
    for _ in range(kills):
        while random.random() < FROZEN_SHARE:
            await asyncio.sleep(random.uniform(0, BUSY_SECONDS))
            await _freeze(sequencer, random)
        await asyncio.sleep(random.uniform(0, BUSY_SECONDS))
        await _kill(sequencer)


async def _freeze(sequencer: Process, random: Random) -> None:
    """Have a sequencer stand still beyond its turn."""
    sequencer.signal(SIGSTOP)
    await asyncio.sleep(random.uniform(0, FROZEN_SECONDS))
    sequencer.signal(SIGCONT)


async def _kill(sequencer: Process) -> None:
    """Kill a sequencer and start it again."""
    await asyncio.to_thread(sequencer.kill)
    sequencer.start()
    await asyncio.to_thread(sequencer.ready)


async def _until_published(services: Services, size: int) -> None:
    """Wait for as long as the log grows: how fast it does is no matter of this test."""
    seen, deadline = -1, 0.0
    while (signed := await signed_head(services.store)).size < size:
        if signed.size > seen:
            seen, deadline = signed.size, monotonic() + PATIENCE_SECONDS
        assert monotonic() < deadline, signed
        await asyncio.sleep(0.1)
