"""With the keyboard alone: everything can be reached, in the order in which it is read, and one sees where one is."""

from typing import Any

from playwright.async_api import Browser, Page

from tests.pages.looking import HEIGHT, PHONE
from tests.world import A_FILE, World, a_notice

WHERE = """() => {
    const at = document.activeElement
    const style = getComputedStyle(at)
    const box = at.getBoundingClientRect()
    return {
        name: (at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || at.value || '').trim(),
        tag: at.tagName,
        seen: box.width > 0 && box.right > 0 && box.bottom > 0 && box.top < innerHeight,
        marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none',
    }
}"""
STEPS_MAX = 60


async def test_a_notice_is_read_with_the_keyboard_alone(chromium: Browser, world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    await authority.post(a_notice(erika.handle, subject="Hundesteuer"), [A_FILE])
    await world.settle()
    context = await chromium.new_context(viewport={"width": PHONE, "height": HEIGHT})
    page = await context.new_page()
    await page.goto(f"{world.base_url}/anmelden")

    assert await _go_to(page, "Zum Inhalt") == 1  # the first stop leads past the head
    await page.keyboard.press("Enter")
    await _go_to(page, "Benutzername")
    await page.keyboard.type(erika.username)
    await _go_to(page, "Passwort")
    await page.keyboard.type(erika.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/postfach")
    await _go_to(page, "Hundesteuer")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/postfach/*")
    await _go_to(page, "bescheid.pdf")
    await _go_to(page, "Wie sich diese Tage berechnen")
    await page.keyboard.press("Enter")
    assert await page.get_by_role("heading", name="Tag der Bekanntgabe").is_visible()
    await _go_to(page, "Ins Archiv legen")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/postfach")
    await _go_to(page, "Abmelden")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{world.base_url}/")
    await context.close()


async def test_what_is_wrong_with_a_form_takes_the_focus_and_leads_there(chromium: Browser, world: World) -> None:
    page = await (await chromium.new_context(viewport={"width": PHONE, "height": HEIGHT})).new_page()
    await page.goto(f"{world.base_url}/registrieren")
    async with page.expect_navigation():
        await page.locator('form[action="/registrieren"]').evaluate("form => form.submit()")

    assert (await _where(page))["name"].startswith("Bitte prüfen Sie diese Angaben")
    assert await _go_to(page, "Benutzername") == 1
    await page.keyboard.press("Enter")
    assert await page.evaluate("location.hash") == "#username"
    assert await page.locator("#username").evaluate("field => document.activeElement === field")
    await page.context.close()


async def _go_to(page: Page, name: str) -> int:
    """Press the tabulator until something has the focus; return how often. Each stop on the way is seen and marked."""
    for steps in range(1, STEPS_MAX):
        await page.keyboard.press("Tab")
        here = await _where(page)
        assert here["seen"], here
        assert here["marked"], here
        if here["name"] == name:
            return steps
    raise AssertionError(f"the keyboard does not lead to: {name}")


async def _where(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(WHERE)
    return found
