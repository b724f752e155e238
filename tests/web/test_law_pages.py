"""The pages that the law asks for: in both languages, with the operator's own texts, and a form to write to them."""

import ast
import importlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sk.auth.throttle import OF_MAILS
from sk.config import load_settings
from sk.demo.browser import Browser, Page
from sk.doctor import examine
from sk.doctor_texts import examine_texts
from sk.errors import Invalid
from sk.mail.feedback import MAX_CHARACTERS
from sk.web import law_pages
from sk.web.app import all_routes
from sk.web.operator_texts import TOP, html_of
from sk.web.routes import dialect_of
from tests.fakes import FakeClock
from tests.security.serving import REAL
from tests.security.tab import FORM_TOKEN, Tab
from tests.web.pages import OURS, Reader, words_of
from tests.world import World, open_world

ROOT = Path(__file__).parent.parent.parent
PAGES = ("/barrierefreiheit", "/leichte-sprache", "/datenschutz", "/impressum")
HOSTILE = """\
# Wer wir sind

<script>alert(1)</script>

<img src=x onerror=alert(1)> und ![Bild](https://page.example/track.png)

[eins](javascript:alert(1)) [zwei](&#106;avascript:alert(1)) [drei](data:text/html,x) <vbscript:x> [vier][ref]

[ref]: JavaScript:alert(1)

[Stadt](https://stadt.example/) [Post](mailto:post@stadt.example) [Konto](/konto) [unten](#unten)

### Weiter unten
"""
NOTHING_YET = "Der Betreiber hat hier noch keinen eigenen Text hinterlegt."
LONGEST_SENTENCE = 12
"""Words, in Leichte Sprache."""


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Return a folder for the operator's texts, with German ones."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in TOP:
        (folder / f"{name}.de.md").write_text(f"# {name} von Musterstadt\n\nHier steht der eigene Text.\n")
    return folder


