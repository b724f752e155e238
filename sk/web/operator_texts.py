"""The operator's own texts, one Markdown file for each page and language, read once; and how Markdown is shown.

It becomes HTML in which nothing runs and nothing is loaded: tags are shown as what they are, words, images are links,
and links lead nowhere but to pages and mail addresses.
"""

import re
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markupsafe import Markup

from sk.config import Settings
from sk.postbox.explanation import Language

TOP: dict[str, int] = {"impressum": 2, "datenschutz": 3, "barrierefreiheit": 3}
"""The names of the texts, and the level of their highest headings: their pages have others above them."""
LOWEST = 6
LINK = re.compile(r"https?:|mailto:|[^:/?#]*([/?#]|\Z)", re.IGNORECASE)
"""What has another scheme has a colon before any of these."""
CLASSES = {
    "a": "kern-link",
    "h2": "kern-heading-medium",
    "h3": "kern-heading-small",
    "ol": "points kern-body",
    "p": "kern-body",
    "ul": "points kern-body",
}


class OwnText(NamedTuple):
    """A text, and the language that it is in."""

    html: Markup
    language: Language


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - what the library calls it
        """Tell whether a link may lead there; if not, it stays what was typed."""
        return LINK.match(url) is not None


_MARKDOWN = _Markdown("commonmark", {"html": False, "xhtmlOut": False}).disable("image")


def operator_text(name: str, language: Language, settings: Settings) -> OwnText | None:
    """Return a text in a language, or in German if it is not there in that, or nothing."""
    known: tuple[Language, ...] = (language, "de")
    found = ((html_of_file(file_of(name, one, settings), TOP[name]), one) for one in known)
    return next((OwnText(html, one) for html, one in found if html), None)


def file_of(name: str, language: Language, settings: Settings) -> Path | None:
    """Return where a text is to be, if the operator has a folder for them."""
    return Path(settings.texts) / f"{name}.{language}.md" if settings.texts else None


@lru_cache
def html_of_file(file: Path | None, top: int) -> Markup:
    """Return the HTML of a file of Markdown, or nothing if there is none that can be read."""
    try:
        return html_of(file.read_text(encoding="utf-8-sig"), top) if file else Markup()
    except (OSError, UnicodeDecodeError):
        return Markup()


def html_of(markdown: str, top: int) -> Markup:
    """Return the HTML of Markdown. Its highest headings come out at level `top`, the others below them."""
    tokens = _MARKDOWN.parse(markdown)
    down = top - min((int(token.tag[1]) for token in tokens if token.type == "heading_open"), default=top)
    for token in [*tokens, *chain.from_iterable(token.children or () for token in tokens)]:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + down, LOWEST)}"
        if token.nesting == 1 and token.tag in CLASSES:
            token.attrJoin("class", CLASSES[token.tag])
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 - the renderer escapes
