"""The web process: listens, serves, and ends in good order."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from aiohttp import web

from sk.auth.eid.server import eid_server_of
from sk.bus.beside import nudged
from sk.config import Settings
from sk.errors import Invalid
from sk.evidence.stamped import tsa_of
from sk.installation import ensure_installation
from sk.key_backup import begin_key_backups
from sk.process import Beside
from sk.services import Services, open_services
from sk.web.app import make_app
from sk.web.in_hand import IN_HAND
from sk.web.listen import local_url
from sk.workers.handle import receiver
from sk.workers.table import WEB

READ_BUFFER_BYTES = 256 * 1024
CUT_OFF_SECONDS = 1
"""What aiohttp gives, twice, to requests that have used up the grace time."""
OWN_AT_ONCE = 4
"""Events of its own that web handles at a time, beside serving."""


async def serve(
    settings: Settings,
    sockets: Sequence[socket.socket],
    stopping: asyncio.Event,
    beside: Beside,
    *,
    embedded: bool = False,
) -> None:
    """Serve on sockets until told to stop; then close them, finish what runs and answer long polls."""
    beside.life_line.watch(stopping.set)
    base_url = settings.base_url or local_url(settings, sockets)
    tsa_of(settings)  # a wrong one stops the start, not the evidence of whoever asks for it
    eid_server_of(settings)  # the same
    wake = _waker(beside.wake_fd)
    async with open_services(settings, ["web"], base_url=base_url, wake=wake, only_these_keys=not embedded) as services:
        await ensure_installation(services)
        if services.keys.holds("vault"):
            await begin_key_backups(services)
        app = make_app(services, stopping)
        runner = web.AppRunner(
            app,
            access_log=None,
            read_bufsize=READ_BUFFER_BYTES,
            shutdown_timeout=CUT_OFF_SECONDS,
            # aiohttp gives this to the whole head of a request, counted from the connection or from the answer before.
            keepalive_timeout=settings.body_grace_seconds,
        )
        await runner.setup()
        try:
            for listening in sockets:
                await web.SockSite(runner, listening, ssl_context=_tls(settings)).start()
            if embedded:
                beside.life_line.say_ready()
            else:
                print(f"ready {base_url}", flush=True)  # noqa: T201 - the contract with whoever starts this
            async with nudged(services.bus, WEB, beside.nudge_fd), _own_work(services):
                await stopping.wait()
            for site in runner.sites:
                await site.stop()
            await app[IN_HAND].none_left(settings.stop_grace_seconds)
        finally:
            await runner.cleanup()


def _own_work(services: Services) -> AbstractAsyncContextManager[None]:
    """Act upon the events that are web's own. Who serves machines only has not the keys for that."""
    if not services.keys.holds("vault"):
        return contextlib.nullcontext()
    return services.bus.consume(WEB, receiver(services), at_once=OWN_AT_ONCE)


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    certificate, _, key = settings.tls.partition(",")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise Invalid(f"SK_TLS: {certificate} and {key} cannot be used: {error}") from None
    return context


def _waker(wake_fd: int | None) -> Callable[[], None]:
    """Return how the relay in the process beside is woken: by a byte. One that waits already, or nobody, is fine."""
    if wake_fd is None:
        return lambda: None
    os.set_blocking(wake_fd, False)

    def wake() -> None:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(wake_fd, b"w")

    return wake
