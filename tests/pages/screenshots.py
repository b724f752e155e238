"""Pictures of every page in every state, at both widths and in both languages, to be looked at (`make screenshots`)."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser

from tests.chromium import open_chromium
from tests.pages.looking import HEIGHT, PHONE, SCREEN
from tests.pages.tours import TOURS
from tests.pages.visit import Visit, open_pages

FOLDER = Path("screenshots")
LOAD_ALL = """Promise.all([...document.images].map(image => {
    image.loading = 'eager'
    return image.decode().catch(() => {})
}))"""
"""Waits until every picture is there, also those that are loaded only once somebody has scrolled to them."""


async def take(browser: Browser, tour: str, language: str, width: int) -> None:
    """Go on a tour and take a picture of each state."""

    async def look(visit: Visit, name: str) -> None:
        await visit.page.evaluate(LOAD_ALL)
        await visit.page.screenshot(path=FOLDER / language / f"{name}-{width}.png", full_page=True)

    with TemporaryDirectory() as data:
        async with open_pages(Path(data)) as world:
            context = await browser.new_context(viewport={"width": width, "height": HEIGHT}, locale="de-DE")
            page = await context.new_page()
            await page.goto(f"{world.base_url}/sprache/{language}")
            await TOURS[tour](Visit(world, page, look))
            await context.close()
    print(f"{tour} {language} {width}")  # noqa: T201 - that it goes on


async def main() -> None:
    """Take all pictures."""
    async with open_chromium() as browser:
        for tour in TOURS:
            for language in ("de", "en"):
                for width in (PHONE, SCREEN):
                    await take(browser, tour, language, width)


if __name__ == "__main__":
    asyncio.run(main())
