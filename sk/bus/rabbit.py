"""The bus on RabbitMQ: one durable quorum queue for each handler, publisher confirms, and nothing that leans on them.

**Names.** The queue of a handler is called `PREFIX.HANDLER.N`, and N is the lowest number whose queue answers. Whoever
publishes or consumes finds it by the same rule: send an empty message to number 1. It is confirmed: this is the queue.
It comes back, because there is no such queue: declare it; this is the queue. Nothing comes within five seconds: the
queue is dead, go on with number 2. All processes that look at the same broker so arrive at the same queue without
telling each other. (RabbitMQ 3.10, killed in the moments after a quorum queue was declared, keeps the name and loses
the queue: it can still be declared, but confirms nothing, and reading it ends the connection with an internal error.)

**When they look.** Both when their connection is new. A publisher also when a message comes back or is not confirmed,
and every half a minute as long as it uses a number above 1. A consumer also when the broker ends its consumption (the
queue was deleted), and every half a minute; it goes on with what it already consumes. So a queue that only seemed dead
to one of them keeps nothing waiting for long, and a dead one may be deleted at any time.

Nothing is declared but durable quorum queues, which RabbitMQ 3.10 and 4 both know. RabbitMQ 4 drops a message that was
taken and not acknowledged twenty times; that is one more way for an id to get lost, and no worse than the others.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl, urlencode, urlsplit

from aio_pika.abc import AbstractChannel, AbstractConnection

from sk.bus.port import Receive
from sk.bus.rabbit_broker import ask, ask_all, connect, expect_alive, find_queue, open_channel, send
from sk.bus.rabbit_consumer import WATCH_SECONDS, Consumer
from sk.errors import Invalid, Unavailable

HEARTBEAT_SECONDS = 10
TRIES = 2  # the second one with the queue that is found then


class RabbitBus:
    """`Bus` on RabbitMQ. Made by `open_rabbit`. It connects when it is first used, and again when it has to."""

    def __init__(self, url: str, prefix: str) -> None:
        """Use a broker, with queues whose names begin with a prefix."""
        self._url = url
        self._prefix = prefix
        self._opening = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._queues: dict[str, tuple[str, float]] = {}  # names, and until when they may be used without looking

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection:
            with suppress(Unavailable):
                await ask(self._connection.close())

    async def publish(self, queue: str, event_ids: Sequence[str]) -> None:
        """See `Bus.publish`."""
        waiting, tries = list(event_ids), 0
        while waiting:
            channel = await self._open()
            name = await self._name_of(queue, channel)
            answers = await ask_all([send(channel, name, event_id) for event_id in waiting])
            failed = {id: answer for id, answer in zip(waiting, answers, strict=True) if answer is not None}
            self._queues.pop(queue if failed else "", None)
            waiting, tries = list(failed), tries + 1
            if failed and tries == TRIES:
                raise Unavailable(str(failed.popitem()[1]))

    @asynccontextmanager
    async def consume(self, queue: str, receive: Receive, *, at_once: int) -> AsyncIterator[None]:
        """See `Bus.consume`."""
        consumer = Consumer(self._url, f"{self._prefix}.{queue}", receive, at_once)
        running = asyncio.create_task(consumer.run())
        try:
            yield
        finally:
            consumer.stop()
            await running

    async def check(self) -> None:
        """See `Bus.check`."""
        await expect_alive(await self._open())

    async def _open(self) -> AbstractChannel:
        async with self._opening:
            if self._connection is None or self._connection.is_closed:
                self._queues.clear()
                self._channel = None
                self._connection = await connect(self._url)
            if self._channel is None or self._channel.is_closed:
                self._channel = await open_channel(self._connection)
            return self._channel

    async def _name_of(self, queue: str, channel: AbstractChannel) -> str:
        name, until = self._queues.get(queue, ("", 0.0))
        now = asyncio.get_running_loop().time()
        if until <= now:
            name, number = await find_queue(channel, f"{self._prefix}.{queue}")
            self._queues[queue] = name, math.inf if number == 1 else now + WATCH_SECONDS
        return name


@asynccontextmanager
async def open_rabbit(url: str) -> AsyncIterator[RabbitBus]:
    """Use the broker at `amqp://USER:PASSWORD@HOST:PORT/VHOST?prefix=NAME` and close the connection at the end.

    The prefix is `sk` unless it is said. A heartbeat every ten seconds, unless `heartbeat=` says otherwise, finds out
    that a broker is gone.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        raise Invalid("SK_BUS must be local or amqp://USER:PASSWORD@HOST:PORT/VHOST?prefix=NAME")
    options = {"prefix": "sk", "heartbeat": str(HEARTBEAT_SECONDS), **dict(parse_qsl(parts.query))}
    bus = RabbitBus(prefix=options.pop("prefix"), url=parts._replace(query=urlencode(options)).geturl())
    try:
        yield bus
    finally:
        await bus.close()
