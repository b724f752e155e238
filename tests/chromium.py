"""Debian's Chromium, for journeys and pages: the one without a window, which starts in half the time."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from playwright.async_api import Browser, async_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """Start it, without a window, for somebody who wants nothing on a page to move.

    Else each click waits for a second until the page has scrolled to its button.
    """
    path = shutil.which("chromium-headless-shell")
    assert path, "Chromium is missing: apt-get install chromium-headless-shell"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        for name in ("new_context", "new_page"):
            setattr(browser, name, partial(getattr(browser, name), reduced_motion="reduce"))
        yield browser
        await browser.close()
