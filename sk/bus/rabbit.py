"""The bus on RabbitMQ: one durable quorum queue for each handler, publisher confirms, and nothing that leans on them.

**Names.** The queue of a handler is called `PREFIX.HANDLER.N`, and N is the lowest number whose queue answers. Whoever
publishes or consumes finds it by the same rule: send an empty message to number 1, then 2, up to 9. It is confirmed:
this is the queue. It comes back, because there is no such queue: go on. Nothing comes in time: the queue is dead, go
on. If none answers, declare the one after the last that was there, dead or known to have vanished, or number 1. All
processes that look at the same broker so arrive at the same queue, without telling each other.

Both cases were seen. RabbitMQ 3.10, killed in the moments after a quorum queue was declared, keeps the name and loses
the queue: it can still be declared, but confirms nothing, and reading it ends the connection with an internal error.
And if a queue is deleted and at once declared again by the same name, its consumers are not told and get nothing more.

**When they look.** Both when their connection is new. A publisher also when a message comes back or is not confirmed,
and every half a minute as long as it uses a number above 1. A consumer also when the broker ends its consumption, since
the queue was deleted, and every half a minute; it goes on with what it already consumes. So a queue that only seemed
dead to one of them keeps nothing waiting for long, and a dead one may be deleted at any time.

Nothing is declared but durable quorum queues, which RabbitMQ 3.10 and 4 both know. RabbitMQ 4 drops a message that was
taken and not acknowledged twenty times: one more way for an id to get lost, and no worse than the others.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from sk.bus.port import Receive
from sk.bus.rabbit_broker import Broker, Channel, Connection, Patience, Queue, send
from sk.bus.rabbit_consumer import Consumer
from sk.errors import Invalid, Unavailable

PATIENCE = Patience()
HEARTBEAT_SECONDS = 10
TRIES = 2  # the second one with the queue that is found then


class Target(NamedTuple):
    """What a publisher uses for a handler: a channel and a queue, and until when without searching again."""

    channel: Channel
    queue: Queue
    until: float


class RabbitBus:
    """`Bus` on RabbitMQ. Made by `open_rabbit`. It connects when it is first used, and again when it has to."""

    def __init__(self, broker: Broker, prefix: str) -> None:
        """Use a broker, with queues whose names begin with a prefix."""
        self._broker = broker
        self._prefix = prefix
        self._opening = asyncio.Lock()
        self._connection: Connection | None = None
        self._targets: dict[str, Target] = {}

    async def close(self) -> None:
        """Let go of the connection."""
        self._disconnect()
        await self._broker.finish()

    async def publish(self, queue: str, event_ids: Sequence[str]) -> None:
        """See `Bus.publish`."""
        waiting, tries = list(event_ids), 0
        while waiting:
            channel, found, _ = await self._aim(queue, anew=tries > 0)
            answers = await self._broker.ask_all([send(channel, found, id) for id in waiting])
            failed = {id: answer for id, answer in zip(waiting, answers, strict=True) if answer is not None}
            waiting, tries = list(failed), tries + 1
            if failed and tries == TRIES:
                raise Unavailable(str(failed.popitem()[1]))

    @asynccontextmanager
    async def consume(self, queue: str, receive: Receive, *, at_once: int) -> AsyncIterator[None]:
        """See `Bus.consume`."""
        consumer = Consumer(self._broker, f"{self._prefix}.{queue}", receive, at_once)
        running = asyncio.create_task(consumer.run())
        try:
            yield
        finally:
            consumer.stop()
            await running

    async def check(self) -> None:
        """See `Bus.check`."""
        async with self._opening:
            connection = await self._connect()
        await self._broker.close(await self._broker.open_channel(connection))

    async def _connect(self) -> Connection:
        # `is_closed` would stay false when the broker goes away.
        if self._connection and not self._connection.connected.is_set():
            self._disconnect()
        if self._connection is None:
            self._connection = await self._broker.connect()
        return self._connection

    def _disconnect(self) -> None:
        self._targets.clear()
        if self._connection:
            self._broker.abandon(self._connection)
            self._connection = None

    async def _aim(self, queue: str, *, anew: bool) -> Target:
        """Return what to publish on; `anew` if what was used did not do."""
        now = asyncio.get_running_loop().time()
        async with self._opening:
            connection = await self._connect()
            old = self._targets.get(queue)
            if old and not anew and old.until > now and not old.channel.is_closed:
                return old
            found = await self._broker.find_queue(f"{self._prefix}.{queue}", old.queue.number if old else 0)
            channel = await self._broker.open_channel(connection)
            if old:
                self._broker.abandon(old.channel)
            until = math.inf if found.number == 1 else now + self._broker.patience.watch
            self._targets[queue] = Target(channel, found, until)
            return self._targets[queue]


@asynccontextmanager
async def open_rabbit(url: str, patience: Patience = PATIENCE) -> AsyncIterator[RabbitBus]:
    """Use the broker at `amqp://USER:PASSWORD@HOST:PORT/VHOST?prefix=NAME` and close the connection at the end.

    The prefix is `sk` unless it is said. A heartbeat every ten seconds, unless `heartbeat=` says otherwise, finds out
    that a broker is gone.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        raise Invalid("SK_BUS must be local or amqp://USER:PASSWORD@HOST:PORT/VHOST?prefix=NAME")
    options = {"prefix": "sk", "heartbeat": str(HEARTBEAT_SECONDS), **dict(parse_qsl(parts.query))}
    prefix = options.pop("prefix")
    bus = RabbitBus(Broker(parts._replace(query=urlencode(options)).geturl(), patience), prefix)
    try:
        yield bus
    finally:
        await bus.close()
