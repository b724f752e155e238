"""The page on which anybody verifies evidence: what it says of bundles and files, and that it keeps nothing of them."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from sk.client import File
from sk.errors import Unavailable
from sk.evidence.bundle import read_bundle
from sk.evidence.sentences import report_on
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from sk.postbox.explanation import LANGUAGES, Language
from sk.web.app import make_app
from sk.web.keys import VERIFIER
from sk.web.one_by_one import WAITING_MAX
from sk.web.verify_page import BUNDLE_MAX_BYTES
from tests.fakes import FakeClock
from tests.postbox.proofs import ask, evidence_of, fetched, proof_of
from tests.refusals import nothing_stored
from tests.security.tab import FORM_TOKEN, Tab
from tests.web.pages import HOSTILE, Reader, words_of
from tests.web.verifying import PAGE, a_form, send, verdict
from tests.world import A_FILE, World, open_world


async def test_the_form_is_there_for_everybody_and_linked_from_the_start(world: World) -> None:
    async with world.browser() as browser:
        home = await browser.open("/")
        form = (await browser.open(home.links["Nachweis prüfen"])).form("Prüfen")

    assert form.action == PAGE
    assert form.fields.keys() == {"csrf", "bundle", "files"}


@pytest.mark.parametrize(
    ("language", "title", "about_the_file"),
    [
        ("de", "Gültig", "bescheid.pdf Unverändert Anhang 1 der Nachricht"),
        ("en", "Valid", "bescheid.pdf Unchanged Attachment 1 of the notice"),
    ],
)
async def test_a_bundle_and_its_document_are_valid_and_every_sentence_is_there_in_the_language_of_the_page(
    world: World, language: Language, title: str, about_the_file: str
) -> None:
    notice = await fetched(world)

    answer = await send(world, await evidence_of(world, notice), [A_FILE], language=language)

    shown = words_of(answer.text)
    assert answer.status == 200
    assert verdict(answer) == title
    assert about_the_file in shown
    report = report_on((await proof_of(world, notice)).verified)
    for words in (*report.proven, *report.computed):
        assert [said for said in LANGUAGES if words.in_language(said) in shown] == [language]


async def test_the_result_comes_first_takes_the_focus_and_is_an_alert(world: World) -> None:
    notice = await fetched(world)

    page = (await send(world, await evidence_of(world, notice))).text

    alert = page.index('role="alert" tabindex="-1" autofocus')
    assert page.index("<h1") < alert < page.index("<h2")
    assert "<title>Gültig: Nachweis prüfen" in page


async def test_a_bundle_that_was_changed_is_not_valid(world: World) -> None:
    notice = await fetched(world)
    bundle = json.loads(await evidence_of(world, notice))
    bundle["statements"][1]["logged_at"] = bundle["statements"][1]["logged_at"].replace("2026", "2025")

    answer = await send(world, json.dumps(bundle, separators=(",", ":"), ensure_ascii=False).encode())

    assert (answer.status, verdict(answer)) == (200, "Nicht gültig")
    assert "steht so nicht im Log" in words_of(answer.text)
    assert "Belegt" not in words_of(answer.text)


async def test_a_bundle_of_another_installation_is_not_vouched_for(world: World, tmp_path: Path) -> None:
    async with open_world(tmp_path / "other", FakeClock()) as other:
        foreign = await evidence_of(other, await fetched(other))

    answer = await send(world, foreign)

    assert (answer.status, verdict(answer)) == (200, "Nicht verbürgt")
    assert json.loads(foreign)["vkey"] in words_of(answer.text)


async def test_a_bundle_that_only_claims_to_be_from_here_is_not_valid(world: World, tmp_path: Path) -> None:
    name = world.base_url.removeprefix("http://")
    async with open_world(tmp_path / "other", FakeClock(), log_origin=name) as other:
        foreign = await evidence_of(other, await fetched(other))

    answer = await send(world, foreign)

    assert verdict(answer) == "Nicht gültig"
    assert "nicht der bekannte Schlüssel" in words_of(answer.text)


async def test_a_document_that_was_changed_is_named_and_spoils_the_result(world: World) -> None:
    notice = await fetched(world)
    changed = File("geändert.pdf", A_FILE.data + b" ")

    answer = await send(world, await evidence_of(world, notice), [A_FILE, changed])

    shown = words_of(answer.text)
    assert verdict(answer) == "Nicht gültig"
    assert "bescheid.pdf Unverändert" in shown
    assert "geändert.pdf Gehört nicht dazu In diesem Nachweis nicht enthalten" in shown
    assert "Belegt" in shown


async def test_without_digests_it_is_not_said_that_a_document_is_another_one(world: World) -> None:
    notice = await fetched(world)
    mute = read_bundle(await evidence_of(world, notice)).model_copy(update={"opening": None})

    answer = await send(world, mute.text().encode(), [A_FILE])

    shown = words_of(answer.text)
    assert verdict(answer) == "Nicht gültig"
    assert "bescheid.pdf Nicht feststellbar Ob diese Datei dazugehört, lässt sich nicht sagen." in shown
    assert "Gehört nicht dazu" not in shown


async def test_since_when_each_step_is_in_the_log_stands_beside_it(world: World) -> None:
    notice = await fetched(world)

    answer = await send(world, await evidence_of(world, notice))

    assert words_of(answer.text).count("Im Log seit 23.11.2026, 10:00:") == 4


async def test_whoever_finds_a_long_queue_is_told_to_come_back(world: World) -> None:
    raw, known = await evidence_of(world, await fetched(world)), [await log_vkey(world.web)]
    busy = make_app(world.web)[VERIFIER]
    waiting = [asyncio.ensure_future(busy.run(verify_bundle, raw, known)) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="being verified right now; try again"):
        await busy.run(verify_bundle, raw, known)

    assert all(one.trusted for one in await asyncio.gather(*waiting))
    await busy.close()


async def test_where_certificates_lie_is_not_told_to_strangers(tmp_path: Path, clock: FakeClock) -> None:
    wrong = {"tsa": SecretStr("https://tsa.example.org/"), "tsa_certs": "/nowhere.pem"}
    async with open_world(tmp_path / "wrong", clock, **wrong) as world:
        answer = await send(world, b"{}")

    assert answer.status == 503
    assert "nowhere" not in answer.text


async def test_the_printed_proof_is_refused_with_a_hint_where_the_file_is(world: World) -> None:
    notice = await fetched(world)
    pdf = await ask(world, notice.authority, f"/api/v1/notices/{notice.notice_id}/evidence.pdf")

    answer = await send(world, pdf.body)

    assert (answer.status, verdict(answer)) == (422, "Unlesbar")
    assert "die an ihm hängt" in words_of(answer.text)


@pytest.mark.parametrize("garbage", [b"{}", b"\0" * 5000, b"[" * 100_000, b'{"v":"sk-bundle/1"}', b"\xa4"])
async def test_garbage_is_unreadable(world: World, garbage: bytes) -> None:
    answer = await send(world, garbage, [A_FILE])

    assert (answer.status, verdict(answer)) == (422, "Unlesbar")


async def test_without_a_file_the_form_comes_again_and_says_what_is_missing(world: World) -> None:
    answer = await send(world, b"")

    assert (answer.status, verdict(answer)) == (422, "Bitte wählen Sie eine Nachweis-Datei aus.")


async def test_a_bundle_that_is_too_large_is_refused_in_words(world: World) -> None:
    answer = await send(world, b" " * (BUNDLE_MAX_BYTES + 1))

    assert answer.status == 413
    assert verdict(answer).startswith("Was Sie geschickt haben, ist zu groß.")


async def test_documents_are_limited_in_size_and_number(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "small", clock, attachment_max_bytes=1000, attachments_max=2) as world:
        half, whole = File("half.pdf", bytes(501)), File("whole.pdf", bytes(1000))

        assert (await send(world, b"{}", [whole])).status == 422
        assert (await send(world, b"{}", [half, half])).status == 413
        assert (await send(world, b"{}", [File("x", b"")] * 3)).status == 413


async def test_a_form_that_was_not_given_to_this_browser_is_refused(world: World) -> None:
    notice = await fetched(world)

    answer = await send(world, await evidence_of(world, notice), csrf="another")

    assert answer.status == 403
    assert verdict(answer).startswith("Diese Seite war zu lange offen.")
    assert "Belegt" not in words_of(answer.text)


async def test_another_sites_page_cannot_send_it(world: World) -> None:
    tab = Tab(world.http, world.base_url, "", "")

    answer = await tab.ask("POST", PAGE, data=a_form(b"{}", [], FORM_TOKEN), headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 403


@pytest.mark.parametrize("name", [HOSTILE, "a\u202efdp.exe", "x" * 3000, "../../etc/passwd", "ä 測.pdf"])
async def test_the_name_of_a_document_is_shown_as_it_is_and_does_nothing(world: World, name: str) -> None:
    notice = await fetched(world)

    answer = await send(world, await evidence_of(world, notice), [File(name, b"x")])

    read = Reader.of(answer.text)
    assert answer.status == 200
    assert ({"img", "b"} & read.tags, read.scripts_without_source) == (set(), 0)
    assert name in {said.replace("%22", '"') for said in read.isolated}
    assert not any("\u202e" in said for said in read.words - read.isolated)


async def test_nothing_of_what_was_sent_is_kept(world: World) -> None:
    notice = await fetched(world)
    bundle = await evidence_of(world, notice)

    async with nothing_stored(world.data):
        await send(world, bundle, [A_FILE])


@pytest.mark.parametrize("body", [b"", b"csrf=x", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n"])
async def test_what_is_no_such_form_is_refused(world: World, body: bytes) -> None:
    tab = Tab(world.http, world.base_url, "", "")

    answer = await tab.ask("POST", PAGE, data=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert answer.status in (400, 403)
