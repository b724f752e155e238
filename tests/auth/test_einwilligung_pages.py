"""The pages for Einwilligungen: who may post, and by which address an authority finds the postbox."""

import asyncio
import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from sk.auth.account import EVERY_AUTHORITY, Account, Standing
from sk.auth.authorities import is_asked_for
from sk.auth.authority import Authority
from sk.auth.einwilligung import change_einwilligung
from sk.auth.handles import handle_towards
from sk.client import AuthorityClient
from sk.evidence.statement import Statement
from sk.mail.texts import TRIAL
from sk.store.port import all_of
from tests.auth.people import PASSWORD, registered
from tests.auth.visitors import journal
from tests.fakes import FakeClock
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World, a_notice

HERE = "/konto/einwilligungen"
ADDRESS = re.compile(r'class="secret whole">([a-z2-7]+)<')
ALL, NOT_ALL = "Für alle Behörden einwilligen", "Für alle Behörden widerrufen"
HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }} {name} %(name)s &lt;b&gt; שלום"


async def standing_of(world: World, who: Citizen) -> Standing:
    """Return how an account stands."""
    return (await world.web.store.get(Account, who.account.id)).standing(world.web.keys.signers)


async def stated(world: World) -> list[str]:
    """Return what was stated about Einwilligungen."""
    found = [one async for one in all_of(world.web.store, Statement)]
    return [one.step for one in sorted(found, key=lambda one: one.at) if one.step.startswith("einwilligung")]


async def change(world: World, authority: AuthorityClient, **facts: object) -> None:
    """Change what is registered about an authority."""
    found = await world.web.store.get(Authority, authority.client_id)
    card = found.details(world.web.keys.signers).model_copy(update=facts)
    found.change(card, world.web.keys.signer("sign-web"))
    await world.web.store.save(found)


async def shown_address(world: World, who: Citizen, authority: AuthorityClient) -> str:
    """Return the address that the page of an authority shows."""
    async with world.browser(who) as browser:
        found = ADDRESS.search((await browser.open(f"{HERE}/{authority.client_id}")).text)
    assert found
    return found[1]


# What it does


async def test_an_authority_can_post_to_the_address_that_its_page_shows_once_the_citizen_has_agreed(
    world: World,
) -> None:
    stadt, erika = await world.authority(), await world.citizen(einwilligung=False)
    address = await shown_address(world, erika, stadt)
    before, refused = await stadt.post(a_notice(address))

    async with world.browser(erika) as browser:
        page = await browser.open(f"{HERE}/{stadt.client_id}")
        assert "denn Sie haben nicht eingewilligt" in page.text
        page = await browser.send(page.form("Einwilligen"))

    assert (before, refused["type"]) == (422, "/problems/no-einwilligung")
    assert page.url == f"{HERE}/{stadt.client_id}"
    assert "Sie haben eingewilligt: Diese Behörde darf Ihnen Bescheide in dieses Postfach schicken." in page.text
    assert (await stadt.post(a_notice(address)))[0] == 202


async def test_after_a_withdrawal_nothing_more_is_taken_and_what_was_bereitgestellt_stays_readable(
    world: World,
) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        page = await browser.open(f"{HERE}/{notice.authority.client_id}")
        page = await browser.send(page.form("Einwilligung widerrufen"))
        status, refused = await notice.authority.post(a_notice(notice.citizen.handle))
        opened = await browser.send((await browser.open("/postfach")).form("Bescheid über Ihren Antrag"))

    assert page.url == HERE
    assert "Ihr Widerruf gilt ab jetzt." in page.text
    assert (status, refused["type"]) == (422, "/problems/no-einwilligung")
    assert "Guten Tag, anbei Ihr Bescheid." in opened.text


