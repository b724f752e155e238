"""A citizen replies: who may, to what, once; what their authority gets; and what is left of what was not taken."""

import asyncio
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from sk.client import File
from sk.crypto.sign import decode, encode
from sk.doctor import examine
from sk.errors import Conflict, Forbidden
from sk.evidence.sentences import report_on
from sk.ids import new_id
from sk.postbox.receipt import Receipt
from sk.postbox.reply import Reply
from sk.postbox.reply_intake import REPLIES_MAX, TEXT_MAX, answerable
from tests.auth.erasing import erase
from tests.fakes import FakeClock, WallClock
from tests.keeper import EICAR
from tests.postbox.proofs import ask, evidence_of, fetched, verified
from tests.postbox.replies import (
    PHOTO,
    SCAN,
    TEXT,
    asked,
    form_of,
    replied,
    replies_of,
    reply,
    reply_for,
    reply_past_the_page,
)
from tests.process import until
from tests.refusals import nothing_stored, objects, stored
from tests.security.tab import open_tab
from tests.workers.cases import MESSAGE, Raced, logged_in, notice_of, said_of, steps_of, take_back
from tests.world import World, a_notice, open_world

# The whole way


async def test_a_reply_reaches_its_authority_with_text_and_files_as_they_were_sent(world: World) -> None:
    notice, _ = await replied(world)

    [line] = await replies_of(world, notice)
    told = (await reply_for(world, notice, line["id"])).json()
    files = [await reply_for(world, notice, f"{line['id']}/attachments/{number}") for number in (1, 2)]

    assert (line["notice_id"], line["reference"], line["available"]) == (
        notice.notice_id,
        notice.answer["reference"],
        True,
    )
    assert {**told, **{name: line[name] for name in ("id", "at", "notice_id", "reference")}} == told
    assert (told["text"], told["trust"]) == (TEXT, "high")
    assert told["attachments"] == [
        {**SCAN.declared(), "type": "application/pdf"},
        {**PHOTO.declared(), "type": "image/jpeg"},
    ]
    assert [file.body for file in files] == [SCAN.data, PHOTO.data]
    for file, name in zip(files, ("Bescheinigung.pdf", "Foto.JPG"), strict=True):
        assert file.type == "application/octet-stream"
        assert file.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_the_event_feed_tells_of_a_reply(world: World) -> None:
    notice, _ = await replied(world)

    _, page = await notice.authority.events()

    assert [event["step"] for event in page["events"]][-2:] == ["abgerufen", "replied"]
    assert page["events"][-1]["reference"] == notice.answer["reference"]


async def test_the_citizen_may_reply_more_than_once_and_after_the_day_of_the_bekanntgabe(
    world: World, clock: FakeClock
) -> None:
    notice, tab = await replied(world, "Erste Antwort", [])
    clock.advance(days=5)
    await world.settle()
    tab = await open_tab(world, notice.citizen)
    assert (await reply(tab, notice.notice_id, "Zweite Antwort")).status == 303
    await world.settle()

    assert (await steps_of(world, notice.notice_id))[-3:] == ["replied", "bekanntgegeben", "replied"]
    found = await replies_of(world, notice)
    texts = [(await reply_for(world, notice, line["id"])).json()["text"] for line in found]
    assert texts == ["Erste Antwort", "Zweite Antwort"]
    shown = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert shown[1]["status"] == "bekanntgegeben"


async def test_a_client_reads_replies_with_three_calls(world: World) -> None:
    notice, _ = await replied(world)

    status, page = await notice.authority.replies()
    path = f"/api/v1/replies/{page['replies'][0]['id']}"
    told, (fetched_status, data) = (
        await notice.authority.get(path),
        await notice.authority.download(f"{path}/attachments/1"),
    )
    _, later = await notice.authority.replies(page["cursor"])

    assert (status, told[0], fetched_status) == (200, 200, 200)
    assert (told[1]["text"], data, later["replies"]) == (TEXT, SCAN.data, [])


# Who may, and to what


async def test_a_notice_whose_authority_did_not_ask_for_it_takes_no_reply(world: World) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)

    page, form = await tab.get(f"/postfach/{notice.notice_id}"), await tab.get(f"/postfach/{notice.notice_id}/antwort")
    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert "/antwort" not in page.text
    assert (form.status, answer.status) == (403, 403)
    assert "Auf diese Nachricht können Sie hier nicht antworten" in answer.text


