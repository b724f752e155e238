"""Asking RabbitMQ: one way to wait for its answers, and the search for the queue of a handler.

This is the one module that imports aio-pika; the others speak of its things by the names given here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.connection import make_url
from aio_pika.exceptions import AMQPError, PublishError

from sk.errors import NotFound, Unavailable

NUMBERS = range(1, 10)
REFUSED_SECONDS = 0.05
T = TypeVar("T")
Connection: TypeAlias = AbstractConnection
Channel: TypeAlias = AbstractChannel
Message: TypeAlias = AbstractIncomingMessage


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait: for an answer, before looking for the queue again, before connecting again."""

    answer: float = 5
    watch: float = 30
    reconnect: float = 1


class Queue(NamedTuple):
    """The queue of a handler that has answered."""

    name: str
    number: int


NOBODY = Queue("sk-nobody", 0)


class Broker:
    """A broker at a URL."""

    def __init__(self, url: str, patience: Patience) -> None:
        """Talk to the broker at a URL, with some patience."""
        self._url = url
        self._closing: set[asyncio.Task[None]] = set()
        self.patience = patience

    async def finish(self) -> None:
        """Wait until everything is closed, as far as the broker lets us."""
        await asyncio.gather(*self._closing)

    async def ask(self, question: Coroutine[Any, Any, T]) -> T:
        """Return the broker's answer; raise `NotFound` if a message came back, `Unavailable` for all other trouble."""
        (answer,) = await self.ask_all([question])
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def ask_all(self, questions: Sequence[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
        """Return the answer to each question, or what `ask` would raise.

        Questions run in tasks of their own: when a connection breaks, the library cancels whoever waits for an answer,
        and in the caller's own task that would look like being told to stop.
        """
        tasks = [asyncio.create_task(question) for question in questions]
        try:
            await asyncio.wait(tasks, timeout=self.patience.answer)
            return [_answer(task) for task in tasks]
        finally:
            for task in tasks:
                task.cancel()

    async def connect(self) -> Connection:
        """Connect once. The library's own way of reconnecting would also declare queues again, as it remembers them."""
        return await self.ask(_connect(self._url))

    async def close(self, thing: Connection | Channel) -> None:
        """Close a connection or a channel, as far as the broker lets us."""
        with suppress(Unavailable):
            await self.ask(_close(thing))
        if isinstance(thing, AbstractConnection) and not thing.is_closed:
            await thing.close()  # the second time it only lets go of what it could not close

    def abandon(self, thing: Connection | Channel) -> None:
        """Close a connection or a channel without waiting: one that has sent to a dead queue may be stuck there."""
        task = asyncio.create_task(self.close(thing))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def open_channel(self, connection: Connection) -> Channel:
        """Open a channel that works, and that confirms or returns what is published, which otherwise could vanish."""
        channel = await self.ask(_open(connection.channel(publisher_confirms=True, on_return_raises=True)))
        with suppress(NotFound):
            await self.ask(send(channel, NOBODY, ""))  # comes back from a broker that is alive
        return channel

    async def find_queue(self, handler: str, before: int = 0) -> Queue:
        """Return a handler's queue by the rule in `rabbit.py`; declare it if there is none.

        `before` is the number that was used until now. The search has a connection of its own, and a new channel after
        each queue that was silent, since the old one may be stuck.
        """
        connection = await self.connect()
        try:
            channel, last = await self.open_channel(connection), before
            for number in NUMBERS:
                queue = Queue(f"{handler}.{number}", number)
                with suppress(NotFound):
                    if await self.answers(channel, queue):
                        return queue
                    channel, last = await self.open_channel(connection), number
            number = last % len(NUMBERS) + 1
            queue = Queue(f"{handler}.{number}", number)
            await self.ask(channel.declare_queue(queue.name, durable=True, arguments={"x-queue-type": "quorum"}))
            if not await self.answers(channel, queue):
                raise Unavailable(f"no queue of {handler} answers")
            return queue
        finally:
            self.abandon(connection)

    async def answers(self, channel: Channel, queue: Queue) -> bool:
        """Tell whether a queue confirms. One that is just being declared refuses for a moment; a dead one is silent."""
        clock = asyncio.get_running_loop().time
        until = clock() + self.patience.answer
        while clock() < until:
            try:
                await self.ask(send(channel, queue, ""))
            except Unavailable:
                if channel.is_closed:
                    raise
                await asyncio.sleep(REFUSED_SECONDS)
            else:
                return True
        return False

    async def consume(
        self, channel: Channel, queue: Queue, take: Callable[[Message], Awaitable[None]], look: Callable[[], None]
    ) -> None:
        """Have messages of a queue passed to `take`; `look` is called when there will be no more."""
        underlying = await channel.get_underlay_channel()
        underlying.on_consumer_cancel_callbacks.add(lambda _: look())  # the queue was deleted
        channel.close_callbacks.add(lambda *_: look())
        declared = await channel.get_queue(queue.name, ensure=False)
        await self.ask(declared.consume(take, consumer_tag=queue.name))

    async def stop_consuming(self, channel: Channel, queue: Queue) -> None:
        """Have no more messages passed; those that were stay to be acknowledged."""
        await self.ask((await channel.get_underlay_channel()).basic_cancel(queue.name))


async def send(channel: Channel, queue: Queue, event_id: str) -> None:
    """Publish an id, to be kept on disk; an empty one only asks whether the queue is there."""
    message = aio_pika.Message(event_id.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, queue.name)


def _answer(task: asyncio.Task[T]) -> T | BaseException:
    if not task.done():
        return Unavailable("the broker does not answer in time")
    if task.cancelled():
        return Unavailable("the connection to the broker broke")
    match task.exception():
        case None:
            return task.result()
        case PublishError():
            return NotFound("there is no such queue")
        case AMQPError() | OSError() | RuntimeError() as error:
            return Unavailable(f"the broker does not answer: {type(error).__name__}")
        case error:
            return error


async def _connect(url: str) -> Connection:
    connection = aio_pika.Connection(make_url(url))
    try:
        await connection.connect()
    except BaseException:
        await connection.close()  # else it would close itself when it is forgotten, on a loop that may be gone by then
        raise
    return connection


async def _open(channel: Channel) -> Channel:
    return await channel


async def _close(thing: Connection | Channel) -> None:
    await thing.close()
