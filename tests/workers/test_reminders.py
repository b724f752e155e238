"""Reminders: who has not opened a notice is told before it is too late, once for each day, and not without reason."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sk.auth.erasure import ask_for_erasure
from sk.auth.notification_settings import change_phrase, choose
from sk.events import Event, ReminderDue
from sk.mail.texts import REMINDER
from sk.postbox.rechtsbehelf import Rechtsbehelf
from sk.postbox.reminders import next_reminder, reminded_at
from sk.workers.handle import receiver
from tests.auth.writing import SECOND, settings_of, text_of, with_second_address
from tests.security.serving import breaks_on_save
from tests.workers.cases import MESSAGE, REFUSED, due_event, fetch, notice_of, stands, steps_of, take_back
from tests.world import Delivered, World, open_world

FETCHED = {"law": "vwvfg-41-2a"}
SUBJECTS = {subject for subject, _ in REMINDER.values()}
A_WEEK_BEFORE, TWO_DAYS_BEFORE = datetime(2026, 12, 21, 8, tzinfo=UTC), datetime(2026, 12, 26, 8, tzinfo=UTC)
"""Of the Frist that ends on 28 December for what was posted on the first day of the tests: nine o'clock in Berlin."""
AFTER_ALL = datetime(2027, 1, 3, tzinfo=UTC)


def reminders(world: World) -> list[str]:
    """Return to whom reminders went."""
    return [str(mail["To"]) for mail in world.mails.sent if mail["Subject"] in SUBJECTS]


async def until(world: World, moment: datetime) -> None:
    """Let time pass, and the workers do what is due."""
    world.clock.advance(seconds=(moment - world.clock.now()).total_seconds())
    await world.settle()


async def due_reminder(world: World) -> Event:
    """Let a week before the end come, and return the reminder that is due and was not acted upon."""
    await until(world, A_WEEK_BEFORE - timedelta(minutes=1))
    world.clock.advance(minutes=1)
    return await due_event(world, ReminderDue, world.clock.now())


async def test_whoever_has_not_opened_it_is_reminded_a_week_and_two_days_before_the_frist_ends(world: World) -> None:
    notice = await world.delivered()
    told = []
    for moment in (A_WEEK_BEFORE, TWO_DAYS_BEFORE):
        await until(world, moment - timedelta(minutes=1))
        told.append(len(reminders(world)))
        await until(world, moment)
        told.append(len(reminders(world)))
    await until(world, AFTER_ALL)

    assert told == [0, 1, 1, 2]
    assert reminders(world) == [f"{notice.citizen.username}@example.org"] * 2
    assert len({mail["Message-ID"] for mail in world.mails.sent}) == 3


async def test_of_what_can_be_fetched_for_ten_days_it_is_three_days_before_the_last(world: World) -> None:
    await world.delivered(**FETCHED)
    await until(world, datetime(2026, 11, 30, 7, 59, tzinfo=UTC))
    early = reminders(world)
    await until(world, datetime(2026, 11, 30, 8, tzinfo=UTC))
    in_time = reminders(world)
    await until(world, AFTER_ALL)

    assert (len(early), len(in_time), len(reminders(world))) == (0, 1, 1)
    assert "03.12.2026" in world.mails.sent[-1].get_content()


async def test_it_says_until_when_to_look_and_neither_from_whom_nor_about_what(world: World) -> None:
    notice = await world.delivered()
    await until(world, A_WEEK_BEFORE)
    text = world.mails.sent[-1].get_content()

    assert world.mails.sent[-1]["Subject"] == "Ungelesene Nachricht in Ihrem Postfach"
    assert "spätestens am 28.12.2026" in text
    assert "http" not in text
    secrets = ("Stadt Musterstadt", "Bescheid", "32.4-0815", "bescheid.pdf", str(notice.answer["reference"]))
    assert [secret for secret in secrets if secret in world.mails.sent[-1].as_string()] == []


async def test_it_is_written_in_the_language_and_with_the_phrase_that_its_reader_has_chosen(world: World) -> None:
    notice = await world.delivered()
    account_id = notice.citizen.account.id
    await choose(account_id, "en", reminders=True, services=world.web)
    await change_phrase(account_id, "drei Kraniche", world.web)
    await until(world, A_WEEK_BEFORE)
    mail = world.mails.sent[-1]

    assert (mail["Subject"], mail["Content-Language"]) == ("Unread message in your postbox", "en")
    assert "on 28 December 2026 at the latest" in mail.get_content()
    trial, phrase, hello, text, *_ = text_of(mail).split("\n\n")
    assert (trial.partition(":")[0], phrase, hello) == ("Trial", "Your personal phrase: drei Kraniche", "Hello,")
    assert text.startswith("There is a message")


async def test_nothing_is_stated_of_it(world: World) -> None:
    notice = await world.delivered()
    for moment in (A_WEEK_BEFORE, TWO_DAYS_BEFORE):
        await until(world, moment)

    assert len(reminders(world)) == 2
    assert await steps_of(world, notice.notice_id) == ["accepted", "bereitgestellt", "benachrichtigt", "bekanntgegeben"]


async def switched_off(world: World, notice: Delivered) -> None:
    await choose(notice.citizen.account.id, "de", reminders=False, services=world.web)


