"""`sk render`: takes in jobs at a Unix socket, and gives each to a process of its own.

No byte of a document passes through here: a job gets the connection itself, and answers by it.
"""

import asyncio
import logging
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from sk.process import unless_stopped

CPU_SECONDS = 10
AT_ONCE = 2
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
    jobs, running = Jobs(most_bytes, cpu_seconds), set[asyncio.Task[None]]()
    while accepted := await unless_stopped(stopping, _accepted(listening)):
        running.add(task := asyncio.create_task(jobs.answer(accepted)))
        task.add_done_callback(running.discard)
    if running:
        _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


class Jobs:
    """The jobs of this process: a few at once, some that wait."""

    def __init__(self, most_bytes: int, cpu_seconds: int) -> None:
        """Begin with none."""
        self._limits = (str(most_bytes), str(cpu_seconds))
        self._seconds = cpu_seconds + IDLE_SECONDS
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def answer(self, connection: socket.socket) -> None:
        """Have a job done when it is its turn; whoever finds many that wait is told so."""
        with connection:
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
        command = [sys.executable, "-I", "-B", "-m", "sk.render.job", *self._limits]
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - it takes a moment; nothing in it is a stranger's
            command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=subprocess.DEVNULL, env={}
        )
        try:
            return await asyncio.to_thread(process.wait, self._seconds)
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL
        finally:
            process.kill()
            process.wait()


async def _accepted(listening: socket.socket) -> socket.socket:
    connection, _ = await asyncio.get_running_loop().sock_accept(listening)
    return connection


async def _tell(connection: socket.socket, line: bytes) -> None:
    """Say a line to somebody who may be gone, or may not listen."""
    connection.setblocking(False)  # noqa: FBT003 - as socket has it
    with suppress(OSError):
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(connection, line), 1)
