"""A page in Chromium in front of somebody who is logged in, and what the browser complained of meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page

from tests.security.tab import Tab

HARMLESS = ("Failed to load resource: ", "Autofocus processing was blocked because")
"""What the browser says of answers that refuse something, of a network that is gone, and where focus is already."""


@asynccontextmanager
async def screen(chromium: Browser, tab: Tab, path: str, **context: Any) -> AsyncIterator[Page]:
    """Open an address with somebody's session; no script may fail and nothing may be complained of."""
    opened = await chromium.new_context(**{"locale": "de-DE", **context})
    await opened.add_cookies([{"name": "session", "value": tab.token, "url": tab.base_url}])
    page, trouble = await opened.new_page(), list[str]()
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    await page.goto(tab.base_url + path)
    yield page
    await opened.close()
    said = [said for said in trouble if not said.startswith(HARMLESS)]
    assert said == [], said