async def test_an_unread_notice_takes_no_reply_and_stays_unread(world: World) -> None:
    notice = await world.delivered(reply=True)
    tab = await open_tab(world, notice.citizen)

    form = await tab.get(f"/postfach/{notice.notice_id}/antwort")
    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert (form.status, answer.status) == (403, 403)
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_a_notice_that_was_withdrawn_takes_no_reply(world: World) -> None:
    notice = await world.delivered(reply=True, **MESSAGE)
    await take_back(world, notice.notice_id)
    tab = await open_tab(world, notice.citizen)

    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id)

    assert answer.status == 403
    assert "zurückgezogen" in answer.text


async def test_a_notice_that_has_lapsed_takes_no_reply(world: World, clock: FakeClock) -> None:
    notice = await world.delivered(law="vwvfg-41-2a", reply=True)
    clock.advance(days=12)
    await world.settle()

    answer = await reply(await open_tab(world, notice.citizen), notice.notice_id)

    assert answer.status == 403
    assert "replied" not in await steps_of(world, notice.notice_id)


async def test_a_log_in_at_too_low_a_level_neither_replies_nor_reads_replies(world: World) -> None:
    notice, _ = await asked(world, minimum_trust="high")
    low, path = await open_tab(world, notice.citizen, "low"), f"/postfach/{notice.notice_id}"
    assert (await reply(await open_tab(world, notice.citizen), notice.notice_id, TEXT, [SCAN])).status == 303

    async with nothing_stored(world.data):
        answers = [
            await reply(low, notice.notice_id),
            *[await low.get(path + rest) for rest in ("/antwort", "/antworten/1", "/antworten/1/dateien/1")],
        ]

    assert [answer.status for answer in answers] == [403] * 4
    assert not [answer for answer in answers if "Bescheinigung" in answer.text]


async def test_another_citizen_can_neither_reply_nor_read(world: World) -> None:
    notice, _ = await replied(world)
    stranger, path = await open_tab(world, await world.citizen("max")), f"/postfach/{notice.notice_id}"

    async with nothing_stored(world.data):
        answers = [
            await reply(stranger, notice.notice_id, TEXT, [SCAN]),
            *[await stranger.get(path + rest) for rest in ("/antwort", "/antworten/1", "/antworten/1/dateien/1")],
        ]

    assert [answer.status for answer in answers] == [404] * 4


async def test_another_authority_sees_nothing_of_a_reply(world: World) -> None:
    notice, _ = await replied(world)
    [line] = await replies_of(world, notice)
    other = await world.authority("Kreis Nirgendwo")

    listed = await ask(world, other, "/api/v1/replies")
    answers = [await ask(world, other, f"/api/v1/replies/{line['id']}{rest}") for rest in ("", "/attachments/1")]

    assert listed.json()["replies"] == []
    assert [answer.status for answer in answers] == [404, 404]
    assert notice.notice_id not in answers[0].body.decode()


async def test_a_token_without_the_scope_reads_no_replies(world: World) -> None:
    notice, _ = await replied(world)
    [line] = await replies_of(world, notice)
    narrow = await world.authority("Ohne Antworten", scopes=("notices:read", "notices:write"))

    for path in ("/api/v1/replies", f"/api/v1/replies/{line['id']}", f"/api/v1/replies/{line['id']}/attachments/1"):
        answer = await ask(world, narrow, path)
        assert (answer.status, answer.json()["type"]) == (403, "/problems/wrong-scope")


async def test_a_form_that_this_session_was_not_given_is_refused_before_its_files_are_read(world: World) -> None:
    notice, tab = await asked(world)

    async with nothing_stored(world.data):
        answers = [
            await reply(replace(tab, csrf="x" * 43), notice.notice_id, TEXT, [SCAN]),
            await tab.ask("POST", f"/postfach/{notice.notice_id}/antwort", data={"text": TEXT}),
        ]

    assert [answer.status for answer in answers] == [403, 415]


async def test_whoever_is_not_logged_in_is_asked_to_do_that(world: World) -> None:
    notice, tab = await asked(world)

    answer = await reply(replace(tab, token=""), notice.notice_id)

    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/anmelden")


# What is refused leaves nothing


