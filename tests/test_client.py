"""An authority's client that keeps the last checkpoint stops when the log does not continue it."""

import asyncio
from copy import copy
from pathlib import Path

import pytest

from sk.client import AuthorityClient
from sk.errors import Invalid
from sk.evidence.sequence import signed_head
from sk.evidence.watch import Contradiction, Kept
from sk.installation import log_vkey
from tests.evidence.cases import go_back
from tests.workers.cases import MESSAGE
from tests.world import World, a_notice


async def post(world: World, authority: AuthorityClient) -> None:
    erika = await world.citizen(f"citizen-{world.clock.now():%H%M%S}")
    status, answer = await authority.post(a_notice(erika.handle, **MESSAGE))
    assert status == 202, answer
    await world.settle()


async def test_a_client_reads_on_while_the_log_grows_and_keeps_every_checkpoint(world: World, tmp_path: Path) -> None:
    authority, state, trust = await world.authority(), tmp_path / "log.json", str(await log_vkey(world.web))
    cursor, seen = "", []
    for _ in range(3):
        await post(world, authority)
        _, page = await authority.events(cursor, state=state, trust=trust)
        assert [event["step"] for event in page["events"]] == ["accepted", "bereitgestellt", "benachrichtigt"]
        cursor = page["cursor"]
        seen.append(page["checkpoint"])

    assert await authority.events(cursor, state=state) == (
        200,
        {"events": [], "cursor": cursor, "checkpoint": seen[-1]},
    )
    kept = Kept.load(state)
    assert kept
    assert kept.checkpoints == seen


async def test_a_client_returns_no_page_of_a_log_that_went_back(world: World, tmp_path: Path) -> None:
    authority, state = await world.authority(), tmp_path / "log.json"
    await post(world, authority)
    await authority.events(state=state, trust=str(await log_vkey(world.web)))
    before = state.read_bytes()
    await go_back(world, 2)

    for _ in range(2):
        with pytest.raises(Contradiction, match="went back"):
            await authority.events(state=state)
    assert state.read_bytes() == before
    assert (await authority.events())[0] == 200  # whoever keeps nothing notices nothing


async def test_pages_that_are_asked_for_at_once_do_not_contradict_each_other(world: World, tmp_path: Path) -> None:
    authority, state, trust = await world.authority(), tmp_path / "log.json", str(await log_vkey(world.web))
    another = copy(authority)
    another._following = asyncio.Lock()  # noqa: SLF001 - as a program of its own has it
    await post(world, authority)

    async def read(client: AuthorityClient) -> None:
        for _ in range(5):
            status, _ = await client.events(state=state, trust=trust)
            assert status == 200

    async with asyncio.TaskGroup() as tasks:
        for client in (authority, authority, another, another):
            tasks.create_task(read(client))
        for _ in range(3):
            await post(world, authority)
            world.clock.advance(seconds=60)

    await authority.events(state=state)
    kept, signed = Kept.load(state), await signed_head(world.web.store)
    assert kept
    assert kept.checkpoints[-1] == signed.note


async def test_before_the_first_statement_there_is_nothing_to_keep(world: World, tmp_path: Path) -> None:
    authority, state = await world.authority(), tmp_path / "log.json"
    _, page = await authority.events(state=state, trust=str(await log_vkey(world.web)))

    assert page == {"events": [], "cursor": "-1", "checkpoint": None}
    assert not state.exists()


async def test_a_client_does_not_begin_a_state_without_a_key_from_elsewhere(world: World, tmp_path: Path) -> None:
    authority = await world.authority()
    await post(world, authority)

    with pytest.raises(Invalid, match="no verifier key"):
        await authority.events(state=tmp_path / "log.json")
