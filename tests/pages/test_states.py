"""Every page in every state, in both languages: accessible, valid, in words, in one column, and from nowhere else."""

import pytest
from playwright.async_api import Browser, Response

from tests.auth.portals import BACK
from tests.pages.looking import ALL, HEIGHT, PHONE, accessible, focused, readable, reflowing, valid
from tests.pages.tours import TOURS
from tests.pages.visit import Visit
from tests.saml.provider import SIGN_ON
from tests.world import World

HARMLESS = (
    "Failed to load resource: the server responded with",
    "[DOM] Password forms should have (optionally hidden) username fields",
)
"""What the browser says of pages that refuse something, and of a new password: whose account it is nobody is told."""
LOOKS = (valid, readable, reflowing, focused)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("tour", TOURS)
async def test_every_state_of_every_page_is_for_everybody(
    chromium: Browser, world: World, tour: str, language: str
) -> None:
    found: dict[str, list[str]] = {}
    loaded: list[str] = []
    heard: list[str] = []
    failed: list[str] = []

    async def look(visit: Visit, name: str) -> None:
        assert name not in found, f"{name} was seen before"
        spoken = await visit.page.locator("html").get_attribute("lang")
        found[name] = [f"lang={spoken}"] if spoken != language else []
        found[name] += [f"accessible: {what}" for what in await accessible(visit, ALL if language == "de" else ALL[:1])]
        for one in LOOKS:
            found[name] += [f"{one.__name__}: {what}" for what in await one(visit)]

    context = await chromium.new_context(viewport={"width": PHONE, "height": HEIGHT}, locale="de-DE")
    page = await context.new_page()
    page.on("request", lambda request: loaded.append(request.url))
    page.on("response", lambda answer: failed.extend(_failed(answer)))
    page.on("console", lambda message: heard.append(message.text))
    await page.goto(f"{world.base_url}/sprache/{language}")
    await TOURS[tour](Visit(world, page, look))
    await context.close()

    lines = [f"{name}: {what}" for name, all_of_it in found.items() for what in all_of_it]
    assert found
    assert not lines, "\n".join(lines)
    assert failed == []
    assert [said for said in heard if not said.startswith(HARMLESS)] == []
    assert [url for url in loaded if not url.startswith((world.base_url, "data:", f"{BACK}?", f"{SIGN_ON}?"))] == []


def _failed(answer: Response) -> list[str]:
    """Return an answer that no page may have: the server failed, or a part of it is missing."""
    shows_answer = answer.request.is_navigation_request() or answer.request.resource_type == "xhr"
    limit = 500 if shows_answer else 400
    return [f"{answer.status} {answer.url}"] if answer.status >= limit else []
