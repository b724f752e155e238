"""A writer in the database gains nothing: authorities, receipts and the feed.

They may be an authority themselves, with a key of their own. They get no token of another one, read none of its
notices, references or digests, and put no word into its feed. What they can do: put back an authority's card as it was,
and with it a key that was replaced; and delete, so that an event is missing in the feed, which the log shows.
"""

from typing import Any

import pytest

from sk.client import AuthorityClient, new_key
from sk.ids import new_id
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, signed_anew
from tests.world import World, a_notice

REFERENCE = "32-4711 Erika"


@pytest.mark.parametrize("forged", [True, False], ids=["signed by the intruder", "of another authority"])
async def test_nobody_gets_a_token_with_a_key_that_was_put_in_its_place(
    world: World, intruder: Intruder, alarms: Alarms, *, forged: bool
) -> None:
    stadt, (key, jwk) = await world.authority(), new_key()
    own = intruder.read("authority", (await world.authority("Mallory")).client_id)["card"]

    card = intruder.read("authority", stadt.client_id)["card"]
    card = signed_anew(card, jwks=[jwk]) if forged else own
    intruder.change("authority", stadt.client_id, card=card)

    mallory = AuthorityClient(world.http, world.base_url, stadt.client_id, key, jwk["kid"], world.clock)
    with pytest.raises(RuntimeError, match="no token"):
        await mallory.token()
    assert alarms.raised() == ["damaged"]


async def test_another_authoritys_notice_does_not_become_ones_own(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, mallory = await world.delivered(reference=REFERENCE), await world.authority("Mallory")

    intruder.change("notice", notice.notice_id, authority_id=mallory.client_id)

    for number in (1, 2, 3):
        intruder.change("statement", f"{notice.notice_id}.{number}", authority_id=mallory.client_id)
    status, answer = await mallory.get(f"/api/v1/notices/{notice.notice_id}")
    assert (status, answer["type"]) == (403, "/problems/notice-damaged")
    assert REFERENCE not in str(answer)
    assert set(alarms.raised()) == {"notice-damaged"}


async def test_a_reference_of_ones_own_leads_to_nobody_elses_notice(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, mallory, erika = await world.delivered(), await world.authority("Mallory"), await world.citizen()
    own = a_notice(erika.handle)
    status, accepted = await mallory.post(own)
    assert status == 202

    index = intruder.read("notice", accepted["id"])["reference_index"]
    intruder.point("notice", "reference", index, notice.notice_id)

    status, answer = await mallory.get("/api/v1/notices", reference=own["reference"])
    assert (status, notice.answer["reference"] in str(answer)) == (404, False)
    status, answer = await mallory.post(own)
    assert (status, answer["type"]) == (403, "/problems/notice-damaged")
    assert {"content_digest", "receipt", "opening"}.isdisjoint(answer)
    assert "notice-damaged" in alarms.raised()


@pytest.mark.parametrize("renamed", [True, False], ids=["under this id", "under its own id"])
async def test_a_receipt_opens_in_its_own_place_only(
    world: World, intruder: Intruder, alarms: Alarms, *, renamed: bool
) -> None:
    notice, mallory, erika = await world.delivered(), await world.authority("Mallory"), await world.citizen()
    own = a_notice(erika.handle)
    _, accepted = await mallory.post(own)
    await world.settle()

    intruder.copy("receipt", notice.notice_id, accepted["id"], renamed=renamed)

    for answer in (
        await mallory.get(f"/api/v1/notices/{accepted['id']}"),
        await mallory.get("/api/v1/events"),
        await mallory.post(own),
    ):
        _assert_damaged(*answer, notice.answer["reference"])
    assert set(alarms.raised()) == {"damaged"}


async def test_the_feed_tells_of_nobody_elses_notices(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, mallory = await world.delivered(), await world.authority("Mallory")

    intruder.enter("statement", "feed", mallory.client_id, 0, f"{notice.notice_id}.1")
    _assert_damaged(*await mallory.get("/api/v1/events"), notice.answer["reference"])

    intruder.change("statement", f"{notice.notice_id}.1", authority_id=mallory.client_id)
    _assert_damaged(*await mallory.get("/api/v1/events"), notice.answer["reference"])
    assert set(alarms.raised()) == {"damaged"}


@pytest.mark.parametrize(
    "changes", [{"step": "abgerufen"}, {"at": "2026-11-30T09:00:00Z"}, {"number": 9}], ids=["step", "moment", "number"]
)
async def test_the_feed_tells_nothing_but_what_was_signed(
    world: World, intruder: Intruder, alarms: Alarms, changes: dict[str, Any]
) -> None:
    notice = await world.delivered()

    intruder.change("statement", f"{notice.notice_id}.3", **changes)

    _assert_damaged(*await notice.authority.get("/api/v1/events"), "abgerufen")
    assert set(alarms.raised()) == {"damaged"}


async def test_a_step_that_nobody_has_taken_does_not_get_into_the_feed(
    world: World, intruder: Intruder, alarms: Alarms
) -> None:
    notice, invented = await world.delivered(), new_id()
    last = intruder.read("statement", f"{notice.notice_id}.3")
    jws = signed_anew(last["jws"], step="abgerufen", number=4)
    intruder.insert("statement", {**last, "id": invented, "step": "abgerufen", "number": 4, "jws": jws})
    intruder.enter("statement", "feed", notice.authority.client_id, last["position"] + 1, invented)

    _assert_damaged(*await notice.authority.get("/api/v1/events"), "abgerufen")
    assert set(alarms.raised()) == {"damaged"}


async def test_a_sender_whose_card_was_exchanged_is_not_shown(world: World, intruder: Intruder, alarms: Alarms) -> None:
    notice, other = await world.delivered(), await world.authority("Finanzamt Musterstadt")

    card = intruder.read("authority", other.client_id)["card"]
    intruder.change("authority", notice.authority.client_id, card=card)

    async with world.browser(notice.citizen) as browser:
        listed = await browser.open("/postfach")
    assert ("Beschädigte Nachricht" in listed.text, "Finanzamt" in listed.text) == (True, False)
    assert set(alarms.raised()) == {"notice-damaged"}


def _assert_damaged(status: int, answer: dict[str, Any], secret: str) -> None:
    assert (status, answer["type"]) == (503, "/problems/damaged")
    assert secret not in str(answer)
