"""What the journeys share."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.platforms import Embedded, running

GRACE_SECONDS = 2
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder of its own. What runs when it is told to stop has two seconds to finish."""
    with running(Embedded(tmp_path, {"stop_grace_seconds": GRACE_SECONDS})) as embedded:
        yield embedded


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Return Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()
