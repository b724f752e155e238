"""Shares: what a recipient gets, and that it gets no more, no later and nothing else than was granted."""

import asyncio
from collections import Counter
from hashlib import sha256

import pytest
from aiohttp import ClientError

from sk.errors import Forbidden, Invalid, NotFound
from sk.safe.safe import open_safe
from sk.safe.share import Share
from sk.safe.steps import bring_back, delete, throw_away
from tests.auth.visitors import journal
from tests.postbox.proofs import fetched
from tests.safe.documents import change_entry, damage, put
from tests.safe.shares import PASS, PURPOSE, SCHOOL, fetch, opens, problem, share, shared
from tests.security.alarms import Alarms
from tests.security.tab import open_tab
from tests.world import A_FILE, World


async def test_an_authority_fetches_what_was_shared_with_it(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    documents = [await put(world, erika, "ausweis.pdf", PASS), await put(world, erika, "zeugnis.pdf", SCHOOL)]
    share_id = await share(world, erika, authority, documents)

    described = (await fetch(world, authority, share_id)).json()
    first, second = [await fetch(world, authority, share_id, number) for number in (1, 2)]

    assert (first.body, second.body) == (PASS, SCHOOL)
    assert second.headers["Content-Disposition"] == "attachment; filename*=UTF-8''zeugnis.pdf"
    assert {name: described[name] for name in ("id", "purpose", "granted_at", "until", "fetches")} == {
        "id": share_id,
        "purpose": PURPOSE,
        "granted_at": "2026-11-23T09:00:00Z",
        "until": "2026-12-23T23:00:00Z",
        "fetches": 3,
    }
    assert described["documents"][0] == {
        "name": "ausweis.pdf",
        "type": "application/pdf",
        "size": len(PASS),
        "sha256": sha256(PASS).hexdigest(),
        "fetched": 0,
        "issued_by": None,
        "evidence": None,
        "sealed_key": None,
        "streams": None,
    }
    again = (await fetch(world, authority, share_id)).json()
    assert [one["fetched"] for one in again["documents"]] == [1, 1]
    assert await journal(world, erika) == ["share-fetched", "share-fetched", "share-granted"]


async def test_the_sender_is_named_as_this_authority_knows_them(world: World) -> None:
    _, authority, share_id = await shared(world)

    handle = (await fetch(world, authority, share_id)).json()["from"]

    status, postbox = await authority.get(f"/api/v1/postboxes/{handle}")
    other_status, _ = await (await world.authority("Stadt Nebenan")).get(f"/api/v1/postboxes/{handle}")
    assert (status, postbox["handle"], other_status) == (200, handle, 404)


async def test_what_came_from_an_authority_comes_with_its_evidence(world: World) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)
    document = (await tab.post(f"/postfach/{notice.notice_id}/in-den-safe")).headers["Location"].rpartition("/")[2]
    authority = await world.authority("Stadt Nebenan")
    share_id = await share(world, notice.citizen, authority, [document])
    early = (await fetch(world, authority, share_id)).json()["documents"]
    await world.settle()

    [found] = (await fetch(world, authority, share_id)).json()["documents"]

    assert [(one["issued_by"], one["evidence"]) for one in early] == [(None, None)]
    assert (found["issued_by"], found["evidence"]["v"]) == ("Stadt Musterstadt", "sk-bundle/1")
    assert (await fetch(world, authority, share_id, 1)).body == A_FILE.data


# No more