async def test_whoever_agrees_for_all_can_except_one_and_take_it_in_again(world: World) -> None:
    stadt, kreis = await world.authority(), await world.authority("Kreis")
    erika = await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        page = await browser.send((await browser.open(HERE)).form(ALL))
        assert "Sie haben für alle Behörden eingewilligt." in page.text
        assert (await kreis.post(a_notice(erika.handle)))[0] == 202

        page = await browser.open(f"{HERE}/{stadt.client_id}")
        assert "Sie haben für alle Behörden eingewilligt: Auch diese" in page.text
        page = await browser.send(page.form("Einwilligung widerrufen"))
        assert page.links["Stadt Musterstadt"] == f"{HERE}/{stadt.client_id}"
        assert ">Ausgenommen</h3>" in page.text
        assert [(await one.post(a_notice(erika.handle)))[0] for one in (stadt, kreis)] == [422, 202]

        page = await browser.open(f"{HERE}/{stadt.client_id}")
        assert "von Ihrer Einwilligung für alle ausgenommen" in page.text
        await browser.send(page.form("Einwilligen"))
        assert [(await one.post(a_notice(erika.handle)))[0] for one in (stadt, kreis)] == [202, 202]


async def test_what_was_given_to_one_authority_stays_when_the_general_one_is_withdrawn(world: World) -> None:
    stadt, erika = await world.authority(), await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        await browser.send((await browser.open(f"{HERE}/{stadt.client_id}")).form("Einwilligen"))
        page = await browser.send((await browser.open(HERE)).form(ALL))
        assert "bleibt, wenn Sie hier widerrufen" in page.text
        page = await browser.send(page.form(NOT_ALL))
        assert page.form(ALL).action == f"{HERE}/geben"
        page = await browser.send(page.form("Widerrufen"))

    assert "Sie haben bisher für keine Behörde eingewilligt." in page.text
    assert (await standing_of(world, erika)).einwilligung == {}


async def test_pressed_twice_the_first_moment_stays_and_nothing_is_stated_again(world: World, clock: FakeClock) -> None:
    erika, first = await world.citizen(einwilligung=False), clock.now()
    async with world.browser(erika) as browser:
        give = (await browser.open(HERE)).form(ALL)
        await browser.send(give)
        clock.advance(minutes=5)
        page = await browser.send(give)
        assert (await standing_of(world, erika)).einwilligung == {EVERY_AUTHORITY: first}
        for _ in range(2):
            clock.advance(minutes=5)
            await browser.send(page.form(NOT_ALL))

    assert await stated(world) == ["einwilligung-given", "einwilligung-withdrawn"]
    told = [what for what in await journal(world, erika) if "einwilligung" in what]
    assert told == ["general-einwilligung-withdrawn", "general-einwilligung-given"]


async def test_of_several_that_are_given_at_once_none_gets_lost(world: World) -> None:
    cards = [
        (await world.web.store.get(Authority, (await world.authority(f"Amt {number}")).client_id)).details(
            world.web.keys.signers
        )
        for number in range(5)
    ]
    erika = await world.citizen(einwilligung=False)

    await asyncio.gather(*(change_einwilligung(erika.account.id, card, world.web, given=True) for card in cards * 2))

    assert set((await standing_of(world, erika)).einwilligung) == {card.authority for card in cards}
    assert await stated(world) == ["einwilligung-given"] * 5


async def test_the_journal_says_for_which_authority_in_both_languages(world: World) -> None:
    stadt, erika = await world.authority(), await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        page = await browser.open(f"{HERE}/{stadt.client_id}")
        page = await browser.send(page.form("Einwilligen"))
        await browser.send(page.form("Einwilligung widerrufen"))
        await browser.send((await browser.open(HERE)).form(ALL))
        told = words_of((await browser.open("/konto/protokoll")).text)
        await browser.open("/sprache/en?weiter=/konto/protokoll")
        english = words_of((await browser.open("/konto/protokoll")).text)

    assert "Einwilligung in die elektronische Bekanntgabe gegeben. Behörde: Stadt Musterstadt." in told
    assert "Einwilligung in die elektronische Bekanntgabe widerrufen. Behörde: Stadt Musterstadt." in told
    assert "Einwilligung in die elektronische Bekanntgabe für alle Behörden gegeben." in told
    assert "Consent (Einwilligung) to electronic Bekanntgabe withdrawn. Authority: Stadt Musterstadt." in english


