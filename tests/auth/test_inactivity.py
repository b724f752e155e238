"""Inactivity: two years unused, an account is erased; two months before, its owner is warned."""

from datetime import date, timedelta

from sk.auth.account import Account
from sk.auth.inactivity import gone_on
from sk.auth.ledger import read_ledger
from sk.clock import local_day
from sk.installation import Installation
from sk.postbox.notice import Notice
from sk.store.port import StoredEvent
from tests.auth.erasing import files_with, seed_of, spelled
from tests.workers.cases import stands
from tests.world import Citizen, World


async def account_of(world: World, who: Citizen) -> Account | None:
    return (await world.web.store.get_many(Account, [who.account.id])).get(who.account.id)


async def be_seen(world: World, who: Citizen) -> None:
    """Log in, as far as inactivity is concerned."""
    account = await account_of(world, who)
    assert account
    vault = world.web.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    credentials.seen_on = local_day(world.clock.now())
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)


async def until(world: World, day: date) -> None:
    """Let time pass until the morning of a day."""
    world.clock.advance(days=(day - local_day(world.clock.now())).days)
    assert local_day(world.clock.now()) == day
    await world.settle()


async def warned(world: World) -> Citizen:
    """Return somebody who has just been warned that the account is erased on the 23rd of November."""
    erika = await world.citizen()
    await until(world, date(2028, 9, 23))
    return erika


async def is_written_to_again(world: World, who: Citizen, on: date, erased_on: date) -> None:
    """See that the first warning comes to nothing, the next one on its day, and the erasure on its own."""
    await until(world, date(2028, 11, 23))
    await until(world, on - timedelta(days=1))
    assert len(world.mails.sent) == 1
    await until(world, on)
    assert len(world.mails.sent) == 2
    await until(world, erased_on - timedelta(days=1))
    assert await account_of(world, who)
    await until(world, erased_on)
    assert await account_of(world, who) is None


async def test_an_account_that_nobody_uses_for_two_years_is_erased(world: World) -> None:
    delivered = await world.delivered()
    erika, seed = delivered.citizen, spelled(await seed_of(world, delivered.citizen))
    world.mails.sent.clear()

    await until(world, date(2028, 9, 22))
    assert world.mails.sent == []
    await until(world, date(2028, 9, 23))
    [mail] = world.mails.sent
    assert mail["Subject"] == "Wird Ihr Konto noch gebraucht?"
    assert "löschen wir es am 23.11.2028" in " ".join(mail.get_content().split())
    await until(world, date(2028, 11, 22))
    assert await account_of(world, erika)
    await until(world, date(2028, 11, 23))

    assert await account_of(world, erika) is None
    assert files_with(seed, world.data) == []
    assert await world.web.store.find(Notice, "postbox", erika.account.id) == []
    ledger = await read_ledger(world.web.objects, world.web.keys.signers)
    assert {id_: local_day(one.at) for id_, one in ledger.entries.items()} == {erika.account.id: date(2028, 11, 23)}
    assert len(world.mails.sent) == 1


async def test_who_logs_in_after_the_warning_keeps_the_account_for_two_years_more(world: World) -> None:
    erika = await warned(world)
    await until(world, date(2028, 11, 1))
    await be_seen(world, erika)

    await is_written_to_again(world, erika, on=date(2030, 9, 1), erased_on=date(2030, 11, 1))


async def test_who_logs_in_on_the_very_day_of_the_warning_gets_another_letter_two_years_later(world: World) -> None:
    erika = await warned(world)
    await be_seen(world, erika)

    await is_written_to_again(world, erika, on=date(2030, 7, 23), erased_on=date(2030, 9, 23))


async def test_an_erasure_that_was_killed_once_the_account_was_closed_goes_on_after_a_restore(world: World) -> None:
    erika = await warned(world)
    await stands(world, erika, state="closed")
    installation = await world.web.store.get(Installation, "installation")
    installation.restored_on = date(2028, 11, 20)
    await world.web.store.save(installation)

    await until(world, date(2028, 11, 23))

    assert await account_of(world, erika) is None
    ledger = await read_ledger(world.web.objects, world.web.keys.signers)
    assert [local_day(one.at) for one in ledger.entries.values()] == [date(2028, 11, 23)]


async def test_who_logs_in_now_and_then_is_never_warned(world: World) -> None:
    erika = await world.citizen()
    for year in range(2027, 2037):
        await until(world, date(year, 11, 1))
        await be_seen(world, erika)

    assert world.mails.sent == []
    assert await account_of(world, erika)


async def test_there_is_one_event_for_an_account_however_often_it_is_used(world: World) -> None:
    erika = await world.citizen()
    for year in range(2027, 2033):
        await until(world, date(year, 11, 1))
        await be_seen(world, erika)
    await world.settle()

    events = [row.event async for row in world.web.store.everything() if isinstance(row, StoredEvent)]
    assert events == ["InactivityDue"]


async def test_a_platform_that_stood_still_for_years_warns_first_and_waits_two_months(world: World) -> None:
    erika = await world.citizen()

    await until(world, date(2031, 5, 31))

    assert await account_of(world, erika)
    assert "31.07.2031" in world.mails.sent[0].get_content()
    await until(world, date(2031, 7, 30))
    assert await account_of(world, erika)
    await until(world, date(2031, 7, 31))
    assert await account_of(world, erika) is None


async def test_who_cannot_log_in_because_the_account_is_locked_loses_nothing(world: World) -> None:
    erika = await world.citizen()
    await stands(world, erika, log_in_locked=True)
    for day in (date(2028, 9, 23), date(2028, 11, 23), date(2029, 6, 1)):
        await until(world, day)

    assert world.mails.sent == []
    await stands(world, erika, log_in_locked=False)
    await until(world, date(2029, 8, 1))
    assert len(world.mails.sent) == 1
    assert await account_of(world, erika)


def test_nobody_is_erased_sooner_than_two_months_after_the_warning() -> None:
    assert gone_on(date(2026, 2, 28), date(2027, 12, 28)) == date(2028, 2, 28)
    assert gone_on(date(2024, 2, 29), date(2027, 12, 31)) == date(2028, 2, 29)
