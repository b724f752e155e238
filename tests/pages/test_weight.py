"""How much a browser loads: little at first, less afterwards, and nothing that it has already."""

from collections.abc import Awaitable

from playwright.async_api import Browser, Page, Request

from tests.pages.visit import Visit
from tests.world import A_FILE, World, a_notice

FIRST_MAX, LATER_MAX = 250_000, 40_000
"""In bytes, as they are sent."""


async def test_pages_are_light_on_the_first_view_and_lighter_afterwards(chromium: Browser, world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    for number in range(30):
        await authority.post(a_notice(erika.handle, subject=f"Bescheid Nummer {number}"), [A_FILE])
    await world.settle()
    page = await (await chromium.new_context()).new_page()
    visit = Visit(world, page, _nobody_looks)

    first = await _loaded(page, visit.open("/anmelden"))
    postbox = await _loaded(page, visit.log_in(erika))
    paths = ("/postfach", "/safe", "/konto", "/konto/sicherheit", "/datenschutz")
    later = [await _loaded(page, visit.open(path)) for path in paths]

    assert 50_000 < first < FIRST_MAX
    assert 1_000 < postbox < LATER_MAX
    assert max(later) < LATER_MAX


async def _nobody_looks(_: Visit, __: str) -> None:
    """Look at nothing."""


async def _loaded(page: Page, going: Awaitable[None]) -> int:
    """Return how many bytes come while somebody goes somewhere."""
    seen: list[Request] = []

    def keep(request: Request) -> None:
        seen.append(request)

    page.on("requestfinished", keep)
    await going
    await page.wait_for_load_state("networkidle")
    page.remove_listener("requestfinished", keep)
    sizes = [await request.sizes() for request in seen if request.url.startswith("http")]
    return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
