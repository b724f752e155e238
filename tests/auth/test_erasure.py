"""Erasure: seven days, until which it can be cancelled; then nothing of the account is left, and its evidence stays."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from sk.auth.account import Account, AccountKey
from sk.auth.card_expiry import watch_cards
from sk.auth.email_change import ask_for_address
from sk.auth.erasure import ask_for_erasure, cancel_erasure, erasure_at, final_on
from sk.auth.errands import StoredErrand
from sk.auth.journal import StoredEntry, belongs_to, entry, read_journal
from sk.auth.ledger import entry_name, read_entry, read_ledger
from sk.auth.passkey_challenge import begin_challenge
from sk.auth.sessions import LogIn, Session
from sk.clock import local_day
from sk.errors import Damaged, Forbidden, NotFound
from sk.events import AccountErased, ErasureDue, ErrandEnded, Event, LetterWritten, NoticeClosed
from sk.evidence.statement import Statement
from sk.mail.letter import Letter
from sk.postbox.closing import retention_ends_at
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.store.port import Aggregate, StoredEvent, event_of
from sk.workers.handle import receiver
from tests.auth.erasing import collect_hourly, erase, files_with, rows_naming, seed_of, spelled
from tests.auth.visitors import begin_session
from tests.postbox.proofs import evidence_of, verified
from tests.security.alarms import Alarms
from tests.workers.cases import MESSAGE, fetch, logged_in, notice_of, steps_of
from tests.world import A_FILE, Citizen, World, a_notice


@pytest.fixture
def alarms(caplog: pytest.LogCaptureFixture) -> Alarms:
    """Return what the operator hears."""
    return Alarms(caplog)


async def is_there(world: World, who: Citizen) -> bool:
    return bool(await world.web.store.get_many(Account, [who.account.id]))


async def test_an_account_is_erased_after_seven_days_and_not_before(world: World) -> None:
    erika = await world.citizen()

    at = await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=6, hours=23)
    await world.settle()

    assert await is_there(world, erika)
    assert await erasure_at(erika.account.id, world.web) == at
    world.clock.advance(hours=1)
    await world.settle()
    assert not await is_there(world, erika)
    assert await world.web.store.get_many(AccountKey, [erika.account.id]) == {}


async def test_its_owner_is_told_the_day_by_letter_and_in_the_journal(world: World) -> None:
    erika = await world.citizen()

    await ask_for_erasure(erika.account.id, world.web)
    await world.settle()

    [mail] = world.mails.sent
    assert mail["Subject"] == "Ihr Konto wird in sieben Tagen gelöscht"
    text = mail.get_content()
    assert "Wir löschen es am 30.11.2026" in text
    assert f"{world.base_url}/anmelden" in text
    said = [one.open(world.web.keys.lock_key("vault")) for one in await read_journal(erika.account.id, world.web)]
    assert [(one.what, one.facts) for one in said] == [("erasure-asked", {"by": "citizen"})]


async def test_asked_for_twice_the_first_day_stays(world: World) -> None:
    erika = await world.citizen()
    first = await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=3)

    assert await ask_for_erasure(erika.account.id, world.web) == first
    await world.settle()
    assert len(world.mails.sent) == 1


async def test_who_cancels_keeps_the_account_and_may_ask_again(world: World) -> None:
    erika = await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=5)

    assert await cancel_erasure(erika.account.id, world.web)
    assert not await cancel_erasure(erika.account.id, world.web)

    world.clock.advance(days=10)
    await world.settle()
    assert await is_there(world, erika)
    assert await erasure_at(erika.account.id, world.web) is None
    await erase(world, erika)
    assert not await is_there(world, erika)


async def test_who_has_logged_in_below_the_level_of_the_account_cannot_erase_it(world: World) -> None:
    erika = await world.citizen()
    by_password = LogIn.model_validate({**logged_in(erika).model_dump(), "level": "low"})

    with pytest.raises(Forbidden) as refused:
        await ask_for_erasure(erika.account.id, world.web, log_in=by_password)

    assert refused.value.problem == "erasure-level-too-low"
    await ask_for_erasure(erika.account.id, world.web, log_in=logged_in(erika))


async def test_nothing_that_was_the_accounts_own_is_left(world: World) -> None:
    delivered = await world.delivered()
    who, account_id = delivered.citizen, delivered.citizen.account.id
    await begin_session(who.account, "high", "password", world.web)
    await write_what_waits(world, who)
    for _ in range(3):
        await world.web.store.save(entry(account_id, "logged-in", world.clock.now(), world.web, means="password"))
    belongs = belongs_to(account_id, world.web)
    seed = await seed_of(world, who)
    assert len(await world.web.store.find(Session, "belongs", belongs)) == 1
    assert files_with(spelled(seed), world.data)

    await erase(world, who)

    assert await rows_naming(world, account_id) == ["notice"]  # an id that leads nowhere
    assert await rows_naming(world, belongs) == []
    assert await world.web.store.find(StoredEntry, "belongs", belongs) == []
    letter_ids, errand_ids = await world.web.store.scan(Letter), await world.web.store.scan(StoredErrand)
    assert (letter_ids, errand_ids) == ([], [])
    assert await world.web.store.find(Notice, "postbox", account_id) == []
    assert await world.web.store.find(Account, "username", who.account.username_index) == []
    assert files_with(spelled(seed), world.data) == []
    notice = await notice_of(world, delivered.notice_id)
    assert not [*(world.data / "objects").rglob(notice.objects[0].rpartition("/")[2])]


async def belongings_of(world: World, kind: type[Aggregate], account_id: str) -> int:
    return len(await world.web.store.find(kind, "belongs", belongs_to(account_id, world.web)))


async def write_what_waits(world: World, who: Citizen) -> None:
    """Have letters and errands wait that nobody sends or ends, and a card watched."""
    account = await world.web.store.get(Account, who.account.id)
    await watch_cards(account, world.web)
    await world.web.store.save(account)
    await ask_for_address(account, "neu@example.org", world.web)
    await begin_challenge("register", world.web, account_id=account.id)
    letters, errands = [await belongings_of(world, kind, account.id) for kind in (Letter, StoredErrand)]
    assert (letters, errands) == (1, 2)
    for row in [row async for row in world.web.store.everything()]:
        if isinstance(row, StoredEvent) and row.event in (LetterWritten.__name__, ErrandEnded.__name__):
            await world.web.store.save(done=event_of(row.id, row.event, row.body))


async def test_its_user_name_is_free_again(world: World) -> None:
    await erase(world, await world.citizen())

    await world.citizen()


async def test_it_is_stated_that_an_account_was_erased_and_nobody_is_named(world: World) -> None:
    erika = await world.citizen()

    await erase(world, erika)

    [stated] = [one for one in await statements(world) if one.step == "erased"]
    assert stated.position is not None
    assert erika.account.id not in stated.jws


async def test_authorities_are_told_of_what_was_not_announced_yet(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()

    async def post(**changes: Any) -> str:
        _, answer = await authority.post(a_notice(erika.handle, **changes), [A_FILE])
        await world.settle()
        return str(answer["id"])

    announced = await post(subject="Längst bekannt gegeben")
    read_message, unread_message = [await post(**MESSAGE, subject=f"Mitteilung {n}") for n in (1, 2)]
    await fetch(world, erika, "Mitteilung 1")
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=5)
    running, fetched = [await post(subject=f"Bescheid {number}") for number in (1, 2)]
    await fetch(world, erika, "Bescheid 2")
    world.clock.advance(days=2)
    await world.settle()

    closed = {
        id_
        for id_ in (announced, read_message, unread_message, running, fetched)
        if "postbox-closed" in await steps_of(world, id_)
    }
    assert closed == {unread_message, running, fetched}
    _, page = await authority.get("/api/v1/events", limit="1000")
    assert {event["notice_id"] for event in page["events"] if event["step"] == "postbox-closed"} == closed
    world.clock.advance(days=5)
    await world.settle()
    assert (await notice_of(world, running)).status == "bereitgestellt"  # nobody could read it on the day
    assert (await notice_of(world, fetched)).status == "bekanntgegeben"


async def test_what_is_posted_and_not_delivered_yet_is_rejected(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=7)
    _, answer = await authority.post(a_notice(erika.handle))
    [event] = [
        one
        for one in await world.web.store.take_due("t", world.clock.now(), limit=9, lease=timedelta(0))
        if isinstance(one, ErasureDue)
    ]
    await receiver(world.web)(event.id)
    await world.settle()

    stored = await notice_of(world, answer["id"])
    assert (stored.status, stored.rejected_because) == ("rejected", "postbox-closed")
    status, refused = await authority.post(a_notice(erika.handle))
    assert (status, refused["type"]) == (422, "/problems/unknown-handle")


async def test_a_notice_that_was_being_delivered_leaves_the_postbox_a_minute_later(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    _, answer = await authority.post(a_notice(erika.handle))
    await ask_for_erasure(erika.account.id, world.web)
    accepted = await notice_of(world, answer["id"])
    history = await history_of(accepted, world.web)
    world.clock.advance(days=7)
    await run(world, ErasureDue)

    accepted.bereitstellen(world.clock.now(), world.workers.keys.signer("sign-delivery"), history.said)
    await world.workers.store.save(accepted)  # by a worker that has found the account a moment before

    assert await world.web.store.find(Notice, "postbox", erika.account.id)
    world.clock.advance(minutes=1)
    await world.settle()
    assert await world.web.store.find(Notice, "postbox", erika.account.id) == []
    assert await steps_of(world, answer["id"]) == ["accepted", "bereitgestellt", "postbox-closed"]
    assert world.mails.sent[1:] == []


async def test_what_counted_as_announced_before_the_erasure_is_stated_afterwards_too(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    await ask_for_erasure(erika.account.id, world.web)
    world.clock.advance(days=1)
    _, answer = await authority.post(a_notice(erika.handle))
    await world.settle()
    world.clock.advance(days=6)
    await run(world, ErasureDue)  # the worker that states the day has been away

    await world.settle()

    assert await steps_of(world, answer["id"]) == ["accepted", "bereitgestellt", "benachrichtigt", "bekanntgegeben"]


async def run(world: World, kind: type[Event]) -> None:
    """Have one event acted upon that is due, and no other."""
    found = await world.web.store.take_due("test", world.clock.now(), limit=100, lease=timedelta(minutes=1))
    await world.web.store.release("test")
    [event] = [one for one in found if isinstance(one, kind)]
    await receiver(world.web)(event.id)


async def test_an_event_that_somebody_has_moved_does_nothing_but_raise_the_alarm(world: World, alarms: Alarms) -> None:
    erika = await world.citizen()
    at = await ask_for_erasure(erika.account.id, world.web)
    event = await due_event(world, at)
    await world.web.store.retry(event, at=world.clock.now(), error="")

    await receiver(world.web)(event.id)

    assert await is_there(world, erika)
    assert set(alarms.raised()) == {"event-before-its-day"}
    assert (await world.web.store.due(event.id)).at == at  # type: ignore[union-attr]


async def due_event(world: World, at: datetime) -> Event:
    """Return the event of an erasure that is due at a moment."""
    found = await world.web.store.take_due("test", at, limit=100, lease=timedelta(minutes=1))
    await world.web.store.release("test")
    return next(one for one in found if isinstance(one, ErasureDue))


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


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("saves", [0, 1, 2, 3])
async def test_killed_anywhere_between_the_first_write_and_the_last_it_ends_the_same(world: World, saves: int) -> None:
    delivered = await world.delivered()
    await delivered.authority.post(a_notice(delivered.citizen.handle))
    await world.settle()
    account_id, seed = delivered.citizen.account.id, await seed_of(world, delivered.citizen)
    at = await ask_for_erasure(account_id, world.web)
    event = await due_event(world, at)
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
    stated = [one for one in (await statements(world)) if one.step == "erased"]
    assert len(stated) == 1


async def statements(world: World) -> list[Statement]:
    """Return all statements that there are."""
    return [*(await world.web.store.get_many(Statement, await world.web.store.scan(Statement))).values()]


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


async def test_the_evidence_of_its_authority_still_verifies(world: World) -> None:
    delivered = await world.delivered()
    await fetch(world, delivered.citizen)
    await erase(world, delivered.citizen)

    status, answer = await delivered.authority.get(f"/api/v1/notices/{delivered.notice_id}")
    found = await verified(world, await evidence_of(world, delivered))

    assert (status, answer["status"]) == (200, "bekanntgegeben")
    assert found.opening is not None
    assert [one.step for one in found.statements][-1] == "bekanntgegeben"


async def test_openings_are_forgotten_when_the_retention_ends_and_the_evidence_is_mute(world: World) -> None:
    delivered = await world.delivered(reference="2026/4711")
    await erase(world, delivered.citizen)
    years = world.web.settings.retention_years
    ends_at = retention_ends_at((await notice_of(world, delivered.notice_id)).accepted_at, years)
    assert str(local_day(ends_at)) == f"{2026 + years + 1}-01-01"

    world.clock.advance(seconds=(ends_at - world.clock.now()).total_seconds() - 60)
    await world.settle()
    assert await world.web.store.get_many(Receipt, [delivered.notice_id])
    world.clock.advance(minutes=2)
    await world.settle()

    assert await world.web.store.get_many(Receipt, [delivered.notice_id]) == {}
    status, answer = await delivered.authority.get(f"/api/v1/notices/{delivered.notice_id}")
    assert (status, answer["reference"]) == (200, "")
    _, page = await delivered.authority.get("/api/v1/events")
    assert {event["reference"] for event in page["events"]} == {""}
    found = await verified(world, await evidence_of(world, delivered))
    assert found.opening is None
    status, refused = await delivered.authority.post(a_notice(delivered.citizen.handle, reference="2026/4711"))
    assert (status, refused["type"]) == (409, "/problems/reference-taken")


async def test_openings_of_an_account_that_is_there_are_forgotten_for_nobody(world: World, alarms: Alarms) -> None:
    delivered = await world.delivered()
    notice = await notice_of(world, delivered.notice_id)
    notice.emit(NoticeClosed(notice_id=notice.id), due=world.clock.now())
    await world.web.store.save(notice)
    world.clock.advance(days=366 * 40)

    await world.settle()

    assert await world.web.store.get_many(Receipt, [delivered.notice_id])
    assert "openings-still-needed" in alarms.raised()


async def test_it_is_final_when_the_last_collection_of_its_key_has_been_deleted(world: World) -> None:
    erika = await world.citizen()
    await collect_hourly(world)
    seed = spelled(await seed_of(world, erika))
    await ask_for_erasure(erika.account.id, world.web)
    for _ in range(7):
        world.clock.advance(days=1)
        await world.settle()
    erased_on = local_day(world.clock.now())
    assert files_with(seed, world.data)

    for _ in range(world.web.settings.key_backup_days - 1):
        world.clock.advance(days=1)
        await world.settle()
        assert files_with(seed, world.data), world.clock.now()
    while local_day(world.clock.now()) < final_on(erased_on, world.web.settings):
        world.clock.advance(days=1)
        await world.settle()

    assert files_with(seed, world.data) == []
