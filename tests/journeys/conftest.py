"""What the journeys share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.platforms import Embedded, running

GRACE_SECONDS = 2
WIDTHS = {"phone": 360, "desk": 1280}
WAYS = {f"{name}-{'script' if js else 'plain'}": (width, js) for name, width in WIDTHS.items() for js in (True, False)}
"""How people come: on a phone or at a desk, with JavaScript or without."""
HARMLESS = (
    "Failed to load resource: the server responded with a status of 4",
    "[DOM] Password forms should have (optionally hidden) username fields",
)
"""What the browser says of every answer that refuses something, and of the passphrase of a file, which is nobody's."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder of its own. What runs when it is told to stop has two seconds to finish."""
    with running(Embedded(tmp_path, {"stop_grace_seconds": GRACE_SECONDS})) as embedded:
        yield embedded


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
async def screen(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """Return a page in each of the ways. Wherever it ends, no script has failed and nothing was wider than it."""
    width, js = request.param
    context = await chromium.new_context(
        viewport=ViewportSize(width=width, height=800), java_script_enabled=js, locale="de-DE"
    )
    page, trouble = await context.new_page(), list[str]()
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await context.close()
    assert [said for said in trouble if not said.startswith(HARMLESS)] == []
