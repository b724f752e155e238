"""Replying in the browser: a link where it is wanted, a form that any browser sends, and what was sent, read again."""

import json

import pytest

from sk.client import File
from tests.auth.exporting import exported
from tests.postbox.proofs import verified
from tests.postbox.replies import PHOTO, SCAN, TEXT, asked, replied, reply
from tests.security.tab import open_tab
from tests.web.pages import BIDI, HOSTILE, Reader, words_of
from tests.world import A_FILE, World


async def test_a_reply_is_sent_listed_and_read_again_without_javascript(world: World) -> None:
    notice, _ = await asked(world)
    path = f"/postfach/{notice.notice_id}"

    async with world.browser(notice.citizen) as browser:
        page = await browser.open(path)
        form = await browser.open(page.links["Antworten"])
        sent = await browser.send_files(form.form("Antwort senden"), [SCAN, PHOTO], text=TEXT)
        read = await browser.open(sent.links["Antwort 1, gesendet Montag, 23. November 2026, 10:00 Uhr"])
        files = [await browser.download(read.links[file.name]) for file in (SCAN, PHOTO)]

    assert (form.url, sent.url, read.url) == (f"{path}/antwort", path, f"{path}/antworten/1")
    assert "Ihre Antworten" not in page.text
    assert words_of(sent.text).count("2 Dateien") == 1
    assert "fehlt noch die Bescheinigung für Jürgen." in read.text
    assert files == [SCAN.data, PHOTO.data]


async def test_the_form_says_to_whom_on_what_and_that_no_frist_is_stopped(world: World) -> None:
    notice, tab = await asked(world)

    shown = words_of((await tab.get(f"/postfach/{notice.notice_id}/antwort")).text)

    assert "AnStadt Musterstadt Auf die NachrichtBescheid über Ihren Antrag" in shown
    assert "Eine Antwort hält keine Frist an." in shown
    assert "Höchstens 20 Dateien, jede bis 200 MB" in shown


async def test_a_notice_without_a_frist_has_no_word_about_one(world: World) -> None:
    notice, tab = await asked(world, kind="message", law=None, rechtsbehelf=None, belehrung=None)

    assert "Frist" not in (await tab.get(f"/postfach/{notice.notice_id}/antwort")).text


async def test_only_files_or_only_a_text_are_a_reply_too(world: World) -> None:
    notice, tab = await asked(world)

    answers = [await reply(tab, notice.notice_id, "", [SCAN]), await reply(tab, notice.notice_id, TEXT)]

    shown = words_of((await tab.get(f"/postfach/{notice.notice_id}")).text)
    assert [answer.headers["Location"] for answer in answers] == [f"/postfach/{notice.notice_id}#antworten"] * 2
    assert "eine Datei Antwort 2" in shown


async def test_a_file_of_a_reply_is_saved_and_never_run(world: World) -> None:
    notice, tab = await replied(world)

    answer = await tab.get(f"/postfach/{notice.notice_id}/antworten/1/dateien/1")

    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Bescheinigung.pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer.headers["Content-Type"], answer.body) == ("application/pdf", SCAN.data)


@pytest.mark.parametrize("rest", ["antworten/2", "antworten/0", "antworten/x", "antworten/1/dateien/3"])
async def test_what_is_not_there_is_said_to_be_not_there(world: World, rest: str) -> None:
    notice, tab = await replied(world)

    assert (await tab.get(f"/postfach/{notice.notice_id}/{rest}")).status == 404


async def test_hostile_words_are_shown_as_they_are_and_do_nothing(world: World) -> None:
    notice, tab = await asked(world)
    hostile = File(f"{HOSTILE.replace('/', '∕')}.txt", b"x")  # noqa: RUF001 - a name holds no real slash
    refused = await reply(tab, notice.notice_id, f"{HOSTILE}{BIDI}", [File(f"{HOSTILE.replace('/', '')}.exe", b"x")])
    assert (await reply(tab, notice.notice_id, f"{HOSTILE}{BIDI}", [hostile])).status == 303

    read = Reader.of((await tab.get(f"/postfach/{notice.notice_id}/antworten/1")).text)
    again = Reader.of(refused.text)

    assert refused.status == 422
    for page in (read, again):
        assert ({"img", "b"} & page.tags, page.scripts_without_source) == (set(), 0)
        assert not any(BIDI in said for said in page.words - page.isolated)
    assert {f"{HOSTILE}{BIDI}", hostile.name} <= read.isolated


async def test_the_citizen_takes_replies_along_with_the_notice(world: World) -> None:
    notice, _ = await replied(world)

    with await exported(world, notice.citizen) as zipped:
        names = [name.partition("/antworten/")[2] for name in zipped.namelist() if "/antworten/" in name]
        folder = next(name for name in zipped.namelist() if name.endswith("nachricht.json")).rpartition("/")[0]
        said = json.loads(zipped.read(f"{folder}/antworten/01/antwort.json"))
        text = zipped.read(f"{folder}/antworten/01/text.txt").decode()
        scan = zipped.read(f"{folder}/antworten/01/anhaenge/01-Bescheinigung.pdf")
        proof = await verified(world, zipped.read(f"{folder}/nachweis.json"))

    assert names == [
        *("01/antwort.json", "01/text.txt"),
        *("01/anhaenge/01-Bescheinigung.pdf", "01/anhaenge/02-Foto.JPG"),
    ]
    assert (said["gesendet_am"][:10], text, scan) == ("2026-11-23", TEXT, SCAN.data)
    assert len(proof.replies) == 1


async def test_the_page_that_verifies_evidence_knows_a_file_that_was_sent_in_a_reply(world: World) -> None:
    notice, _ = await replied(world)
    tab = await open_tab(world, notice.citizen)
    bundle = File("nachweis.json", (await tab.get(f"/postfach/{notice.notice_id}/nachweis.json")).body)

    async with world.browser() as browser:
        form = (await browser.open("/nachweis-pruefen")).form("Prüfen")
        shown = words_of((await browser.send_files(form, [A_FILE, SCAN], bundle=bundle)).text)

    assert "bescheid.pdf Unverändert Anhang 1 der Nachricht" in shown
    assert "Bescheinigung.pdf Unverändert Anhang 1 von Antwort 1" in shown