async def opened(world: World, notice: Delivered) -> None:
    await fetch(world, notice.citizen)


async def withdrawn(world: World, notice: Delivered) -> None:
    await take_back(world, notice.notice_id)


async def closed(world: World, notice: Delivered) -> None:
    await stands(world, notice.citizen, state="closed")


async def erased(world: World, notice: Delivered) -> None:
    await ask_for_erasure(notice.citizen.account.id, world.web)


@pytest.mark.parametrize("what", [switched_off, opened, withdrawn, closed, erased])
async def test_nobody_is_reminded_without_reason(
    world: World, what: Callable[[World, Delivered], Awaitable[None]]
) -> None:
    notice = await world.delivered()
    await what(world, notice)
    await until(world, datetime(2026, 12, 1, tzinfo=UTC))
    for moment in (A_WEEK_BEFORE, TWO_DAYS_BEFORE, AFTER_ALL):
        await until(world, moment)

    assert reminders(world) == []
    assert await world.web.store.aside() == []


async def test_of_a_message_without_a_frist_nobody_is_reminded(world: World) -> None:
    await world.delivered(**MESSAGE)
    await until(world, AFTER_ALL)

    assert reminders(world) == []


async def test_whoever_switches_them_on_again_is_reminded_the_next_time(world: World) -> None:
    notice = await world.delivered()
    await choose(notice.citizen.account.id, "de", reminders=False, services=world.web)
    await until(world, A_WEEK_BEFORE)
    await choose(notice.citizen.account.id, "de", reminders=True, services=world.web)
    await until(world, TWO_DAYS_BEFORE)

    assert len(reminders(world)) == 1


async def test_whoever_opens_it_after_the_first_is_not_reminded_again(world: World) -> None:
    notice = await world.delivered()
    await until(world, A_WEEK_BEFORE)
    await fetch(world, notice.citizen)
    await until(world, AFTER_ALL)

    assert len(reminders(world)) == 1


async def test_workers_that_were_down_for_both_days_send_one_mail_and_after_the_frist_none(world: World) -> None:
    await world.delivered()
    await until(world, TWO_DAYS_BEFORE + timedelta(hours=2))
    late = reminders(world)
    await world.delivered()
    await until(world, world.clock.now() + timedelta(days=60))

    assert len(late) == 1
    assert len(reminders(world)) == 1


async def test_a_reminder_that_was_sent_and_not_recorded_is_sent_again_as_the_same_mail(world: World) -> None:
    await world.delivered()
    event = await due_reminder(world)
    await receiver(replace(world.workers, store=breaks_on_save(world.workers.store)))(event.id)
    world.clock.advance(minutes=1)
    await world.settle()

    assert len(reminders(world)) == 2
    assert len({mail["Message-ID"] for mail in world.mails.sent if mail["Subject"] in SUBJECTS}) == 1


async def test_a_repeated_event_reminds_nobody_twice(world: World) -> None:
    await world.delivered()
    event = await due_reminder(world)
    for _ in range(2):
        await receiver(world.workers)(event.id)
    once = len(reminders(world))
    await until(world, TWO_DAYS_BEFORE)

    assert (once, len(reminders(world))) == (1, 2)


async def test_after_a_restart_the_reminder_still_comes(world: World) -> None:
    notice = await world.delivered()
    async with open_world(world.data, world.clock) as again:
        await until(again, A_WEEK_BEFORE)

        assert reminders(again) == [f"{notice.citizen.username}@example.org"]


async def test_a_reminder_that_is_refused_changes_nothing_but_what_its_owner_is_shown(world: World) -> None:
    notice = await world.delivered()
    event = await due_reminder(world)
    before = await notice_of(world, notice.notice_id)
    world.mails.trouble.append(REFUSED)
    await receiver(world.workers)(event.id)
    after = await notice_of(world, notice.notice_id)

    assert after.model_dump(exclude={"version"}) == before.model_dump(exclude={"version"})
    assert (await settings_of(world, notice.citizen)).failing == [f"{notice.citizen.username}@example.org"]


async def test_a_second_address_is_reminded_as_well_by_a_mail_of_its_own(world: World) -> None:
    notice = await world.delivered()
    await with_second_address(world, notice.citizen)
    await until(world, A_WEEK_BEFORE)
    last = [mail for mail in world.mails.sent if mail["Subject"] in SUBJECTS]

    assert [mail["To"] for mail in last] == [f"{notice.citizen.username}@example.org", SECOND]
    assert len({mail["Message-ID"] for mail in last}) == 2


def test_reminders_go_out_at_nine_local_time_in_winter_and_in_summer() -> None:
    assert reminded_at(date(2026, 12, 21)) == datetime(2026, 12, 21, 8, tzinfo=UTC)
    assert reminded_at(date(2026, 7, 21)) == datetime(2026, 7, 21, 7, tzinfo=UTC)


def test_without_a_last_day_there_is_nothing_to_remind_of() -> None:
    none = Rechtsbehelf(kind="none", frist_ends_on=None, frist_expires_at=None, basis=None, steps=())

    assert next_reminder(None, None, after=date.min) is None
    assert next_reminder(none, None, after=date.min) is None
