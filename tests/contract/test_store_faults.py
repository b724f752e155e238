"""The store when processes and servers die: what was acknowledged is there, and what is there is whole."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sk.errors import Unavailable
from sk.store.mongo import open_mongo
from sk.store.port import Store
from sk.store.sqlite import open_sqlite
from tests.contract.conftest import OpenStore
from tests.contract.things import MINUTE, NOON, Thing, thing, thing_with_event
from tests.contract.writers import assert_whole, lines, peer, rest
from tests.servers import Server, Servers


async def test_a_process_killed_in_the_middle_of_saves_loses_no_acknowledged_one(
    store_url: str, open_store: OpenStore
) -> None:
    acknowledged: list[str] = []
    for who in ("first", "second"):
        async with peer("save", store_url, who) as process:
            acknowledged += await lines(process, lambda said: len(said) >= 60)
            process.kill()
            acknowledged += (await rest(process))[:-1]  # the last line may have been cut

    async with open_store() as store:
        await assert_whole(store, acknowledged)


async def test_several_processes_take_each_event_once_and_what_a_killed_one_held_comes_back(
    store_url: str, store: Store
) -> None:
    batch = [thing_with_event(f"{number}", lane=f"lane-{number % 3}") for number in range(200)]
    await store.save(*(new for new, _ in batch))
    everything = sorted(event.id for _, event in batch)

    async with peer("take", store_url, "one") as one, peer("take", store_url, "two") as two:
        shares = await asyncio.gather(*(lines(process, lambda said: said[-1:] == ["done"]) for process in (one, two)))
        assert sorted(id for share in shares for id in share[:-1]) == everything
        one.kill()

    assert await store.take_due("me", NOON + 0.999 * MINUTE, limit=1000, lease=MINUTE) == []
    again = await store.take_due("me", NOON + MINUTE, limit=1000, lease=MINUTE)
    assert sorted(event.id for event in again) == everything


async def test_the_store_says_what_it_is_and_that_it_can_be_written(store: Store) -> None:
    await store.check()

    assert re.match(r"the store is (SQLite|MongoDB) \d", await store.about())


async def test_the_store_says_what_time_it_is(store: Store) -> None:
    assert abs(await store.now() - datetime.now(UTC)) < timedelta(seconds=2)


async def test_a_write_that_left_events_wakes_whoever_relays_them(store_url: str) -> None:
    woken: list[bool] = []
    opened = (
        open_sqlite(Path(store_url.removeprefix("sqlite://")), lambda: woken.append(True))
        if store_url.startswith("sqlite")
        else open_mongo(store_url, lambda: woken.append(True))
    )
    async with opened as store:
        await store.save(thing("without"))
        assert woken == []
        await store.save(thing_with_event("with")[0])
        assert woken == [True]


async def test_a_database_server_killed_in_the_middle_of_saves_loses_no_acknowledged_one(servers: Servers) -> None:
    with servers.private("mongodb") as server:
        url = server.url() + "?timeoutMS=1000"
        acknowledged: list[str] = []
        async with peer("save", url, "first") as process:
            acknowledged += await lines(process, lambda said: len(said) >= 100)
            server.kill()
            acknowledged += await rest(process)  # it ends by itself: its store does not answer any more
        server.start()

        async with open_mongo(url) as store:
            await assert_whole(store, acknowledged)


async def test_a_database_that_went_away_is_unavailable_at_once_and_then_serves_again(servers: Servers) -> None:
    with servers.private("mongodb") as server:
        async with open_mongo(server.url() + "?timeoutMS=2000") as store:
            await store.save(before := thing("before"))
            server.kill()

            async with asyncio.timeout(6):
                outcomes = await asyncio.gather(
                    *(store.save(thing(f"{number}")) for number in range(20)),
                    store.get(Thing, before.id),
                    store.take_due("me", NOON, limit=1, lease=MINUTE),
                    store.now(),
                    return_exceptions=True,
                )
            assert {type(outcome) for outcome in outcomes} == {Unavailable}

            server.start()
            await store.save(after := thing("after"))
            assert await store.scan(Thing) == sorted([before.id, after.id])


async def test_a_database_that_is_not_there_is_said_so_when_it_is_opened(servers: Servers) -> None:
    with servers.private("mongodb") as server:
        url = server.url() + "?timeoutMS=1000"
    with pytest.raises(Unavailable, match="the store does not answer"):
        async with open_mongo(url):
            pass


async def test_a_database_that_does_not_answer_is_unavailable(servers: Servers) -> None:
    with servers.private("mongodb") as server:
        async with open_mongo(server.url() + "?timeoutMS=1000") as store:
            await store.save(new := thing("a"))
            server.freeze()
            try:
                with pytest.raises(Unavailable):
                    await store.save(thing("b"))
                with pytest.raises(Unavailable):
                    await store.get(Thing, new.id)
            finally:
                server.thaw()
            assert (await store.get(Thing, new.id)).name == "a"


async def test_a_save_whose_commit_was_not_heard_of_is_never_called_a_conflict(servers: Servers) -> None:
    with servers.private("mongodb") as server:
        async with dies_unheard_at_the_first_commit(server) as port, open_mongo(url_by(port, server)) as store:
            with pytest.raises(Unavailable):
                await store.save(new := thing("a"))

            assert (await store.get(Thing, new.id)).name == "a"  # whoever takes it for lost deletes what it owns


def url_by(port: int, server: Server) -> str:
    return f"mongodb://127.0.0.1:{port}/{server.url().rpartition('/')[2]}?directConnection=true&timeoutMS=20000"


@asynccontextmanager
async def dies_unheard_at_the_first_commit(server: Server) -> AsyncIterator[int]:
    """Stand before a database server that dies, and comes back, before anybody hears that it has committed."""
    may_connect, dead = asyncio.Event(), asyncio.Event()
    may_connect.set()
    behind: set[asyncio.StreamWriter] = set()

    async def stand_between(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        await may_connect.wait()
        database, to_database = await asyncio.open_connection("127.0.0.1", server.port)
        behind.update((to_client, to_database))
        committing = asyncio.Event()

        async def ask() -> None:
            async for request in messages(client):
                if b"commitTransaction" in request and not dead.is_set():
                    committing.set()
                to_database.write(request)

        async def answer() -> None:
            async for told in messages(database):
                if committing.is_set() and not dead.is_set():
                    dead.set()
                    may_connect.clear()
                    await asyncio.to_thread(server.kill)
                    await asyncio.to_thread(server.start)
                    may_connect.set()
                    break
                to_client.write(told)
            to_client.close()

        await asyncio.gather(ask(), answer())
        to_database.close()

    async with await asyncio.start_server(stand_between, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]
        for writer in behind:
            writer.close()
    assert dead.is_set()


async def messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the messages of the wire protocol, each of which begins with its own length."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            length = await reader.readexactly(4)
            yield length + await reader.readexactly(int.from_bytes(length, "little") - 4)
