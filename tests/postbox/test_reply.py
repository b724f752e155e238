"""A citizen replies: their authority gets what they sent, all of it, in the order in which it came."""

import pytest

from sk.client import AuthorityClient
from tests.fakes import FakeClock
from tests.postbox.proofs import ask
from tests.postbox.replies import (
    PHOTO,
    SCAN,
    TEXT,
    replied,
    replies_of,
    reply,
    reply_for,
)
from tests.security.tab import open_tab
from tests.workers.cases import steps_of
from tests.world import World, a_notice

PAGES_MAX = 10


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


async def rest_of(authority: AuthorityClient, cursor: str) -> list[str]:
    """Return which replies come behind a cursor, two at a time, until none does."""
    found: list[str] = []
    for _ in range(PAGES_MAX):
        _, page = await authority.replies(cursor, limit="2")
        if not page["replies"]:
            return found
        found += [one["id"] for one in page["replies"]]
        cursor = page["cursor"]
    raise AssertionError("the list of replies has no end")


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
    found += await rest_of(authority, cursor)
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
