"""Consuming from RabbitMQ for as long as a block lasts, through lost connections and lost queues."""

import asyncio
import logging
from contextlib import suppress

from sk.bus.port import Receive
from sk.bus.rabbit_broker import Broker, Channel, Connection, Message, Queue
from sk.errors import NotFound, Unavailable

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
        self._consumed: dict[Queue, Channel] = {}
        self._stopping = asyncio.Event()
        self._look = asyncio.Event()

    def stop(self) -> None:
        """Take no more."""
        self._stopping.set()
        self._look.set()

    async def run(self) -> None:
        """Consume until stopped; then wait for what is in hand."""
        while not self._stopping.is_set():
            try:
                await self._consume()
            except Unavailable as error:
                log.warning("bus-trouble", extra={"queue": self._handler, "error": str(error)})
                self._look.clear()
                if not self._stopping.is_set():
                    await self._wait(self._broker.patience.reconnect)
        await self._finish()

    async def _consume(self) -> None:
        """Consume over one connection, until it breaks or there is nothing left to do."""
        connection = await self._broker.connect()
        try:
            self._consumed.clear()
            queue = await self._broker.find_queue(self._handler)
            while not self._stopping.is_set():
                self._look.clear()
                await self._consume_from(queue, connection)
                await self._wait(self._broker.patience.watch)
                if not self._stopping.is_set() and not await self._is_first_and_answers(queue, connection):
                    queue = await self._broker.find_queue(self._handler, queue.number)
            for consumed, channel in list(self._consumed.items()):
                await self._broker.stop_consuming(channel, consumed)
            await self._finish()  # while the connection is there, for the acknowledgements
        finally:
            await self._broker.close(connection)

    async def _consume_from(self, queue: Queue, connection: Connection) -> None:
        if queue not in self._consumed:
            channel = await self._broker.open_channel(connection)
            await self._broker.ask(channel.set_qos(prefetch_count=self._at_once))
            self._consumed[queue] = channel
            await self._broker.consume(channel, queue, self._take, lambda: self._lose(queue))

    def _lose(self, queue: Queue) -> None:
        """Look for the queue again."""
        self._consumed.pop(queue, None)
        self._look.set()

    async def _is_first_and_answers(self, queue: Queue, connection: Connection) -> bool:
        """Tell whether all is as it should be, without the search, which would cost a connection each time."""
        if queue.number > 1 or queue not in self._consumed:
            return False
        channel = await self._broker.open_channel(connection)
        try:
            return await self._broker.answers(channel, queue)
        except NotFound:
            return False
        finally:
            self._broker.abandon(channel)

    async def _take(self, message: Message) -> None:
        # In a task of our own: the library cancels its own when the connection breaks, in the middle of a step.
        if not self._stopping.is_set():
            task = asyncio.create_task(self._handle(message))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    async def _handle(self, message: Message) -> None:
        if message.body:
            async with self._turns:
                if self._stopping.is_set():
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