@pytest.mark.parametrize(
    ("text", "files", "words"),
    [
        ("", [], "Bitte schreiben Sie etwas, oder wählen Sie eine Datei aus."),
        (" \n\t ", [], "Bitte schreiben Sie etwas, oder wählen Sie eine Datei aus."),
        ("x" * (TEXT_MAX + 1), [], "Das sind zu viele Zeichen."),
        ("ä" * 3 * TEXT_MAX, [], "Das sind zu viele Zeichen."),
        ("Guten \0 Tag", [], "Das kann hier nicht stehen."),
        (TEXT, [SCAN, File("programm.exe", b"MZ")], "Die Datei „programm.exe“ ist von einer Art"),
        (TEXT, [SCAN, File("ohne", b"%PDF-1.7")], "Die Datei „ohne“ ist von einer Art"),
        (TEXT, [SCAN, File("kein.pdf", b"Text")], "Die Datei „kein.pdf“ ist von einer Art"),
        (TEXT, [SCAN, File("leer.txt", b"")], "Die Datei „leer.txt“ ist leer oder zu groß."),
        (TEXT, [SCAN, File("gross.txt", b"x" * 100_001)], "Die Datei „gross.txt“ ist leer oder zu groß."),
        (TEXT, [SCAN] * 4, "Das sind zu viele Dateien."),
        (TEXT, [SCAN, File(f"{'n' * 252}.txt", b"x")], "Der Name einer Datei ist zu lang"),
        (TEXT, [SCAN, File("\u202efdp.txt", b"x")], "Der Name einer Datei ist zu lang"),
    ],
)
async def test_what_cannot_be_sent_is_named_the_text_is_kept_and_nothing_is_stored(
    tmp_path: Path, clock: FakeClock, text: str, files: list[File], words: str
) -> None:
    async with open_world(tmp_path / "data", clock, attachments_max=3, attachment_max_bytes=100_000) as world:
        notice, tab = await asked(world)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, text, files)

    assert answer.status == 422
    assert words in answer.text
    assert "<title>Fehler: Antworten" in answer.text
    assert (TEXT in answer.text) == (text == TEXT)


async def test_no_more_replies_are_taken_than_evidence_can_hold(world: World) -> None:
    notice, tab = await replied(world)
    for number in range(2, REPLIES_MAX + 1):
        await reply_past_the_page(world, notice, f"Antwort {number}")

    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert (answer.status, "Mehr Antworten auf eine Nachricht gehen nicht." in answer.text) == (422, True)


async def test_malware_is_refused_and_nothing_is_left(tmp_path: Path, clock: FakeClock, clamd_url: str) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        notice, tab = await asked(world)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, TEXT, [SCAN, File("Anlage.txt", EICAR)])
        clean = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert answer.status == 422
    assert "In der Datei „Anlage.txt“ hat der Virenscanner etwas gefunden." in answer.text
    assert TEXT in answer.text
    assert clean.status == 303


