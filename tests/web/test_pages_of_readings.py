"""What the citizen's pages say where readings of the law differ, or somebody has reported that a mail came back."""

from datetime import UTC, datetime

import pytest

from sk.workers.bounces import record_bounce
from tests.fakes import FakeClock
from tests.web.pages import listed, shown
from tests.workers.cases import REFUSED, fetch
from tests.world import Delivered, World

NOT_CLEAR = "Das Recht ist hier nicht eindeutig:"
REPORT = "Es gibt eine ungeprüfte Meldung, dass unsere E-Mail nicht ankam. Stimmt sie,"
ADVICE = "Fragen Sie die Behörde, oder lassen Sie sich beraten."


@pytest.fixture
def clock() -> FakeClock:
    """Return a Wednesday: the fourth day after it is a Sunday, so that there are two readings."""
    return FakeClock(datetime(2026, 11, 25, 9, tzinfo=UTC))


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
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    unread = await shown(world, notice.citizen, notice.notice_id)

    assert "Richten Sie sich nach der Frist bis Dienstag, 29. Dezember 2026, auch wenn Sie ihn nicht öffnen." in unread
    assert f"{REPORT} läuft vielleicht noch gar keine Frist. Oben steht der Tag, der ohne diese Meldung gilt." in unread
    assert "läuft auch dann" not in unread
    assert "Recht" not in unread
    assert "Frist bis Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)


async def test_where_perhaps_no_frist_ever_ran_none_is_said_to_be_over(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    clock.advance(days=100)
    unread = await shown(world, notice.citizen, notice.notice_id)

    assert "Frist endete vielleicht am Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)
    assert "Vielleicht konnten Sie nur bis Dienstag, 29. Dezember 2026 Klage erheben." in unread
    assert f"{REPORT} hat vielleicht noch gar keine Frist begonnen. {ADVICE}" in unread
    assert "vorbei" not in unread


async def test_what_the_report_would_change_is_told_below_and_moves_no_day(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="sgbx-37-2a")
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
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
    await record_bounce(notice.notice_id, "5.1.1", world.workers)
    page = await shown(world, notice.citizen, notice.notice_id)

    assert "Sie können bis Dienstag, 29. Dezember 2026 Klage erheben." in page
    assert f"{REPORT} endet die Frist schon am Montag, 28. Dezember 2026." in page
    assert "Wenn Sie sich nach dem früheren Tag richten, sind Sie auf der sicheren Seite." in page
    assert "Frist bis Dienstag, 29. Dezember 2026" in await listed(world, notice.citizen)
    clock.advance(days=34)
    page = await shown(world, notice.citizen, notice.notice_id)
    assert f"{REPORT} endete die Frist schon am Montag, 28. Dezember 2026." in page
