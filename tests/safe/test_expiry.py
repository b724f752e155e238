"""A document that will expire: its owner is reminded in time, without a word about which it is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sk.events import DocumentExpires
from sk.ids import new_id
from sk.safe.expiry import expires
from sk.safe.steps import bring_back, delete, rename, throw_away
from tests.safe.documents import entry_of, put
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.world import SOON, Citizen, World

ON = date(2027, 6, 30)
FIRST = datetime(2027, 5, 5, 6, 0, tzinfo=UTC)
"""56 days before, at 8:00 in Berlin, in summer."""
LAST = datetime(2027, 6, 23, 6, 0, tzinfo=UTC)
SUBJECT = "Ein Dokument in Ihrem Safe läuft bald ab"


@pytest.fixture
async def document_id(world: World, erika: Citizen) -> str:
    return await put(world, erika, "Reisepass.txt")


async def at(world: World, moment: datetime) -> None:
    """Let time pass until a moment, and let happen what is due by then."""
    world.clock.advance(seconds=(moment - world.clock.now()).total_seconds())
    await world.settle()


def reminders(world: World) -> list[str]:
    """Return what was written about documents that expire."""
    return [mail.get_content() for mail in world.mails.sent if mail["Subject"] == SUBJECT]


async def test_is_reminded_eight_weeks_and_one_week_before_in_the_morning(
    world: World, erika: Citizen, document_id: str
) -> None:
    counts = list[int]()
    await expires(erika.account.id, document_id, ON, world.web)
    for moment in (FIRST - timedelta(seconds=5), FIRST, LAST - timedelta(seconds=5), LAST, LAST + timedelta(days=60)):
        await at(world, moment)
        counts.append(len(reminders(world)))

    assert counts == [0, 1, 1, 2, 2]
    assert all("bis 30.06.2027 gültig" in text for text in reminders(world))


async def test_the_mail_does_not_say_which_document_it_is(world: World, erika: Citizen, document_id: str) -> None:
    await rename(erika.account.id, document_id, "Aufenthaltstitel.pdf", world.web)
    await expires(erika.account.id, document_id, ON, world.web)
    await at(world, FIRST)

    [text] = reminders(world)
    assert not [word for word in ("Aufenthalt", "pdf", document_id, "http") if word in text]
    assert "Servicekonto" in text


async def test_with_less_time_left_is_reminded_at_once_and_once_more(
    world: World, erika: Citizen, document_id: str
) -> None:
    counts = list[int]()
    await expires(erika.account.id, document_id, date(2026, 12, 24), world.web)
    for moment in (
        world.clock.now(),
        datetime(2026, 12, 17, 6, 59, tzinfo=UTC),
        datetime(2026, 12, 17, 7, 0, tzinfo=UTC),
    ):
        await at(world, moment)
        counts.append(len(reminders(world)))

    assert counts == [1, 1, 2]


async def test_the_same_day_once_more_reminds_of_nothing_new(world: World, erika: Citizen, document_id: str) -> None:
    for _ in range(2):
        await expires(erika.account.id, document_id, date(2026, 12, 24), world.web)
        await world.settle()

    assert len(reminders(world)) == 1


async def test_a_day_that_was_changed_and_changed_back_is_told_of_once_more_before_it(
    world: World, erika: Citizen, document_id: str, alarms: Alarms
) -> None:
    for day in (24, 31, 24):
        await expires(erika.account.id, document_id, date(2026, 12, day), world.web)
        await world.settle()
    at_once = [text.count("24.12.2026") for text in reminders(world)]
    for day in range(17, 30):
        await at(world, datetime(2026, 12, day, 7, 0, tzinfo=UTC))

    assert at_once == [1, 0, 1]
    assert [text.count("24.12.2026") for text in reminders(world)[3:]] == [1]
    assert (alarms.raised(), alarms.failures()) == ([], [])


@pytest.mark.parametrize(
    ("days", "expected"), [(6, 1), (0, 1), (-1, 0), (-10_000, 0)], ids=["this week", "today", "yesterday", "long ago"]
)
async def test_of_what_is_nearly_over_is_reminded_once_and_of_what_is_over_never(
    world: World, erika: Citizen, document_id: str, days: int, expected: int
) -> None:
    on = date(2026, 11, 23) + timedelta(days=days)
    await expires(erika.account.id, document_id, on, world.web)
    for _ in range(20):
        await world.settle()
        world.clock.advance(days=1)

    assert len(reminders(world)) == expected
    assert (await entry_of(world, erika, document_id)).expires_on == on


@pytest.mark.parametrize("on", [date(1, 1, 1), date(9999, 12, 31)])
async def test_any_day_can_be_entered(world: World, erika: Citizen, document_id: str, on: date) -> None:
    await expires(erika.account.id, document_id, on, world.web)
    await world.settle()

    assert (await entry_of(world, erika, document_id)).expires_on == on


async def test_the_day_that_was_entered_last_is_the_one_that_counts(
    world: World, erika: Citizen, document_id: str
) -> None:
    later = ON + timedelta(days=10)
    for on in (ON, later, ON, later, later):
        await expires(erika.account.id, document_id, on, world.web)
    for day in range(200):
        await at(world, FIRST + timedelta(days=day - 1))

    assert [text.count("10.07.2027") for text in reminders(world)] == [1, 1]


async def test_of_what_has_no_day_any_more_is_not_reminded(world: World, erika: Citizen, document_id: str) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    await expires(erika.account.id, document_id, None, world.web)
    await at(world, LAST)

    assert reminders(world) == []


async def test_of_what_was_deleted_is_not_reminded(world: World, erika: Citizen, document_id: str) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    await throw_away(erika.account.id, document_id, world.web)
    await delete(erika.account.id, document_id, world.web)
    await at(world, LAST)

    assert reminders(world) == []
    waiting = await world.web.store.take_due("test", datetime(2030, 1, 1, tzinfo=UTC), limit=10, lease=SOON)
    assert [event for event in waiting if isinstance(event, DocumentExpires)] == []


async def test_what_was_in_the_trash_when_its_time_came_is_told_of_once_it_is_back(
    world: World, erika: Citizen, document_id: str
) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    await at(world, FIRST - timedelta(days=1))
    await throw_away(erika.account.id, document_id, world.web)
    for day in range(3):
        await at(world, FIRST + timedelta(days=day))
    in_the_trash = len(reminders(world))
    await bring_back(erika.account.id, document_id, world.web)
    await at(world, FIRST + timedelta(days=4))

    assert (in_the_trash, len(reminders(world))) == (0, 1)


async def test_what_is_left_in_the_trash_is_never_told_of(world: World, erika: Citizen, document_id: str) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    await at(world, FIRST - timedelta(days=1))
    await throw_away(erika.account.id, document_id, world.web)
    for day in range(70):
        await at(world, FIRST + timedelta(days=day))

    assert reminders(world) == []


async def test_a_reminder_that_comes_too_late_is_not_sent(world: World, erika: Citizen, document_id: str) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    await at(world, datetime(2027, 6, 30, 22, 1, tzinfo=UTC))

    assert reminders(world) == []


async def test_somebody_who_writes_into_the_store_reminds_of_nothing_that_is_not_so(
    world: World, erika: Citizen, document_id: str, alarms: Alarms
) -> None:
    await expires(erika.account.id, document_id, ON, world.web)
    otto = await world.citizen("otto")
    invented = [
        {"account_id": erika.account.id, "document_id": document_id, "on": "2026-12-01"},
        {"account_id": erika.account.id, "document_id": "other", "on": str(ON)},
        {"account_id": otto.account.id, "document_id": document_id, "on": str(ON)},
        {"account_id": new_id(), "document_id": document_id, "on": str(ON)},
    ]
    with intrusion(world) as intruder:
        for body in invented:
            intruder.send(DocumentExpires.__name__, {"id": new_id(), **body})
    await world.settle()

    assert reminders(world) == []
    assert (alarms.raised(), alarms.failures()) == ([], [])
