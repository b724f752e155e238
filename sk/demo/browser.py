"""A citizen's browser without eyes: follows links, fills in forms, keeps cookies. No JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import aiohttp

from sk.client import File
from sk.errors import NotFound


@dataclass
class Form:
    """A form of a page: where it goes, what it brings along, what its last button says, and what each one adds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    label: str = ""
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """A page as far as this browser understands it."""

    def __init__(self, status: int, url: str, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.status = status
        self.url = url
        self.text = text
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.articles: list[str] = []
        self._in_article = False
        self._link = ""
        self._button: dict[str, str] = {}
        self._words: list[str] = []
        self.feed(text)

    def form(self, label: str) -> Form:
        """Return the form that has a button which says `label`, as it is sent when that is pressed."""
        for form in self.forms:
            if label in form.buttons:
                return replace(form, fields={**form.fields, **form.buttons[label]})
        raise NotFound(f"the page {self.url} has no button that says: {label}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        elif tag in ("input", "textarea") and self.forms:
            self.forms[-1].fields[values["name"]] = values.get("value", "")
        elif tag == "button":
            self._button = {values["name"]: values.get("value", "")} if "name" in values else {}
        elif tag == "a":
            self._link = values.get("href", "")
        elif tag == "article":
            self.articles.append("")
            self._in_article = True
        if tag in ("a", "button"):
            self._words = []

    def handle_endtag(self, tag: str) -> None:
        """See HTMLParser."""
        words = " ".join("".join(self._words).split())
        if tag == "button" and self.forms:
            self.forms[-1].label = words
            self.forms[-1].buttons[words] = self._button
        elif tag == "a":
            self.links[words] = self._link
        elif tag == "article":
            self._in_article = False

    def handle_data(self, data: str) -> None:
        """See HTMLParser."""
        self._words.append(data)
        if self._in_article:
            self.articles[-1] += f"{data}\n"


class Browser:
    """One person's browser."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        """Use an HTTP session that keeps cookies."""
        self._http = http
        self._base_url = base_url

    async def open(self, path: str) -> Page:
        """Open an address."""
        async with self._http.get(self._base_url + path) as answer:
            return Page(answer.status, answer.url.path, await answer.text())

    async def send(self, form: Form, **filled_in: str) -> Page:
        """Fill in a form and press its button."""
        async with self._http.post(self._base_url + form.action, data={**form.fields, **filled_in}) as answer:
            return Page(answer.status, answer.url.path, await answer.text())

    async def send_files(self, form: Form, files: Sequence[File], **filled_in: str | File) -> Page:
        """Fill in a form that takes files, and press its button; where none is chosen an empty one is sent."""
        body = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
        chosen = [("files", file) for file in files or [File("", b"")]]
        filled = {name: value for name, value in {**form.fields, **filled_in}.items() if name != "files"}
        for name, value in (*filled.items(), *chosen):
            if isinstance(value, File):
                body.add_field(name, value.data, filename=value.name, content_type=value.type)
            else:
                body.add_field(name, value)
        async with self._http.post(self._base_url + form.action, data=body) as answer:
            return Page(answer.status, answer.url.path, await answer.text())

    async def download(self, path: str) -> bytes:
        """Save a file."""
        async with self._http.get(self._base_url + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def log_in(self, username: str, password: str) -> Page:
        """Log in with user name and password; return the page that follows."""
        page = await self.open("/anmelden")
        return await self.send(page.form("Anmelden"), username=username, password=password)
