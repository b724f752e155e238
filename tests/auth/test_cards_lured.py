"""Whose result it is: whoever sends a link to the card, or is sent one, gets nothing that belongs to the other."""

import pytest

from sk.auth.cards import ABOUT, CardUse, fetch_token
from sk.auth.eid.simulator import Simulator
from sk.auth.eid.tctoken import read_tctoken
from sk.auth.errands import Errand, StoredErrand, find_errand
from sk.demo.browser import Browser
from sk.errors import Damaged
from tests.auth.people import PASSWORD, registered
from tests.auth.showing import BUTTONS, begin_at, cards_in, reference_in, registered_by_card, show
from tests.world import World


async def test_an_eid_result_in_a_foreign_session_is_given_to_nobody(world: World) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        link = await begin_at(thief, "/anmelden")
        simulator = await victim.open(link)  # the thief has sent the link to the victim
        lured = await show(victim, simulator)

        assert "nicht in diesem Browser begonnen" in lured.text
        assert (await victim.open("/postfach")).url == "/anmelden"


@pytest.mark.parametrize("way_in", BUTTONS)
async def test_a_card_that_somebody_is_lured_to_show_is_read_by_no_other_browser(world: World, way_in: str) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        await registered(world, thief, username="dieb", email="dieb@example.org")
        if way_in == "/konto":
            await thief.log_in("dieb", PASSWORD)
        link = await begin_at(thief, way_in)
        simulator = await victim.open(link)  # the thief has sent the link to the token
        await show(victim, simulator)

        for path in (f"/ausweis/zurueck/{reference_in(link)}", "/ausweis/abgleich", "/registrieren/ausweis"):
            page = await thief.open(path)
            assert (page.status, "Mustermann" in page.text) == (403, False), path
        assert len(await cards_in(world)) == 1


async def test_a_session_that_changed_meanwhile_gets_no_result(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        simulator = await browser.open(await begin_at(browser, "/konto"))
        await browser.send((await browser.open("/konto")).form("Abmelden"))
        page = await show(browser, simulator)

    assert "nicht in diesem Browser begonnen" in page.text
    assert await cards_in(world) == []


async def test_a_token_is_given_out_once_and_a_log_in_happens_once(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        simulator = await browser.open(await begin_at(browser, "/anmelden"))
        first = await show(browser, simulator)
        again = await show(browser, simulator)

    assert (first.url, again.status) == ("/postfach", 404)


async def begun(world: World, browser: Browser) -> Errand[CardUse]:
    """Begin a log-in with the card; return it as it stands."""
    return await find_errand(ABOUT, CardUse, reference_in(await begin_at(browser, "/anmelden")), world.web)


async def token_of(world: World, use: Errand[CardUse]) -> bytes:
    """Fetch the token of a use of the card as a client would."""
    return await fetch_token(use.content.reference, Simulator(world.clock, world.base_url).client(), world.web)


async def test_a_row_that_was_put_back_and_an_index_that_was_moved_lead_nobody_to_a_foreign_card(
    world: World,
) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        theirs = await begun(world, thief)
        before = theirs.stored.locked
        known = read_tctoken(await token_of(world, theirs)).refresh_address.rpartition("/")[2]
        row = await world.web.store.get(StoredErrand, theirs.stored.id)
        row.locked = before
        await world.web.store.save(row)
        assert read_tctoken(await token_of(world, theirs)).refresh_address.rpartition("/")[2] != known
        page = await thief.open(f"/ausweis/zurueck/{known}?ResultMajor=ok")
        assert page.status == 403

        mine = await begun(world, victim)
        row = await world.web.store.get(StoredErrand, theirs.stored.id)
        stolen, gone = mine.stored.reference_index, await world.web.store.get(StoredErrand, mine.stored.id)
        gone.reference_index = ""
        await world.web.store.save(gone)
        row.locked, row.reference_index = before, stolen
        await world.web.store.save(row)
        with pytest.raises(Damaged):
            await token_of(world, mine)
