"""Hostile words in every field of every form: refused in words, or taken; no page does anything but show them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sk.auth.profile import NAMES
from sk.client import File
from sk.demo.browser import Browser, Page
from sk.demo.browser import Form as Filled
from sk.ids import new_id
from sk.postbox.explanation import Language
from sk.web.error_words import ERROR_WORDS, REFUSED
from sk.web.language import translations
from sk.web.render import WEB
from tests.auth.bund import world_with_bundid
from tests.auth.factors import switched_on
from tests.auth.people import ERIKA
from tests.auth.showing import show_card_at
from tests.fakes import FakeClock
from tests.postbox.proofs import fetched
from tests.safe.documents import put
from tests.safe.safes import put_folder
from tests.saml.provider import SIGN_ON
from tests.security.hostile import FORMS, TESTED_ELSEWHERE, WORDS, Form, fields_in, harmful, rows
from tests.web.pages import words_of
from tests.world import A_FILE, Citizen, World

TEMPLATES = sorted(file.stem for file in (WEB / "templates").glob("*.html"))
ROWS = sorted(rows())
LANGUAGES: Mapping[Language, Mapping[str, str]] = {
    "de": WORDS,
    "en": {kind: WORDS[kind] for kind in ("markup", "bidi")},
}
"""In English stand the same templates around other words, so that two kinds show whether those are escaped."""


TO_BUNDID = f"leads to {SIGN_ON}?SAMLRequest="
"""Where one form is meant to lead."""


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform that has every form."""
    async with world_with_bundid(tmp_path, clock) as opened:
        yield opened


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_table_knows_every_field_that_a_page_shows(template: str) -> None:
    if template in TESTED_ELSEWHERE:
        assert (WEB.parents[1] / TESTED_ELSEWHERE[template]).is_file()
        return
    known = {name for form in FORMS.get(template, ()) for name in (*form.fields, *form.files, *form.given)}

    assert fields_in(template) - known == set()


@pytest.mark.parametrize(
    ("form", "filled"), [row[1:] for row in ROWS], ids=[f"{row[0]}-{'+'.join(row[2])}" for row in ROWS]
)
async def test_hostile_words_are_refused_in_words_or_do_nothing(
    world: World, form: Form, filled: Sequence[str]
) -> None:
    found: list[str] = []
    notice = await fetched(world, reply=True)
    folder = await put_folder(world, notice.citizen, "Steuer")
    places = {"id": notice.notice_id, "document": await put(world, notice.citizen), "folder": folder}
    form = form._replace(to=form.to.format(**places))
    for language, kinds in LANGUAGES.items():
        async with world.browser(notice.citizen if form.by_citizen else None) as browser:
            for kind, words in kinds.items():
                if form.begun:
                    await browser.open("/sprache/de")
                    await BEGIN[form.begun](world, browser, notice.citizen)
                await browser.open(f"/sprache/{language}")
                page = await send(browser, form, filled, words)
                found += [f"{language} {kind}: {what}" for what in harmful(page.text) if TO_BUNDID not in what]
                if page.status >= 500 or (page.status >= 400 and not is_told(page, language)):
                    found.append(f"{language} {kind}: {page.status} without a word")
                if not form.by_citizen:
                    world.clock.advance(hours=1)  # tries are counted
    await world.settle()
    found += [f"mail: {mail['Subject']}" for mail in world.mails.sent if mail.get_content_type() != "text/plain"]

    assert found == []


def is_told(page: Page, language: Language) -> bool:
    """Tell whether a page says that something is wrong: beside its form, or instead of it."""
    titles = (translations(language).gettext(words.title) for words in (REFUSED, ERROR_WORDS["not-found"]))
    return 'role="alert"' in page.text or any(title in words_of(page.text) for title in titles)


async def send(browser: Browser, form: Form, filled: Sequence[str], words: str) -> Page:
    """Send a form off with hostile words in some of its fields; return the page that follows."""
    entered = dict.fromkeys(filled, words)
    if form.to.endswith("?"):
        return await browser.open(form.to + urlencode(entered))
    token = (await browser.open("/konto" if form.by_citizen else "/anmelden")).forms[0].fields["csrf"]
    fresh = Filled(form.to, {"csrf": token, **dict.fromkeys(form.fields, ""), **form.given})
    if not form.files:
        return await browser.send(fresh, **entered)
    named = File(words.replace("/", "∕"), A_FILE.data)  # noqa: RUF001 - a name holds no real slash
    files = [named] if "files" in filled else []
    others = {name: named if name in form.files else words for name in filled if name != "files"}
    return await browser.send_files(fresh, files, **others)


async def with_second_factor(world: World, browser: Browser, _: Citizen) -> None:
    """Log in with the first of two factors."""
    mia = await world.citizen(new_id())
    await switched_on(world, world.clock, mia)
    await browser.log_in(mia.username, mia.password)


async def with_card(_: World, browser: Browser, __: Citizen) -> None:
    """Show a card that nobody has registered with."""
    await show_card_at(browser, "/registrieren")


async def with_app(_: World, browser: Browser, __: Citizen) -> None:
    """Begin to switch on a second factor."""
    page = await browser.open("/konto/sicherheit/app")
    for form in page.forms:
        if form.action == "/konto/sicherheit/app":  # which is gone once it was begun
            await browser.send(form)


async def with_passkey(_: World, browser: Browser, __: Citizen) -> None:
    """Have a browser be asked for a passkey."""
    page = await browser.open("/konto/sicherheit/passkeys")
    await browser.send(Filled("/konto/sicherheit/passkeys/optionen", page.forms[0].fields))


async def with_name(_: World, browser: Browser, __: Citizen) -> None:
    """Enter who somebody is."""
    page = await browser.open("/konto/daten")
    await browser.send(Filled("/konto/daten", {**page.forms[0].fields, **{name: ERIKA[name] for name in NAMES}}))


BEGIN: Mapping[str, Callable[[World, Browser, Citizen], Awaitable[None]]] = {
    "second factor": with_second_factor,
    "card": with_card,
    "app": with_app,
    "passkey": with_passkey,
    "name": with_name,
}
