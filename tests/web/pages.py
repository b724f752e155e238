"""Pages as people read them: their words, without the marks around them."""

from html.parser import HTMLParser


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
