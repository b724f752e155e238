"""The page of a document as its owner uses it."""

import re

from sk.demo.browser import Browser, Page
from tests.web.pages import words_of


async def sent(browser: Browser, document_id: str, form: str, **fields: str) -> Page:
    """Fill in one of the forms on the page, and send it."""
    page = await browser.open(f"/safe/dokumente/{document_id}")
    [found] = [one for one in page.forms if one.action.endswith(f"/{form}")][:1]
    return await browser.send(found, **fields)


def facts_of(page: Page) -> dict[str, str]:
    """Return the facts on a page, by what they are called."""
    found = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", page.text, re.DOTALL)
    return {words_of(name): words_of(value) for name, value in found}
