"""Pages as people read them: in one line, with the marks around their words or without."""

from html.parser import HTMLParser

from sk.demo.browser import Page
from tests.world import Citizen, World


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def words_of(page: str) -> str:
    """Return all words of a page, as one line."""
    words = _Words()
    words.feed(page)
    return " ".join("".join(words.found).split())


def html_of(page: Page) -> str:
    """Return a page that was shown, as one line, with its marks."""
    assert page.status == 200, page.text
    return " ".join(page.text.split())


async def listed(world: World, who: Citizen) -> str:
    """Return the list of somebody's notices."""
    async with world.browser(who) as browser:
        return html_of(await browser.open("/postfach"))


async def shown(world: World, who: Citizen, notice_id: str) -> str:
    """Return the page of a notice, which may be unread."""
    async with world.browser(who) as browser:
        return html_of(await browser.open(f"/postfach/{notice_id}"))
