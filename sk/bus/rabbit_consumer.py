"""Consuming from RabbitMQ for as long as a block lasts, through lost connections and lost queues."""

import asyncio
import logging
from contextlib import suppress

import aiormq
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from sk.bus.port import Receive
from sk.bus.rabbit_broker import Broker
from sk.errors import Unavailable

log = logging.getLogger(__name__)


class Consumer:
    """One handler's consumption."""

    def __init__(self, broker: Broker, handler: str, receive: Receive, at_once: int) -> None:
        """Prepare to call `receive` for at most `at_once` ids at a time."""
        self._broker = broker
        self._handler = handler
        self._receive = receive
        self._at_once = at_once
        self._turns = asyncio.Semaphore(at_once)  # prefetch alone would not do: it counts for each queue by itself
        self._in_hand: set[asyncio.Task[None]] = set()
        self._consumed: dict[str, AbstractChannel] = {}
        self._before = 0
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
                    await self._wait(self._broker.patience.reconnect)
        await self._finish()

    async def _consume(self) -> None:
        """Consume over one connection, until it breaks or there is nothing left to do."""
        connection = await self._broker.connect()
        try:
            self._consumed.clear()
            self._before = 0
            while not self._stopping:
                self._look.clear()
                await self._consume_from_the_queue(connection)
                await self._wait(self._broker.patience.watch)
            # The tag of a consumption is the name of its queue.
            for name, channel in self._consumed.items():
                await self._broker.ask((await channel.get_underlay_channel()).basic_cancel(name))
            await self._finish()  # while the connection is there, for the acknowledgements
        finally:
            await self._broker.close(connection)

    async def _consume_from_the_queue(self, connection: AbstractConnection) -> None:
        channel, name, self._before = await self._broker.find_queue(connection, self._handler, self._before)
        if name in self._consumed:
            await self._broker.close(channel)
            return
        channel.close_callbacks.add(lambda *_: self._look.set())
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(self._queue_gone)
        await self._broker.ask(channel.set_qos(prefetch_count=self._at_once))
        queue = await channel.get_queue(name, ensure=False)
        await self._broker.ask(queue.consume(self._take, consumer_tag=name))
        self._consumed[name] = channel

    def _queue_gone(self, frame: aiormq.spec.Basic.Cancel) -> None:
        """Look for the queue again when the broker says that it is gone."""
        self._consumed.pop(str(frame.consumer_tag), None)
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
            await self._broker.ask(message.ack())

    async def _finish(self) -> None:
        if self._in_hand:
            await asyncio.wait(self._in_hand)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._look.wait()
