"""What the citizen's pages say of a notice that waits for its Abruf or its mail, has lapsed or was withdrawn."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sk.demo.browser import Form
from sk.postbox.release import Ended, release
from sk.web.error_words import ERROR_WORDS
from tests.fakes import FakeClock, RunningClock
from tests.web.pages import listed, shown
from tests.workers.cases import REFUSED, bereitgestellt, fetch, logged_in, take_back
from tests.world import World, open_world


@pytest.fixture
def clock() -> FakeClock:
    """Return a Wednesday, whose tenth day is a Saturday."""
    return FakeClock(datetime(2026, 11, 25, 9, tzinfo=UTC))


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
    await take_back(world, notice.notice_id)

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
            await take_back(world, notice.notice_id)
        told = await browser.send(button)

    says = {"withdrawn": "Die Behörde hat diese Nachricht zurückgezogen", "lapsed": "ist nicht mehr abrufbar"}
    assert told.status == 403
    assert says[end] in told.text
    assert "anbei Ihr Bescheid" not in told.text
