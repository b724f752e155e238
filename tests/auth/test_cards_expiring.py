"""Cards that expire: their owners are told in time, and an account reaches no more than its other ways allow."""

from datetime import UTC, datetime, timedelta

from sk.auth.log_in import find_account
from sk.auth.trust import TrustLevel
from sk.clock import local_day, moment
from sk.store.port import StoredEvent
from tests.auth.people import PASSWORD, registered
from tests.auth.showing import cards_in, log_in_by_card, registered_by_card, show_card_at
from tests.fakes import FakeClock
from tests.world import World


async def test_whoever_has_no_newer_card_is_told_three_months_before_it_expires(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
    [card] = await cards_in(world)
    assert card.expires_on
    until = datetime.combine(card.expires_on, datetime.min.time(), UTC)
    clock.advance(days=(until - clock.now()).days - 91 - 500)
    async with world.browser() as browser:
        assert (await log_in_by_card(browser)).url == "/postfach"  # or the account would be erased, unused as it is
    clock.advance(days=500)
    await world.settle()
    before = len(world.mails.sent)
    for _ in range(4):  # an account is looked at every week
        clock.advance(days=7)
        await world.settle()

    assert [mail["Subject"] for mail in world.mails.sent[before:]] == ["Ihr Ausweis läuft bald ab"]


async def test_an_account_whose_last_card_has_expired_reaches_no_more_than_its_other_ways(
    world: World, clock: FakeClock
) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        page = await show_card_at(browser, "/konto")
        await browser.send(page.form("Ausweis verbinden"))
    account = await find_account("erika", world.web)
    vault = world.web.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    today = local_day(clock.now())
    credentials.cards[0].expires_on = today + timedelta(days=10)
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)

    async def trust_after(days: int) -> TrustLevel:
        clock.advance(days=days)
        await world.settle()
        return (await find_account("erika", world.web)).standing(world.web.keys.signers).trust

    assert await trust_after(10) == "high"
    assert await trust_after(7) == "low"
    events = [row.event async for row in world.web.store.everything() if isinstance(row, StoredEvent)]
    assert "CardExpires" not in events


async def test_what_waits_does_not_say_when_a_card_expires(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
    [card] = await cards_in(world)

    [waits] = [
        row async for row in world.web.store.everything() if isinstance(row, StoredEvent) and row.event == "CardExpires"
    ]

    assert local_day(moment(waits.due)) == local_day(card.bound_at) + timedelta(days=7)
