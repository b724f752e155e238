"""Erasure: seven days, until which it can be cancelled; then nothing that was the account's own is left."""

import pytest

from sk.auth.account import Account, AccountKey
from sk.auth.card_expiry import watch_cards
from sk.auth.email_change import ask_for_address
from sk.auth.erasure import ask_for_erasure, cancel_erasure, erasure_at, final_on
from sk.auth.errands import StoredErrand
from sk.auth.journal import StoredEntry, belongs_to, entry, read_journal
from sk.auth.passkey_challenge import begin_challenge
from sk.auth.sessions import LogIn, Session
from sk.clock import local_day
from sk.errors import Forbidden
from sk.events import ErrandEnded, LetterWritten
from sk.mail.letter import Letter
from sk.postbox.notice import Notice
from sk.store.port import Aggregate, StoredEvent, event_of
from tests.auth.erasing import collect_hourly, erase, files_with, is_there, rows_naming, seed_of, spelled
from tests.auth.visitors import begin_session
from tests.workers.cases import logged_in, notice_of
from tests.world import Citizen, World


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


async def test_its_user_name_is_free_again(world: World) -> None:
    await erase(world, await world.citizen())

    await world.citizen()


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
