"""Pages as people read them, in one line with marks or without, and as a browser takes them apart; hostile words."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from sk.demo.browser import Page
from tests.world import Citizen, World

HOSTILE = "<script src=//page.example></script><img src=x onerror=alert(1)>\"'>{{ 7*7 }}&lt;b&gt;"
BIDI = "\u202efdp.exe\u202c"
"""Words of strangers that would do something, and such that would turn the line around."""
OURS = re.compile(r"/(?![/\\])|#|data:,$")
WITHOUT_END = {"meta", "link", "input", "br", "img", "hr"}


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


@dataclass
class Reader(HTMLParser):
    """A page as a browser takes it apart."""

    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    isolated: set[str] = field(default_factory=set)
    """Text whose direction does not reach beyond its element."""
    scripts: list[str] = field(default_factory=list)
    scripts_without_source: int = 0
    _open: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin."""
        super().__init__()

    @classmethod
    def of(cls, text: str) -> "Reader":
        """Read a page."""
        reader = cls()
        reader.feed(text)
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= given.keys()
        self.links += [given[name] for name in ("href", "src", "action", "formaction") if name in given]
        self.values += [given["value"]] if "value" in given else []
        if tag == "script":
            self.scripts += [given["src"]] if "src" in given else []
            self.scripts_without_source += "src" not in given
        if tag not in WITHOUT_END:
            self._open.append(tag in ("bdi", "title", "textarea", "pre") or given.get("dir") == "auto")

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        if tag not in WITHOUT_END:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        self.words.add(data)
        if any(self._open):
            self.isolated.add(data)
