"""A writer in the database gains nothing: notices in postboxes.

They know all public keys, have an account of their own and a copy of every row at every moment. Whatever they put into
the row of somebody else's notice, or of its statements: nothing of it is shown, no Abruf is recorded, the citizen and
the authority are told that it is damaged, and the operator hears of it.

What no check of a row can prevent: they can delete, and so deny; and they can put back all rows of a notice as they
once were together, before its Abruf for example. What was signed after that is missing then; the log, of which
others keep copies, shows it. They can also have a reference taken twice, by changing the index under which it is found.
"""

from collections.abc import Callable

import pytest

from sk.auth.sessions import begin_session
from sk.demo.browser import Form
from sk.ids import new_id
from sk.postbox.notice import Notice
from tests.security.alarms import Alarms
from tests.security.intruder import Body, Intruder, as_bytes, signed_anew
from tests.world import A_FILE, Delivered, World, a_notice

CONTENT = ("Bescheid über Ihren Antrag", "anbei Ihr Bescheid", "32.4-0815", A_FILE.name)
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
    "no days": {"bekanntgabe": None, "rechtsbehelf": None},
    "commitment to the account": {"account_salt": "A" * 43},
    "fewer statements": {"statements": 2},
    "more statements": {"statements": 4},
    "no statements": {"statements": 0},
    "last hash": {"last_hash": "A" * 43},
    "last moment": {"last_statement_at": LATER},
}
GARBLED: dict[str, Body] = {
    "a field that is none": {"unknown": 1},
    "a field that is missing": {"account_id": None},
    "a moment without a time zone": {"bereitgestellt_at": "2026-11-23T09:00:01"},
    "another id": {"id": "a" * 26},
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
    "another moment": lambda intruder, own, _: intruder.change("statement", own, at=LATER),
    "another number": lambda intruder, own, _: intruder.change("statement", own, number=2),
    "no words": lambda intruder, own, _: intruder.change("statement", own, jws=""),
}


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
async def test_a_notice_of_which_a_field_was_changed_is_damaged(
    world: World, intruder: Intruder, alarms: Alarms, changes: Body
) -> None:
    notice = await world.delivered()

    intruder.change("notice", notice.notice_id, **changes)

    await assert_damaged(world, notice, intruder, alarms)


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


@pytest.mark.parametrize(("part", "changes"), DAYS.values(), ids=DAYS)
async def test_days_that_were_frozen_stay_or_the_notice_is_damaged(
    world: World, intruder: Intruder, alarms: Alarms, part: str, changes: Body
) -> None:
    notice = await world.delivered()

    said = intruder.read("notice", notice.notice_id)[part]
    intruder.change("notice", notice.notice_id, **{part: {**said, **changes}})

    await assert_damaged(world, notice, intruder, alarms)


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_a_statement_cannot_be_replaced(world: World, intruder: Intruder, alarms: Alarms, forge: Forgery) -> None:
    notice = await world.delivered()
    status, other = await notice.authority.post(a_notice(notice.citizen.handle, subject="Anderer Bescheid"))
    assert status == 202
    await world.settle()

    forge(intruder, f"{notice.notice_id}.1", f"{other['id']}.1")

    await assert_damaged(world, notice, intruder, alarms)


async def test_somebody_elses_notice_does_not_become_ones_own(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    intruder.change("notice", notice.notice_id, account_id=mallory.account.id)
    intruder.enter("notice", "postbox", mallory.account.id, 0, notice.notice_id)

    await assert_damaged(world, notice, intruder, alarms)
    await assert_damaged(world, Delivered(notice.authority, mallory, notice.notice_id, {}), intruder, alarms)


async def test_an_entry_in_ones_own_list_opens_nothing(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")

    intruder.enter("notice", "postbox", mallory.account.id, 0, notice.notice_id)

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


async def assert_damaged(world: World, notice: Delivered, intruder: Intruder, alarms: Alarms, *content: str) -> None:
    """Assert that nobody gets anything of a notice, that all are told so, and that no Abruf is recorded."""
    path, before = f"/postfach/{notice.notice_id}", intruder.ids("statement")
    async with world.browser(notice.citizen) as browser:
        listed = await browser.open("/postfach")
        by_button = Form(path, listed.form("Abmelden").fields)
        told = [await browser.open(path), await browser.send(by_button), await browser.open(f"{path}/dateien/1")]
    status, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")

    assert [page.status for page in told] == [403, 403, 403], told[0].text
    assert all("beschädigt" in page.text for page in told)
    assert "Beschädigte Nachricht" in listed.text
    shown = "".join(page.text for page in (listed, *told))
    assert [words for words in (*CONTENT, *content) if words in shown] == []
    assert (status, answer["type"]) == (403, "/problems/notice-damaged")
    assert set(alarms.raised()) == {"notice-damaged"}
    assert alarms.failures() == []
    assert intruder.ids("statement") == before


def _sign(intruder: Intruder, statement_id: str, *, mine: bool) -> None:
    jws = intruder.read("statement", statement_id)["jws"]
    intruder.change("statement", statement_id, jws=signed_anew(jws, under_its_name=not mine, law="sgbx-37-2a"))