@pytest.fixture
async def written(tmp_path: Path, texts: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform whose operator has written texts, and has an address."""
    async with open_world(tmp_path / "data", clock, texts=str(texts), operator_mail="rathaus@stadt.example") as opened:
        yield opened


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_each_page_is_there_in_both_languages_for_anybody(world: World, path: str, language: str) -> None:
    async with world.browser() as browser:
        await browser.open(f"/sprache/{language}")
        page = await browser.open(path)

    assert page.status == 200
    assert f'<html lang="{language}"' in page.text
    assert len(re.findall("<h1", page.text)) == 1
    assert f'href="{path}" aria-current="page"' in page.text


async def test_every_page_that_a_stranger_can_open_leads_to_all_of_them(world: World) -> None:
    paths = {route.path for route in all_routes(trial=True) if _opened_by_anybody(route.method, route.path)}
    async with world.browser() as browser:
        opened = {path: await browser.open(path) for path in sorted(paths)}
        opened |= {"an error": await browser.open("/gibt/es/nicht")}

    pages = {path: page for path, page in opened.items() if "<html" in page.text}
    assert len(pages) > 20
    assert [path for path, page in pages.items() if not {*PAGES} <= {*page.links.values()}] == []


async def test_a_text_of_the_operator_is_shown_below_the_title_of_its_page(written: World) -> None:
    async with written.browser() as browser:
        imprint, privacy = await browser.open("/impressum"), await browser.open("/datenschutz")

    assert '<h2 class="kern-heading-medium">impressum von Musterstadt</h2>' in imprint.text
    assert '<h3 class="kern-heading-small">datenschutz von Musterstadt</h3>' in privacy.text
    assert '<p class="kern-body">Hier steht der eigene Text.</p>' in imprint.text
    assert NOTHING_YET not in imprint.text + privacy.text


async def test_without_an_english_text_the_german_one_is_shown_and_said_to_be_german(
    written: World, texts: Path
) -> None:
    (texts / "datenschutz.en.md").write_text("Our own text.\n")
    async with written.browser() as browser:
        await browser.open("/sprache/en")
        german, english = await browser.open("/impressum"), await browser.open("/datenschutz")

    assert '<div lang="de">' in german.text
    assert "Hier steht der eigene Text." in german.text
    assert '<div lang="en">\n<p class="kern-body">Our own text.</p>' in english.text
    assert "Hier steht der eigene Text." not in english.text


async def test_without_any_text_the_page_says_so(world: World) -> None:
    async with world.browser() as browser:
        for path in ("/impressum", "/datenschutz", "/barrierefreiheit"):
            assert NOTHING_YET in (await browser.open(path)).text


async def test_nothing_in_a_text_runs_or_loads_anything(written: World, texts: Path) -> None:
    (texts / "impressum.de.md").write_text(HOSTILE)
    async with written.browser() as browser:
        page = Reader.of((await browser.open("/impressum")).text)

    assert {"script", "img"}.isdisjoint(page.tags)
    assert [name for name in page.attributes if name.startswith("on")] == []
    foreign = [link for link in page.links if not OURS.match(link)]
    assert foreign == ["https://page.example/track.png", "https://stadt.example/", "mailto:post@stadt.example"]
    assert {"/konto", "#unten"} <= {*page.links}
    assert "<script>alert(1)</script>" in page.words
    assert any("[eins](javascript:alert(1))" in words for words in page.words)


def test_a_link_leads_to_a_page_or_a_mail_address_and_else_nowhere() -> None:
    def links(address: str) -> bool:
        return "<a " in html_of(f"[x](<{address}>)", 2)

    refused = ("javascript:x", "JAVASCRIPT:x", "java\tscript:x", "data:x", "file:///x", "vbscript:x", "tel:1", "x:/y")
    assert [address for address in refused if links(address)] == []
    taken = ("https://x.example", "HTTP://x.example", "mailto:x@x.example", "/konto", "konto?a=b:c", "#x:y", "")
    assert [address for address in taken if not links(address)] == []


@pytest.mark.parametrize(
    ("markdown", "levels"), [("# A\n\n## B", "23"), ("### A\n\n##### B", "24"), ("# A\n\n###### B", "26")]
)
def test_headings_begin_right_below_those_of_the_page(markdown: str, levels: str) -> None:
    assert re.findall(r"<h(\d)", html_of(markdown, 2)) == [*levels]
    assert re.findall(r"</h(\d)", html_of(markdown, 2)) == [*levels]


async def test_the_doctor_names_texts_that_are_missing_but_not_in_a_trial(world: World, texts: Path) -> None:
    found = [finding.sentence async for finding in examine(world.web)]
    assert not any("impressum" in sentence for sentence in found)

    (texts / "impressum.de.md").write_text(" \n")
    (texts / "datenschutz.de.md").write_bytes(b"\xff")
    (texts / "barrierefreiheit.en.md").write_text("Ours.")
    told = {one.sentence: one.is_remark for one in examine_texts(load_settings({"mail": REAL, "texts": str(texts)}))}
    assert list(told.values()) == [False, False]
    assert all(f"{texts}/{name}.de.md" in "".join(told) for name in ("impressum", "datenschutz"))

    (texts / "barrierefreiheit.en.md").unlink()
    nowhere = [*examine_texts(load_settings({"mail": REAL}))]
    assert [one.is_remark for one in nowhere] == [False] * len(TOP)
    assert all("SK_TEXTS" in one.sentence for one in nowhere)


def test_a_text_that_is_there_in_german_alone_is_worth_a_remark(texts: Path) -> None:
    told = [*examine_texts(load_settings({"mail": REAL, "texts": str(texts)}))]

    assert [one.is_remark for one in told] == [True] * len(TOP)
    assert f"{texts}/impressum.en.md" in told[0].sentence


async def test_what_somebody_writes_reaches_the_operator_and_nothing_of_it_is_kept(written: World) -> None:
    async with written.browser() as browser:
        page = await _write(browser, text="Der Knopf\r\nist zu klein.", page="Postfach", email="max@müller.example")
        assert (page.status, page.url) == (200, "/barrierefreiheit")
        assert "Danke, Ihre Nachricht ist unterwegs." in page.text
        rows = "".join([str(row) async for row in written.web.store.everything()])
        assert "Knopf" not in rows
        await written.settle()

    [mail] = written.mails.sent
    text = mail.get_content()
    assert (mail["To"], mail["Subject"]) == ("rathaus@stadt.example", "Rückmeldung zur Barrierefreiheit")
    assert "> Der Knopf\n> ist zu klein.\n" in text.replace("\r\n", "\n")
    assert "Um diese Seite geht es: Postfach" in text
    assert "Antwort erbeten an: max@xn--mller-kva.example" in text
    assert not [row async for row in written.web.store.everything() if "letter" in str(row[:2])]


async def test_without_an_address_of_the_operator_it_goes_to_where_mails_come_from(world: World) -> None:
    async with world.browser() as browser:
        await _write(browser, text="Zu wenig Kontrast.")
        await world.settle()

    assert [mail["To"] for mail in world.mails.sent] == [world.web.settings.mail_from]
    assert "Antwort erbeten an: –" in world.mails.sent[0].get_content()


def test_an_address_of_the_operator_that_is_none_stops_the_start() -> None:
    with pytest.raises(Invalid, match=r"^SK_OPERATOR_MAIL: .*no e-mail address"):
        load_settings({"operator_mail": "rathaus"})


@pytest.mark.parametrize(
    ("field", "entered", "words"),
    [
        ("text", " \n", "Bitte füllen Sie dieses Feld aus."),
        ("text", "x" * (MAX_CHARACTERS["text"] + 1), "Das sind zu viele Zeichen."),
        ("page", "x" * (MAX_CHARACTERS["page"] + 1), "Das sind zu viele Zeichen."),
        ("email", "max", "Bitte prüfen Sie die Adresse."),
    ],
)
async def test_what_cannot_be_sent_is_shown_again_with_what_is_wrong(
    world: World, field: str, entered: str, words: str
) -> None:
    async with world.browser() as browser:
        page = await _write(browser, **{"text": "Der Knopf ist <zu> klein.", "page": "Postfach", field: entered})
        await world.settle()

    assert page.status == 422
    assert words in page.text
    assert f'id="{field}-error"' in page.text
    assert f'href="#{field}"' in page.text
    assert 'value="Postfach"' in page.text or field == "page"
    assert "Der Knopf ist &lt;zu&gt; klein." in page.text or field == "text"
    assert world.mails.sent == []


async def test_nobody_floods_the_operator(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        pages = [await _write(browser, text=f"Nachricht {number}") for number in range(OF_MAILS.free + 3)]
        await world.settle()
        clock.advance(hours=24)
        later = await _write(browser, text="Noch etwas")

    assert [page.status for page in pages] == [200] * (OF_MAILS.free + 1) + [429] * 2
    assert "Bitte warten Sie" in pages[-1].text
    assert "Nachricht 7" in pages[-1].text
    assert len(world.mails.sent) == OF_MAILS.free + 1
    assert later.status == 200


async def test_a_form_that_we_did_not_give_to_this_browser_sends_nothing(world: World) -> None:
    form = {"csrf": FORM_TOKEN[:-1] + "y", "text": "Werbung"}
    answer = await Tab(world.http, world.base_url, "", "").ask("POST", "/barrierefreiheit", data=form)
    await world.settle()

    assert (answer.status, world.mails.sent) == (403, [])
    assert "Diese Seite war zu lange offen." in answer.text
    assert ">\nWerbung</textarea>" in answer.text


async def test_whoever_is_logged_in_writes_likewise(world: World) -> None:
    async with world.browser(await world.citizen()) as browser:
        page = await _write(browser, text="Der Knopf ist zu klein.")

    assert "Danke, Ihre Nachricht ist unterwegs." in page.text


async def test_every_cookie_is_named_and_no_other(world: World) -> None:
    async with world.browser() as browser:
        page = await browser.open("/datenschutz")

    cookies = page.text.partition("Cookies</h2>")[2].partition("</ul>")[0]
    assert sorted(re.findall("<code>(.*?)</code>", cookies)) == sorted(_cookies_that_are_set())


async def test_how_long_things_are_kept_follows_the_settings(tmp_path: Path, clock: FakeClock) -> None:
    async with (
        open_world(tmp_path / "data", clock, key_backup_days=20, retention_years=7, session_max_hours=1) as world,
        world.browser() as browser,
    ):
        words = words_of((await browser.open("/datenschutz")).text)

    assert "noch 21 Tage nach dem Löschen" in words
    assert "noch 7 Jahre nach deren Eingang" in words
    assert "nach 30 Minuten" in words
    assert "Nach 1 Stunde werden sie" in words


def test_leichte_sprache_has_short_sentences_and_short_words() -> None:
    text = law_pages.PLAIN_LANGUAGE.read_text()
    sentences = re.split(r"[.?!:]\s|\n", re.sub(r"\d+\. ", "", text).replace("\\\n", "\n"))

    assert [one for one in sentences if len(one.split()) > LONGEST_SENTENCE] == []
    assert "·" not in text
    assert "-" not in text.replace("E-Mail", "")
    assert "(" not in text
    assert all(word in text for word in ("Bescheid", "Frist", "Widerspruch", "keine rechtliche Wirkung", "Prüfgruppe"))


def _opened_by_anybody(method: str, path: str) -> bool:
    return method == "GET" and "{" not in path and dialect_of(path) == "pages"


async def _write(browser: Browser, **entered: str) -> Page:
    """Fill in the form and send it."""
    page = await browser.open("/barrierefreiheit")
    return await browser.send(page.form("Nachricht schicken"), **entered)


def _cookies_that_are_set() -> set[str]:
    """Return the names that the code gives to `set_cookie`."""
    found = set()
    for file in (ROOT / "sk").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "set_cookie":
                name = call.args[2]
                module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
                spelled = getattr(importlib.import_module(module), name.id) if isinstance(name, ast.Name) else None
                found.add(spelled or ast.literal_eval(name))
    return found
