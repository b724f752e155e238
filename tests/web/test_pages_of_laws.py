"""What the citizen's pages say of a notice that waits, has lapsed or was withdrawn, and where readings differ."""

from datetime import UTC, datetime

import pytest

from sk.demo.browser import Form, Page
from sk.mail.port import Receipt, Refused
from sk.postbox.history import history_of
from tests.fakes import FakeClock
from tests.workers.cases import bereitgestellt, fetch, notice_of
from tests.world import Citizen, Delivered, World

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
SUBJECT = "Bescheid über Ihren Antrag"
REFUSED = Refused(Receipt("mx.example.org", 550, "5.1.1", "4711"))
NOT_CLEAR = "Das Recht ist hier nicht eindeutig:"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(WEDNESDAY)


def words_of(page: Page) -> str:
    assert page.status == 200, page.text
    return " ".join(page.text.split())


async def listed(world: World, who: Citizen) -> str:
    async with world.browser(who) as browser:
        return words_of(await browser.open("/postfach"))


async def shown(world: World, who: Citizen, notice_id: str) -> str:
    async with world.browser(who) as browser:
        return words_of(await browser.open(f"/postfach/{notice_id}"))


async def bounce(world: World, notice_id: str) -> None:
    stored = await notice_of(world, notice_id)
    said = (await history_of(stored, world.workers)).said
    sign = world.workers.keys.signer("sign-notification")
    stored.record_bounce(world.clock.now(), sign, {"status": "5.1.1"}, said)
    await world.workers.store.save(stored)


async def withdraw(world: World, notice_id: str) -> None:
    stored = await notice_of(world, notice_id)
    stored.withdraw(world.clock.now(), world.web.keys.signer("sign-web"))
    await world.web.store.save(stored)


# Waiting


