"""What is stated of a reply, and what becomes of it when it is changed, its account erased, its openings deleted."""

from hashlib import sha256
from pathlib import Path

import pytest

from sk.crypto.sign import decode, encode
from sk.doctor import examine
from sk.errors import Forbidden
from sk.evidence.sentences import report_on
from sk.postbox.receipt import Receipt
from sk.postbox.reply import Reply
from sk.postbox.reply_intake import answerable
from tests.auth.erasing import erase
from tests.fakes import WallClock
from tests.postbox.proofs import evidence_of, fetched, verified
from tests.postbox.replies import (
    PHOTO,
    SCAN,
    TEXT,
    asked,
    replied,
    replies_of,
    reply_for,
)
from tests.refusals import objects
from tests.workers.cases import logged_in, notice_of, said_of
from tests.world import World, open_world


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
