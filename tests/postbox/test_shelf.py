"""The list of a postbox: shelves, one authority at a time, and search, of which nothing is kept."""

from dataclasses import replace

from sk.auth.sessions import current_log_in
from sk.auth.trust import TrustLevel
from sk.demo.browser import Browser, Page
from sk.postbox.notice import Notice
from sk.postbox.search import FOUND_MAX, search
from tests.auth.visitors import begin_session
from tests.web.pages import words_of
from tests.world import A_FILE, Citizen, World, a_notice


async def _post(world: World, erika: Citizen, name: str, **changes: object) -> str:
    authority = await world.authority(name)
    status, answer = await authority.post(a_notice(erika.handle, **changes), [A_FILE])
    assert status == 202, answer
    await world.settle()
    return str(answer["id"])


async def _search(browser: Browser, words: str) -> Page:
    listed = await browser.open("/postfach")
    return await browser.send(listed.form("Suchen"), suche=words)


async def test_an_empty_postbox_says_what_it_needs_before_an_authority_can_write(world: World) -> None:
    erika, other = await world.citizen(einwilligung=False), await world.citizen("other")
    async with world.browser(erika) as browser:
        without = await browser.open("/postfach")
    async with world.browser(other) as browser:
        agreed = await browser.open("/postfach")

    assert without.links["Einwilligungen"] == "/konto/einwilligungen"
    assert "Einwilligungen" not in agreed.links
    assert "Sobald eine Behörde Ihnen schreibt, bekommen Sie eine E-Mail." in agreed.text


async def test_a_notice_that_was_read_is_put_away_and_taken_back(world: World) -> None:
    erika = await world.citizen()
    await _post(world, erika, "Stadt Musterstadt", subject="Hundesteuer")
    async with world.browser(erika) as browser:
        read = await browser.send((await browser.open("/postfach")).form("Hundesteuer"))
        listed = await browser.send(read.form("Ins Archiv legen"))
        archived = await browser.open("/postfach?ablage=archiv")
        back = await browser.send(
            (await browser.open(archived.links["Hundesteuer"])).form("Aus dem Archiv zurückholen")
        )
        listed_again = await browser.open("/postfach")

    assert "Hundesteuer" not in listed.text
    assert "Hundesteuer" in archived.links
    assert back.url == read.url
    assert "Hundesteuer" in listed_again.links


async def test_an_unread_notice_stays_where_it_is_seen(world: World) -> None:
    erika = await world.citizen()
    id_ = await _post(world, erika, "Stadt Musterstadt", subject="Hundesteuer")
    async with world.browser(erika) as browser:
        form = (await browser.open("/postfach")).form("Hundesteuer")
        refused = await browser.send(replace(form, action=f"/postfach/{id_}/archiv"))
        listed = await browser.open("/postfach")

    assert refused.status == 403
    assert listed.form("Hundesteuer").action == f"/postfach/{id_}"
    assert not (await world.web.store.get(Notice, id_)).abgerufen_at


async def test_nobody_else_puts_a_notice_away(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    id_ = await _post(world, erika, "Stadt Musterstadt", subject="Hundesteuer")
    await _post(world, mallory, "Stadt Musterstadt", subject="Ihr eigener")
    async with world.browser(erika) as browser:
        await browser.send((await browser.open("/postfach")).form("Hundesteuer"))
    async with world.browser(mallory) as browser:
        form = (await browser.open("/postfach")).form("Ihr eigener")
        refused = await browser.send(replace(form, action=f"/postfach/{id_}/archiv"))

    assert refused.status == 404
    assert not (await world.web.store.get(Notice, id_)).archived


async def test_the_name_of_an_authority_leads_to_all_that_it_has_sent(world: World) -> None:
    erika = await world.citizen()
    await _post(world, erika, "Stadt Musterstadt", subject="Hundesteuer")
    await _post(world, erika, "Finanzamt Beispielburg", subject="Einkommensteuer")
    async with world.browser(erika) as browser:
        listed = await browser.open("/postfach")
        of_one = await browser.open(listed.links["Finanzamt Beispielburg"])
        of_nobody = await browser.open("/postfach?von=nobody")

    assert "Nachrichten von Finanzamt Beispielburg" in of_one.text
    assert "Einkommensteuer" in of_one.text
    assert "Hundesteuer" not in of_one.text
    assert "Von dieser Behörde haben Sie keine Nachrichten." in of_nobody.text


async def test_a_search_finds_what_was_read_by_its_text_and_what_is_unread_by_what_the_list_says(world: World) -> None:
    erika = await world.citizen()
    read = {"subject": "Erster Bescheid", "text": "Der Hund heißt Wastl.", "case": "HU-7"}
    await _post(world, erika, "Stadt Musterstadt", **read)
    unread = await _post(world, erika, "Stadt Musterstadt", subject="Zweiter Bescheid", text="Auch Wastl.")
    async with world.browser(erika) as browser:
        await browser.send((await browser.open("/postfach")).form("Erster Bescheid"))
        found = {
            words: await _search(browser, words) for words in ("WASTL", "hu-7", "bescheid", "erster hund", "katze")
        }

    subjects = {words: [s for s in ("Erster", "Zweiter") if s in page.text] for words, page in found.items()}
    assert subjects == {
        "WASTL": ["Erster"],
        "hu-7": ["Erster"],
        "bescheid": ["Erster", "Zweiter"],
        "erster hund": ["Erster"],
        "katze": [],
    }
    assert "Nichts gefunden. Durchsucht ist alles." in words_of(found["katze"].text)
    assert not (await world.web.store.get(Notice, unread)).abgerufen_at


async def test_content_that_demands_more_than_this_session_has_is_not_searched(world: World) -> None:
    erika = await world.citizen()
    await _post(world, erika, "Stadt Musterstadt", subject="Bescheid", text="Wastl", minimum_trust="high")
    async with world.browser(erika) as browser:
        await browser.send((await browser.open("/postfach")).form("Bescheid"))

    assert await _found_at(world, erika, "high", "Wastl") == 1
    assert await _found_at(world, erika, "low", "Wastl") == 0
    assert await _found_at(world, erika, "low", "Bescheid") == 1


async def _found_at(world: World, who: Citizen, level: TrustLevel, words: str) -> int:
    log_in = await current_log_in(await begin_session(who.account, level, "password", world.web), world.web)
    assert log_in
    return len((await search(words, None, log_in, world.web)).notices)


async def test_a_search_that_takes_long_tells_how_far_it_has_come_and_goes_on(world: World) -> None:
    erika = await world.citizen()
    authority = await world.authority()
    for number in range(FOUND_MAX + 2):
        await authority.post(a_notice(erika.handle, subject=f"Nummer {number}"))
    await world.settle()
    async with world.browser(erika) as browser:
        first = await _search(browser, "nummer")
        second = await browser.send(first.form("Ältere durchsuchen"))

    said = "25 Nachrichten gefunden. Durchsucht ist alles bis zurück zum Montag, 23. November 2026."
    assert said in words_of(first.text)
    assert "2 Nachrichten gefunden. Durchsucht ist alles." in words_of(second.text)
