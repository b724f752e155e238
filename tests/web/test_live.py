"""The list of a postbox that renews itself: what is new comes by itself, and nobody stays logged in by it."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from sk.auth.account import Account
from sk.auth.sessions import Session, current_log_in
from sk.client import AuthorityClient
from tests.fakes import FakeClock
from tests.security.tab import Tab, open_tab
from tests.web.screens import screen
from tests.workers.cases import fetch
from tests.world import Citizen, World, a_notice

STATE = "/postfach/stand"
FIRST, SECOND = "Hundesteuer", "Wohngeld"


class Postbox(NamedTuple):
    """An open list, and who writes to it."""

    page: Page
    world: World
    citizen: Citizen
    authority: AuthorityClient
    asked: list[str]

    async def post(self, subject: str) -> str:
        """Have a notice delivered."""
        status, answer = await self.authority.post(a_notice(self.citizen.handle, subject=subject))
        assert status == 202, answer
        await self.world.settle()
        return str(answer["id"])

    async def wait(self, seconds: int = 31) -> None:
        """Let time pass in the browser, and on the platform."""
        self.world.clock.advance(seconds=seconds)
        await self.page.clock.fast_forward(seconds * 1000)

    async def turn(self, *, hidden: bool) -> None:
        """Hide the page as another tab in front of it does, or bring it back."""
        await self.page.evaluate(
            """hidden => {
                Object.defineProperty(document, "hidden", {value: hidden, configurable: true})
                document.dispatchEvent(new Event("visibilitychange"))
            }""",
            hidden,
        )

    async def says(self, words: str) -> None:
        """See that the page says something, without haste."""
        await expect(self.page.get_by_role("status")).to_have_text(words)


@pytest.fixture
async def postbox(chromium: Browser, world: World) -> AsyncIterator[Postbox]:
    """Open a list with two notices, the second of which is unread."""
    erika, authority = await world.citizen(), await world.authority()
    for subject in (FIRST, SECOND):
        await authority.post(a_notice(erika.handle, subject=subject))
        await world.settle()
    await fetch(world, erika, FIRST)
    tab, asked = await open_tab(world, erika), list[str]()
    async with screen(chromium, tab, "/", viewport={"width": 360, "height": 600}) as page:
        await page.clock.install()
        page.on("request", lambda request: asked.append(request.url) if STATE in request.url else None)
        await page.goto(f"{world.base_url}/postfach")
        yield Postbox(page, world, erika, authority, asked)


async def test_a_new_notice_comes_by_itself_is_told_of_and_moves_neither_focus_nor_scroll(postbox: Postbox) -> None:
    page = postbox.page
    button = page.get_by_role("button", name=SECOND)
    await button.focus()
    await page.evaluate("document.body.style.paddingBottom = '2000px'")
    await page.locator(".lines").evaluate("list => scrollBy(0, list.getBoundingClientRect().top + 20)")
    seen_at = await _top_of(button)
    await postbox.wait()
    await postbox.says("")
    await postbox.post("Elterngeld")

    await postbox.wait()

    await postbox.says("1 neue Nachricht")
    subjects = page.locator(".lines .subject")
    assert await subjects.all_inner_texts() == ["Elterngeld", SECOND, FIRST]
    await expect(button).to_be_focused()
    assert abs(await _top_of(button) - seen_at) < 2
    assert len(postbox.asked) == 2
    await postbox.post("Ernennung")
    await postbox.post("Bauantrag")
    await postbox.wait()
    await postbox.says("2 neue Nachrichten")
    await page.get_by_role("button", name="Elterngeld").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Elterngeld")


async def test_nothing_is_asked_while_nobody_looks_and_at_once_when_they_are_back(postbox: Postbox) -> None:
    await postbox.turn(hidden=True)
    await postbox.post("Elterngeld")
    await postbox.wait(90)
    assert postbox.asked == []

    await postbox.turn(hidden=False)

    await postbox.says("1 neue Nachricht")
    assert len(postbox.asked) == 1


async def test_what_was_done_in_another_window_is_seen_in_this_one(postbox: Postbox) -> None:
    await fetch(postbox.world, postbox.citizen, SECOND)

    await postbox.wait()

    await expect(postbox.page.get_by_role("link", name=SECOND)).to_be_visible()
    await expect(postbox.page.get_by_role("button", name=SECOND)).to_have_count(0)
    await postbox.says("")


async def test_the_first_notice_comes_into_an_empty_list(chromium: Browser, world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    async with screen(chromium, await open_tab(world, erika), "/postfach") as page:
        await expect(page.get_by_text("Hier ist noch nichts.")).to_be_visible()
        await authority.post(a_notice(erika.handle))
        await world.settle()

        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        await expect(page.get_by_role("button", name="Bescheid über Ihren Antrag")).to_be_visible()
        await expect(page.get_by_text("Hier ist noch nichts.")).to_have_count(0)


async def test_a_list_that_is_full_leads_to_what_it_shows_no_longer(postbox: Postbox) -> None:
    for number in range(14):
        await postbox.post(f"Bescheid {number}")

    await postbox.wait()

    await postbox.says("14 neue Nachrichten")
    await expect(postbox.page.locator(".lines li")).to_have_count(15)
    await postbox.page.get_by_role("link", name="Ältere anzeigen").click()
    await expect(postbox.page.locator(".lines .subject")).to_have_text([FIRST])


async def test_an_open_list_does_not_keep_its_owner_logged_in_and_says_when_they_are_not(postbox: Postbox) -> None:
    for _ in range(58):
        await postbox.wait()
        async with postbox.page.expect_response(f"**{STATE}*"):
            await postbox.turn(hidden=False)
    assert len(postbox.asked) > 58

    await postbox.wait()

    await postbox.says("Sie sind nicht mehr angemeldet. Wieder anmelden")
    asked = len(postbox.asked)
    await postbox.wait(600)
    await postbox.turn(hidden=False)
    assert len(postbox.asked) == asked
    await postbox.page.get_by_role("link", name="Wieder anmelden").click()
    await expect(postbox.page).to_have_url(f"{postbox.world.base_url}/anmelden")


async def test_two_questions_on_their_way_at_the_end_of_a_session_say_so_once(postbox: Postbox) -> None:
    postbox.world.clock.advance(minutes=31)
    look, to_log_in = "document.dispatchEvent(new Event('visibilitychange'))", lambda answer: STATE in answer.url

    async with postbox.page.expect_event("response", to_log_in), postbox.page.expect_event("response", to_log_in):
        await postbox.page.evaluate(f"{look}; {look}")
    await postbox.page.evaluate("fetch('/impressum').then(answer => answer.text())")  # behind both of them

    assert len(postbox.asked) == 4  # each is led on to the log-in
    await postbox.says("Sie sind nicht mehr angemeldet. Wieder anmelden")


async def test_to_be_asked_by_a_page_writes_nothing(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)
    log_in = await current_log_in(tab.token, world.web)
    assert log_in
    clock.advance(minutes=29)

    answers = [await tab.get(STATE), await tab.get(f"{STATE}?stand=x")]

    assert [answer.status for answer in answers] == [200, 200]
    assert (await world.web.store.get(Session, log_in.session_id)).version == 1
    assert (await world.web.store.get(Account, erika.account.id)).version == erika.account.version
    clock.advance(minutes=1)
    assert (await tab.get(STATE)).status == 303


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)
    [address] = await _addresses(tab, "/postfach")

    answer = await tab.get(address)

    assert (answer.status, answer.body) == (204, b"")
    for elsewhere in ("/postfach?ablage=archiv", f"/postfach?von={notice.authority.client_id}"):
        assert await _addresses(tab, elsewhere) == []


async def _top_of(element: Locator) -> float:
    """Return how far an element is from the upper edge of the screen."""
    box = await element.bounding_box()
    assert box
    return box["y"]


async def _addresses(tab: Tab, path: str) -> list[str]:
    """Return what a page asks by itself."""
    page = (await tab.get(path)).text
    return [piece.partition('"')[0] for piece in page.split('data-live="')[1:]]