async def test_each_document_is_fetched_as_often_as_was_granted_and_no_oftener(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    documents = [await put(world, erika, "ausweis.pdf", PASS), await put(world, erika, "zeugnis.pdf", SCHOOL)]
    share_id = await share(world, erika, authority, documents, fetches=2)

    answers = [await fetch(world, authority, share_id, number) for number in (1, 1, 1, 2, 2, 2)]

    assert [answer.status for answer in answers] == [200, 200, 410, 200, 200, 410]
    assert problem(answers[2]) == (410, "share-used-up")
    assert (await fetch(world, authority, share_id)).status == 200


async def test_of_ten_at_once_one_gets_the_bytes(world: World) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    await authority.token()

    answers = await asyncio.gather(*(fetch(world, authority, share_id, 1) for _ in range(10)))

    assert Counter(answer.status for answer in answers) == {200: 1, 410: 9}
    assert [answer.body for answer in answers if answer.status == 200] == [PASS]
    assert {problem(answer) for answer in answers if answer.status != 200} == {(410, "share-used-up")}


async def test_looking_counts_for_nothing(world: World) -> None:
    erika, authority, share_id = await shared(world, fetches=1)
    headers = {"Authorization": f"Bearer {await authority.token()}"}
    url = f"{world.base_url}/api/v1/shares/{share_id}/1"

    for _ in range(3):
        async with world.http.head(url, headers=headers) as head:
            assert (head.status, head.headers["Content-Length"]) == (200, str(len(PASS)))
        assert (await fetch(world, authority, share_id)).status == 200

    assert (await fetch(world, authority, share_id, 1)).body == PASS
    assert await journal(world, erika) == ["share-fetched", "share-granted"]


async def test_a_part_counts_as_the_whole_and_is_the_whole(world: World) -> None:
    _, authority, share_id = await shared(world, fetches=1)
    headers = {"Authorization": f"Bearer {await authority.token()}", "Range": "bytes=0-1"}

    async with world.http.get(f"{world.base_url}/api/v1/shares/{share_id}/1", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, PASS)
    assert (await fetch(world, authority, share_id, 1)).status == 410


@pytest.mark.parametrize("gone", ["trashed", "deleted"])
async def test_what_was_thrown_away_is_fetched_by_nobody(world: World, gone: str) -> None:
    erika, authority, share_id = await shared(world)
    [document] = (await open_safe(erika.account.id, world.web)).contents.entries
    await throw_away(erika.account.id, document, world.web)
    if gone == "deleted":
        await delete(erika.account.id, document, world.web)
        await world.settle()

    assert problem(await fetch(world, authority, share_id, 1)) == (410, "document-gone")
    if gone == "trashed":
        await bring_back(erika.account.id, document, world.web)
        assert (await fetch(world, authority, share_id, 1)).body == PASS


# Nothing else


async def test_what_is_uploaded_later_is_not_shared(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    document = await put(world, erika, "ausweis.pdf", PASS)
    share_id = await share(world, erika, authority, [document])

    await put(world, erika, "neu.pdf", SCHOOL, document=document)

    assert (await fetch(world, authority, share_id, 1)).body == PASS
    later = await share(world, erika, authority, [document])
    assert (await fetch(world, authority, later, 1)).body == SCHOOL


@pytest.mark.parametrize("number", ["0", "2", "-1", "01", "x", "1.5"])
async def test_a_share_has_no_documents_but_its_own(world: World, number: str) -> None:
    erika, authority, share_id = await shared(world)
    await put(world, erika, "zeugnis.pdf", SCHOOL)

    assert problem(await fetch(world, authority, share_id, number)) == (404, "not-found")


async def test_another_authority_knows_nothing_of_it(world: World) -> None:
    _, authority, share_id = await shared(world)
    other = await world.authority("Stadt Nebenan")

    answers = [await fetch(world, other, share_id, number) for number in ("", 1)]
    never_was = await fetch(world, authority, "a" * 26)

    assert [problem(answer) for answer in (*answers, never_was)] == [(404, "not-found")] * 3
    assert answers[0].json()["detail"].replace(share_id, "a" * 26) == never_was.json()["detail"]
    assert (await fetch(world, authority, share_id, 1)).body == PASS


async def test_a_client_without_the_scope_fetches_nothing(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority(scopes=("notices:read",))
    document = await put(world, erika)

    with pytest.raises(Invalid, match="no such recipient"):
        await share(world, erika, authority, [document])
    _, _, share_id = await shared(world, who=erika)
    assert problem(await fetch(world, authority, share_id, 1)) == (403, "wrong-scope")


async def test_what_its_authority_has_locked_to_a_card_is_not_shared_by_a_password(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    document = await put(world, erika, "ausweis.pdf", PASS)
    await change_entry(world, erika, document, level="high")

    with pytest.raises(Forbidden, match="trust level high"):
        await share(world, erika, authority, [document], level="substantial")
    share_id = await share(world, erika, authority, [document], level="high")
    assert (await fetch(world, authority, share_id, 1)).body == PASS


@pytest.mark.parametrize("of", ["somebody else", "nobody", "the trash"])
async def test_only_what_lies_in_ones_own_safe_is_shared(world: World, of: str) -> None:
    erika, authority, otto = await world.citizen(), await world.authority(), await world.citizen("otto")
    documents = {"somebody else": await put(world, otto), "nobody": "a" * 26, "the trash": await put(world, erika)}
    await throw_away(erika.account.id, documents["the trash"], world.web)

    with pytest.raises(NotFound):
        await share(world, erika, authority, [documents[of]])
    assert await world.web.store.scan(Share) == []


async def test_sent_off_twice_it_is_one_share(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    document = await put(world, erika)

    same = await asyncio.gather(*(share(world, erika, authority, [document], token="x") for _ in range(3)))
    other = await share(world, erika, authority, [document], token="x", purpose="Antrag auf Kindergeld")

    assert len({*same}) == 1
    assert {*await world.web.store.scan(Share)} == {same[0], other}


# What is damaged


async def test_bytes_that_are_gone_are_told_of_and_cost_no_fetch(world: World, alarms: Alarms) -> None:
    _, authority, share_id = await shared(world)
    [opened] = await opens(world, share_id)
    await world.web.objects.delete(opened.streams[0].object)

    answer = await fetch(world, authority, share_id, 1)

    assert problem(answer) == (403, "document-damaged")
    assert (await fetch(world, authority, share_id)).json()["documents"][0]["fetched"] == 0
    assert alarms.raised() == ["document-damaged"]


async def test_bytes_that_were_changed_break_off(world: World, alarms: Alarms) -> None:
    _, authority, share_id = await shared(world)
    [opened] = await opens(world, share_id)
    damage(world, opened.streams[0].object)

    with pytest.raises(ClientError):
        await fetch(world, authority, share_id, 1)

    assert alarms.raised() == ["document-damaged"]


async def test_what_has_come_anew_in_the_place_of_a_deleted_document_is_another_one(
    world: World, alarms: Alarms
) -> None:
    notice, authority = await fetched(world), await world.authority("Stadt Nebenan")
    tab, account_id = await open_tab(world, notice.citizen), notice.citizen.account.id
    take = f"/postfach/{notice.notice_id}/in-den-safe"
    document = (await tab.post(take)).headers["Location"].rpartition("/")[2]
    share_id = await share(world, notice.citizen, authority, [document])
    await throw_away(account_id, document, world.web)
    await delete(account_id, document, world.web)
    await world.settle()

    again = (await tab.post(take)).headers["Location"].rpartition("/")[2]

    assert again == document
    assert problem(await fetch(world, authority, share_id, 1)) == (410, "document-gone")
    assert alarms.raised() == []
