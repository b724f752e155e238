"""A writer in the database gains nothing: the workers take no step on their word, and no mail goes astray.

What they can do: have an event come later, or never, by changing its row; and have a mail sent twice, by putting back
the notice and its statements as they were before. An event that comes before its time is no use to them.
"""

from collections.abc import Callable

import pytest

from sk.events import Event, NoticeAccepted
from sk.ids import new_id
from sk.workers.handle import receiver
from tests.fakes import FakeClock
from tests.security.alarms import Alarms
from tests.security.intruder import Body, Intruder, as_bytes, payload_of, signed_anew
from tests.world import SOON, Citizen, World, a_notice

DAY = 24 * 3600 * 1_000_000
FIELDS: dict[str, Body] = {
    "another law": {"law": "ao-122a"},
    "another kind": {"notice_kind": "message"},
    "another level": {"minimum_trust": "high"},
    "a moment in the future, which the next one must not come before": {"last_statement_at": "2027-03-01T09:00:00Z"},
    "another place in the chain": {"last_hash": "A" * 43},
    "bereitgestellt already": {"bereitgestellt_at": "2026-11-23T09:00:01Z"},
    "rejected already": {"rejected_at": "2026-11-23T09:00:01Z", "rejected_because": "unreachable"},
    "withdrawn already": {"withdrawn_at": "2026-11-23T09:00:01Z"},
    "lapsed already": {"lapsed_at": "2026-11-23T09:00:01Z", "lapses_on": "2026-11-22"},
    "benachrichtigt already": {"benachrichtigt_at": "2026-11-23T09:00:02Z"},
}
Swap = Callable[[Intruder, Citizen, Citizen], None]
"""What is done to the row of the first one's account, given the second one's."""
ACCOUNTS: dict[str, Swap] = {
    "the other's e-mail": lambda intruder, erika, mallory: intruder.change(
        "account", erika.account.id, mail=intruder.read("account", mallory.account.id)["mail"]
    ),
    "the other's row": lambda intruder, erika, mallory: intruder.copy(
        "account", mallory.account.id, erika.account.id, renamed=False
    ),
    "the other's row under this id": lambda intruder, erika, mallory: intruder.copy(
        "account", mallory.account.id, erika.account.id, renamed=True
    ),
}


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
async def test_a_notice_of_which_a_field_was_changed_is_not_delivered(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice_id, _ = await _accepted(world)

    intruder.change("notice", notice_id, **changes)
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted"]
    assert world.mails.sent == []
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_a_notice_is_not_delivered_to_somebody_else(world: World, intruder: Intruder, alarms: Alarms) -> None:
    (notice_id, _), mallory = await _accepted(world), await world.citizen("mallory")

    intruder.change("notice", notice_id, account_id=mallory.account.id)
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted"]
    assert world.mails.sent == []
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_what_was_not_accepted_is_neither_delivered_nor_logged(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice_id, erika = await _accepted(world)

    envelope = intruder.seal_to(erika.account.id, notice_id, {"subject": "Zahlen Sie sofort"})
    intruder.change("notice", notice_id, envelope=as_bytes(envelope))
    accepted = intruder.read("statement", f"{notice_id}.1")["jws"]
    intruder.change("statement", f"{notice_id}.1", jws=signed_anew(accepted, law="ao-122a"))
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted"]
    forged = intruder.read("statement", f"{notice_id}.1")
    assert (forged.get("position"), forged["refused"]) == (None, True)
    assert set(alarms.raised()) == {"notice-damaged", "statement-refused"}


@pytest.mark.parametrize(
    "changes",
    [{"trust": "high"}, {"einwilligung": {"*": "2026-11-23T09:00:00Z"}}, {"state": "active"}],
    ids=["level", "Einwilligung", "open"],
)
async def test_how_an_account_stands_is_not_believed_without_webs_signature(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice_id, erika = await _accepted(world)

    card = intruder.read("account", erika.account.id)["standing_card"]
    intruder.change("account", erika.account.id, standing_card=signed_anew(card, **changes))
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted"]
    assert "event-failed" in alarms.raised()


@pytest.mark.parametrize("swap", ACCOUNTS.values(), ids=ACCOUNTS)
async def test_no_mail_goes_to_an_address_that_was_put_in_its_place(
    world: World, intruder: Intruder, alarms: Alarms, swap: Swap
) -> None:
    (notice_id, erika), mallory = await _accepted(world), await world.citizen("mallory")
    await take(world, NoticeAccepted)

    swap(intruder, erika, mallory)
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted", "bereitgestellt"]
    assert world.mails.sent == []
    assert "event-failed" in alarms.raised()


@pytest.mark.parametrize("field", ["account_id", "authority_id"])
async def test_no_mail_goes_to_somebody_else_or_in_another_name(
    world: World, intruder: Intruder, alarms: Alarms, field: str
) -> None:
    (notice_id, _), mallory = await _accepted(world), await world.citizen("mallory")
    finanzamt = await world.authority("Finanzamt Musterstadt")
    await take(world, NoticeAccepted)

    intruder.change(
        "notice", notice_id, **{field: mallory.account.id if field == "account_id" else finanzamt.client_id}
    )
    await world.settle()

    assert world.mails.sent == []
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_nobody_is_told_of_a_notice_that_is_not_there(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice_id, _ = await _accepted(world)

    intruder.hasten("NoticeAccepted", -DAY)
    intruder.send("NoticeBereitgestellt", {"id": new_id(), "notice_id": notice_id})
    await world.settle()

    assert _statements(intruder, notice_id) == ["accepted"]
    assert world.mails.sent == []
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_the_day_of_bekanntgabe_does_not_come_earlier(
    world: World, intruder: Intruder, alarms: Alarms, clock: FakeClock
) -> None:
    notice = await world.delivered()

    intruder.hasten("BekanntgabeDue", 4 * DAY)
    await world.settle()
    assert "bekanntgegeben" not in _statements(intruder, notice.notice_id)
    assert "event-before-its-day" in alarms.raised()

    clock.advance(days=4)
    await world.settle()
    assert "bekanntgegeben" in _statements(intruder, notice.notice_id)


@pytest.mark.parametrize("changes", [{"lapses_on": "2026-11-22"}, {"lapses_on": "2026-12-30"}], ids=["early", "late"])
async def test_the_last_day_for_an_abruf_is_neither_earlier_nor_later_than_was_stated(
    world: World, intruder: Intruder, alarms: Alarms, clock: FakeClock, changes: Body
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")

    intruder.change("notice", notice.notice_id, **changes)
    intruder.hasten("AbrufOverdue", 10 * DAY)
    clock.advance(days=1)
    await world.settle()

    assert "lapsed" not in _statements(intruder, notice.notice_id)
    assert "notice-damaged" in alarms.raised()


async def test_a_day_that_was_put_in_its_place_is_not_stated(
    world: World, intruder: Intruder, alarms: Alarms, clock: FakeClock
) -> None:
    notice = await world.delivered()
    bekanntgabe = intruder.read("notice", notice.notice_id)["bekanntgabe"]

    intruder.change("notice", notice.notice_id, bekanntgabe={**bekanntgabe, "on": "2026-11-24"})
    clock.advance(days=5)
    await world.settle()

    assert "bekanntgegeben" not in _statements(intruder, notice.notice_id)
    assert "notice-damaged" in alarms.raised()


async def take(world: World, kind: type[Event]) -> None:
    """Let the events of one type happen, and no others."""
    receive = receiver(world.workers)
    for event in await world.workers.store.take_due("test", world.clock.now(), limit=100, lease=SOON):
        if isinstance(event, kind):
            await receive(event.id)
    await world.workers.store.release("test")


async def _accepted(world: World) -> tuple[str, Citizen]:
    """Return a notice that was accepted and not yet delivered, and to whom."""
    authority, erika = await world.authority(), await world.citizen()
    status, answer = await authority.post(a_notice(erika.handle))
    assert status == 202, answer
    return answer["id"], erika


def _statements(intruder: Intruder, notice_id: str) -> list[str]:
    """Return the steps that were stated about a notice."""
    ids = [id_ for id_ in intruder.ids("statement") if id_.startswith(notice_id)]
    return [payload_of(intruder.read("statement", id_)["jws"])["step"] for id_ in ids]
