"""`sk up`: one parent, one web process, one worker process, in one folder.

The parent holds the lock, the port and the mail catcher, and starts again what was killed. A child that ends in good
order was asked to, and then all of it ends. Children end when the parent is gone, however it ended.
"""

import asyncio
import fcntl
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from sk.config import Settings
from sk.crypto.keyring import create_keys
from sk.errors import Invalid, Unavailable
from sk.mail.catcher import run_catcher
from sk.process import READY
from sk.web.serve import bind, local_url

STOP_SECONDS = 18
RESTART_SECONDS = 0.2
log = logging.getLogger(__name__)


def prepare(settings: Settings) -> None:
    """Make the folder and the keys of a fresh installation."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.keys and not (settings.data / "keys").exists():
        create_keys(settings.data / "keys")


@asynccontextmanager
async def running(settings: Settings, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Run the platform while the block lasts and yield its base URL; `stopping` is set when it ends by itself."""
    prepare(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(_locked(settings.data))
        sockets = [stack.enter_context(listening) for listening in await bind(settings)]
        read_end, write_end = (
            stack.enter_context(os.fdopen(fd, mode)) for fd, mode in zip(os.pipe(), "rw", strict=True)
        )
        if settings.mail.get_secret_value() == "catcher":
            await stack.enter_async_context(run_catcher(settings.data))
        base_url = settings.base_url or local_url(settings, sockets)
        environment = _environment(settings, base_url)
        listen_fds = [listening.fileno() for listening in sockets]
        serve = ["serve", *(f"--listen-fd={fd}" for fd in listen_fds), f"--wake-fd={write_end.fileno()}"]
        work = ["work", f"--wake-fd={read_end.fileno()}"]
        for arguments, fds in ((serve, [*listen_fds, write_end.fileno()]), (work, [read_end.fileno()])):
            child = Child(arguments, environment, fds)
            await stack.enter_async_context(child.kept_running(stopping))
        yield base_url


class Child:
    """A process of ours that is started again when it was killed."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], fds: Sequence[int]) -> None:
        """Describe the process; `fds` are what it inherits beside its life line."""
        self._arguments = arguments
        self._environment = environment
        self._fds = fds
        self._process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def kept_running(self, stopping: asyncio.Event) -> AsyncIterator[None]:
        """Run the process while the block lasts. It must come up once; later it is started again when it dies."""
        ours = await self._start()
        if not await _is_ready(ours):
            ours.close()
            raise Unavailable(f"sk {self._arguments[0]} did not start; what it says stands above")
        keeper = asyncio.create_task(self._keep(ours, stopping))
        try:
            yield
        finally:
            stopping.set()
            await self._stop()
            await keeper

    async def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sk", *self._arguments, f"--life-fd={theirs.fileno()}"),
                env=self._environment,
                pass_fds=[*self._fds, theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sys.stderr,
            )
        return ours

    async def _keep(self, ours: socket.socket, stopping: asyncio.Event) -> None:
        while True:
            code = await self._process.wait() if self._process else 0
            ours.close()
            if code == 0:
                stopping.set()
            if stopping.is_set():
                return
            log.error("child-died", extra={"child": self._arguments[0], "code": code})
            await asyncio.sleep(RESTART_SECONDS)
            ours = await self._start()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()


async def _is_ready(ours: socket.socket) -> bool:
    """Wait for the child's word, or for its end."""
    ours.setblocking(False)  # noqa: FBT003 - as socket has it
    return await asyncio.get_running_loop().sock_recv(ours, 1) == READY


def _environment(settings: Settings, base_url: str) -> dict[str, str]:
    """Return the parent's own environment with what the command line has set."""
    return {
        **os.environ,
        "SK_DATA": str(settings.data.resolve()),
        "SK_BASE_URL": base_url,
        "SK_LOG_LEVEL": settings.log_level,
    }


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Hold the folder; the lock dies with this process."""
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Invalid(f"another `sk up` runs on {data}") from None
        yield