async def test_a_session_that_was_left_open_for_a_while_can_still_withdraw(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika, "low")
    clock.advance(minutes=20)

    assert (await tab.post(f"{HERE}/widerrufen")).status == 303
    assert (await standing_of(world, erika)).einwilligung == {}


# The address


async def test_the_address_is_good_for_its_authority_alone_and_shows_no_other(world: World) -> None:
    stadt, kreis = await world.authority(), await world.authority("Kreis")
    erika, other = await world.citizen(), await world.citizen("other")
    of_stadt, of_kreis = [await shown_address(world, erika, one) for one in (stadt, kreis)]

    async with world.browser(erika) as browser:
        page = (await browser.open(f"{HERE}/{stadt.client_id}")).text

    for authority, foreign in ((kreis, of_stadt), (stadt, of_kreis)):
        assert (await authority.post(a_notice(foreign)))[1]["type"] == "/problems/unknown-handle"
        assert (await authority.get(f"/api/v1/postboxes/{foreign}"))[0] == 404
    assert of_stadt in page
    for foreign in (of_kreis, erika.handle, handle_towards(other.account, stadt.client_id, world.web)):
        assert foreign not in page


async def test_the_address_is_a_picture_as_well(world: World) -> None:
    stadt, erika = await world.authority(), await world.citizen()
    async with world.browser(erika) as browser:
        page = (await browser.open(f"{HERE}/{stadt.client_id}")).text

    assert '<p class="qr" role="img" aria-label="QR-Code mit der Adresse"><svg' in page


async def test_printed_it_says_whose_postbox_for_whom_and_the_address_and_no_more_of_the_person(world: World) -> None:
    stadt = await world.authority("Stadt Musterstadt")
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        address = ADDRESS.search((await browser.open(f"{HERE}/{stadt.client_id}")).text)
        pdf = PdfReader(BytesIO(await browser.download(f"{HERE}/{stadt.client_id}/adresse.pdf")))

    text = "".join(one.extract_text() for one in pdf.pages)
    assert address
    assert address[1] in "".join(text.split())
    assert len(pdf.pages) == 1
    assert ("Stand 23.11.2026" in text, "As of 23 November 2026" in text) == (True, True)
    for said in ("Erika Mustermann", "Stadt Musterstadt", "Was Sie damit tun", "What to do with it", *TRIAL.values()):
        assert said in text
    for kept in ("erika@example.org", "Köln", "1964", "Gabler"):
        assert kept not in text


async def test_of_a_person_whose_name_is_not_known_the_paper_says_none(world: World) -> None:
    stadt, erika = await world.authority(), await world.citizen()
    async with world.browser(erika) as browser:
        pdf = await browser.download(f"{HERE}/{stadt.client_id}/adresse.pdf")

    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "Postfach von" not in text
    assert "erika" not in text


# Which authorities there are


async def test_authorities_are_found_by_a_part_of_their_name_and_all_of_them_by_nothing(world: World) -> None:
    for name in ("Stadt Köln", "Kreis Düren", "Stadt Münster"):
        await world.authority(name)
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        seen = {}
        for asked in ("", "stadt", "koeln", "amt"):
            page = await browser.open(f"{HERE}?suche={asked}")
            seen[asked] = [name for name in page.links if name.startswith(("Stadt", "Kreis"))]
        before = await browser.open(HERE)

    assert seen == {
        "": ["Kreis Düren", "Stadt Köln", "Stadt Münster"],
        "stadt": ["Stadt Köln", "Stadt Münster"],
        "koeln": ["Stadt Köln"],
        "amt": [],
    }
    assert "Stadt Köln" not in before.links


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Köln", True),
        ("koln", True),
        ("koeln KREISFREIE", True),
        ("Ko\N{COMBINING DIAERESIS}ln", True),
        ("strasse", False),
        ("köln bonn", False),
        ("", True),
    ],
)
def test_a_name_is_found_however_its_umlauts_are_written(asked: str, *, found: bool) -> None:
    assert is_asked_for("Kreisfreie Stadt Köln", asked) is found


