"""A writer in the database gains nothing: what is sealed, stated and stored of a notice cannot be exchanged."""

from collections.abc import Callable

import pytest

from sk.demo.browser import Form
from sk.ids import new_id
from sk.postbox.notice import Notice
from tests.security.alarms import Alarms
from tests.security.damage import CONTENT, assert_damaged
from tests.security.intruder import Body, Intruder, as_bytes, signed_anew
from tests.world import A_FILE, Delivered, World, a_notice

GARBLED: dict[str, Body] = {
    "a field that is none": {"unknown": 1},
    "a field that is missing": {"account_id": None},
    "a moment without a time zone": {"bereitgestellt_at": "2026-11-23T09:00:01"},
    "another id": {"id": "a" * 26},
}
Forgery = Callable[[Intruder, str, str], None]
"""What is done to the first statement of a notice, given that of another notice of the same citizen."""
FORGERIES: dict[str, Forgery] = {
    "another's, under its own id": lambda intruder, own, other: intruder.copy("statement", other, own, renamed=False),
    "another's, under this id": lambda intruder, own, other: intruder.copy("statement", other, own, renamed=True),
    "another's signed words": lambda intruder, own, other: intruder.change(
        "statement", own, jws=intruder.read("statement", other)["jws"]
    ),
    "signed with a key of one's own, under web's name": lambda intruder, own, _: _sign(intruder, own, mine=False),
    "signed with a key of one's own, under its name": lambda intruder, own, _: _sign(intruder, own, mine=True),
    "removed": lambda intruder, own, _: intruder.delete("statement", own),
    "another step": lambda intruder, own, _: intruder.change("statement", own, step="abgerufen"),
    "an unknown step": lambda intruder, own, _: intruder.change("statement", own, step="read"),
    "another moment": lambda intruder, own, _: intruder.change("statement", own, at="2026-11-30T09:00:00Z"),
    "another number": lambda intruder, own, _: intruder.change("statement", own, number=2),
    "no words": lambda intruder, own, _: intruder.change("statement", own, jws=""),
}


@pytest.mark.parametrize("changes", GARBLED.values(), ids=GARBLED)
async def test_a_row_that_cannot_be_read_is_said_to_be_damaged(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice = await world.delivered()

    intruder.change("notice", notice.notice_id, **changes)

    async with world.browser(notice.citizen) as browser:
        told = await browser.open(f"/postfach/{notice.notice_id}")
    status, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert (told.status, "beschädigt" in told.text) == (503, True)
    assert (status, answer["type"]) == (503, "/problems/damaged")
    assert (set(alarms.raised()), alarms.failures()) == ({"damaged"}, [])


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_a_statement_cannot_be_replaced(world: World, intruder: Intruder, alarms: Alarms, forge: Forgery) -> None:
    notice = await world.delivered()
    status, other = await notice.authority.post(a_notice(notice.citizen.handle, subject="Anderer Bescheid"))
    assert status == 202
    await world.settle()

    forge(intruder, f"{notice.notice_id}.1", f"{other['id']}.1")

    await assert_damaged(world, notice, intruder, alarms)


@pytest.mark.parametrize("from_another_notice", [True, False], ids=["of another notice", "sealed by the intruder"])
async def test_an_envelope_that_was_not_accepted_is_not_opened(
    world: World, intruder: Intruder, alarms: Alarms, *, from_another_notice: bool
) -> None:
    notice = await world.delivered()
    if from_another_notice:
        _, other = await notice.authority.post(a_notice(notice.citizen.handle, subject="Anderer Bescheid"))
        envelope = intruder.read("notice", other["id"])["envelope"]
    else:
        forged = {"subject": "Zahlen Sie sofort", "text": "an mich"}
        envelope = as_bytes(intruder.seal_to(notice.citizen.account.id, notice.notice_id, forged))

    intruder.change("notice", notice.notice_id, envelope=envelope)

    await assert_damaged(world, notice, intruder, alarms, "Zahlen Sie sofort")


async def test_an_envelope_that_does_not_open_is_said_to_be_damaged(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice = await world.delivered()

    intruder.change("notice", notice.notice_id, key_generation=2)

    path = f"/postfach/{notice.notice_id}"
    async with world.browser(notice.citizen) as browser:
        listed = await browser.open("/postfach")
        assert "Beschädigte Nachricht" in listed.text
        for told in (await browser.open(path), await browser.send(Form(path, listed.form("Abmelden").fields))):
            assert (told.status, "beschädigt" in told.text) == (403, True)
    assert set(alarms.raised()) == {"notice-damaged"}
    assert (await world.web.store.get(Notice, notice.notice_id)).abgerufen_at is None


async def test_a_notice_that_no_authority_has_posted_shows_nothing_of_itself(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, forged_id = await world.delivered(), new_id()
    account_id = notice.citizen.account.id
    envelope = as_bytes(intruder.seal_to(account_id, forged_id, {"subject": "Zahlen Sie sofort"}))

    intruder.insert("notice", {**intruder.read("notice", notice.notice_id), "id": forged_id, "envelope": envelope})
    intruder.enter("notice", "postbox", account_id, 0, forged_id)

    forged = Delivered(notice.authority, notice.citizen, forged_id, {})
    async with world.browser(notice.citizen) as browser:
        listed = await browser.open("/postfach")
        assert ("Zahlen Sie sofort" in listed.text, CONTENT[0] in listed.text) == (False, True)
        assert (await browser.open(f"/postfach/{forged.notice_id}")).status == 403
    assert "notice-damaged" in alarms.raised()


@pytest.mark.parametrize("damage", ["swapped", "cut", "gone"])
async def test_files_that_were_swapped_cut_or_removed_are_not_sent(world: World, alarms: Alarms, damage: str) -> None:
    notice = await world.delivered(files=[A_FILE, A_FILE])
    stored = await world.web.store.get(Notice, notice.notice_id)
    first, second = (world.data / "objects" / name for name in stored.objects)
    if damage == "swapped":
        other = second.read_bytes()
        second.write_bytes(first.read_bytes())
        first.write_bytes(other)
    elif damage == "cut":
        first.write_bytes(first.read_bytes()[:-1])
    else:
        first.unlink()

    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).form(CONTENT[0]))
        refused = await browser.open(f"/postfach/{notice.notice_id}/dateien/1")
        assert (refused.status, "beschädigt" in refused.text) == (403, True)
    assert alarms.raised() == ["notice-damaged"]


def _sign(intruder: Intruder, statement_id: str, *, mine: bool) -> None:
    jws = intruder.read("statement", statement_id)["jws"]
    intruder.change("statement", statement_id, jws=signed_anew(jws, under_its_name=not mine, law="sgbx-37-2a"))
