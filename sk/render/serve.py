"""`sk render`: takes in jobs at a Unix socket, and gives each to a process of its own.

The first byte says which kind of job it is. No byte of a document passes through here: a job gets the connection
itself, and answers by it.
"""

import asyncio
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from sk.process import unless_stopped

PICTURE, ARCHIVE = b"p", b"z"
"""The kinds of jobs: `sk/render/job.py`, `sk/render/unpack.py`."""
CPU_SECONDS = 10
AT_ONCE = 2
UNPACK_CPU_SECONDS = 60
"""Of the largest archive: 1 GiB of text takes 5."""
UNPACK_SECONDS = 600
UNPACK_AT_ONCE = 1
WAITING_MAX = 16
IDLE_SECONDS = 5
"""What a job may take beside computing: most of it is spent on waiting for the document."""
STOP_SECONDS = 10
BUSY = b"busy\n"
TOO_SLOW, UNREADABLE = b'{"error": "too-slow"}\n', b'{"error": "unreadable"}\n'
KILLED = (-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGALRM)
"""How a job ends that has used up its time."""
log = logging.getLogger(__name__)


async def serve(
    listening: socket.socket, stopping: asyncio.Event, *, most_bytes: int, cpu_seconds: int = CPU_SECONDS
) -> None:
    """Serve until told to stop. What was begun may end; what does not end soon is killed."""
    listening.setblocking(False)  # noqa: FBT003 - as socket has it
    kinds = {
        PICTURE: Jobs("job", cpu_seconds + IDLE_SECONDS, AT_ONCE, most_bytes, cpu_seconds),
        ARCHIVE: Jobs("unpack", UNPACK_SECONDS, UNPACK_AT_ONCE, UNPACK_CPU_SECONDS),
    }
    running = set[asyncio.Task[None]]()
    while accepted := await unless_stopped(stopping, _accepted(listening)):
        running.add(task := asyncio.create_task(_answer(accepted, kinds)))
        task.add_done_callback(running.discard)
    if running:
        _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class Jobs:
    """The jobs of one kind: a few at once, some that wait."""

    def __init__(self, module: str, seconds: int, at_once: int, *limits: int) -> None:
        """Begin with none. Each may last so long, and is told its own limits."""
        self._command = [sys.executable, "-I", "-B", "-m", f"sk.render.{module}", *map(str, limits)]
        self._seconds = seconds
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def answer(self, connection: socket.socket) -> None:
        """Have a job done when it is its turn; whoever finds many that wait is told so."""
        if self._waiting >= WAITING_MAX:
            await _tell(connection, BUSY)
            return
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            code = await self._do(connection)
        finally:
            self._free.release()
        if code != 0:
            log.warning("job-failed", extra={"code": code})
            await _tell(connection, TOO_SLOW if code in KILLED else UNREADABLE)

    async def _do(self, connection: socket.socket) -> int:
        """Do a job and return the exit code. It gets its connection, an empty environment, and nothing else.

        That holds for `subprocess`; the event loop's own processes (uvloop) inherit what is open here.
        """
        connection.setblocking(True)  # noqa: FBT003 - a job reads and writes as at a pipe
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - it takes a moment; nothing in it is a stranger's
            self._command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=subprocess.DEVNULL, env={}
        )
        try:
            return await asyncio.to_thread(process.wait, self._seconds)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            process.kill()
            process.wait()


async def _answer(connection: socket.socket, kinds: Mapping[bytes, Jobs]) -> None:
    with connection, suppress(OSError):  # a timeout is an OSError
        said = asyncio.get_running_loop().sock_recv(connection, 1)
        kind = await asyncio.wait_for(said, IDLE_SECONDS)
        if kind in kinds:
            await kinds[kind].answer(connection)


async def _accepted(listening: socket.socket) -> socket.socket:
    connection, _ = await asyncio.get_running_loop().sock_accept(listening)
    return connection


async def _tell(connection: socket.socket, line: bytes) -> None:
    """Say a line to somebody who may be gone, or may not listen."""
    connection.setblocking(False)  # noqa: FBT003 - as socket has it
    with suppress(OSError):
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(connection, line), 1)
