"""Acting for somebody else as time goes by: who is told of what is new, what ends when, and what happens at once."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from sk.errors import Forbidden, NotFound
from sk.postbox.release import release
from tests.auth.erasing import erase
from tests.auth.vollmachten import HERE, end, granted, max_beispiel, named, represented
from tests.postbox.proofs import evidence_of, verified
from tests.postbox.replies import TEXT, reply_past_the_page
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.workers.cases import Raced, logged_in, notice_of, steps_of
from tests.world import A_FILE, Delivered, World, a_notice

# When an account ends


async def test_with_the_account_of_whoever_acts_a_vollmacht_ends_and_the_evidence_stays(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    await (await open_tab(world, other)).post(f"/postfach/{notice.notice_id}")
    await erase(world, other)

    tab = await open_tab(world, notice.citizen)
    proof = words_of((await tab.get(f"/postfach/{notice.notice_id}/nachweis")).text)

    assert "Angenommen wurde sie" in proof
    assert "Max Beispiel" in proof
    assert "wurde sie niedergelegt." in proof
    assert (await tab.get(f"{HERE}/{vollmacht_id}")).status == 404
    assert "Jemand handelt nicht mehr für Sie" in [mail["Subject"] for mail in world.mails.sent]


async def test_with_the_account_of_whoever_granted_it_the_postbox_is_gone(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    await erase(world, notice.citizen)
    tab = await open_tab(world, other)

    assert (await tab.get(f"/vertretung/{vollmacht_id}")).status == 404
    assert (await tab.get(f"/postfach/{notice.notice_id}")).status == 404
    assert "Erika" not in (await tab.get(HERE)).text


# News


async def test_whoever_may_act_is_told_of_what_is_new_by_a_mail_that_names_nobody(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    await world.settle()

    async def mails_to_other() -> list[EmailMessage]:
        before = len(world.mails.sent)
        await notice.authority.post(a_notice(notice.citizen.handle), [A_FILE])
        await world.settle()
        return [mail for mail in world.mails.sent[before:] if mail["To"] == "max@example.org"]

    [told] = await mails_to_other()
    await end(world, other, vollmacht_id)
    await world.settle()

    assert told["Subject"] == "Neue Nachricht für jemanden, für den Sie handeln"
    assert not [word for word in ("Erika", "Mustermann", "Max", "Musterstadt", "http") if word in told.get_content()]
    assert await mails_to_other() == []


async def test_nobody_is_told_whom_the_vollmacht_does_not_reach(world: World) -> None:
    notice = await world.delivered()
    erika, other = await named(world, notice.citizen, "Erika", "Mustermann"), await max_beispiel(world)
    await granted(world, erika, other, authority=(await world.authority("Kreis Düren")).client_id)
    await granted(world, erika, other, begins_on="2026-11-24")
    await world.settle()
    before = len(world.mails.sent)

    await notice.authority.post(a_notice(erika.handle), [A_FILE])
    await world.settle()

    assert [mail["To"] for mail in world.mails.sent[before:]] == [f"{erika.username}@example.org"]


# In the same moment


async def test_nobody_acts_by_a_vollmacht_that_is_revoked_in_that_very_moment(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)

    async def revoke() -> None:
        assert (await end(world, notice.citizen, vollmacht_id)).status == 303

    raced = Raced(world.web.store, revoke)
    with pytest.raises(NotFound):
        await release(notice.notice_id, logged_in(other), replace(world.web, store=raced), by_post=True)

    assert raced.lost == 1
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_the_end_is_stated_after_every_act_even_by_a_clock_that_runs_behind(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    world.clock.advance(seconds=2)
    await (await open_tab(world, other)).post(f"/postfach/{notice.notice_id}")
    world.clock.advance(seconds=-2)
    await end(world, notice.citizen, vollmacht_id)
    await world.settle()

    proven = await verified(world, await evidence_of(world, notice))

    assert [one.step for one in proven.vollmachten[0].statements][-1] == "vollmacht-revoked"


async def test_nobody_replies_by_a_narrower_vollmacht_when_the_wider_one_is_revoked(
    world: World,
) -> None:
    notice, other, wide = await represented(world, vollmacht={"replies": "on"}, reply=True)
    await granted(world, notice.citizen, other)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")

    async def revoke() -> None:
        assert (await end(world, notice.citizen, wide)).status == 303

    raced = replace(world, web=replace(world.web, store=Raced(world.web.store, revoke)))
    acting = Delivered(notice.authority, other, notice.notice_id, notice.answer)
    with pytest.raises(Forbidden):
        await reply_past_the_page(raced, acting, TEXT)

    assert "replied" not in await steps_of(world, notice.notice_id)
