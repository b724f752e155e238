"""What of the log is served: never more than a checkpoint covers, and nothing that is kept longer than it is true."""

import pytest

from sk.errors import Unavailable
from sk.evidence.log import Memory
from sk.evidence.sequence import log_head, signed_head
from sk.installation import continue_log
from sk.workers.evidence import keep_log
from tests.evidence.cases import fill, newest, without_objects
from tests.evidence.earlier import copy_of, restore
from tests.evidence.reader import Reader
from tests.workers.cases import MESSAGE
from tests.world import World, a_notice


async def test_what_no_anchor_holds_is_neither_in_the_feed_nor_in_a_tile(world: World) -> None:
    notice = await world.delivered(**MESSAGE)
    shown = (await signed_head(world.web.store)).size
    _, before = await notice.authority.get("/api/v1/events")
    await notice.authority.post(a_notice(notice.citizen.handle, **MESSAGE))
    with pytest.raises(Unavailable):
        await keep_log(without_objects(world.workers), Memory(log_number=1, grown_to=0))
    assert (await log_head(world.web.store)).size > shown

    reader = Reader(world)
    assert (await notice.authority.get("/api/v1/events"))[1] == before
    assert (await notice.authority.get("/api/v1/events", after=str(shown)))[0] == 410
    for level in ("0", "entries"):
        assert (await reader.ask(f"/log/tile/{level}/000.p/{shown}"))[0] == 200
        assert (await reader.ask(f"/log/tile/{level}/000.p/{shown + 1}"))[0] == 404

    await world.settle()
    assert len((await notice.authority.get("/api/v1/events"))[1]["events"]) > len(before["events"])
    assert (await reader.ask(f"/log/tile/0/000.p/{shown + 1}"))[0] == 200


@pytest.mark.parametrize("level", ["0", "entries"])
async def test_a_tile_is_kept_for_a_minute_and_sent_again_only_if_it_has_other_bytes(level: str, world: World) -> None:
    await world.delivered(**MESSAGE)
    copy = copy_of(world)
    size = (await log_head(world.web.store)).size
    await fill(world, 3)
    url = f"{world.base_url}/log/tile/{level}/000.p/{size + 3}"
    async with world.http.get(url) as answer:
        first, tag = await answer.read(), answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=60"
    async with world.http.get(url, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)

    closed = await newest(world)
    restore(world, copy)
    await continue_log(world.web, world.workers.keys.signer("log"), closed, world.clock.now())
    await fill(world, 3)

    async with world.http.get(url, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200
        assert await answer.read() != first
