"""An upload to S3: bytes pass from the event loop, which must not wait, to the SDK in its thread, which does."""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import Executor

from sk.objects.port import BLOCK_BYTES

BLOCKS = 8  # between writer and thread: with the part that the SDK holds, 7 MiB for each upload
WRITER_SECONDS = 300  # a thread that hears nothing for so long has lost its writer
END = b""
"""Behind the last block: the writer is done."""


class Discarded(Exception):
    """The writer has given up."""


class S3Upload:
    """`Upload` to S3, and the stream that the SDK reads.

    The thread begins when the queue is full or the writer is done, so that a small object takes one only to be sent,
    and a slow client none before it has brought 2 MiB.
    """

    def __init__(self, threads: Executor, send: Callable[["S3Upload"], object], size: int | None) -> None:
        """Prepare to hand `size` bytes, or as many as come, to `send`, which reads them from this object."""
        self._loop = asyncio.get_running_loop()
        self._threads = threads
        self._send = send
        self._size = size
        self._blocks: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(BLOCKS)
        self._held = b""
        self._rest = b""
        self._sent: asyncio.Future[object] | None = None
        self._ended = False
        self.written = 0
        self.complete = False

    async def write(self, data: bytes) -> None:
        """See `Upload.write`."""
        self.written += len(data)
        for start in range(0, len(data), BLOCK_BYTES):
            if self._size is None or self.written <= self._size:
                await self._pass_on(self._held)
                self._held = data[start : start + BLOCK_BYTES]

    async def finish(self) -> None:
        """Hand over the last block and wait until the store has all of it."""
        await self._pass_on(self._held)
        self._blocks.put(END)
        self.complete = True
        await asyncio.shield(self._start())  # cancelling it would hide the thread, not stop it

    async def discard(self) -> None:
        """Have the SDK take back what it has sent, and wait for its thread."""
        if self._sent:
            self._blocks.put(None)
            await asyncio.wait([self._sent])
            self._sent.exception()  # said to have been seen

    def read(self, wanted: int) -> bytes:
        """Return the next bytes, as many as wanted: the SDK calls this in its thread and would add up pieces slowly."""
        part = bytearray(self._rest[:wanted])
        self._rest = self._rest[len(part) :]
        while len(part) < wanted and (block := self._take()):
            missing = wanted - len(part)
            part += block[:missing]
            self._rest = block[missing:]
        return bytes(part)

    def _take(self) -> bytes:
        if self._ended:
            return END
        block = self._blocks.get(timeout=WRITER_SECONDS)
        if block is None:
            raise Discarded
        if block == END:
            self._ended = True
            return END
        self._loop.call_soon_threadsafe(self._room.release)
        return block

    def _start(self) -> asyncio.Future[object]:
        if self._sent is None:
            self._sent = self._loop.run_in_executor(self._threads, self._send, self)
            self._sent.add_done_callback(lambda _: self._room.release())
        return self._sent

    async def _pass_on(self, block: bytes) -> None:
        if not block:
            return
        if self._room.locked():
            self._start()
        await self._room.acquire()
        if self._sent and self._sent.done():  # it ended before its time, and nobody will make room again
            self._room.release()
            await asyncio.shield(self._sent)
        self._blocks.put(block)
