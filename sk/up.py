"""`sk up`: one parent, one web process, one worker process, one that makes previews, in one folder.

The parent holds the lock, the ports and the mail catcher, and starts again what was killed. A child that ends in good
order was asked to, and then all of it ends. Children end when the parent is gone, however it ended.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from sk.config import Settings
from sk.crypto.keyring import ROLES, create_keys
from sk.disk import sync_folder
from sk.errors import Invalid, Unavailable
from sk.mail.catcher import run_catcher
from sk.process import READY, unless_stopped
from sk.renderer import socket_beside
from sk.sockets import listening_at
from sk.web.listen import bind, local_url

STOP_SECONDS = 18
RESTART_SECONDS = 0.2
TOLD_TO_END = (None, 0, -signal.SIGTERM)
"""Exit codes of a child that nobody killed; it may have been told before it could listen."""
log = logging.getLogger(__name__)


def prepare(settings: Settings) -> None:
    """Make the folder and the keys of a fresh installation: whole or not at all, also when others do the same now."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = settings.data / "keys"
    if settings.keys or place.exists():
        return
    with tempfile.TemporaryDirectory(prefix="keys-", dir=settings.data) as made:
        create_keys(fresh := Path(made) / "keys")
        try:
            fresh.rename(place)
        except OSError:
            if not place.exists():
                raise
    sync_folder(settings.data)


@asynccontextmanager
async def running(settings: Settings, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Run the platform while the block lasts and yield its base URL; `stopping` is set when it ends by itself.

    Told to stop before it serves, it yields all the same: the block has to look at `stopping`.
    """
    prepare(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(settings.data))
        sockets = [stack.enter_context(listening) for listening in await bind(settings)]
        woken, wakes = stack.enter_context(_pipe())
        nudged, nudges = stack.enter_context(_pipe())
        if settings.mail.get_secret_value() == "catcher":
            await stack.enter_async_context(run_catcher(settings.data))
        base_url = settings.base_url or local_url(settings, sockets)
        rendering = stack.enter_context(_rendering(settings))
        environment = _environment(settings, base_url)
        listen_fds = [listening.fileno() for listening in sockets]
        serve = ["serve", *(f"--listen-fd={fd}" for fd in listen_fds), f"--wake-fd={wakes}", f"--nudge-fd={nudged}"]
        work = ["work", f"--wake-fd={woken}", f"--nudge-fd={nudges}"]
        for arguments, fds in ((serve, [*listen_fds, wakes, nudged]), (work, [woken, nudges])):
            child = Child(arguments, environment, fds)
            await stack.enter_async_context(child.kept_running(stopping))
        if rendering:
            render = ["render", f"--listen-fd={rendering.fileno()}", f"--max-bytes={settings.render_max_bytes}"]
            child = Child([*render, f"--log-level={settings.log_level}"], {}, [rendering.fileno()])
            await stack.enter_async_context(child.kept_running(stopping, awaited=False))
        log.info("holds-the-keys-of-all-roles", extra={"roles": [*ROLES], "keys": str(settings.keys_folder())})
        for listening in sockets:  # closed first, so that nobody waits in a queue which no child serves any more
            stack.enter_context(listening)
        yield base_url


class Run(NamedTuple):
    """One life of a child, and the socket by which it learns that we are gone."""

    process: asyncio.subprocess.Process
    life_line: socket.socket

    async def is_ready(self) -> bool:
        """Wait for the child's word, or for its end."""
        self.life_line.setblocking(False)  # noqa: FBT003 - as socket has it
        return await asyncio.get_running_loop().sock_recv(self.life_line, 1) == READY

    async def end(self) -> None:
        """Have it end in good order, or at least end."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        self.life_line.close()


class Child:
    """A process of ours that is started again when it was killed."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], fds: Sequence[int]) -> None:
        """Describe the process; `fds` are what it inherits beside its life line."""
        self._arguments = arguments
        self._environment = environment
        self._fds = fds

    @asynccontextmanager
    async def kept_running(self, stopping: asyncio.Event, *, awaited: bool = True) -> AsyncIterator[None]:
        """Run the process while the block lasts. Later it is started again when it dies; one that is awaited comes up.

        Nobody waits for the others, nor ends because they do not come up.
        """
        first = await self._start()
        if awaited and await unless_stopped(stopping, first.is_ready()) is False:
            await first.end()
            raise Unavailable(f"sk {self._arguments[0]} did not start; what it says stands above")
        keeper = asyncio.create_task(self._keep(first, stopping))
        try:
            yield
        finally:
            stopping.set()
            await keeper

    async def _start(self) -> Run:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sk", *self._arguments, f"--life-fd={theirs.fileno()}"),
                env=self._environment,
                pass_fds=[*self._fds, theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sys.stderr,
            )
        return Run(process, ours)

    async def _keep(self, run: Run, stopping: asyncio.Event) -> None:
        """Start it again until it was told to end, or all of us were; then all of us end, and all at the same time."""
        try:
            while await unless_stopped(stopping, run.process.wait()) not in TOLD_TO_END:
                log.error("child-died", extra={"child": self._arguments[0], "code": run.process.returncode})
                run.life_line.close()
                await asyncio.sleep(RESTART_SECONDS)
                if stopping.is_set():
                    return
                run = await self._start()
        finally:
            stopping.set()
            await run.end()


def _environment(settings: Settings, base_url: str) -> dict[str, str]:
    """Return the parent's own environment with what the command line has set."""
    return {
        **os.environ,
        "SK_DATA": str(settings.data.resolve()),
        "SK_BASE_URL": base_url,
        "SK_LOG_LEVEL": settings.log_level,
        "SK_RENDER": settings.render or str(socket_beside(settings.data)),
    }


@contextmanager
def _rendering(settings: Settings) -> Iterator[socket.socket | None]:
    """Yield where a child of ours makes previews, unless somebody else does or nobody should."""
    if settings.render:
        yield None
        return
    with listening_at(socket_beside(settings.data)) as opened:
        yield opened


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Yield the two ends of a pipe, to read from and to write to. We hold both, so that it outlives either child."""
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder, if nobody else does; the lock dies with this process."""
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Invalid(f"another `sk up` runs on {data}") from None
        yield
