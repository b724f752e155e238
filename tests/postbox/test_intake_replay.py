"""The same reference again: the same content gets the first answer, other content is refused, nothing happens twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sk.postbox.notice import Notice
from tests.refusals import Office, nothing_stored, objects
from tests.world import A_FILE, World, a_notice


async def test_the_same_again_gets_the_first_answer_byte_for_byte(office: Office) -> None:
    notice = a_notice(office.handle)
    first = await office.post(notice, [A_FILE])
    office.world.clock.advance(minutes=5)

    async with nothing_stored(office.data):
        again = await office.post(notice, [A_FILE])
    assert (first.status, again.status) == (202, 200)
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    again.is_described()


async def test_the_first_answer_is_given_again_when_the_notice_is_already_delivered(office: Office) -> None:
    notice = a_notice(office.handle)
    first = await office.post(notice, [A_FILE])
    await office.world.settle()

    again = await office.post(notice, [A_FILE])
    assert (again.status, again.body) == (200, first.body)


async def test_a_default_that_is_spelled_out_is_the_same_content(office: Office) -> None:
    notice = a_notice(office.handle)
    first = await office.post(notice)
    spelled_out = {"recipient": {"land": "NW", "abroad": False}, "minimum_trust": "low", "reply": False}
    again = await office.post({**notice, **spelled_out})
    assert (again.status, again.body) == (200, first.body)


@pytest.mark.parametrize("change", [{"subject": "Ein anderer Bescheid"}, {"text": ""}, {"rechtsbehelf": "none"}])
async def test_other_content_under_a_reference_is_refused_naming_both(office: Office, change: dict[str, Any]) -> None:
    notice = a_notice(office.handle)
    first = await office.post(notice, [A_FILE])

    told = await office.is_refused({**notice, **change}, [A_FILE], problem="reference-taken", field="reference")
    assert told["id"] == first.json()["id"]
    assert told["content_digest"] != told["your_digest"]
    assert told["id"] in told["detail"]


async def test_another_attachment_is_other_content(office: Office) -> None:
    notice = a_notice(office.handle)
    await office.post(notice, [A_FILE])
    other = replace(A_FILE, data=A_FILE.data + b"!")
    await office.is_refused(notice, [other], problem="reference-taken", field="reference")


async def test_two_authorities_may_use_the_same_reference(office: Office, world: World) -> None:
    other = replace(office, token=await (await world.authority("Landkreis")).token())
    notice = a_notice(office.handle)
    assert (await office.post(notice)).status == 202
    assert (await other.post(notice)).status == 202


async def test_ten_at_once_with_one_reference_are_one_notice(office: Office) -> None:
    notice = a_notice(office.handle)
    answers = await asyncio.gather(*(office.post(notice, [A_FILE, A_FILE]) for _ in range(10)))

    assert sorted(answer.status for answer in answers) == [200] * 9 + [202]
    assert len({answer.body for answer in answers}) == 1
    (kept,) = await office.world.web.store.scan(Notice)
    assert kept == answers[0].json()["id"]
    assert len(objects(office.data)) == len((await office.world.web.store.get(Notice, kept)).objects) == 2


async def test_of_ten_at_once_with_other_content_one_is_taken_and_the_others_learn_which(office: Office) -> None:
    notices = [a_notice(office.handle, reference="2026-0815", subject=f"Bescheid {number}") for number in range(10)]
    answers = await asyncio.gather(*(office.post(notice, [A_FILE]) for notice in notices))

    (accepted,) = (answer for answer in answers if answer.status == 202)
    refused = [answer.says("reference-taken", "reference") for answer in answers if answer is not accepted]
    assert {told["id"] for told in refused} == {accepted.json()["id"]}
    assert len(await office.world.web.store.scan(Notice)) == len(objects(office.data)) == 1
