"""The worker process."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace

from sk.bus.beside import OneQueueBeside
from sk.config import Settings
from sk.evidence.stamped import tsa_of
from sk.installation import await_installation, check_clock
from sk.process import Beside, unless_stopped
from sk.services import open_services
from sk.workers.bounces import taking_bounces
from sk.workers.relay import Relay
from sk.workers.run import run_workers
from sk.workers.table import WEB

EMBEDDED_HOLDER = "embedded"
"""Of these there is one only, so that it takes back at once what it held when it was killed."""


async def work(
    settings: Settings,
    names: Sequence[str],
    stopping: asyncio.Event,
    beside: Beside,
    *,
    embedded: bool = False,
) -> None:
    """Run the named workers until told to stop."""
    beside.life_line.watch(stopping.set)
    woken = asyncio.Event()
    async with open_services(settings, names, wake=woken.set, only_these_keys=not embedded) as opened:
        services = opened
        if beside.nudge_fd is not None:
            services = replace(opened, bus=OneQueueBeside(opened.bus, WEB, beside.nudge_fd))
        if await unless_stopped(stopping, await_installation(services)) is None:
            return
        await check_clock(services)
        tsa_of(settings)  # a wrong one stops the start, not the work
        if beside.wake_fd is not None:
            _listen(beside.wake_fd, woken.set)
        relay = Relay(services, EMBEDDED_HOLDER if embedded else _holder(), woken)
        async with taking_bounces(names, services):
            beside.life_line.say_ready()
            await run_workers(names, services, relay, stopping)


def _holder() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def _listen(wake_fd: int, wake: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    os.set_blocking(wake_fd, False)

    def read() -> None:
        if not os.read(wake_fd, 4096):  # everybody who could write is gone, which would be told for ever
            loop.remove_reader(wake_fd)
        wake()

    loop.add_reader(wake_fd, read)
