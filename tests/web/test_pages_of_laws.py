"""What the citizen's pages say of a notice that waits, has lapsed or was withdrawn, and where readings differ."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import pytest

from sk.demo.browser import Form, Page
from sk.mail.port import Receipt, Refused
from sk.postbox.history import history_of
from sk.postbox.last_days import LastDays, last_days
from sk.postbox.rechtsbehelf import OtherReading, Rechtsbehelf
from sk.postbox.release import Ended, release
from sk.web.render import ERROR_WORDS
from tests.fakes import FakeClock, RunningClock
from tests.workers.cases import bereitgestellt, fetch, logged_in, notice_of
from tests.world import Citizen, Delivered, World, open_world

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
EARLY, LATE = date(2026, 12, 29), date(2026, 12, 30)
SUBJECT = "Bescheid über Ihren Antrag"
REFUSED = Refused(Receipt("mx.example.org", 550, "5.1.1", "4711"))
NOT_CLEAR = "Das Recht ist hier nicht eindeutig:"
REPORT = "Es gibt eine ungeprüfte Meldung, dass unsere E-Mail nicht ankam. Stimmt sie,"
ADVICE = "Fragen Sie die Behörde, oder lassen Sie sich beraten."


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
    assert "Sie können sie bis Samstag, 5. Dezember 2026, 23:59&nbsp;Uhr öffnen." in page
    assert (
        "Wenn Sie die Nachricht öffnen, gilt sie am nächsten Tag als bekannt gegeben; dann beginnt die Frist." in page
    )
    assert "Mit dem Öffnen kann eine Frist beginnen." in in_the_list
    assert "Noch läuft keine Frist. Das sind die Gründe:" in page
    assert "<li>Zehnter Tag: Samstag, 05.12.2026</li>" in page
    assert "<li>Ohne Abruf keine Bekanntgabe</li>" in page
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
    assert "öffnen, gilt sie noch am selben Tag als bekannt gegeben; dann beginnt die Frist." in page
    assert "Mit dem Öffnen kann eine Frist beginnen." in await listed(world, notice.citizen)


async def test_where_the_opening_announces_the_mail_is_not_what_the_frist_waits_for(world: World) -> None:
    notice_id, erika = await bereitgestellt(world, law="vwvfg-41-2a")

    page = await shown(world, erika, notice_id)

    assert "Noch läuft keine Frist, denn Sie haben den Bescheid noch nicht geöffnet." in page
    assert "gilt sie am nächsten Tag als bekannt gegeben; dann kann eine Frist beginnen." in page
    assert "E-Mail zu diesem Bescheid" not in page


async def test_where_no_rechtsbehelf_is_named_the_opening_announces_and_begins_no_frist(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a", rechtsbehelf="none")

    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Wenn Sie die Nachricht öffnen, gilt sie am nächsten Tag als bekannt gegeben.</p>" in page


@pytest.mark.parametrize("law", ["ozg-9", "sgbx-37-2a"])
async def test_where_opening_begins_nothing_nothing_is_said_of_it(world: World, law: str) -> None:
    notice = await world.delivered(law=law)

    assert "Wenn Sie die Nachricht öffnen" not in await shown(world, notice.citizen, notice.notice_id)
    assert "Mit dem Öffnen" not in await listed(world, notice.citizen)


async def test_a_message_waits_for_nothing(world: World) -> None:
    notice = await world.delivered(kind="message", law=None, rechtsbehelf=None, belehrung=None)

    assert "Frist" not in await shown(world, notice.citizen, notice.notice_id)


# Ended


async def test_a_lapsed_notice_says_why_it_cannot_be_opened_and_that_the_authority_may_announce_it_again(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    clock.advance(days=11)
    await world.settle()

    in_the_list = await listed(world, notice.citizen)
    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Nicht mehr abrufbar. Das ging bis Samstag, 5. Dezember 2026." in in_the_list
    assert "Diese Nachricht ist nicht mehr abrufbar." in page
    assert "Sie konnten sie bis Samstag, 5. Dezember 2026 öffnen." in page
    assert "Die zehn Tage aus dem Gesetz (§ 41 Abs. 2a VwVfG) sind dabei streng gezählt." in page
    assert "Nach anderer Rechtsauffassung verlängern sie sich bis zum nächsten Werktag" in page
    assert "Die Behörde kann sie Ihnen noch einmal oder auf einem anderen Weg bekannt geben." in page
    assert "So steht es im Gesetz" not in page
    for words in (in_the_list, page):
        assert "Ungelesen" not in words
        assert f'action="/postfach/{notice.notice_id}"' not in words


async def test_where_the_tenth_day_is_a_working_day_the_law_is_what_ended_it(world: World, clock: FakeClock) -> None:
    clock.advance(days=-2)
    notice = await world.delivered(law="vwvfg-41-2a")
    clock.advance(days=11)

    page = await shown(world, notice.citizen, notice.notice_id)

    assert "bis Donnerstag, 3. Dezember 2026 öffnen. So steht es im Gesetz (§ 41 Abs. 2a VwVfG). Weil Sie sie" in page


async def test_a_tenth_day_that_was_moved_is_said_to_be_no_working_day(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "lenient", clock, ten_days="lenient") as world:
        notice = await world.delivered(law="vwvfg-41-2a")
        clock.advance(days=13)

        page = await shown(world, notice.citizen, notice.notice_id)

    assert "Sie konnten sie bis Montag, 7. Dezember 2026 öffnen. Der zehnte Tag (§ 41 Abs. 2a VwVfG) war kein" in page


async def test_a_click_in_the_last_seconds_of_the_last_day_is_told_why_it_came_too_late(
    world: World, clock: FakeClock
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    last_seconds = datetime(2026, 12, 5, 22, 59, 59, 800_000, tzinfo=UTC)
    clock.advance(seconds=(last_seconds - clock.now()).total_seconds())
    late = replace(world.web, clock=RunningClock(last_seconds))

    with pytest.raises(Ended) as refused:
        await release(notice.notice_id, logged_in(notice.citizen), late, by_post=True)

    words = ERROR_WORDS[refused.value.problem]
    assert "Dafür reichten die letzten Sekunden vor Mitternacht nicht." in words.text


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


@pytest.mark.parametrize(
    ("law", "says"),
    [
        ("ozg-9", "Vielleicht endet die Frist erst am Mittwoch, 30. Dezember 2026."),
        (
            "ao-122a",
            "Nach unserer Rechnung endet die Frist erst am Mittwoch, 30. Dezember 2026, nach anderer Rechtsauffassung",
        ),
    ],
)
async def test_of_two_ends_the_earlier_is_shown_and_a_plain_sentence_says_whose_it_is(
    world: World, law: str, says: str
) -> None:
    page = await open_and_show(world, await world.delivered(law=law))

    assert "<dd>Dienstag, 29. Dezember 2026, 24&nbsp;Uhr</dd>" in page
    assert f"{NOT_CLEAR} {says}" in page
    assert "Oben steht der frühere Tag. Wenn Sie sich nach ihm richten, sind Sie auf der sicheren Seite." in page


async def test_where_there_is_one_reading_nothing_is_said_of_another(world: World, clock: FakeClock) -> None:
    clock.advance(days=-2)

    assert NOT_CLEAR not in await open_and_show(world, await world.delivered())


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (
            "ozg-9",
            "Das gilt nach unserer Rechnung. Nach anderer Rechtsauffassung geht es noch bis Mittwoch, 30. Dezember",
        ),
        (
            "ao-122a",
            "Das gilt nach anderer Rechtsauffassung. Nach unserer Rechnung geht es noch bis Mittwoch, 30. Dezember",
        ),
    ],
)
async def test_between_the_two_last_days_no_page_says_that_the_frist_is_over_and_all_say_whose_day_is_whose(
    world: World, clock: FakeClock, law: str, says: str
) -> None:
    notice = await world.delivered(law=law)
    clock.advance(days=35)
    in_the_list = await listed(world, notice.citizen)
    unread = await shown(world, notice.citizen, notice.notice_id)
    page = await open_and_show(world, notice)

    assert "Frist endete vielleicht am Dienstag, 29. Dezember 2026" in in_the_list
    assert "<dd>vielleicht Dienstag, 29. Dezember 2026, 24&nbsp;Uhr</dd>" in page
    for words in (unread, page):
        assert "Vielleicht konnten Sie nur bis Dienstag, 29. Dezember 2026 Klage erheben." in words
        assert says in words
        assert "vorbei" not in words


@pytest.mark.parametrize(("law", "day"), [("ozg-9", "Dienstag, 29."), ("ao-122a", "Mittwoch, 30.")])
async def test_after_the_later_last_day_every_page_says_that_the_frist_is_over_on_our_own_reading(
    world: World, clock: FakeClock, law: str, day: str
) -> None:
    notice = await world.delivered(law=law)
    clock.advance(days=36)
    in_the_list = await listed(world, notice.citizen)
    unread = await shown(world, notice.citizen, notice.notice_id)
    page = await open_and_show(world, notice)

    assert f"Frist endete am {day} Dezember 2026" in in_the_list
    assert f"<dd>{day} Dezember 2026, 24&nbsp;Uhr</dd>" in page
    assert "Diese Frist ist vorbei. Sie lief auch, ohne dass Sie ihn geöffnet haben." in unread
    for words in (unread, page):
        assert f"Bis {day} Dezember 2026 konnten Sie Klage erheben." in words
        assert "Diese Frist ist vorbei." in words


async def test_where_the_mail_was_refused_and_perhaps_nothing_ever_ran_that_is_said_of_the_law(
    world: World, clock: FakeClock
) -> None:
    world.mails.trouble.append(REFUSED)
    notice = await world.delivered()
    unread = await shown(world, notice.citizen, notice.notice_id)
    clock.advance(days=100)
    page = await open_and_show(world, notice)

    assert "Richten Sie sich nach der Frist bis Dienstag, 29. Dezember 2026, auch wenn Sie ihn nicht öffnen." in unread
    assert f"{NOT_CLEAR} Vielleicht läuft gar keine Frist." in unread
    assert "Nach anderer Rechtsauffassung hat vielleicht noch gar keine Frist begonnen." in page
    assert ADVICE in page
    assert "vorbei" not in page


# A report that nobody has verified


async def test_where_perhaps_no_frist_runs_at_all_the_day_is_shown_and_nothing_is_said_to_run(
    world: World,
) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await bounce(world, notice.notice_id)
    unread = await shown(world, notice.citizen, notice.notice_id)

    assert "Richten Sie sich nach der Frist bis Dienstag, 29. Dezember 2026, auch wenn Sie ihn nicht öffnen." in unread
    assert f"{REPORT} läuft vielleicht noch gar keine Frist. Oben steht der Tag, der ohne diese Meldung gilt." in unread
    assert "läuft auch dann" not in unread
    assert "Recht" not in unread
    assert "Frist bis Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)


async def test_where_perhaps_no_frist_ever_ran_none_is_said_to_be_over(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await bounce(world, notice.notice_id)
    clock.advance(days=100)
    unread = await shown(world, notice.citizen, notice.notice_id)

    assert "Frist endete vielleicht am Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)
    assert "Vielleicht konnten Sie nur bis Dienstag, 29. Dezember 2026 Klage erheben." in unread
    assert f"{REPORT} hat vielleicht noch gar keine Frist begonnen. {ADVICE}" in unread
    assert "vorbei" not in unread


async def test_what_the_report_would_change_is_told_below_and_moves_no_day(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await bounce(world, notice.notice_id)
    clock.advance(days=15)
    page = await open_and_show(world, notice)

    assert "Sie können bis Dienstag, 29. Dezember 2026 Klage erheben." in page
    assert f"{REPORT} endet die Frist erst am Montag, 11. Januar 2027." in page
    assert '<h3 class="kern-heading-small">Wenn die Meldung stimmt</h3>' in page
    assert "Rechtsauffassung" not in page
    clock.advance(days=25)
    page = await shown(world, notice.citizen, notice.notice_id)
    assert f"{REPORT} geht es noch bis Montag, 11. Januar 2027. {ADVICE}" in page


async def test_no_report_moves_the_day_to_an_earlier_one(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await fetch(world, notice.citizen)
    await bounce(world, notice.notice_id)
    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Sie können bis Dienstag, 29. Dezember 2026 Klage erheben." in page
    assert f"{REPORT} endet die Frist schon am Montag, 28. Dezember 2026." in page
    assert "Wenn Sie sich nach dem früheren Tag richten, sind Sie auf der sicheren Seite." in page
    assert "Frist bis Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)
    clock.advance(days=34)
    page = await shown(world, notice.citizen, notice.notice_id)
    assert f"{REPORT} endete die Frist schon am Montag, 28. Dezember 2026." in page


# Without a page


@pytest.mark.parametrize(
    ("ours", "other", "doubt", "states"),
    [
        (EARLY, None, "", ("running", "over", "over")),
        (EARLY, LATE, "law", ("running", "perhaps-over", "over")),
        (LATE, EARLY, "law", ("running", "perhaps-over", "over")),
        (EARLY, None, "law", ("running", "perhaps-over", "perhaps-over")),
        (EARLY, LATE, "fact", ("running", "perhaps-over", "over")),
        (EARLY, None, "fact", ("running", "perhaps-over", "perhaps-over")),
    ],
)
def test_a_frist_is_over_when_it_is_on_every_reading(
    ours: date, other: date | None, doubt: Literal["", "law", "fact"], states: tuple[str, str, str]
) -> None:
    days = LastDays(EARLY, ours, other, doubt)

    assert (days.state(EARLY), days.state(LATE), days.state(date(2026, 12, 31))) == states


def test_a_frist_that_runs_on_another_reading_only_is_told_as_that() -> None:
    reading = OtherReading(frist_ends_on=EARLY, frist_expires_at=None, steps=())
    said = Rechtsbehelf(kind="klage-vwgo", steps=(), other_reading=reading)

    assert last_days(said) == LastDays(EARLY, None, EARLY, "law")
    assert last_days(said.model_copy(update={"other_reading": reading.model_copy(update={"doubt": "fact"})})) is None