async def test_an_authority_that_is_unknown_or_disabled_has_no_page_and_gets_nothing(world: World) -> None:
    gone, erika = await world.authority("Amt von gestern"), await world.citizen(einwilligung=False)
    await change(world, gone, disabled=True)
    tab = await open_tab(world, erika)

    for id_ in ("nobody", "*", gone.client_id):
        assert (await tab.get(f"{HERE}/{id_}")).status == 404
        assert (await tab.get(f"{HERE}/{id_}/adresse.pdf")).status == 404
        assert (await tab.post(f"{HERE}/{id_}/geben")).status == 404
    assert (await tab.post(f"{HERE}/nobody/widerrufen")).status == 404
    assert "Amt von gestern" not in (await tab.get(f"{HERE}?suche=")).text
    assert await stated(world) == []


async def test_what_a_disabled_authority_was_given_can_be_withdrawn(world: World) -> None:
    gone, erika = await world.authority("Amt von gestern"), await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        await browser.send((await browser.open(f"{HERE}/{gone.client_id}")).form("Einwilligen"))
        await change(world, gone, disabled=True)
        page = await browser.open(HERE)
        assert "Schickt hier zurzeit nichts." in page.text
        await browser.send(page.form("Widerrufen"))

    assert (await standing_of(world, erika)).einwilligung == {}


async def test_an_authority_that_nobody_vouches_for_hides_no_other_one(world: World) -> None:
    stadt, forged, erika = await world.authority(), await world.authority("Amt"), await world.citizen()
    found = await world.web.store.get(Authority, forged.client_id)
    found.card = (await world.web.store.get(Authority, stadt.client_id)).card
    await world.web.store.save(found)

    async with world.browser(erika) as browser:
        page = await browser.open(f"{HERE}?suche=")
        assert page.status == 200
        assert page.links["Stadt Musterstadt"] == f"{HERE}/{stadt.client_id}"
        assert page.form(NOT_ALL).action == f"{HERE}/widerrufen"
        assert (await browser.open(f"{HERE}/{forged.client_id}")).status == 503


async def test_the_name_of_an_authority_does_no_harm_wherever_it_stands(world: World) -> None:
    evil, erika = await world.authority(HOSTILE), await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        page = await browser.open(f"{HERE}/{evil.client_id}")
        pages = [page, await browser.send(page.form("Einwilligen"))]
        pages += [await browser.open(path) for path in (HERE, f"{HERE}?suche=<script>", "/konto/protokoll")]
        pdf = await browser.download(f"{HERE}/{evil.client_id}/adresse.pdf")

    assert [one.status for one in pages] == [200] * 5
    for one in pages:
        assert "<script>alert" not in one.text
        assert "{{ 7*7 }} {name} %(name)s &amp;lt;b&amp;gt;" in one.text
    assert "[U+05E9]" in PdfReader(BytesIO(pdf)).pages[0].extract_text()


# Both languages


async def test_the_pages_are_there_in_english(world: World) -> None:
    stadt, erika = await world.authority(), await world.citizen(einwilligung=False)
    async with world.browser(erika) as browser:
        await browser.open("/sprache/en?weiter=/konto")
        account, page = await browser.open("/konto"), await browser.open(HERE)
        assert HERE in account.links.values()
        assert "Agree for all authorities" in page.text
        page = await browser.open(f"{HERE}/{stadt.client_id}")
        assert "Address of your postbox" in page.text
        page = await browser.send(page.form("Agree"))

    assert "Withdraw consent" in page.text
    assert await stated(world) == ["einwilligung-given"]
