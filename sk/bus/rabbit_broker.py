"""Asking RabbitMQ: one way to wait for its answers, and the search for the queue of a handler."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, PublishError

from sk.errors import NotFound, Unavailable

NUMBERS = range(1, 10)
NOBODY = "sk-nobody"
REFUSED_SECONDS = 0.05
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait: for an answer, before looking for the queue again, before connecting again."""

    answer: float = 5
    watch: float = 30
    reconnect: float = 1


class Found(NamedTuple):
    """The queue of a handler, and a channel on which it has answered."""

    channel: AbstractChannel
    name: str
    number: int


class Broker:
    """A broker at a URL."""

    def __init__(self, url: str, patience: Patience) -> None:
        """Talk to the broker at a URL, with some patience."""
        self._url = url
        self.patience = patience

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

    async def connect(self) -> AbstractConnection:
        """Connect once. The library's own way of reconnecting would also declare queues again, as it remembers them."""
        return await self.ask(aio_pika.connect(self._url))

    async def close(self, thing: AbstractConnection | AbstractChannel) -> None:
        """Close a connection or a channel, as far as the broker lets us."""
        with suppress(Unavailable):
            await self.ask(_close(thing))

    async def open_channel(self, connection: AbstractConnection) -> AbstractChannel:
        """Open a channel that works, and that confirms or returns what is published, which otherwise could vanish."""
        channel = await self.ask(_open(connection.channel(publisher_confirms=True, on_return_raises=True)))
        with suppress(NotFound):
            await self.ask(send(channel, NOBODY, ""))  # comes back from a broker that is alive
        return channel

    async def find_queue(self, connection: AbstractConnection, handler: str, before: int = 0) -> Found:
        """Return a handler's queue by the rule in `rabbit.py`; declare it if there is none.

        `before` is the number that was used on this connection until now. A channel that has sent to a silent queue may
        wait for it for ever, so the next number gets another one.
        """
        channel, last = await self.open_channel(connection), before
        for number in NUMBERS:
            name = f"{handler}.{number}"
            with suppress(NotFound):
                if await self._answers(channel, name):
                    return Found(channel, name, number)
                channel, last = await self.open_channel(connection), number
        number = last % len(NUMBERS) + 1
        name = f"{handler}.{number}"
        await self.ask(channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"}))
        if await self._answers(channel, name):
            return Found(channel, name, number)
        raise Unavailable(f"no queue of {handler} answers")

    async def _answers(self, channel: AbstractChannel, name: str) -> bool:
        """Tell whether a queue confirms. One that is just being declared refuses for a moment; a dead one is silent."""
        clock = asyncio.get_running_loop().time
        until = clock() + self.patience.answer
        while clock() < until:
            try:
                await self.ask(send(channel, name, ""))
            except Unavailable:
                if channel.is_closed:
                    raise
                await asyncio.sleep(REFUSED_SECONDS)
            else:
                return True
        return False


async def send(channel: AbstractChannel, queue: str, event_id: str) -> None:
    """Publish an id, to be kept on disk; an empty one only asks whether the queue is there."""
    message = aio_pika.Message(event_id.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, queue)


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


async def _open(channel: AbstractChannel) -> AbstractChannel:
    return await channel


async def _close(thing: AbstractConnection | AbstractChannel) -> None:
    await thing.close()
