"""The bus: ids arrive at the workers of their queue, a bounded number at a time, at least once or not at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from sk.bus.local import LocalBus
from sk.bus.port import Bus
from sk.bus.rabbit import open_rabbit
from tests.contract.worker import Worker
from tests.servers import Servers

IDS = [f"id-{number}" for number in range(100)]


@pytest.fixture(params=["local", "rabbitmq"])
async def bus(request: pytest.FixtureRequest, servers: Servers) -> AsyncIterator[Bus]:
    """Return a bus that carries nothing yet."""
    if request.param == "local":
        yield LocalBus()
    else:
        async with open_rabbit(servers.shared("rabbitmq").url()) as bus:
            yield bus


async def test_ids_arrive_at_the_workers_of_their_queue_and_at_no_others(bus: Bus) -> None:
    delivery, notification = Worker(), Worker()
    async with (
        bus.consume("delivery", delivery.receive, at_once=4),
        bus.consume("notification", notification.receive, at_once=4),
    ):
        await bus.publish("delivery", ["a", "b"])
        await bus.publish("notification", ["c"])
        await delivery.has(["a", "b"])
        await notification.has(["c"])

    assert Counter(delivery.received + notification.received) == Counter("abc")


async def test_what_is_published_before_anybody_works_waits(bus: Bus) -> None:
    worker = Worker()
    await bus.publish("delivery", IDS)

    async with bus.consume("delivery", worker.receive, at_once=4):
        await worker.has(IDS)


async def test_five_hundred_ids_at_once_all_arrive(bus: Bus) -> None:
    worker = Worker()
    ids = [f"{number}" for number in range(500)]

    async with bus.consume("delivery", worker.receive, at_once=64):
        await bus.publish("delivery", ids)
        await worker.has(ids)

    assert Counter(worker.received) == Counter(ids)


async def test_a_worker_gets_a_bounded_number_at_a_time(bus: Bus) -> None:
    worker = Worker(holding=True)
    await bus.publish("delivery", IDS)

    async with bus.consume("delivery", worker.receive, at_once=7):
        await worker.has_in_hand(7)
        await asyncio.sleep(0.2)  # time enough for an eighth to come, if it did
        assert worker.in_hand == 7
        worker.let_go()
        await worker.has(IDS)

    assert worker.most_in_hand == 7


async def test_workers_share_what_arrives(bus: Bus) -> None:
    worker, taken = Worker(holding=True), Counter[str]()

    async def one(event_id: str) -> None:
        taken["one"] += 1
        await worker.receive(event_id)

    async def two(event_id: str) -> None:
        taken["two"] += 1
        await worker.receive(event_id)

    async with bus.consume("delivery", one, at_once=3), bus.consume("delivery", two, at_once=3):
        await bus.publish("delivery", IDS)
        await worker.has_in_hand(6)
        assert taken == {"one": 3, "two": 3}
        worker.let_go()
        await worker.has(IDS)

    assert Counter(worker.received) == Counter(IDS)


async def test_a_worker_that_stops_finishes_what_it_holds_and_leaves_the_rest_to_others(bus: Bus) -> None:
    stops, goes_on = Worker(holding=True), Worker()

    async def let_go_later() -> None:
        await asyncio.sleep(0.1)
        assert stops.received == []
        stops.let_go()

    async with bus.consume("delivery", stops.receive, at_once=5):
        await bus.publish("delivery", IDS)
        await stops.has_in_hand(5)
        later = asyncio.create_task(let_go_later())
    await later
    assert len(stops.received) == 5

    async with bus.consume("delivery", goes_on.receive, at_once=5):
        await goes_on.has(set(IDS) - set(stops.received))

    assert Counter(stops.received + goes_on.received) == Counter(IDS)


async def test_publishing_nothing_is_no_trouble(bus: Bus) -> None:
    await bus.publish("delivery", [])


async def test_a_bus_that_works_says_so(bus: Bus) -> None:
    await bus.check()
