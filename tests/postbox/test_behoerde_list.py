"""The list of an authority: what happened to its notices, in plain words, and none of what stands in them."""

import pytest

from sk.postbox.behoerde_pages import FOUND_MAX, PAGE_LENGTH
from sk.workers.bounces import record_bounce
from tests.auth.erasing import erase
from tests.fakes import FakeClock
from tests.postbox.desks import desk
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.security.tab import Tab
from tests.web.pages import HOSTILE, Reader, words_of
from tests.workers.cases import MESSAGE, REFUSED, fetch, stands, take_back
from tests.world import A_FILE, Delivered, World, a_notice

PUT_IN = "Betreff, Text und Dokumente sind für die Empfängerin oder den Empfänger verschlüsselt."


async def listed(tab: Tab, notice: Delivered, query: str = "") -> str:
    """Return the list as people read it."""
    answer = await tab.get(f"/behoerde/{notice.authority.client_id}{query}")
    assert answer.status == 200
    return words_of(answer.text)


async def searched(tab: Tab, notice: Delivered, words: str) -> str:
    """Return what a search finds, as people read it."""
    path = f"/behoerde/{notice.authority.client_id}/suche"
    answer = await tab.ask("POST", path, data={"csrf": tab.csrf, "suche": words})
    assert answer.status == 200
    return words_of(answer.text)


async def test_a_line_says_what_it_is_how_it_stands_and_its_days(world: World) -> None:
    notice = await world.delivered(case="50.2-0815", reference="2026-4711")
    tab = await desk(world, notice.authority)
    unread = await listed(tab, notice)
    await fetch(world, notice.citizen)

    read = await listed(tab, notice)

    days = "Bekanntgabe: Fr., 27. November 2026 Ende der Frist: Mo., 28. Dezember 2026"
    what = "Bescheid (§ 9 OZG) Referenz: 2026-4711 Angenommen: Mo., 23. November 2026"
    assert f"50.2-0815 Im Postfach {what} Noch nicht abgerufen {days}" in unread
    assert f"50.2-0815 Abgerufen {what} Abgerufen: Mo., 23. November 2026 {days}" in read


async def test_nothing_is_shown_of_what_stands_in_a_notice_and_the_page_says_so(world: World) -> None:
    notice = await world.delivered(subject="Wohngeld für Erika", text="Sie bekommen 100 Euro.")
    tab = await desk(world, notice.authority, "post", "replies")
    await fetch(world, notice.citizen, "Wohngeld für Erika")

    pages = [
        await tab.get(f"/behoerde/{notice.authority.client_id}{rest}")
        for rest in ("", f"/bescheide/{notice.notice_id}")
    ]

    assert [answer.status for answer in pages] == [200, 200]
    assert not [one for one in pages for words in ("Wohngeld", "100 Euro", A_FILE.name) if words in one.text]
    assert PUT_IN in pages[0].text


async def test_every_state_has_plain_words(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="vwvfg-41-2a", case="lapses")
    tab_of = notice.authority

    async def post(**changes: object) -> str:
        status, answer = await tab_of.post(a_notice(notice.citizen.handle, **{**MESSAGE, **changes}), [])
        assert status == 202, answer
        return str(answer["id"])

    await post(case="refused")
    await stands(world, notice.citizen, einwilligung={})
    await world.settle()
    await stands(world, notice.citizen, einwilligung={"*": clock.now()})
    await take_back(world, await post(case="taken-back"))
    await world.settle()
    clock.advance(days=12)
    await post(case="on-its-way")

    shown = await listed(await desk(world, notice.authority), notice)

    assert "lapses Nicht rechtzeitig abgerufen, nicht bekannt gegeben Bescheid (§ 41 Abs. 2a VwVfG)" in shown
    assert "refused Nicht bereitgestellt: die Einwilligung fehlte Mitteilung" in shown
    assert "taken-back Zurückgezogen Mitteilung" in shown
    assert "on-its-way Angenommen, noch nicht im Postfach Mitteilung" in shown