async def test_an_unread_notice_says_until_when_it_can_be_fetched_and_why_no_frist_runs(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")

    in_the_list = await listed(world, notice.citizen)
    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Abrufbar bis Samstag, 5. Dezember 2026" in in_the_list
    assert "Sie können sie bis Samstag, 5. Dezember 2026 öffnen." in page
    assert "Noch läuft keine Frist. Das sind die Gründe:" in page
    assert "<li>Zehnter Tag: Samstag, 05.12.2026</li> <li>Ohne Abruf keine Bekanntgabe</li>" in page
    assert "läuft auch dann, wenn Sie ihn nicht öffnen" not in page


async def test_once_it_was_fetched_its_frist_is_told_and_no_last_day_for_opening(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    await fetch(world, notice.citizen)

    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Sie können bis Montag, 28. Dezember 2026 Klage erheben." in page
    assert "Abrufbar bis" not in await listed(world, notice.citizen)


@pytest.mark.parametrize("is_opened", [False, True], ids=["unread", "opened"])
async def test_before_the_mail_has_left_it_says_that_this_is_what_the_frist_waits_for(
    world: World, *, is_opened: bool
) -> None:
    notice_id, erika = await bereitgestellt(world, law="sgbx-37-2a")
    if is_opened:
        await fetch(world, erika)

    page = await shown(world, erika, notice_id)

    assert "Noch läuft keine Frist, denn die E-Mail zu diesem Bescheid ist noch nicht verschickt." in page
    assert "Bescheid." in page
    assert "Die Behörde nennt keinen Rechtsbehelf" not in page


async def test_after_a_refused_mail_it_says_that_nothing_runs_without_an_abruf(world: World) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered(law="sgbx-37-2a")

    page = await shown(world, notice.citizen, notice.notice_id)

    assert "<li>Der Zugang der Benachrichtigung ist nicht bewiesen</li>" in page
    assert "<li>Ohne Abruf keine Bekanntgabe</li>" in page


async def test_a_message_waits_for_nothing(world: World) -> None:
    notice = await world.delivered(kind="message", law=None, rechtsbehelf=None, belehrung=None)

    assert "Frist" not in await shown(world, notice.citizen, notice.notice_id)


# Ended


async def test_a_lapsed_notice_says_why_it_cannot_be_opened_and_that_the_authority_must_send_it_again(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    clock.advance(days=11)
    await world.settle()

    in_the_list = await listed(world, notice.citizen)
    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Nicht mehr abrufbar. Das ging bis Samstag, 5. Dezember 2026;" in in_the_list
    assert "Diese Nachricht ist nicht mehr abrufbar." in page
    assert "Sie konnten sie bis Samstag, 5. Dezember 2026 öffnen." in page
    assert "Die Behörde muss sie Ihnen noch einmal schicken." in page
    for words in (in_the_list, page):
        assert "Ungelesen" not in words
        assert f'action="/postfach/{notice.notice_id}"' not in words


async def test_a_withdrawn_notice_says_when_and_that_nothing_is_to_be_done(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(minimum_trust="high")
    clock.advance(days=1)
    await withdraw(world, notice.notice_id)

    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Das war am Donnerstag, 26. November 2026." in page
    assert "Sie müssen nichts tun." in page
    assert "Frist" not in page


@pytest.mark.parametrize("end", ["withdrawn", "lapsed"])
async def test_a_page_that_was_open_before_the_end_says_so_when_its_button_is_pressed(
    world: World, clock: FakeClock, end: str
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    async with world.browser(notice.citizen) as browser:
        if end == "lapsed":
            clock.advance(days=11)
            await browser.log_in(notice.citizen.username, notice.citizen.password)
        button = Form(f"/postfach/{notice.notice_id}", (await browser.open("/postfach")).form("Abmelden").fields)
        if end == "withdrawn":
            await withdraw(world, notice.notice_id)
        told = await browser.send(button)

    says = {"withdrawn": "Die Behörde hat diese Nachricht zurückgezogen", "lapsed": "ist nicht mehr abrufbar"}
    assert told.status == 403
    assert says[end] in told.text
    assert "anbei Ihr Bescheid" not in told.text


# Two readings


async def open_and_show(world: World, notice: Delivered) -> str:
    await fetch(world, notice.citizen)
    return await shown(world, notice.citizen, notice.notice_id)


@pytest.mark.parametrize("law", ["ozg-9", "ao-122a"])
async def test_of_two_ends_the_earlier_is_shown_and_a_plain_sentence_says_so(world: World, law: str) -> None:
    page = await open_and_show(world, await world.delivered(law=law))

    assert "<dd>Dienstag, 29. Dezember 2026, 24&nbsp;Uhr</dd>" in page
    assert f"{NOT_CLEAR} Vielleicht endet die Frist erst am Mittwoch, 30. Dezember 2026." in page
    assert "Oben steht der frühere Tag. Wenn Sie sich nach ihm richten, sind Sie auf der sicheren Seite." in page


async def test_where_there_is_one_reading_nothing_is_said_of_another(world: World, clock: FakeClock) -> None:
    clock.advance(days=-2)

    assert NOT_CLEAR not in await open_and_show(world, await world.delivered())


async def test_where_on_another_reading_no_frist_runs_at_all_the_day_is_shown_all_the_same(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await bounce(world, notice.notice_id)
    unread = await shown(world, notice.citizen, notice.notice_id)
    in_the_list = await listed(world, notice.citizen)

    assert "Die Frist bis Dienstag, 29. Dezember 2026 läuft auch dann, wenn Sie ihn nicht öffnen." in unread
    assert f"{NOT_CLEAR} Vielleicht läuft gar keine Frist. Oben steht trotzdem ein Tag." in unread
    assert "Frist bis Dienstag, 29. Dezember 2026" in in_the_list
    clock.advance(days=15)
    page = await open_and_show(world, notice)
    assert "Sie können bis Dienstag, 29. Dezember 2026 Klage erheben." in page
    assert "Vielleicht endet die Frist erst am Montag, 11. Januar 2027." in page
    clock.advance(days=25)
    assert "Nach anderer Rechtsauffassung geht es noch bis Montag, 11. Januar 2027." in await shown(
        world, notice.citizen, notice.notice_id
    )
