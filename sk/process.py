"""Running as a process: signals, the life line to a parent, an orderly end."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

import uvloop

from sk.log import set_up_logging

READY = b"R"
GC_THRESHOLD = 10_000
"""Objects made before the garbage collector looks; there is hardly anything for it to find."""
LAST_SECONDS = 19
"""Whatever hangs: so long after it was told to stop, the system ends a process. Killed, it loses nothing."""
T = TypeVar("T")


class LifeLine:
    """A socket shared with the parent of `sk up`: upwards it says "ready", downwards, by its end, that all is over."""

    def __init__(self, fd: int | None) -> None:
        """Without a file descriptor, there is no parent to watch."""
        self._fd = fd

    def say_ready(self) -> None:
        """Tell the parent that this process serves. One that is gone needs not know."""
        if self._fd is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._fd, READY)

    def watch(self, gone: Callable[[], None]) -> None:
        """Call `gone` when the parent has ended, however it ended."""
        if self._fd is not None:
            asyncio.get_running_loop().add_reader(self._fd, self._end, gone)

    def _end(self, gone: Callable[[], None]) -> None:
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
        gone()


class Beside(NamedTuple):
    """What ties a process of `sk up` to the others: to the parent, and to the pipes between web and the workers.

    By one pipe web wakes the relay, by the other the relay nudges web. Elsewhere there is none of it.
    """

    life_line: LifeLine
    wake_fd: int | None = None
    nudge_fd: int | None = None


async def unless_stopped(stopping: asyncio.Event, doing: Awaitable[T]) -> T | None:
    """Return what something comes to, or give it up and return None when the process is told to stop before that."""
    task, told = asyncio.ensure_future(doing), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((task, told), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for left in (task, told):
            left.cancel()


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]], log_level: str) -> None:
    """Run a process until it has ended by itself or by SIGTERM or SIGINT, which set the event it is given."""
    set_up_logging(log_level)
    gc.freeze()  # what was imported stays, and need not be looked at again and again
    gc.set_threshold(GC_THRESHOLD)
    uvloop.run(_with_signals(main))


async def _with_signals(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    last = asyncio.create_task(_end_at_last(stopping))
    await main(stopping)
    last.cancel()


async def _end_at_last(stopping: asyncio.Event) -> None:
    """Set an alarm that ends even a process whose event loop or whose threads hang."""
    await stopping.wait()
    signal.alarm(LAST_SECONDS)
