"""The pages in both languages: every German word has its English one, and all of them are marked."""

import re
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import jinja2
import pytest

from sk.web.language import CATALOGUE
from sk.web.render import WEB
from tests.web.catalogue import brought_up_to_date, known, written

TEMPLATES = sorted((WEB / "templates").glob("*.html"))
READ_OUT = ("aria-label", "alt", "title", "placeholder")
NAMES = re.compile(r"&\w+;|English|Deutsch|CSS|sk verify|SK_MAIL|catcher://…")
"""What is written the same, whatever the language."""
LETTERS = re.compile(r"[^\W\d_]{2,}")
PHRASE = re.compile(r"^[A-ZÄÖÜ][a-zäöüß]|[^\W\d_]{2,}[,.:?!]? [^\W\d_]|[äöüßÄÖÜ„]")
PERCENT = re.compile(r"%\((\w+)\)s")


def test_every_word_has_its_english_one() -> None:
    missing = [message.id for message in known() if message.id and not all(_texts(message.string))]

    assert missing == []


def test_the_catalogue_holds_the_words_of_the_pages_and_no_others() -> None:
    assert CATALOGUE.read_bytes() == written(brought_up_to_date()), "run `make words`"


def test_both_languages_name_the_same_facts() -> None:
    many = [(one.id, _facts(_texts(one.id)[-1]), _facts(_texts(one.string)[-1])) for one in known() if one.id]
    one_of_it = [
        (one.id, _facts(text), _facts(_texts(one.id)[-1])) for one in known() if one.id for text in _texts(one.string)
    ]

    assert [what for what, german, english in many if german != english] == []
    assert [what for what, named, known_facts in one_of_it if not named <= known_facts] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.stem)
def test_a_template_says_nothing_that_is_not_marked(template: Path) -> None:
    assert _unmarked(template.read_text()) == []


class Spoken(HTMLParser):
    """Collects what people read or hear of a page."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self.words += LETTERS.findall(NAMES.sub("", data))

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that are read out."""
        for name, value in attrs:
            if name in READ_OUT:
                self.handle_data(value or "")


def _unmarked(source: str) -> list[str]:
    """Return the words of a template that stand outside of `trans` and `_()`."""
    inside, before, html, phrases = False, ["", ""], "", []
    for _, kind, value in jinja2.Environment(autoescape=True).lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            inside = value == "trans"
        elif kind == "data" and not inside:
            html += value
        elif kind == "string" and before != ["_", "("] and PHRASE.search(value[1:-1]):
            phrases.append(value)
        if kind != "whitespace":
            before = [before[1], value]
    spoken = Spoken()
    spoken.feed(html)
    return [*spoken.words, *phrases]


def _texts(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def _facts(text: str) -> set[str]:
    return {*PERCENT.findall(text)} or {name for _, name, _, _ in Formatter().parse(text) if name}
