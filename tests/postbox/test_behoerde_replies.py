"""What citizens wrote back, as their authority's people read it: a list, each reply, files as they were sent."""

import pytest

from sk.evidence.sequence import sequence
from sk.postbox.behoerde_reply_pages import PAGE_LENGTH
from sk.workers.evidence import log_of
from tests.auth.erasing import erase
from tests.fakes import FakeClock
from tests.postbox.desks import desk, page_of
from tests.postbox.proofs import fetched
from tests.postbox.replies import PHOTO, SCAN, TEXT, replied, reply, reply_past_the_page
from tests.security.tab import open_tab
from tests.web.pages import BIDI, HOSTILE, Reader, words_of
from tests.workers.cases import notice_of, steps_of
from tests.world import World


async def test_a_reply_is_listed_and_is_read_with_its_files(world: World) -> None:
    notice, _ = await replied(world)
    before = await steps_of(world, notice.notice_id), (await notice_of(world, notice.notice_id)).version

    async with world.strong_browser(await world.member(notice.authority, "replies")) as browser:
        listed = await browser.open(f"/behoerde/{notice.authority.client_id}/antworten")
        read = await browser.open(listed.links["32.4-0815, Antwort 1"])
        files = [await browser.download(read.links[file.name]) for file in (SCAN, PHOTO)]

    assert "32.4-0815, Antwort 1 Montag, 23. November 2026, 10:00 Uhr 2 Dateien" in words_of(listed.text)
    assert "fehlt noch die Bescheinigung für Jürgen." in read.text
    assert "Vertrauensniveau der Anmeldung: hoch." in read.text
    assert "ändert für die Absenderin oder den Absender nichts." in read.text
    assert files == [SCAN.data, PHOTO.data]
    assert before == (await steps_of(world, notice.notice_id), (await notice_of(world, notice.notice_id)).version)


async def test_a_file_of_a_reply_is_saved_and_never_run(world: World) -> None:
    notice, _ = await replied(world)

    answer = await (await desk(world, notice.authority, "replies")).get(f"{page_of(notice)}/antworten/1/dateien/1")

    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Bescheinigung.pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer.headers["Content-Type"], answer.body) == ("application/pdf", SCAN.data)


async def test_the_page_of_the_notice_lists_replies_and_leads_to_them_by_role(world: World) -> None:
    notice, _ = await replied(world)

    with_role = await (await desk(world, notice.authority, "replies")).get(page_of(notice))
    without = await (await desk(world, notice.authority, "post", username="karl")).get(page_of(notice))

    for page in (with_role, without):
        assert "Antwort 1, gesendet Montag, 23. November 2026, 10:00 Uhr 2 Dateien" in words_of(
            page.text.replace("</a>", " ").replace('<span class="size">', " ")
        )
    assert [f'{page_of(notice)}/antworten/1"' in page.text for page in (with_role, without)] == [True, False]


async def test_the_list_is_read_page_by_page_the_newest_first_and_each_reply_once(
    world: World, clock: FakeClock
) -> None:
    notice = await fetched(world, reply=True)
    count = PAGE_LENGTH + 2
    for number in range(count):
        clock.advance(minutes=1)
        await reply_past_the_page(world, notice, f"Antwort Nummer {number}")
    await world.settle()

    async with world.strong_browser(await world.member(notice.authority, "replies")) as browser:
        first = await browser.open(f"/behoerde/{notice.authority.client_id}/antworten")
        second = await browser.open(first.links["Ältere anzeigen"])
        newest = await browser.open(second.links["Neueste anzeigen"])

    names = [[link for link in page.links if link.startswith("32.4-0815")] for page in (first, second)]
    assert names[0] + names[1] == [f"32.4-0815, Antwort {number}" for number in range(count, 0, -1)]
    assert (len(names[0]), "Ältere anzeigen" in second.links) == (PAGE_LENGTH, False)
    assert [*newest.links] == [*first.links]


async def test_what_no_signed_log_holds_yet_is_not_in_the_list(world: World) -> None:
    notice = await fetched(world, reply=True)
    await reply_past_the_page(world, notice, TEXT)
    tab, path = await desk(world, notice.authority, "replies"), f"/behoerde/{notice.authority.client_id}/antworten"

    before = await tab.get(path)
    assert await sequence(await log_of(world.workers), world.memory)
    sequenced = await tab.get(path)
    await world.settle()

    shown = ["Hier ist noch nichts." in page.text for page in (before, sequenced, await tab.get(path))]
    assert shown == [True, True, False]


async def test_of_an_erased_account_the_list_says_that_its_reply_is_gone(world: World) -> None:
    notice, _ = await replied(world)
    await erase(world, notice.citizen)
    tab = await desk(world, notice.authority, "replies")

    listed = await tab.get(f"/behoerde/{notice.authority.client_id}/antworten")
    read = await tab.get(f"{page_of(notice)}/antworten/1")
    file = await tab.get(f"{page_of(notice)}/antworten/1/dateien/1")

    assert "Nicht mehr da, zum Beispiel weil das Konto gelöscht wurde." in listed.text
    assert f"{page_of(notice)}/antworten/1" not in listed.text
    assert (read.status, "Der Text und die Dateien sind nicht mehr da" in read.text) == (200, True)
    assert file.status == 404


@pytest.mark.parametrize("rest", ["antworten/2", "antworten/0", "antworten/x", "antworten/1/dateien/3"])
async def test_what_is_not_there_is_said_to_be_not_there(world: World, rest: str) -> None:
    notice, _ = await replied(world)

    assert (await (await desk(world, notice.authority, "replies")).get(f"{page_of(notice)}/{rest}")).status == 404


async def test_hostile_words_are_shown_as_they_are_and_do_nothing(world: World) -> None:
    notice = await fetched(world, reply=True, case=HOSTILE)
    tab = await open_tab(world, notice.citizen)
    assert (await reply(tab, notice.notice_id, f"{HOSTILE}{BIDI}", [])).status == 303
    await world.settle()
    own = await desk(world, notice.authority, "replies")

    pages = [
        Reader.of((await own.get(path)).text)
        for path in (f"/behoerde/{notice.authority.client_id}/antworten", f"{page_of(notice)}/antworten/1")
    ]

    for page in pages:
        assert {"script", "img"}.isdisjoint(page.tags)
        assert HOSTILE in page.isolated
    assert f"{HOSTILE}{BIDI}" in pages[1].isolated
