"""The ID card in the browser: registering, logging in, raising the trust level, and whose card it is."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from yarl import URL

from sk.auth.account import EVERY_AUTHORITY, Account
from sk.auth.cards import ABOUT, CardUse, fetch_token
from sk.auth.credentials import Card
from sk.auth.eid.simulator import Simulator
from sk.auth.eid.simulator_personas import personas
from sk.auth.eid.tctoken import read_tctoken
from sk.auth.errands import Errand, StoredErrand, find_errand
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.trust import TrustLevel
from sk.clock import local_day, moment
from sk.demo.browser import Browser, Page
from sk.errors import Damaged
from sk.store.port import StoredEvent
from tests.auth.people import PASSWORD, newest_path, profile_of, registered
from tests.fakes import FakeClock
from tests.security.tab import open_tab
from tests.world import Citizen, World, a_notice

ERIKA = "erika"
BUTTONS = {
    "anmelden": "Mit dem Online-Ausweis anmelden",
    "konto": "Online-Ausweis verbinden",
    "registrieren": "Mit dem Online-Ausweis anlegen",
}
PERSONAS = personas(date(2026, 11, 23))


async def show_card(browser: Browser, page: Page, label: str, persona: str = ERIKA, choice: str = "pin") -> Page:
    """Press a button that leads to the card, and show one to the simulator; return the page that follows."""
    way = await browser.send(page.form(label))
    simulator = await browser.open(way.links["Zum Ausweis-Simulator"])
    return await browser.send(simulator.form("Weiter"), persona=persona, choice=choice, minor="")


async def registered_by_card(world: World, browser: Browser, persona: str = ERIKA) -> None:
    """Register with a card and confirm."""
    page = await show_card(browser, await browser.open("/registrieren"), "Mit dem Online-Ausweis anlegen", persona)
    assert page.url == "/registrieren/ausweis", page.text
    page = await browser.send(page.form("Weiter"), email=f"{persona}@example.org", language="de")
    await browser.send(page.form("Konto anlegen"))
    await world.settle()
    page = await browser.open(newest_path(world))
    await browser.send(page.form("Konto bestätigen"))


async def log_in_by_card(browser: Browser, persona: str = ERIKA, choice: str = "pin") -> Page:
    """Log in with a card; return the page that follows."""
    return await show_card(browser, await browser.open("/anmelden"), "Mit dem Online-Ausweis anmelden", persona, choice)


async def test_whoever_registers_with_the_card_types_in_an_address_and_logs_in_at_a_high_level(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        page = await log_in_by_card(browser)

    assert page.url == "/postfach"
    [id_] = await world.web.store.scan(Account)
    account = await world.web.store.get(Account, id_)
    profile = await profile_of(account, world)
    assert account.standing(world.web.keys.signers).trust == "high"
    assert (profile.value("given_names"), profile.data["given_names"].raw) == ("Erika", "ERIKA")
    assert (profile.value("street"), profile.data["street"].raw) == ("Heidestraße 17", "HEIDESTRAẞE 17")
    assert {datum.source for datum in profile.data.values()} == {"card"}
    assert {datum.trust for datum in profile.data.values()} == {"high"}


async def test_an_account_with_a_password_is_raised_and_what_the_card_says_replaces_what_was_typed_in(
    world: World,
) -> None:
    async with world.browser() as browser:
        await registered(world, browser, given_names="Erika Maria", street="Andere Straße 1")
        await browser.log_in("erika", PASSWORD)
        compared = await show_card(browser, await browser.open("/konto"), "Online-Ausweis verbinden")
        assert compared.url == "/ausweis/abgleich"
        assert "statt bisher: <bdi>Andere Straße 1</bdi>" in compared.text
        before = (await find_account("erika", world.web)).standing(world.web.keys.signers)
        page = await browser.send(compared.form("Ausweis verbinden"))
        account = await find_account("erika", world.web)
        await world.settle()

        assert before.trust == "low"
        assert page.url == "/konto"
        assert account.standing(world.web.keys.signers).trust == "high"
        assert (await profile_of(account, world)).value("street") == "Heidestraße 17"
        assert world.mails.sent[-1]["Subject"] == "Ihr Ausweis ist jetzt mit Ihrem Konto verbunden"
        async with world.browser() as other:
            assert (await log_in_by_card(other)).url == "/postfach"


async def test_a_notice_that_demands_a_high_level_leads_to_the_card_and_back_to_itself(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        account = await world.web.store.get(Account, (await world.web.store.scan(Account))[0])
        notice_id = await _notice_for(world, account)
        tab = await open_tab(world, _as_citizen(account), "low")
        browser._http.cookie_jar.update_cookies({"session": tab.token}, URL(world.base_url))  # noqa: SLF001
        listed = await browser.open(f"/postfach/{notice_id}")
        page = await show_card(browser, listed, "Mit dem Online-Ausweis anmelden")

        assert page.url == f"/postfach/{notice_id}"
        opened = await browser.send(page.form("Nachricht öffnen"))
        assert "anbei Ihr Bescheid" in opened.text


async def test_a_level_that_the_card_does_not_allow_is_not_reached(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        page = await show_card(browser, await browser.open("/konto"), "Online-Ausweis verbinden", choice="lower-level")
        assert "ist Ihr Vertrauensniveau <strong>niedrig</strong>" in page.text
        await browser.send(page.form("Ausweis verbinden"))

    assert (await find_account("erika", world.web)).standing(world.web.keys.signers).trust == "low"


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("cancel", "Sie haben abgebrochen"),
        ("wrong-pin", "Der Ausweis konnte nicht gelesen werden"),
        ("denied", "Mit dieser Art von Ausweis geht es nicht"),
    ],
)
async def test_whoever_comes_back_without_a_result_is_told_why_and_can_try_again(
    world: World, choice: str, words: str
) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice=choice)
        assert words in page.text
        again = await show_card(browser, page, "Noch einmal versuchen")

    assert again.url == "/ausweis/neu"


@pytest.mark.parametrize("choice", ["expired", "blocked"])
async def test_a_card_that_has_expired_or_is_blocked_is_said_to_be_that(world: World, choice: str) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice=choice)

    assert "Er ist abgelaufen oder gesperrt" in page.text


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        ("getResult#invalidDocument", "Dieser Ausweis wird nicht angenommen"),
        ("getResult#deniedDocument", "Mit dieser Art von Ausweis geht es nicht"),
        ("getResult#invalidSession", "Das hat zu lange gedauert"),
        ("getResult#invalidCounter", "Das hat zu lange gedauert"),
        ("common#internalError", "Gerade lassen sich keine Ausweise lesen"),
        ("common#schemaViolation", "Gerade lassen sich keine Ausweise lesen"),
    ],
)
async def test_whatever_the_eid_server_says_is_told_in_words(world: World, minor: str, words: str) -> None:
    async with world.browser() as browser:
        way = await browser.send((await browser.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
        simulator = await browser.open(way.links["Zum Ausweis-Simulator"])
        page = await browser.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor=minor)

    assert words in page.text


async def test_a_result_that_comes_late_is_waited_for(world: World) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice="late")
        for _ in range(3):
            if "Einen Moment noch" not in page.text:
                break
            page = await browser.open(page.url)

    assert page.url == "/ausweis/neu"


async def test_a_new_card_of_the_same_person_is_bound_beside_the_old_one(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        assert (await log_in_by_card(browser, choice="new-card")).url == "/ausweis/neu"
        await log_in_by_card(browser)
        label = "Ausweis neu lesen oder einen neuen verbinden"
        page = await show_card(browser, await browser.open("/konto"), label, choice="new-card")
        assert (await browser.send(page.form("Ausweis verbinden"))).url == "/konto"
        for choice in ("pin", "new-card"):
            async with world.browser() as other:
                assert (await log_in_by_card(other, choice=choice)).url == "/postfach"


async def test_the_card_of_another_person_is_not_bound_to_a_verified_account(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await log_in_by_card(browser)
        [other, *_] = [name for name in PERSONAS if name != ERIKA]
        label = "Ausweis neu lesen oder einen neuen verbinden"
        page = await show_card(browser, await browser.open("/konto"), label, persona=other)
        told = await browser.send(page.form("Ausweis verbinden"))

    assert "gehört zu einer anderen Person als dieses Konto" in told.text
    assert len(await _cards(world)) == 1


async def test_a_card_that_is_bound_to_another_account_is_refused(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await registered(world, browser, username="zweite", email="z@example.org")
        await browser.log_in("zweite", PASSWORD)
        page = await show_card(browser, await browser.open("/konto"), "Online-Ausweis verbinden")

    assert "gehört zu einem anderen Konto" in page.text


async def test_with_a_card_one_must_surely_be_sixteen(world: World) -> None:
    async with world.browser() as browser:
        page = await show_card(browser, await browser.open("/registrieren"), "Mit dem Online-Ausweis anlegen", "mia")
        told = await browser.send(page.form("Weiter"), email="jung@example.org")

    assert "ab 16 Jahren anlegen" in told.text
    assert await world.web.store.scan(Account) == []


# Whose result it is


async def test_an_eid_result_in_a_foreign_session_is_given_to_nobody(world: World) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        way = await thief.send((await thief.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
        simulator = await victim.open(way.links["Zum Ausweis-Simulator"])  # the thief has sent the link to the victim
        lured = await victim.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")

        assert "nicht in diesem Browser begonnen" in lured.text
        assert (await victim.open("/postfach")).url == "/anmelden"


@pytest.mark.parametrize("way_in", ["anmelden", "konto", "registrieren"])
async def test_a_card_that_somebody_is_lured_to_show_is_read_by_no_other_browser(world: World, way_in: str) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        await registered(world, thief, username="dieb", email="dieb@example.org")
        if way_in == "konto":
            await thief.log_in("dieb", PASSWORD)
        way = await thief.send((await thief.open(f"/{way_in}")).form(BUTTONS[way_in]))
        link = way.links["Zum Ausweis-Simulator"]
        simulator = await victim.open(link)  # the thief has sent the link to the token
        await victim.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")
        reference = parse_qs(urlsplit(link).query)["tcTokenURL"][0].rpartition("/")[2]

        for path in (
            f"/ausweis/zurueck/{reference}",
            "/ausweis/abgleich",
            "/registrieren/ausweis",
        ):
            page = await thief.open(path)
            assert (page.status, "Mustermann" in page.text) == (403, False), path
        assert len(await _cards(world)) == 1


async def test_a_session_that_changed_meanwhile_gets_no_result(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        way = await browser.send((await browser.open("/konto")).form("Online-Ausweis verbinden"))
        simulator = await browser.open(way.links["Zum Ausweis-Simulator"])
        await browser.send((await browser.open("/konto")).form("Abmelden"))
        page = await browser.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")

    assert "nicht in diesem Browser begonnen" in page.text
    assert await _cards(world) == []


async def test_a_token_is_given_out_once_and_a_log_in_happens_once(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        way = await browser.send((await browser.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
        simulator = await browser.open(way.links["Zum Ausweis-Simulator"])
        first = await browser.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")
        again = await browser.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")

    assert (first.url, again.status) == ("/postfach", 404)


async def test_what_was_begun_too_long_ago_is_over(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        way = await browser.send((await browser.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
        simulator = await browser.open(way.links["Zum Ausweis-Simulator"])
        clock.advance(minutes=20)
        page = await browser.send(simulator.form("Weiter"), persona=ERIKA, choice="pin", minor="")

    assert page.status == 404


# Expiry


async def test_whoever_has_no_newer_card_is_told_three_months_before_it_expires(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
    [card] = await _cards(world)
    assert card.expires_on
    until = datetime.combine(card.expires_on, datetime.min.time(), UTC)
    clock.advance(days=(until - clock.now()).days - 91 - 500)
    async with world.browser() as browser:
        assert (await log_in_by_card(browser)).url == "/postfach"  # or the account would be erased, unused as it is
    clock.advance(days=500)
    await world.settle()
    before = len(world.mails.sent)
    for _ in range(4):  # an account is looked at every week
        clock.advance(days=7)
        await world.settle()

    assert [mail["Subject"] for mail in world.mails.sent[before:]] == ["Ihr Ausweis läuft bald ab"]


async def test_an_account_whose_last_card_has_expired_reaches_no_more_than_its_other_ways(
    world: World, clock: FakeClock
) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        page = await show_card(browser, await browser.open("/konto"), BUTTONS["konto"])
        await browser.send(page.form("Ausweis verbinden"))
    account = await find_account("erika", world.web)
    vault = world.web.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    today = local_day(clock.now())
    credentials.cards[0].expires_on = today + timedelta(days=10)
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)

    async def trust_after(days: int) -> TrustLevel:
        clock.advance(days=days)
        await world.settle()
        return (await find_account("erika", world.web)).standing(world.web.keys.signers).trust

    assert await trust_after(10) == "high"
    assert await trust_after(7) == "low"
    events = [row.event async for row in world.web.store.everything() if isinstance(row, StoredEvent)]
    assert "CardExpires" not in events


async def test_what_waits_does_not_say_when_a_card_expires(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
    [card] = await _cards(world)

    [waits] = [
        row async for row in world.web.store.everything() if isinstance(row, StoredEvent) and row.event == "CardExpires"
    ]

    assert local_day(moment(waits.due)) == local_day(card.bound_at) + timedelta(days=7)


async def _cards(world: World) -> list[Card]:
    vault = world.web.keys.lock_key("vault")
    accounts = [await world.web.store.get(Account, id_) for id_ in await world.web.store.scan(Account)]
    return [card for account in accounts for card in account.open_credentials(vault).cards]


def _as_citizen(account: Account) -> Citizen:
    return Citizen(account, "", "", "")


async def _notice_for(world: World, account: Account) -> str:
    """Have a notice delivered that demands a high level."""
    account.change(
        account.standing(world.web.keys.signers).with_einwilligung(EVERY_AUTHORITY, world.clock.now()),
        world.web.keys.signer("sign-web"),
    )
    await world.web.store.save(account)
    handle = handle_towards(account, EVERY_SECTOR, world.web)
    _, posted = await (await world.authority()).post(a_notice(handle, minimum_trust="high"))
    await world.settle()
    return str(posted["id"])


async def test_a_row_that_was_put_back_and_an_index_that_was_moved_lead_nobody_to_a_foreign_card(
    world: World,
) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered_by_card(world, victim)
        theirs = await _begun(world, thief)
        before = theirs.stored.locked
        token = await fetch_token(theirs.content.reference, Simulator(world.clock, world.base_url).client(), world.web)
        known = read_tctoken(token).refresh_address.rpartition("/")[2]
        row = await world.web.store.get(StoredErrand, theirs.stored.id)
        row.locked = before
        await world.web.store.save(row)
        raw = await fetch_token(theirs.content.reference, Simulator(world.clock, world.base_url).client(), world.web)
        assert read_tctoken(raw).refresh_address.rpartition("/")[2] != known
        page = await thief.open(f"/ausweis/zurueck/{known}?ResultMajor=ok")
        assert page.status == 403

        mine = await _begun(world, victim)
        row = await world.web.store.get(StoredErrand, theirs.stored.id)
        stolen, gone = mine.stored.reference_index, await world.web.store.get(StoredErrand, mine.stored.id)
        gone.reference_index = ""
        await world.web.store.save(gone)
        row.locked, row.reference_index = before, stolen
        await world.web.store.save(row)
        with pytest.raises(Damaged):
            await fetch_token(mine.content.reference, Simulator(world.clock, world.base_url).client(), world.web)


async def test_whoever_mistyped_the_address_begins_anew_with_the_card(world: World) -> None:
    async with world.browser() as browser:
        for address in ("falsch@example.org", "erika@example.org"):
            page = await show_card(browser, await browser.open("/registrieren"), BUTTONS["registrieren"])
            assert page.url == "/registrieren/ausweis"
            page = await browser.send(page.form("Weiter"), email=address, language="de")
            await browser.send(page.form("Konto anlegen"))
    [id_] = await world.web.store.scan(Account)
    account = await world.web.store.get(Account, id_)
    assert account.open_mail(world.web.keys.lock_key("mail")).address == "erika@example.org"


async def _begun(world: World, browser: Browser) -> Errand[CardUse]:
    """Begin a log-in with the card; return it as it stands."""
    way = await browser.send((await browser.open("/anmelden")).form("Mit dem Online-Ausweis anmelden"))
    link = way.links["Zum Ausweis-Simulator"]
    reference = parse_qs(urlsplit(link).query)["tcTokenURL"][0].rpartition("/")[2]
    return await find_errand(ABOUT, CardUse, reference, world.web)
