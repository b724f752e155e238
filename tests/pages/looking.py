"""Looking at a page: what no page may have, whatever its state."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import html5lib
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.pages.visit import Visit

PHONE, SCREEN, LEAST = 360, 1280, 320
"""Widths in pixels. 320 are what a page of 1280 has at 400 %."""
HEIGHT = 800
View = tuple[int, Mapping[str, str]]
LIGHT = {"color_scheme": "light"}
ALL: Sequence[View] = (
    (PHONE, LIGHT),
    (PHONE, {"color_scheme": "dark"}),
    (PHONE, {"color_scheme": "light", "forced_colors": "active"}),
    (SCREEN, LIGHT),
)
"""On a phone and on a screen, in light, dark and forced colours."""
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {
        name: {"enabled": True} for name in ("color-contrast-enhanced", "identical-links-same-purpose", "target-size")
    },
}
"""Those that are named are off by default."""
RULES_OF_COLOUR = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]},
}
"""What else the colours of a page can break: the page is the same in all of them."""
AXE = Axe().axe_script
AN_ID = re.compile(r"\b[a-z2-7]{26}\b")
GLUED = re.compile(r"\s(?:required|checked|selected|hidden|novalidate)[a-z-]+=")
"""Two attributes without a space between them, which is one that nobody knows, and valid."""
LEFT_OVER = re.compile(r"\bundefined\b|\{\{|\{%|%\(|&\w+;")
AUTOFOCUSED = "document.querySelector('[autofocus]') === document.activeElement"
OVERFLOWS = """[...document.querySelectorAll('main *')]
    .filter(one => one.getBoundingClientRect().right > (one.ownerSVGElement
        ? one.ownerSVGElement.getBoundingClientRect().right : innerWidth) + 1)
    .map(one => one.outerHTML.slice(0, 120))"""


SPACED = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important }
                       * { word-spacing: .16em !important } p { margin-block-end: 2em !important }`)
    document.adoptedStyleSheets = [sheet]
}"""
"""WCAG 2.1, 1.4.12."""


async def accessible(visit: Visit, views: Sequence[View]) -> list[str]:
    """Return what axe finds."""
    found = []
    await visit.page.mouse.move(0, 0)  # which stands where a button was, and another one may be now
    for width, media in views:
        await visit.page.set_viewport_size({"width": width, "height": HEIGHT})
        await visit.page.emulate_media(**{"forced_colors": "none", **media})  # type: ignore[arg-type]
        rules = RULES if media == LIGHT else RULES_OF_COLOUR
        found += [
            f"{width} {media}: {broken['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
            for broken in await violations(visit.page, rules)
            for node in broken["nodes"]
        ]
    await visit.page.emulate_media(color_scheme="light", forced_colors="none")
    return found


async def violations(page: Page, rules: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what axe finds by some rules. A page that has it already is not given it again: that takes a while."""
    if await page.evaluate("typeof axe === 'undefined'"):
        await page.evaluate(AXE)
    found: Sequence[Mapping[str, Any]] = await page.evaluate("rules => axe.run(rules).then(r => r.violations)", rules)
    return found


async def valid(visit: Visit) -> list[str]:
    """Return what is wrong with the page as HTML."""
    assert visit.answer
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    source = await visit.answer.text()
    parser.parse(source)
    return [*GLUED.findall(source), *(f"{place}: {code} {more}" for place, code, more in parser.errors)]


async def readable(visit: Visit) -> list[str]:
    """Return what is no word for people: an id that they are not to pass on, a placeholder, something undefined."""
    text = await visit.page.locator("body").inner_text()
    for told in await visit.page.locator(".whole").all_inner_texts():
        text = text.replace(told, "")
    ids = [] if "/nachweis" in visit.page.url or "/dev/" in visit.page.url else AN_ID.findall(text)
    german = await visit.page.locator("html").get_attribute("lang") == "de"  # in English it is a word
    return [*ids, *LEFT_OVER.findall(text), *(re.findall(r"\bNone\b", text) if german else [])]


async def reflowing(visit: Visit) -> list[str]:
    """Return what does not fit in 320 pixels, as it is and with more space between lines, words and letters."""
    await visit.page.set_viewport_size({"width": LEAST, "height": HEIGHT})
    too_wide: list[str] = await visit.page.evaluate(OVERFLOWS)
    await visit.page.evaluate(SPACED)
    too_wide += [f"spaced: {what}" for what in await visit.page.evaluate(OVERFLOWS)]
    await visit.page.evaluate("document.adoptedStyleSheets = []")
    await visit.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    return too_wide


async def focused(visit: Visit) -> list[str]:
    """Return nothing, or that the summary of what is wrong has not taken the focus."""
    wrong = await visit.page.locator('main [role="alert"]:visible').count()
    return ["the alert has no focus"] if wrong and not await visit.page.evaluate(AUTOFOCUSED) else []
