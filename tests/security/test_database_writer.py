"""A writer in the database gains nothing: notices in postboxes.

They know all public keys, have an account of their own and a copy of every row at every moment. Whatever they put into
the row of somebody else's notice, or of its statements: nothing of it is shown, no Abruf is recorded, the citizen and
the authority are told that it is damaged, and the operator hears of it.

What no check of a row can prevent: they can delete, and so deny; and they can put back all rows of a notice as they
once were together, before its Abruf for example. What was signed after that is missing then; the log, of which
others keep copies, shows it. They can also have a reference taken twice, by changing the index under which it is found.
"""

import pytest

from sk.postbox.notice import shelf_of
from tests.auth.visitors import begin_session
from tests.fakes import FakeClock
from tests.security.alarms import Alarms
from tests.security.damage import CONTENT, assert_damaged
from tests.security.intruder import Body, Intruder
from tests.workers.cases import take_back
from tests.world import Delivered, World

LATER = "2026-11-30T09:00:00Z"
FIELDS: dict[str, Body] = {
    "kind": {"notice_kind": "message"},
    "law": {"law": "vwvfg-41-2a"},
    "no law": {"law": None},
    "level": {"minimum_trust": "substantial"},
    "acceptance": {"accepted_at": LATER},
    "Bereitstellung": {"bereitgestellt_at": LATER},
    "no Bereitstellung": {"bereitgestellt_at": None},
    "Benachrichtigung": {"benachrichtigt_at": LATER},
    "no Benachrichtigung": {"benachrichtigt_at": None},
    "Abruf": {"abgerufen_at": LATER},
    "Bekanntgabe": {"bekanntgegeben_at": LATER},
    "rejection": {"rejected_at": LATER, "rejected_because": "unreachable"},
    "a last day for an Abruf": {"lapses_on": "2026-12-03"},
    "lapse": {"lapsed_at": LATER},
    "withdrawal": {"withdrawn_at": LATER},
    "no days": {"bekanntgabe": None, "rechtsbehelf": None},
    "commitment to the account": {"account_salt": "A" * 43},
    "fewer statements": {"statements": 2},
    "more statements": {"statements": 4},
    "no statements": {"statements": 0},
    "last hash": {"last_hash": "A" * 43},
    "last moment": {"last_statement_at": LATER},
}
DAYS: dict[str, tuple[str, Body]] = {
    "day of Bekanntgabe": ("bekanntgabe", {"on": "2026-12-27"}),
    "reasons of Bekanntgabe": ("bekanntgabe", {"steps": [{"de": "Montag", "en": "Monday"}]}),
    "version of the rule": ("bekanntgabe", {"version": "2024-07-24"}),
    "end of the Frist": ("rechtsbehelf", {"frist_ends_on": "2027-12-28"}),
    "end of the last day": ("rechtsbehelf", {"frist_expires_at": "2027-12-28T23:00:00Z"}),
    "kind of Rechtsbehelf": ("rechtsbehelf", {"kind": "klage-sgg"}),
    "no Frist": ("rechtsbehelf", {"frist_ends_on": None}),
    "another reading": (
        "rechtsbehelf",
        {"other_reading": {"frist_ends_on": "2026-12-01", "frist_expires_at": LATER, "steps": []}},
    ),
}


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
async def test_a_notice_of_which_a_field_was_changed_is_damaged(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice = await world.delivered()

    intruder.change("notice", notice.notice_id, **changes)

    await assert_damaged(world, notice, intruder, alarms)


@pytest.mark.parametrize(
    "changes",
    [{"lapses_on": "2027-12-03"}, {"lapses_on": None}, {"bekanntgabe": None}, {"rechtsbehelf": None}],
    ids=["a later last day", "no last day", "no day that it waits for", "no Frist that it waits for"],
)
async def test_a_notice_that_waits_for_its_abruf_cannot_be_made_to_wait_longer(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")

    intruder.change("notice", notice.notice_id, **changes)

    await assert_damaged(world, notice, intruder, alarms)


@pytest.mark.parametrize("changes", [{"lapsed_at": None}, {"lapsed_at": "2026-12-04T00:00:00Z"}], ids=["no", "another"])
async def test_a_lapse_is_not_taken_back(
    world: World, intruder: Intruder, alarms: Alarms, clock: FakeClock, changes: Body
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    clock.advance(days=12)
    await world.settle()

    intruder.change("notice", notice.notice_id, **changes)

    await assert_damaged(world, notice, intruder, alarms)


async def test_a_withdrawal_is_not_taken_back(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice = await world.delivered()
    await take_back(world, notice.notice_id)

    intruder.change("notice", notice.notice_id, withdrawn_at=None)

    await assert_damaged(world, notice, intruder, alarms)


@pytest.mark.parametrize(("part", "changes"), DAYS.values(), ids=DAYS)
async def test_days_that_were_frozen_stay_or_the_notice_is_damaged(
    world: World, intruder: Intruder, alarms: Alarms, part: str, changes: Body
) -> None:
    notice = await world.delivered()

    said = intruder.read("notice", notice.notice_id)[part]
    intruder.change("notice", notice.notice_id, **{part: {**said, **changes}})

    await assert_damaged(world, notice, intruder, alarms)


async def test_somebody_elses_notice_does_not_become_ones_own(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    intruder.change("notice", notice.notice_id, account_id=mallory.account.id)
    intruder.enter("notice", "shelf", shelf_of(mallory.account.id, "current"), 0, notice.notice_id)

    await assert_damaged(world, notice, intruder, alarms)
    await assert_damaged(world, Delivered(notice.authority, mallory, notice.notice_id, {}), intruder, alarms)


async def test_an_entry_in_ones_own_list_opens_nothing(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    intruder.enter("notice", "shelf", shelf_of(mallory.account.id, "current"), 0, notice.notice_id)

    async with world.browser(mallory) as browser:
        listed = await browser.open("/postfach")
        assert "Beschädigte Nachricht" in listed.text
        assert "Stadt Musterstadt" not in listed.text
        assert (await browser.open(f"/postfach/{notice.notice_id}")).status == 404
    assert "notice-damaged" in alarms.raised()


async def test_a_notice_that_names_another_sender_is_damaged(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, other = await world.delivered(), await world.authority("Finanzamt Musterstadt")

    intruder.change("notice", notice.notice_id, authority_id=other.client_id)

    await assert_damaged(world, notice, intruder, alarms)


async def test_a_level_that_was_lowered_lets_nobody_in(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice = await world.delivered(minimum_trust="high")
    token = await begin_session(notice.citizen.account, "low", "password", world.web)

    intruder.change("notice", notice.notice_id, minimum_trust=None)

    path = f"{world.base_url}/postfach/{notice.notice_id}"
    async with world.http.get(path, cookies={"session": token}) as answer:
        shown = await answer.text()
    assert answer.status == 403
    assert [words for words in CONTENT if words in shown] == []
    assert "notice-damaged" in alarms.raised()
