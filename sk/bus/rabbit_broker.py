"""Asking RabbitMQ: one way to wait for its answers, and the search for the queue of a handler."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, PublishError

from sk.errors import NotFound, Unavailable

ANSWER_SECONDS = 5
REFUSED_SECONDS = 0.05
NUMBERS = range(1, 10)
NOBODY = "sk-nobody"
T = TypeVar("T")


async def ask(question: Coroutine[Any, Any, T]) -> T:
    """Return the broker's answer; raise `NotFound` if a message came back, `Unavailable` for all other trouble."""
    (answer,) = await ask_all([question])
    if isinstance(answer, BaseException):
        raise answer
    return answer


async def ask_all(questions: Sequence[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
    """Return the answer to each question, or what `ask` would raise.

    Questions run in tasks of their own: when a connection breaks, the library cancels whoever waits for an answer, and
    in the caller's own task that would look like being told to stop.
    """
    tasks = [asyncio.create_task(question) for question in questions]
    try:
        await asyncio.wait(tasks, timeout=ANSWER_SECONDS)
        return [_answer(task) for task in tasks]
    finally:
        for task in tasks:
            task.cancel()


def _answer(task: asyncio.Task[T]) -> T | BaseException:
    if not task.done():
        return Unavailable(f"the broker has not answered within {ANSWER_SECONDS} seconds")
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


async def connect(url: str) -> AbstractConnection:
    """Connect once. The library's own way of reconnecting would also declare queues again, as it remembers them."""
    return await ask(aio_pika.connect(url))


async def open_channel(connection: AbstractConnection) -> AbstractChannel:
    """Open a channel that confirms what is published. Without the flag, what no queue takes would vanish in silence."""
    return await ask(_initialized(connection.channel(publisher_confirms=True, on_return_raises=True)))


async def send(channel: AbstractChannel, queue: str, event_id: str) -> None:
    """Publish an id, to be kept on disk; an empty one only asks whether the queue is there."""
    message = aio_pika.Message(event_id.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, queue)


async def expect_alive(channel: AbstractChannel) -> None:
    """Raise `Unavailable` unless the broker answers: it returns a message to a queue that does not exist."""
    with suppress(NotFound):
        await ask(send(channel, NOBODY, ""))


async def find_queue(channel: AbstractChannel, handler: str) -> tuple[str, int]:
    """Return the name and number of a handler's queue, by the rule in `rabbit.py`; declare it if there is none."""
    await expect_alive(channel)
    for number in NUMBERS:
        name = f"{handler}.{number}"
        try:
            if await _answers(channel, name):
                return name, number
        except NotFound:
            await ask(channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"}))
            return name, number
    raise Unavailable(f"no queue of {handler} answers")


async def _answers(channel: AbstractChannel, name: str) -> bool:
    """Tell whether a queue confirms. One that somebody is just declaring refuses for a moment; a dead one is silent."""
    clock = asyncio.get_running_loop().time
    until = clock() + ANSWER_SECONDS
    while clock() < until:
        try:
            await ask(send(channel, name, ""))
        except Unavailable:
            if channel.is_closed:
                raise
            await asyncio.sleep(REFUSED_SECONDS)
        else:
            return True
    return False


async def _initialized(channel: AbstractChannel) -> AbstractChannel:
    return await channel
