"""RabbitMQ when queues and brokers vanish: what is published again arrives, and nobody has to be told anything."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelNotFoundEntity

from sk.bus.rabbit import open_rabbit
from sk.bus.rabbit_broker import Patience
from sk.errors import Invalid, Unavailable
from tests.contract.worker import Worker
from tests.servers import Server, Servers

ROOT = Path(__file__).parents[2]
IDS = [f"id-{number}" for number in range(100)]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def queue(amqp_url: str) -> str:
    """Return the name that the first queue of the handler `delivery` gets."""
    return queue_of(amqp_url)


def queue_of(url: str, number: int = 1) -> str:
    return f"{urlsplit(url).query.removeprefix('prefix=')}.delivery.{number}"


@asynccontextmanager
async def operator(url: str) -> AsyncIterator[AbstractChannel]:
    """Look into the broker as a person with other tools would."""
    async with await aio_pika.connect(url.partition("?")[0]) as connection:
        yield await connection.channel()


async def test_queues_are_durable_quorum_queues(amqp_url: str, queue: str) -> None:
    async with open_rabbit(amqp_url) as bus:
        await bus.publish("delivery", ["a"])

    async with operator(amqp_url) as channel:
        # A declaration that differs from the queue would be refused.
        found = await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        while (message := await found.get()).body == b"":
            pass  # somebody asked whether the queue was there
        assert (message.body, message.delivery_mode) == (b"a", aio_pika.DeliveryMode.PERSISTENT)


async def test_a_worker_that_dies_leaves_its_ids_to_others(amqp_url: str) -> None:
    worker = Worker()
    command = (sys.executable, "-m", "tests.contract.bus_peer", amqp_url, "delivery")
    peer = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert peer.stdout
    async with open_rabbit(amqp_url) as bus:
        await bus.publish("delivery", IDS[:10])
        taken = {(await peer.stdout.readline()).decode().strip() for _ in range(10)}
        assert taken == set(IDS[:10])
        async with bus.consume("delivery", worker.receive, at_once=4):
            peer.kill()
            await peer.communicate()
            await worker.has(taken)


async def test_a_queue_deleted_under_a_worker_is_declared_anew_and_what_is_published_again_arrives(
    amqp_url: str, queue: str
) -> None:
    worker = Worker(holding=True)
    async with open_rabbit(amqp_url) as bus, bus.consume("delivery", worker.receive, at_once=10):
        await bus.publish("delivery", IDS)
        await worker.has_in_hand(10)

        async with operator(amqp_url) as channel:
            await channel.queue_delete(queue)
        worker.let_go()
        await bus.publish("delivery", IDS)

        await worker.has(IDS)


async def test_a_queue_deleted_between_two_messages_is_no_trouble_to_the_publisher(amqp_url: str, queue: str) -> None:
    worker = Worker()
    async with open_rabbit(amqp_url) as bus:
        await bus.publish("delivery", ["before"])
        async with operator(amqp_url) as channel:
            await channel.queue_delete(queue)

        await bus.publish("delivery", ["after"])

        async with bus.consume("delivery", worker.receive, at_once=1):
            await worker.has(["after"])


async def test_processes_that_begin_at_once_agree_on_one_queue(amqp_url: str) -> None:
    worker = Worker()
    async with AsyncExitStack() as stack:
        buses = [await stack.enter_async_context(open_rabbit(amqp_url)) for _ in range(6)]
        for bus in buses[:3]:
            await stack.enter_async_context(bus.consume("delivery", worker.receive, at_once=4))
        await asyncio.gather(*(bus.publish("delivery", IDS[at::3]) for at, bus in enumerate(buses[3:])))
        await worker.has(IDS)

    async with operator(amqp_url) as channel:
        with pytest.raises(ChannelNotFoundEntity):
            await channel.get_queue(queue_of(amqp_url, 2))


async def test_a_queue_that_does_not_answer_gives_way_to_another_that_all_processes_find(
    servers: Servers, amqp_url: str, queue: str
) -> None:
    server = servers.shared("rabbitmq")
    early, late = Worker(), Worker()
    async with open_rabbit(amqp_url, Patience(answer=1)) as one, open_rabbit(amqp_url, Patience(answer=1)) as other:
        async with one.consume("delivery", early.receive, at_once=4):
            await one.publish("delivery", ["before"])
            await early.has(["before"])
        await asyncio.to_thread(tell_queue, server, queue, "suspend")

        async with other.consume("delivery", late.receive, at_once=4):
            await one.publish("delivery", IDS)
            await other.publish("delivery", ["theirs"])
            await late.has([*IDS, "theirs"])

    async with operator(amqp_url) as channel:
        await channel.get_queue(queue_of(amqp_url, 2))


async def test_a_worker_notices_by_itself_that_its_queue_does_not_answer(
    servers: Servers, amqp_url: str, queue: str
) -> None:
    worker = Worker()
    impatient = Patience(answer=1, watch=0.1)
    async with open_rabbit(amqp_url, impatient) as bus, bus.consume("delivery", worker.receive, at_once=4):
        await bus.publish("delivery", ["before"])
        await worker.has(["before"])
        await asyncio.to_thread(tell_queue, servers.shared("rabbitmq"), queue, "suspend")

        await bus.publish("delivery", IDS)

        await worker.has(IDS)


def tell_queue(server: Server, queue: str, what: str) -> None:
    """Have the process of a queue answer nothing, as one does whose data are lost."""
    server.rabbitmqctl("eval", f"sys:{what}(whereis('%2F_{queue}')).")


async def test_a_broker_that_is_not_there_is_unavailable() -> None:
    nobody = "amqp://guest:guest@127.0.0.1:9/"
    async with open_rabbit(nobody) as bus:
        with pytest.raises(Unavailable, match="the broker does not answer"):
            await bus.publish("delivery", ["a"])
        with pytest.raises(Unavailable):
            await bus.check()
        async with bus.consume("delivery", Worker().receive, at_once=1):
            await asyncio.sleep(0)


async def test_a_wrong_password_is_unavailable(amqp_url: str) -> None:
    async with open_rabbit(amqp_url.replace("guest:guest", "guest:wrong")) as bus:
        with pytest.raises(Unavailable):
            await bus.check()


async def test_a_broker_that_is_silent_or_killed_is_unavailable_and_work_goes_on_when_it_is_back(
    servers: Servers,
) -> None:
    worker = Worker()
    with servers.private("rabbitmq") as server:
        async with (
            open_rabbit(server.url(), Patience(answer=2)) as bus,
            bus.consume("delivery", worker.receive, at_once=4),
        ):
            await bus.publish("delivery", ["before"])
            await worker.has(["before"])

            server.freeze()
            async with asyncio.timeout(12):
                with pytest.raises(Unavailable):
                    await bus.publish("delivery", ["silent"])
                with pytest.raises(Unavailable):
                    await bus.check()
            server.thaw()
            await bus.publish("delivery", ["thawed"])
            await worker.has(["thawed"])

            server.kill()
            async with asyncio.timeout(12):
                with pytest.raises(Unavailable):
                    await bus.publish("delivery", ["killed"])
                with pytest.raises(Unavailable):
                    await bus.check()
            # The queue was declared only seconds ago, so that RabbitMQ 3.10 loses it and keeps its name.
            await asyncio.to_thread(server.start)

            await bus.publish("delivery", IDS)
            await worker.has(IDS)


@pytest.mark.parametrize("url", ["amqp://", "http://127.0.0.1/", "rabbitmq"])
async def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="SK_BUS"):
        async with open_rabbit(url):
            pass
