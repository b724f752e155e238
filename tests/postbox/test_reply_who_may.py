"""Who may reply, to what, and who may read it: the citizen, where their authority asked for it; nobody else."""

from dataclasses import replace

import pytest

from sk.errors import Conflict
from tests.fakes import FakeClock
from tests.postbox.proofs import ask, fetched
from tests.postbox.replies import (
    SCAN,
    TEXT,
    asked,
    replied,
    replies_of,
    reply,
)
from tests.refusals import nothing_stored
from tests.security.tab import open_tab
from tests.workers.cases import MESSAGE, notice_of, steps_of, take_back
from tests.world import World


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


async def test_a_notice_that_has_left_its_postbox_takes_no_reply(world: World) -> None:
    notice, _ = await asked(world)
    kept = await notice_of(world, notice.notice_id)
    kept.close(world.clock.now(), world.clock.now(), world.web.keys.signer("sign-web"))

    with pytest.raises(Conflict, match="takes no reply"):
        kept.record_reply(world.clock.now(), world.web.keys.signer("sign-web"), {})
