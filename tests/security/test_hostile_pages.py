"""Hostile words that were taken, wherever they are shown: in Chromium at 320 pixels, in mails, PDFs and ZIP files."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, ViewportSize
from pypdf import PdfReader

from sk.auth.profile import NAMES
from sk.client import AuthorityClient, File
from sk.errors import Invalid
from sk.mail.catcher import mail_folder
from tests.auth.exporting import exported
from tests.auth.factors import with_passkey
from tests.auth.people import ERIKA
from tests.auth.writing import SECOND, with_second_address
from tests.pages.looking import HEIGHT, LEAST, OVERFLOWS
from tests.postbox.replies import reply
from tests.security.hostile import WORDS, harmful
from tests.security.tab import FORM_TOKEN, Tab, open_tab
from tests.web.pages import BIDI
from tests.web.screens import screen
from tests.world import Citizen, World, a_notice

DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
PAGE = b"<!doctype html><script>alert(3)</script><img src=//page.example onerror=alert(4)>"
RUNS = [File("bild.xml", DRAWN, "application/xml"), File("seite.txt", PAGE, "text/plain")]
"""What a browser would run if it were shown as what it is."""
STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/AA")
NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069<>:"\\|?*]')
NAME_MAX = 300
LETTERS, LONG = ("given_names", "family_names", "birth_name", "street", "city", "place_of_birth"), "W" * 80
"""Of a profile: what takes any letters, and as many as it takes."""
REFUSED = [File("bild.svg", DRAWN, "image/svg+xml"), File("seite.html", PAGE, "text/html")]


class Haunted(NamedTuple):
    """A postbox that strangers have written into."""

    world: World
    erika: Citizen
    notices: list[str]
    authorities: list[str]

    def paths(self) -> Sequence[str]:
        """Return all pages on which something of a stranger is shown."""
        notices = [f"/postfach/{id_}" for id_ in self.notices]
        return [
            *("/postfach", "/postfach?ablage=archiv", "/konto", "/konto/daten", "/konto/protokoll", "/konto/email"),
            *("/konto/benachrichtigung", "/konto/benachrichtigung/satz", "/konto/benachrichtigung/zweite-adresse"),
            *("/konto/sicherheit", "/konto/sicherheit/passkeys", "/konto/loeschen", "/konto/loeschen/bestaetigen"),
            *("/konto/einwilligungen", "/konto/einwilligungen?suche=e", "/konto/einwilligungen?suche=W", "/dev/mail"),
            *(f"/konto/einwilligungen/{id_}" for id_ in self.authorities),
            *(f"/postfach?von={id_}" for id_ in self.authorities),
            *(f"{notice}{page}" for notice in notices for page in ("", "/antwort", "/antworten/1", "/nachweis")),
        ]


@pytest.fixture
async def haunted(world: World) -> Haunted:
    """Have every kind of hostile words taken wherever one of them is: by the API, by forms, by what browsers say."""
    erika = await world.citizen()
    tab, notices, authorities = await open_tab(world, erika), list[str](), list[str]()
    for words in WORDS.values():
        authority = await _named(world, words)
        authorities.append(authority.client_id)
        if id_ := await _posted(world, authority, erika, words):
            notices.append(id_)
            await tab.post(f"/postfach/{id_}")
            answer = await reply(tab, id_, f"{words}{BIDI}", [File(f"{_in_a_name(words)}.txt", PAGE)])
            assert answer.status == 303, answer.text
            await with_passkey(world, erika, words[:50])
            await _posted(world, authority, erika, words)  # and this one stays unread
    form = {"csrf": FORM_TOKEN, "username": erika.username, "password": erika.password}
    agent = {"User-Agent": f"{WORDS['markup']} Firefox/1 Windows"}
    stranger = Tab(world.http, world.base_url, "", FORM_TOKEN)
    assert (await stranger.ask("POST", "/anmelden", headers=agent, data=form)).status == 303
    profile = {name: LONG if name in LETTERS else ERIKA[name] for name in NAMES}
    answer = await tab.ask("POST", "/konto/daten", data={"csrf": tab.csrf, **profile})
    assert answer.status == 303, answer.text
    await with_second_address(world, erika)
    await world.settle()
    mail_folder(world.data).mkdir(exist_ok=True)
    for number, mail in enumerate(world.mails.sent):
        (mail_folder(world.data) / f"{number}.eml").write_bytes(bytes(mail))
    return Haunted(world, erika, notices, authorities)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_in_a_browser_nothing_of_them_runs_and_nothing_is_wider_than_a_small_phone(
    chromium: Browser, haunted: Haunted, language: str
) -> None:
    found, shown = list[str](), ""
    tab = await open_tab(haunted.world, haunted.erika)
    viewport = ViewportSize(width=LEAST, height=HEIGHT)
    async with screen(chromium, tab, f"/sprache/{language}", viewport=viewport) as page:
        page.on("dialog", lambda dialog: found.append(f"{page.url}: {dialog.message}"))
        page.on("request", lambda request: found.extend(_foreign(request.url, tab.base_url)))
        page.context.on("page", lambda opened: found.append(f"{page.url} opens {opened.url}"))
        for path in haunted.paths():
            answer = await page.goto(tab.base_url + path)
            assert answer
            assert answer.status == 200, path
            found += [f"{path}: {what}" for what in harmful(await answer.text())]
            shown += await page.locator("main").inner_text()
            found += [f"{path} is too wide: {what}" for what in await page.evaluate(OVERFLOWS)]

    assert found == []
    assert [kind for kind, words in WORDS.items() if words not in shown] == ["bidi"]  # refused wherever it is one line
    assert BIDI in shown
    assert "Firefox, Windows" in shown  # of what a browser calls itself nothing else is left


async def test_what_a_browser_would_run_is_refused_or_saved_and_never_shown(
    chromium: Browser, haunted: Haunted
) -> None:
    world, found = haunted.world, list[str]()
    tab, here = await open_tab(world, haunted.erika), f"/postfach/{haunted.notices[0]}"
    async with screen(chromium, tab, here) as page:
        page.on("dialog", lambda dialog: found.append(dialog.message))
        for file in RUNS:
            async with page.expect_download() as saved:
                await page.get_by_role("link", name=file.name).click()
            assert (await (await saved.value).path()).read_bytes() == file.data
        await page.goto(f"{world.base_url}{here}/antworten/1")
        async with page.expect_download() as saved:
            await page.get_by_role("main").get_by_role("link", name=".txt").click()
        assert (await (await saved.value).path()).read_bytes() == PAGE
    assert found == []

    authority = await world.authority()
    for file in REFUSED:
        status, answer = await authority.post(a_notice(haunted.erika.handle), [file])
        assert (status, answer["type"].rpartition("/")[2]) == (422, "attachment-type")
        said = await reply(tab, haunted.notices[0], "", [file])
        assert said.status == 422
        assert f"Die Datei „{file.name}“ ist von einer Art" in said.text


async def test_mails_are_plain_and_go_to_nobody_else_whatever_is_written_into_them(haunted: Haunted) -> None:
    mails = haunted.world.mails.sent

    assert len(mails) > len(WORDS)
    assert {mail.get_content_type() for mail in mails} == {"text/plain"}
    assert {mail["To"] for mail in mails} == {"erika@example.org", SECOND}
    said = " ".join("\n".join(mail.get_content() for mail in mails).split())
    assert [kind for kind, words in WORDS.items() if words not in said] == ["bidi", "emoji"]  # no names of authorities


async def test_a_pdf_does_nothing_either(haunted: Haunted) -> None:
    tab = await open_tab(haunted.world, haunted.erika)
    paths = [f"/postfach/{id_}/nachweis.pdf" for id_ in haunted.notices]
    paths += [f"/konto/einwilligungen/{id_}/adresse.pdf" for id_ in haunted.authorities]
    for path in paths:
        answer = await tab.get(path)
        assert answer.status == 200, path
        assert answer.headers["Content-Disposition"].startswith("attachment")
        objects = STREAM.sub(b"", answer.body)  # compressed, in which any three bytes may stand
        assert [name for name in ACTIVE if name in objects] == []
        pdf = PdfReader(BytesIO(answer.body))
        assert isinstance(pdf.root_object.get("/OpenAction", []), list), path  # a place in the document, no action
        notes = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
        assert [note for note in notes if "page.example" in str(note.get("/A", ""))] == []


async def test_names_in_a_zip_file_lead_nowhere(haunted: Haunted) -> None:
    zipped = await exported(haunted.world, haunted.erika)
    names = zipped.namelist()
    parts = [part for name in names for part in name.split("/")]

    assert any("onerror" in part for part in parts)
    assert [name for name in names if name.startswith("/") or len(name) > NAME_MAX] == []
    assert [part for part in parts if part in ("", ".", "..") or NOT_IN_A_NAME.search(part)] == []
    assert zipped.testzip() is None


def _foreign(url: str, ours: str) -> list[str]:
    return [] if url.startswith((ours, "data:")) else [f"loads {url}"]


async def _named(world: World, words: str) -> AuthorityClient:
    """Register an authority of such a name, or of an honest one if the name is refused."""
    try:
        return await world.authority(words)
    except Invalid:
        return await world.authority()


async def _posted(world: World, authority: AuthorityClient, erika: Citizen, words: str) -> str:
    """Post a notice in which everything says the words, and what a browser would run; return its id unless refused."""
    files = [File(f"{_in_a_name(words)}.pdf", b"%PDF-1.7"), *RUNS]
    notice = a_notice(erika.handle, reply=True, subject=words, text=f"{words}{BIDI}", case=words[:100])
    status, answer = await authority.post(notice, files)
    await world.settle()
    assert status == 202 or (status == 422 and BIDI in words), answer
    return str(answer.get("id", ""))


def _in_a_name(words: str) -> str:
    return words.replace("/", "∕")  # noqa: RUF001 - a name holds no real slash