async def test_what_has_lapsed_says_so_from_the_very_moment_on(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    clock.advance(days=12)

    assert "Nicht rechtzeitig abgerufen" in await listed(await desk(world, notice.authority), notice)


async def test_whose_postbox_was_erased_before_the_bekanntgabe_is_told_so(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    await erase(world, notice.citizen)

    assert "Postfach gelöscht, nicht bekannt gegeben" in await listed(await desk(world, notice.authority), notice)


# The later reading


@pytest.mark.parametrize("law", ["ozg-9", "ao-122a"])
async def test_of_two_ends_of_a_frist_the_later_is_shown_first(world: World, clock: FakeClock, law: str) -> None:
    clock.advance(days=2)  # a Wednesday: the fourth day after it is a Sunday, so that there are two readings
    notice = await world.delivered(law=law)

    shown = await listed(await desk(world, notice.authority), notice)

    assert "Ende der Frist: Mi., 30. Dezember 2026, nach anderer Lesart Di., 29. Dezember 2026" in shown


async def test_a_reading_by_which_no_frist_runs_comes_before_any_day(world: World) -> None:
    notice = await world.delivered()
    await record_bounce(notice.notice_id, "5.1.1", world.workers)

    shown = await listed(await desk(world, notice.authority), notice)

    assert "Ende der Frist: vielleicht offen, nach anderer Lesart Mo., 28. Dezember 2026" in shown


async def test_where_nothing_is_announced_no_frist_runs(world: World) -> None:
    world.mails.trouble += [REFUSED]
    notice = await world.delivered(law="sgbx-37-2a", rechtsbehelf="klage-sgg")

    shown = await listed(await desk(world, notice.authority), notice)

    assert "Es läuft keine Frist" in shown
    assert "Bekanntgabe:" not in shown


# Pages


async def test_the_list_is_read_page_by_page_with_every_notice_once(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(case="case-00")
    count = PAGE_LENGTH + 2
    for number in range(1, count):
        clock.advance(minutes=1)
        await notice.authority.post(a_notice(notice.citizen.handle, case=f"case-{number:02}"), [])
    tab = await desk(world, notice.authority)
    path, pages = f"/behoerde/{notice.authority.client_id}", []
    async with world.strong_browser(await world.member(notice.authority, username="berta")) as browser:
        pages.append(await browser.open(path))
        pages.append(await browser.open(pages[0].links["Ältere anzeigen"]))
        newest = await browser.open(pages[1].links["Neueste anzeigen"])

    names = [[link for link in page.links if link.startswith("case-")] for page in pages]
    assert names[0] + names[1] == [f"case-{number:02}" for number in reversed(range(count))]
    assert len(names[0]) == PAGE_LENGTH
    assert "Ältere anzeigen" not in pages[1].links
    assert "Neueste anzeigen" not in newest.links
    assert "case-00" not in await listed(tab, notice)


async def test_a_damaged_notice_is_named_and_hides_no_other(world: World, alarms: Alarms) -> None:
    notice = await world.delivered(case="50.2-0001")
    await notice.authority.post(a_notice(notice.citizen.handle, case="50.2-0002"), [])
    with intrusion(world) as intruder:
        intruder.change("notice", notice.notice_id, law="ao-122a")

    shown = await listed(await desk(world, notice.authority), notice)

    assert "Beschädigte Nachricht" in shown
    assert "50.2-0002" in shown
    assert "50.2-0001" not in shown
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_an_authority_without_notices_sees_none(world: World) -> None:
    authority = await world.authority()
    tab = await desk(world, authority)

    assert "Hier ist noch nichts." in (await tab.get(f"/behoerde/{authority.client_id}")).text


# Search


async def test_a_search_finds_by_reference_and_by_aktenzeichen_exactly(world: World) -> None:
    notice = await world.delivered(case="50.2-0815", reference="2026-4711")
    for reference in ("2026-4712", "2026-4713"):
        await notice.authority.post(a_notice(notice.citizen.handle, case="50.2-0816", reference=reference), [])
    tab = await desk(world, notice.authority)

    assert "Eine Nachricht gefunden. 50.2-0815" in await searched(tab, notice, " 2026-4711 ")
    assert "Eine Nachricht gefunden. 50.2-0815" in await searched(tab, notice, "50.2-0815")
    assert "2 Nachrichten gefunden." in await searched(tab, notice, "50.2-0816")
    assert "Nichts gefunden." in await searched(tab, notice, "50.2-08")


async def test_a_search_finds_nothing_of_another_authority(world: World) -> None:
    notice, other = await world.delivered(case="50.2-0815", reference="2026-4711"), await world.authority("Amt")
    tab = await desk(world, other)

    for words in ("50.2-0815", "2026-4711"):
        assert "Nichts gefunden." in await searched(tab, Delivered(other, notice.citizen, "", {}), words)


async def test_what_was_searched_for_stands_in_no_address(world: World) -> None:
    authority = await world.authority()
    tab, home = await desk(world, authority), f"/behoerde/{authority.client_id}"

    again = await tab.get(f"{home}/suche")
    empty = await tab.ask("POST", f"{home}/suche", data={"csrf": tab.csrf, "suche": " "})

    assert [(one.status, one.headers["Location"]) for one in (again, empty)] == [(303, home)] * 2


async def test_an_aktenzeichen_of_very_many_notices_is_said_to_have_more(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(case="50.2-0815")
    for _ in range(FOUND_MAX - 1):
        await notice.authority.post(a_notice(notice.citizen.handle), [])
    tab = await desk(world, notice.authority)
    few = await searched(tab, notice, "32.4-0815")

    clock.advance(minutes=1)
    await notice.authority.post(a_notice(notice.citizen.handle), [])

    assert "Vielleicht gibt es noch ältere." not in few
    assert f"{FOUND_MAX} Nachrichten gefunden. Vielleicht gibt es noch ältere." in await searched(
        tab, notice, "32.4-0815"
    )


async def test_hostile_words_are_shown_as_they_are_and_do_nothing(world: World) -> None:
    notice = await world.delivered(case=HOSTILE)
    tab = await desk(world, notice.authority)

    read = Reader.of((await tab.get(f"/behoerde/{notice.authority.client_id}")).text)

    assert {"script", "img"}.isdisjoint(read.tags)
    assert HOSTILE in read.isolated