async def test_a_scanner_that_is_silent_lets_nothing_pass_and_the_page_says_to_try_later(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_world(tmp_path / "data", clock) as world:
        notice, _ = await asked(world)
    async with open_world(tmp_path / "data", clock, scanner="clamd://127.0.0.1:1") as world:
        tab = await open_tab(world, notice.citizen)
        async with nothing_stored(world.data):
            answer = await reply(tab, notice.notice_id, TEXT, [SCAN])
        without_files = await reply(tab, notice.notice_id)

    assert answer.status == 503
    assert "Der Virenscanner antwortet gerade nicht." in answer.text
    assert TEXT in answer.text
    assert without_files.status == 303


async def test_an_upload_that_breaks_off_leaves_nothing(world: World) -> None:
    notice, tab = await asked(world)
    body = await form_of(tab.csrf, TEXT, [SCAN, SCAN], new_id())().as_bytes()
    boundary = body[2 : body.index(b"\r\n")].decode()

    for sent in (len(body) // 2, len(body) - 60):
        before = stored(world.data)
        await _break_off(world, tab.token, notice.notice_id, boundary, body[:sent], len(body))
        await until(lambda before=before: stored(world.data) == before)  # type: ignore[misc]

    assert "replied" not in await steps_of(world, notice.notice_id)


async def _break_off(world: World, token: str, notice_id: str, boundary: str, body: bytes, announced: int) -> None:
    host, port = world.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /postfach/{notice_id}/antwort HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: session={token}\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {announced}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.write_eof()
    await reader.read()
    writer.close()


# Once


async def test_the_button_pressed_twice_sends_one_reply(world: World) -> None:
    notice, tab = await asked(world)
    token = new_id()

    first = await reply(tab, notice.notice_id, TEXT, [SCAN], token)
    before = sorted(objects(world.data))
    second = await reply(tab, notice.notice_id, TEXT, [SCAN], token)
    left = sorted(objects(world.data))
    await world.settle()

    assert (first.status, second.status, second.headers["Location"]) == (303, 303, first.headers["Location"])
    assert left == before
    assert (await steps_of(world, notice.notice_id)).count("replied") == 1
    assert len(await replies_of(world, notice)) == 1


async def test_the_same_form_sent_again_with_other_words_or_files_is_another_reply(world: World) -> None:
    notice, tab = await asked(world)
    token = new_id()

    for text, files in ((TEXT, [SCAN]), ("Noch etwas.", [SCAN]), (TEXT, [SCAN, PHOTO]), (TEXT, [SCAN])):
        assert (await reply(tab, notice.notice_id, text, files, token)).status == 303

    assert (await steps_of(world, notice.notice_id)).count("replied") == 3


async def test_of_ten_presses_at_once_one_reply_comes_and_no_object_is_left_over(world: World) -> None:
    notice, tab = await asked(world)
    before, token = len(objects(world.data)), new_id()

    answers = await asyncio.gather(*(reply(tab, notice.notice_id, TEXT, [SCAN], token) for _ in range(10)))

    assert {answer.status for answer in answers} == {303}
    assert (await steps_of(world, notice.notice_id)).count("replied") == 1
    assert len(objects(world.data)) == before + 1


async def test_two_replies_at_once_from_two_forms_are_both_taken(world: World) -> None:
    notice, tab = await asked(world)

    answers = await asyncio.gather(*(reply(tab, notice.notice_id, f"Antwort {n}", [SCAN]) for n in range(4)))
    await world.settle()

    assert {answer.status for answer in answers} == {303}
    found = [(await reply_for(world, notice, one["id"])).json()["text"] for one in await replies_of(world, notice)]
    assert sorted(found) == [f"Antwort {n}" for n in range(4)]


async def test_a_notice_that_has_left_its_postbox_takes_no_reply(world: World) -> None:
    notice, _ = await asked(world)
    kept = await notice_of(world, notice.notice_id)
    kept.close(world.clock.now(), world.clock.now(), world.web.keys.signer("sign-web"))

    with pytest.raises(Conflict, match="takes no reply"):
        kept.record_reply(world.clock.now(), world.web.keys.signer("sign-web"), {})


async def test_a_lost_race_is_looked_at_again_and_the_reply_is_taken(world: World) -> None:
    notice, _ = await asked(world)

    async def somebody_else() -> None:
        other = await notice_of(world, notice.notice_id)
        other.archived = True
        await world.web.store.save(other)

    raced = replace(world, web=replace(world.web, store=Raced(world.web.store, somebody_else)))
    await reply_past_the_page(raced, notice, TEXT)

    assert (await notice_of(world, notice.notice_id)).archived
    assert (await steps_of(world, notice.notice_id))[-1] == "replied"


# Order and pages


async def test_a_cursor_misses_no_reply_whatever_comes_in_between(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    ids = [(await authority.post(a_notice(erika.handle, reply=True)))[1]["id"] for _ in range(3)]
    await world.settle()
    tab = await open_tab(world, erika)
    for id_ in ids:
        await tab.post(f"/postfach/{id_}")

    found: list[str] = []
    cursor = ""
    for number in range(6):
        await reply(tab, ids[number % 3], f"Antwort {number}")
        await world.settle()
        if number % 2:
            _, page = await authority.replies(cursor, limit="1")
            found += [one["id"] for one in page["replies"]]
            cursor = page["cursor"]
    while True:
        _, page = await authority.replies(cursor, limit="2")
        cursor = page["cursor"]
        if not page["replies"]:
            break
        found += [one["id"] for one in page["replies"]]
    _, whole = await authority.replies()

    texts = [(await authority.get(f"/api/v1/replies/{id_}"))[1]["text"] for id_ in found]
    assert texts == [f"Antwort {number}" for number in range(6)]
    assert [one["id"] for one in whole["replies"]] == found


async def test_a_reply_that_is_not_in_the_log_yet_waits_and_is_not_skipped(world: World) -> None:
    notice, tab = await replied(world)
    await reply(tab, notice.notice_id, "Noch nicht im Log")
    _, page = await notice.authority.replies()

    await world.settle()
    _, rest = await notice.authority.replies(page["cursor"])

    assert (len(page["replies"]), len(rest["replies"])) == (1, 1)


@pytest.mark.parametrize(("query", "field"), [("after=x", "after"), ("limit=0", "limit"), ("limit=1001", "limit")])
async def test_a_list_that_is_asked_for_wrongly_says_what_is_wrong(world: World, query: str, field: str) -> None:
    answer = await ask(world, await world.authority(), f"/api/v1/replies?{query}")

    answer.says("invalid", field, path="/api/v1/replies", method="GET")


# Evidence


async def test_a_bundle_proves_the_reply_and_knows_its_text_and_files(world: World) -> None:
    notice, _ = await replied(world)

    found = await verified(world, await evidence_of(world, notice))

    words = report_on(found).proven[-1]
    assert "hat eine Sitzung des Kontos der Behörde eine Antwort mit 2 Anhängen gesendet" in words.de
    assert "(Anmeldung: Passwort, Vertrauensniveau: hoch)" in words.de
    assert "a session of the account sent the authority a reply with 2 attachments" in words.en
    [opening] = found.replies
    assert opening
    assert decode(opening.text.sha256) == sha256(TEXT.encode()).digest()
    assert [decode(one.sha256) for one in opening.attachments] == [sha256(file.data).digest() for file in (SCAN, PHOTO)]


async def test_the_statement_says_nothing_of_the_account_and_nothing_that_can_be_guessed(world: World) -> None:
    notice, _ = await replied(world)

    said = (await said_of(world, notice.notice_id))[-1]

    assert said["step"] == "replied"
    assert notice.citizen.account.id not in str(said)
    assert encode(sha256(TEXT.encode()).digest()) not in str(said)
    assert SCAN.name not in str(said)


async def test_whether_a_notice_takes_a_reply_is_nothing_that_a_writer_in_the_database_can_change(
    world: World,
) -> None:
    notice = await fetched(world)
    log_in = logged_in(notice.citizen)
    with pytest.raises(Forbidden, match="takes no reply"):
        await answerable(notice.notice_id, log_in, world.web)
    other, _ = await asked(world)
    theirs, ours = await notice_of(world, other.notice_id), await notice_of(world, notice.notice_id)
    ours.envelope = theirs.envelope
    await world.web.store.save(ours)

    with pytest.raises(Forbidden, match="damaged"):
        await answerable(notice.notice_id, log_in, world.web)


async def test_a_reply_that_was_changed_is_damaged_and_one_put_to_another_notice_is_unknown(world: World) -> None:
    notice, tab = await replied(world)
    other, _ = await asked(world)
    [line] = await replies_of(world, notice)
    kept = await world.web.store.get(Reply, line["id"])
    kept.notice_id = other.notice_id
    await world.web.store.save(kept)
    moved = [await reply_for(world, one, line["id"]) for one in (notice, other)]
    kept.notice_id, kept.locked = notice.notice_id, kept.locked[:-1] + bytes([kept.locked[-1] ^ 1])
    await world.web.store.save(kept)
    changed = await reply_for(world, notice, line["id"])

    assert [answer.status for answer in moved] == [404, 404]
    assert (changed.status, changed.json()["type"]) == (503, "/problems/damaged")
    assert (await tab.get(f"/postfach/{notice.notice_id}/antworten/1")).status == 503


# Erasure, openings, doctor


async def test_an_erased_account_takes_its_replies_along_and_their_evidence_stays(world: World) -> None:
    notice, _ = await replied(world)
    [line] = await replies_of(world, notice)
    theirs = (await world.web.store.get(Reply, line["id"])).objects

    await erase(world, notice.citizen)

    assert len(theirs) == 2

    assert await world.web.store.scan(Reply) == []
    assert not [name for name, _ in objects(world.data) if any(one in name for one in theirs)]
    [told] = await replies_of(world, notice)
    assert told == {**line, "available": False}
    answer = await reply_for(world, notice, line["id"])
    answer.says("not-found", path="/api/v1/replies/{id}", method="GET")
    found = await verified(world, await evidence_of(world, notice))
    assert [one.step for one in found.statements if one.step == "replied"] == ["replied"]
    assert len(found.replies) == 1


async def test_when_openings_are_deleted_those_of_replies_go_with_them_and_the_bundle_is_mute(world: World) -> None:
    notice, _ = await replied(world)
    receipt = await world.web.store.get(Receipt, notice.notice_id)
    await world.web.store.save(remove=[receipt])

    found = await verified(world, await evidence_of(world, notice))

    assert (found.opening, found.replies) == (None, [])


async def test_the_doctor_knows_whose_the_objects_of_replies_are(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data", WallClock()) as world:
        notice, _ = await replied(world)
        in_order = [found.sentence async for found in examine(world.web, all_days=True) if not found.is_remark]
        [line] = await replies_of(world, notice)
        kept = await world.web.store.get(Reply, line["id"])
        kept.objects.pop()
        await world.web.store.save(kept)
        changed = [found async for found in examine(world.web, all_days=True) if not found.is_remark]
        await world.web.store.save(remove=[kept])
        gone = [found async for found in examine(world.web, all_days=True)]

    assert in_order == []
    assert [found.repair for found in changed] == [None] * 3
    assert f"the reply {line['id']} is not what was stated about it" in changed[0].sentence
    assert [found.is_remark for found in gone if line["id"] in found.sentence] == [True]
    assert len([found for found in gone if "is nobody's" in found.sentence and found.repair]) == 2
