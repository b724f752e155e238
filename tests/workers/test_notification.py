"""Notification: the mail about a notice, and what is recorded of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

from sk.clock import local_day
from sk.errors import Invalid, Unavailable
from sk.events import NoticeBereitgestellt
from sk.evidence.spelling import moment_text
from sk.store.port import MAX_TRIES, Store
from sk.workers.handle import receiver
from sk.workers.notification import give_up, notify
from tests.fakes import FakeClock, RunningClock
from tests.security.serving import breaks_on_save
from tests.workers.cases import (
    MESSAGE,
    REFUSED,
    Raced,
    accepted,
    bereitgestellt,
    due,
    fetch,
    notice_of,
    said_of,
    steps_of,
    take_back,
)
from tests.world import World

ANSWERED = {"server": "mail.test", "relay": True, "code": 250, "enhanced": "2.0.0", "queue_id": "kept-1"}


async def test_the_mail_says_that_there_is_something_and_from_whom_and_no_more(world: World) -> None:
    notice = await world.delivered()

    [mail] = world.mails.sent
    text = mail.get_content()
    assert mail["To"] == f"{notice.citizen.username}@example.org"
    assert "Stadt Musterstadt" in text
    for secret in ("Bescheid über Ihren Antrag", "anbei", "32.4-0815", "bescheid.pdf", notice.answer["reference"]):
        assert secret not in mail.as_string()
    assert "http" not in text


async def test_it_is_recorded_which_server_has_taken_the_mail(world: World) -> None:
    notice = await world.delivered()

    said = (await said_of(world, notice.notice_id))[-1]
    assert said["step"] == "benachrichtigt"
    assert {name: said[name] for name in ANSWERED} == ANSWERED
    assert said["message_id"] == world.mails.sent[0]["Message-ID"]


async def test_the_day_on_which_the_server_took_the_mail_is_stated_even_if_the_statement_waits_for_the_next(
    world: World,
) -> None:
    notice_id, _ = await bereitgestellt(world, **MESSAGE)
    [event] = [event for event in await due(world) if isinstance(event, NoticeBereitgestellt)]
    midnight = datetime(2026, 11, 23, 23, tzinfo=UTC)

    await notify(event, replace(world.workers, clock=RunningClock(midnight - timedelta(seconds=0.2))))

    stored, said = await notice_of(world, notice_id), (await said_of(world, notice_id))[-1]
    assert stored.benachrichtigt_at
    assert local_day(stored.benachrichtigt_at) == date(2026, 11, 23)
    assert said["answered_at"] == moment_text(stored.benachrichtigt_at) < moment_text(midnight) <= said["at"]


async def test_a_repeated_event_sends_no_second_mail(world: World, clock: FakeClock) -> None:
    notice = await world.delivered()
    stored = await notice_of(world, notice.notice_id)
    again = NoticeBereitgestellt(notice_id=notice.notice_id)
    stored.emit(again, due=clock.now())
    await world.web.store.save(stored)

    await notify(again, world.workers)

    assert len(world.mails.sent) == 1
    assert await notice_of(world, notice.notice_id) == stored
    assert await world.web.store.due(again.id) is None


async def test_a_mail_that_was_refused_is_recorded_as_failed_and_not_sent_again(world: World, clock: FakeClock) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(**MESSAGE)
    clock.advance(days=30)
    await world.settle()

    stored = await notice_of(world, notice.notice_id)
    said = (await said_of(world, notice.notice_id))[-1]
    assert (stored.status, stored.benachrichtigt_at, world.mails.sent) == ("bereitgestellt", None, [])
    assert (said["step"], said["server"], said["code"]) == ("benachrichtigung-failed", "mx.example.org", 550)
    _, told = await notice.authority.get("/api/v1/events")
    assert [event["step"] for event in told["events"]] == ["accepted", "bereitgestellt", "benachrichtigung-failed"]


async def test_a_mail_server_in_trouble_gets_the_mail_a_little_later(world: World, clock: FakeClock) -> None:
    world.mails.trouble += [Unavailable("the mail server asks to try again: 451")] * 3
    notice_id, _ = await bereitgestellt(world)
    [event] = await due(world)
    for tries in (1, 2, 3):
        await receiver(world.workers)(event.id)
        waiting = await world.web.store.due(event.id)
        assert waiting
        assert (waiting.tries, waiting.error) == (tries, "the mail server asks to try again: 451")
        assert waiting.at > clock.now()
        clock.advance(seconds=(waiting.at - clock.now()).total_seconds())

    await receiver(world.workers)(event.id)

    assert len(world.mails.sent) == 1
    assert (await notice_of(world, notice_id)).benachrichtigt_at


async def test_a_mail_that_was_sent_and_not_recorded_is_sent_again_as_the_same_one(world: World) -> None:
    notice_id, _ = await bereitgestellt(world)
    [event] = await due(world)

    await receiver(replace(world.workers, store=breaks_on_save(world.workers.store)))(event.id)
    world.clock.advance(minutes=1)
    await world.settle()

    assert len({mail["Message-ID"] for mail in world.mails.sent}) == 1
    assert len(world.mails.sent) == 2
    assert [said["step"] for said in await said_of(world, notice_id)].count("benachrichtigt") == 1


async def given_up(world: World) -> str:
    """Return a notice whose mail was tried for the last time."""
    world.mails.trouble += [Invalid("the mail server makes no sense")] * MAX_TRIES
    notice_id, _ = await bereitgestellt(world, **MESSAGE)
    [event] = await due(world)
    for _ in range(MAX_TRIES):
        await receiver(world.workers)(event.id)
        world.clock.advance(hours=2)
    return notice_id


async def try_again(world: World) -> None:
    """Do what `sk events retry` does with all that was set aside."""
    for one in await world.web.store.aside():
        await world.web.store.retry(one.event, at=world.clock.now(), error=one.error)
    await world.settle()


async def test_a_mail_that_was_given_up_is_recorded_as_one_that_no_server_has_taken(world: World) -> None:
    notice_id = await given_up(world)

    said = (await said_of(world, notice_id))[-1]
    facts = ("step", "server", "relay", "code", "enhanced", "queue_id")
    assert [said[name] for name in facts] == ["benachrichtigung-failed", "127.0.0.1", True, 0, "", ""]
    assert notice_id in said["message_id"]
    assert len(await world.web.store.aside()) == 1


async def test_a_mail_that_was_given_up_still_goes_out_when_a_person_brings_it_back(world: World) -> None:
    notice_id = await given_up(world)
    [failed] = [one for one in await said_of(world, notice_id) if one["step"] == "benachrichtigung-failed"]
    await try_again(world)

    assert [mail["Message-ID"] for mail in world.mails.sent] == [failed["message_id"]]
    assert (await said_of(world, notice_id))[-1]["step"] == "benachrichtigt"
    assert (await notice_of(world, notice_id)).benachrichtigt_at


async def test_what_was_given_up_and_is_refused_later_is_done_and_stated_once(world: World) -> None:
    notice_id = await given_up(world)
    world.mails.trouble.append(REFUSED)
    await try_again(world)

    assert (await steps_of(world, notice_id)).count("benachrichtigung-failed") == 1
    assert (await world.web.store.aside(), await due(world)) == ([], [])


async def test_of_what_is_not_in_its_postbox_or_was_withdrawn_no_mail_is_said_to_be_missing(world: World) -> None:
    notice_id, _ = await accepted(world, **MESSAGE)
    event = NoticeBereitgestellt(notice_id=notice_id)
    await give_up(event, world.workers)
    for one in await due(world):
        await receiver(world.workers)(one.id)
    await take_back(world, notice_id)
    await give_up(event, world.workers)

    assert await steps_of(world, notice_id) == ["accepted", "bereitgestellt", "withdrawn"]


async def test_a_mail_that_went_out_is_recorded_even_if_the_notice_was_withdrawn_meanwhile(world: World) -> None:
    notice_id, _ = await bereitgestellt(world, law="vwvfg-41-2a")
    [event] = [event for event in await due(world) if isinstance(event, NoticeBereitgestellt)]
    raced = Raced(world.workers.store, lambda: take_back(world, notice_id))

    await receiver(replace(world.workers, store=cast("Store", raced)))(event.id)

    stored = await notice_of(world, notice_id)
    assert len(world.mails.sent) == 1
    assert (await steps_of(world, notice_id))[-2:] == ["withdrawn", "benachrichtigt"]
    assert (stored.status, stored.lapses_on, stored.bekanntgabe) == ("withdrawn", None, None)
    assert stored.benachrichtigt_at
    assert await due(world) == []


async def test_a_lost_race_sends_no_second_mail_and_changes_no_moment(world: World) -> None:
    notice_id, erika = await bereitgestellt(world)
    [event] = [event for event in await due(world) if isinstance(event, NoticeBereitgestellt)]

    async def fetched_an_hour_later() -> None:
        world.clock.advance(hours=1)
        await fetch(world, erika)

    before = world.clock.now()
    raced = Raced(world.workers.store, fetched_an_hour_later)
    await receiver(replace(world.workers, store=cast("Store", raced)))(event.id)

    assert len(world.mails.sent) == 1
    assert (await notice_of(world, notice_id)).benachrichtigt_at == before
    assert (await steps_of(world, notice_id))[-2:] == ["abgerufen", "benachrichtigt"]


async def test_an_abruf_in_between_loses_nothing(world: World) -> None:
    notice_id, erika = await bereitgestellt(world)
    async with world.browser(erika) as browser:
        await browser.send((await browser.open("/postfach")).form("Bescheid über Ihren Antrag"))
    await world.settle()

    steps = [said["step"] for said in await said_of(world, notice_id)]
    assert steps == ["accepted", "bereitgestellt", "abgerufen", "benachrichtigt"]
