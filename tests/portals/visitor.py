"""A browser that does what a willing person would, at our provider and at the other one, until it is at the portal."""

from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

import aiohttp

from sk.demo.browser import Page

PAGES_MAX = 12
"""More than any log-in takes; a page that comes again and again is not waited for."""
AGREEING = ("Zustimmen und weiter", "Überall abmelden", "Continue", "Yes, sign me out")
"""What buttons say that are pressed without filling in anything."""
ENTERING = {"Anmelden": ("username", "password"), "Sign-in": ("login", "password")}
"""Those under which somebody fills in who they are, and how the fields are called."""


@dataclass(frozen=True)
class Visitor:
    """Somebody's browser; without a name nobody's, who fills in nothing."""

    http: aiohttp.ClientSession
    portal: str
    username: str = ""
    password: str = ""

    async def go(self, url: str) -> str:
        """Open an address, and go on until a page leads to the portal: return where to, or nothing if none does."""
        answer = await self._ask("GET", url)
        for _ in range(PAGES_MAX):
            status, url, location, text = answer
            if location.startswith(self.portal):
                return location
            if status in (302, 303):
                answer = await self._ask("GET", location)
            elif led := _refreshed(text):
                assert led.startswith(self.portal), led
                return led
            elif pressed := self._pressed(Page(status, url, text)):
                action, fields = pressed
                answer = await self._ask("POST", urljoin(url, action), fields)
            else:
                return ""
        raise AssertionError(f"there is no end of pages; the last one is {url}")

    def _pressed(self, page: Page) -> tuple[str, dict[str, str]] | None:
        """Return the form that somebody would send off."""
        said = {label for form in page.forms for label in form.buttons}
        for label in AGREEING:
            if label in said:
                form = page.form(label)
                return form.action, form.fields
        for label, (name, secret) in ENTERING.items():
            if label in said and self.username:
                form = page.form(label)
                return form.action, {**form.fields, name: self.username, secret: self.password}
        return None

    async def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str, str, str]:
        """Return the status, the address, where it leads if it leads anywhere, and the page."""
        async with self.http.request(method, url, data=form, allow_redirects=False) as answer:
            location = answer.headers.get("Location", "")
            return answer.status, url, location and urljoin(url, location), await answer.text()


def _refreshed(text: str) -> str:
    """Return where a page leads by itself."""
    return unescape(text.partition('content="0;url=')[2].partition('"')[0])
