"""The events of an erasure: made up or moved, they erase nothing; killed anywhere, it ends the same, and is stated."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sk.auth.account import Account
from sk.auth.erasure import ask_for_erasure, cancel_erasure
from sk.auth.ledger import entry_name, read_entry, read_ledger
from sk.errors import Damaged, NotFound
from sk.events import AccountErased, ErasureDue, NoticeClosed
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.workers.handle import receiver
from tests.auth.erasing import erase, files_with, is_there, seed_of, spelled, statements
from tests.security.alarms import Alarms
from tests.workers.cases import due_event, notice_of
from tests.world import World, a_notice


async def test_an_event_that_somebody_has_moved_does_nothing_but_raise_the_alarm(world: World, alarms: Alarms) -> None:
    erika = await world.citizen()
    at = await ask_for_erasure(erika.account.id, world.web)
    event = await due_event(world, ErasureDue, at)
    await world.web.store.retry(event, at=world.clock.now(), error="")

    await receiver(world.web)(event.id)

    assert await is_there(world, erika)
    assert set(alarms.raised()) == {"event-before-its-day"}
    assert (await world.web.store.due(event.id)).at == at  # type: ignore[union-attr]


async def test_an_event_that_somebody_has_made_up_erases_nobody(world: World, alarms: Alarms) -> None:
    erika = await world.citizen()
    account = await world.web.store.get(Account, erika.account.id)
    account.emit(ErasureDue(account_id=account.id), due=world.clock.now())
    account.emit(
        AccountErased(account_id=account.id, entry=entry_name(account.id, world.clock.now())), due=world.clock.now()
    )
    await world.web.store.save(account)

    await world.settle()

    assert await is_there(world, erika)
    assert set(alarms.raised()) == {"erasure-not-asked-for", "erasure-not-in-the-ledger"}
    assert (await read_ledger(world.web.objects, world.web.keys.signers)).entries == {}


async def test_openings_of_an_account_that_is_there_are_forgotten_for_nobody(world: World, alarms: Alarms) -> None:
    delivered = await world.delivered()
    notice = await notice_of(world, delivered.notice_id)
    notice.emit(NoticeClosed(notice_id=notice.id), due=world.clock.now())
    await world.web.store.save(notice)
    world.clock.advance(days=366 * 40)

    await world.settle()

    assert await world.web.store.get_many(Receipt, [delivered.notice_id])
    assert "openings-still-needed" in alarms.raised()


class Killed(BaseException):
    """The process is gone."""


class Broken:
    """`Store` of a process that is killed before a save of its own choice."""

    def __init__(self, services: Services, before: int) -> None:
        """Let so many saves happen."""
        self._store, self.left = services.store, before

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Hand everything on."""
        return getattr(self._store, name)

    async def save(self, *aggregates: Any, **more: Any) -> None:
        """See `Store.save`."""
        if not self.left:
            raise Killed
        self.left -= 1
        await self._store.save(*aggregates, **more)


@pytest.mark.parametrize("saves", [0, 1, 2, 3])
async def test_killed_anywhere_between_the_first_write_and_the_last_it_ends_the_same(world: World, saves: int) -> None:
    delivered = await world.delivered()
    await delivered.authority.post(a_notice(delivered.citizen.handle))
    await world.settle()
    account_id, seed = delivered.citizen.account.id, await seed_of(world, delivered.citizen)
    at = await ask_for_erasure(account_id, world.web)
    event = await due_event(world, ErasureDue, at)
    world.clock.advance(days=7)

    with pytest.raises(Killed):
        await receiver(replace(world.web, store=Broken(world.web, saves)))(event.id)
    assert await is_there(world, delivered.citizen)
    if saves:
        with pytest.raises(NotFound):  # it is too late by now
            await cancel_erasure(account_id, world.web)
    world.clock.advance(minutes=5)
    await world.settle()
    await receiver(world.web)(event.id)  # once more, as messages come

    assert not await is_there(world, delivered.citizen)
    ledger = await read_ledger(world.web.objects, world.web.keys.signers)
    assert [one.at for one in ledger.entries.values()] == [at]
    assert await world.web.store.find(Notice, "postbox", account_id) == []
    assert files_with(spelled(seed), world.data) == []
    stated = [one for one in await statements(world) if one.step == "erased"]
    assert len(stated) == 1


async def test_it_is_stated_that_an_account_was_erased_and_nobody_is_named(world: World) -> None:
    erika = await world.citizen()

    await erase(world, erika)

    [stated] = [one for one in await statements(world) if one.step == "erased"]
    assert stated.position is not None
    assert erika.account.id not in stated.jws


async def test_the_ledger_takes_only_what_web_has_signed_for_this_account_and_day(world: World) -> None:
    erika, mia = await world.citizen(), await world.citizen("mia")
    await erase(world, erika)
    ledger = await read_ledger(world.web.objects, world.web.keys.signers)
    [written] = ledger.entries.values()
    raw = b"".join([block async for block in world.web.objects.read(written.name)])
    copied = entry_name(mia.account.id, written.at)
    await world.web.objects.put(copied, raw)
    await world.web.objects.put(entry_name(mia.account.id, written.at + timedelta(days=1)), b"not signed")

    ledger = await read_ledger(world.web.objects, world.web.keys.signers)

    assert [*ledger.entries] == [erika.account.id]
    assert len(ledger.odd) == 2
    with pytest.raises(Damaged):
        await read_entry(world.web.objects, copied, world.web.keys.signers)
