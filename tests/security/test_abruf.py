"""The Abruf: only a person's own click records it, and before it is recorded nothing of an unread notice is shown."""

import asyncio
from dataclasses import replace

import pytest

from sk.auth.trust import TrustLevel
from sk.postbox.notice import Notice
from tests.security.serving import breaks_on_save, serving
from tests.security.tab import Answer, open_tab
from tests.workers.cases import said_of, steps_of
from tests.world import A_FILE, Delivered, World

TEXT, CASE = "Guten Tag, anbei Ihr Bescheid.", "32.4-0815"
CONTENT = (TEXT, CASE, A_FILE.name, "%PDF")
BY_THEMSELVES = {
    "a link": {},
    "a prefetch": {"Sec-Purpose": "prefetch"},
    "a prerendering": {"Sec-Purpose": "prefetch;prerender"},
    "an old prefetch": {"Purpose": "prefetch", "X-Moz": "prefetch"},
    "a foreign page's link": {"Sec-Fetch-Site": "cross-site", "Referer": "https://page.example/"},
    "a method that stands in a header": {"X-HTTP-Method-Override": "POST"},
}
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://page.example"},
    "another host of this site": {"Sec-Fetch-Site": "same-site"},
    "another site, in an old browser": {"Origin": "https://page.example"},
    "a page without an origin, in an old browser": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "no URL at all": {"Origin": "http://["},
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", BY_THEMSELVES.values(), ids=BY_THEMSELVES)
async def test_nothing_that_happens_by_itself_opens_a_notice(
    world: World, method: str, headers: dict[str, str]
) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)

    page = await tab.ask(method, _path(notice), headers=headers)
    file = await tab.ask(method, f"{_path(notice)}/dateien/1", headers=headers)

    assert (page.status, file.status) == (200, 403)
    await _assert_unread(world, notice, page, file)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_a_foreign_pages_form_opens_nothing(world: World, headers: dict[str, str]) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)

    answer = await tab.post(_path(notice), headers=headers)

    assert answer.status == 403
    await _assert_unread(world, notice, answer)


@pytest.mark.parametrize("whose", ["nobody's", "an earlier session's", "another person's"])
async def test_a_form_that_was_not_given_to_this_session_opens_nothing(world: World, whose: str) -> None:
    notice = await world.delivered()
    earlier = await open_tab(world, notice.citizen)
    tab = await open_tab(world, notice.citizen)
    other = await open_tab(world, await world.citizen("mallory"))

    forms = {"nobody's": {}, "an earlier session's": {"csrf": earlier.csrf}, "another person's": {"csrf": other.csrf}}
    answer = await tab.ask("POST", _path(notice), data=forms[whose])

    assert (answer.status, "zu lange offen" in answer.text) == (403, True)
    await _assert_unread(world, notice, answer)


async def test_the_click_of_the_person_opens_it_and_says_to_whom_what_was_released(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen, "substantial")

    await tab.post(_path(notice), headers={"Origin": world.base_url, "Sec-Fetch-Site": "same-origin"})

    shown = (await tab.get(_path(notice))).text
    assert [words for words in (TEXT, CASE, A_FILE.name) if words not in shown] == []
    said = await said_of(world, notice.notice_id)
    assert (said[-1]["step"], said[-1]["by"], said[-1]["means"]) == ("abgerufen", "account", "password")
    assert said[-1]["level"] == "substantial"
    assert said[-1]["commitments"] == said[0]["commitments"]


async def test_fifty_clicks_at_once_record_one_abruf_and_all_lead_to_the_page(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)

    answers = await asyncio.gather(*(tab.post(_path(notice)) for _ in range(50)))

    assert {(answer.status, answer.headers.get("Location")) for answer in answers} == {(303, _path(notice))}
    assert (await steps_of(world, notice.notice_id)).count("abgerufen") == 1
    assert TEXT in (await tab.get(_path(notice))).text


async def test_no_content_leaves_while_the_abruf_cannot_be_written(world: World) -> None:
    notice = await world.delivered()
    async with serving(replace(world.web, store=breaks_on_save(world.web.store))) as base_url:
        tab = await open_tab(world, notice.citizen, base_url=base_url)

        answers = [await tab.post(_path(notice)), await tab.get(f"{_path(notice)}/dateien/1")]

        assert [answer.status for answer in answers] == [503, 403]
        await _assert_unread(world, notice, *answers, await tab.get(_path(notice)))


@pytest.mark.parametrize("read", [True, False], ids=["read", "unread"])
async def test_another_citizens_notice_is_as_unknown_as_one_that_never_was(world: World, *, read: bool) -> None:
    notice = await world.delivered()
    if read:
        await (await open_tab(world, notice.citizen)).post(_path(notice))
    tab = await open_tab(world, await world.citizen("mallory"))

    for method, path in (("GET", ""), ("POST", ""), ("GET", "/dateien/1")):
        theirs = await tab.ask(method, _path(notice) + path, data={"csrf": tab.csrf})
        nobodys = await tab.ask(method, f"/postfach/{'a' * 26}{path}", data={"csrf": tab.csrf})
        assert (theirs.status, theirs.text) == (404, nobodys.text)


@pytest.mark.parametrize("level", ["low", "substantial"])
async def test_a_notice_that_demands_a_higher_level_is_refused_with_words_that_help(
    world: World, level: TrustLevel
) -> None:
    notice = await world.delivered(minimum_trust="high")
    tab = await open_tab(world, notice.citizen, level)

    answers = [await tab.get(_path(notice)), await tab.post(_path(notice)), await tab.get(f"{_path(notice)}/dateien/1")]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert all("sicherere Anmeldung" in answer.text and "Online-Ausweis" in answer.text for answer in answers)
    await _assert_unread(world, notice, *answers)


async def test_a_notice_that_was_read_with_a_high_level_stays_shut_for_a_low_one(world: World) -> None:
    notice = await world.delivered(minimum_trust="high")
    await (await open_tab(world, notice.citizen, "high")).post(_path(notice))
    tab = await open_tab(world, notice.citizen, "low")

    answers = [await tab.get(_path(notice)), await tab.get(f"{_path(notice)}/dateien/1")]

    assert [answer.status for answer in answers] == [403, 403]
    assert [words for words in CONTENT if any(words in answer.text for answer in answers)] == []


async def _assert_unread(world: World, notice: Delivered, *answers: Answer) -> None:
    shown = b"".join(answer.body for answer in answers)
    assert [words for words in CONTENT if words.encode() in shown] == []
    assert (await world.web.store.get(Notice, notice.notice_id)).abgerufen_at is None
    assert "abgerufen" not in await steps_of(world, notice.notice_id)


def _path(notice: Delivered) -> str:
    return f"/postfach/{notice.notice_id}"
