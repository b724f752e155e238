"""Consuming from RabbitMQ: for as long as the block lasts, through lost connections and lost queues."""

import asyncio
import logging
from contextlib import suppress

import aiormq
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from sk.bus.port import Receive
from sk.bus.rabbit_broker import ask, connect, find_queue, open_channel
from sk.errors import Unavailable

WATCH_SECONDS = 30
RECONNECT_SECONDS = 1
log = logging.getLogger(__name__)


class Consumer:
    """One handler's consumption."""

    def __init__(self, url: str, handler: str, receive: Receive, at_once: int) -> None:
        """Prepare to call `receive` for at most `at_once` ids at a time."""
        self._url = url
        self._handler = handler
        self._receive = receive
        self._at_once = at_once
        self._turns = asyncio.Semaphore(at_once)  # prefetch alone would not do: it counts for each queue by itself
        self._in_hand: set[asyncio.Task[None]] = set()
        self._tags: dict[str, str] = {}  # what is consumed: the name of the queue by the tag of the consumption
        self._stopping = False
        self._look = asyncio.Event()

    def stop(self) -> None:
        """Take no more."""
        self._stopping = True
        self._look.set()

    async def run(self) -> None:
        """Consume until stopped; then wait for what is in hand."""
        while not self._stopping:
            try:
                await self._consume()
            except Unavailable as error:
                log.warning("bus-trouble", extra={"queue": self._handler, "error": str(error)})
                self._look.clear()
                if not self._stopping:
                    await self._wait(RECONNECT_SECONDS)
        await self._finish()

    async def _consume(self) -> None:
        """Consume over one connection, until it breaks or there is nothing left to do."""
        connection = await connect(self._url)
        try:
            channel = await open_channel(connection)
            channel.close_callbacks.add(lambda *_: self._look.set())
            underlying = await channel.get_underlay_channel()
            underlying.on_consumer_cancel_callbacks.add(self._cancelled)
            await ask(channel.set_qos(prefetch_count=self._at_once))
            self._tags.clear()
            while not self._stopping:
                self._look.clear()
                await self._consume_from_the_queue(channel)
                await self._wait(WATCH_SECONDS)
            for tag in self._tags:
                await ask(underlying.basic_cancel(tag))
            await self._finish()  # while the connection is there, for the acknowledgements
        finally:
            with suppress(Unavailable):
                await ask(connection.close())

    async def _consume_from_the_queue(self, channel: AbstractChannel) -> None:
        name, _ = await find_queue(channel, self._handler)
        if name not in self._tags.values():
            queue = await channel.get_queue(name, ensure=False)
            self._tags[await ask(queue.consume(self._take))] = name

    def _cancelled(self, frame: aiormq.spec.Basic.Cancel) -> None:
        """Look for the queue again when the broker says that it is gone."""
        self._tags.pop(str(frame.consumer_tag), None)
        self._look.set()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        # In a task of our own: the library cancels its own when the connection breaks, in the middle of a step.
        if not self._stopping:
            task = asyncio.create_task(self._handle(message))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    async def _handle(self, message: AbstractIncomingMessage) -> None:
        if message.body:
            async with self._turns:
                if self._stopping:
                    return  # it was not begun; when the connection closes, somebody else gets it
                await self._receive(message.body.decode())
        with suppress(Unavailable):  # then it comes again, and finds its event ended
            await ask(message.ack())

    async def _finish(self) -> None:
        if self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._look.wait()
