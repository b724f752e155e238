"""The ID card in the browser: registering, logging in, raising the trust level, and whose account it opens."""

from yarl import URL

from sk.auth.account import EVERY_AUTHORITY, Account
from sk.auth.eid.simulator_personas import PEOPLE
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.own_key import own_lock
from tests.auth.people import PASSWORD, profile_of, registered
from tests.auth.showing import (
    ERIKA,
    READ_ANEW,
    cards_in,
    log_in_by_card,
    registered_by_card,
    show_card,
    show_card_at,
)
from tests.security.tab import open_tab
from tests.world import Citizen, World, a_notice


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
        compared = await show_card_at(browser, "/konto")
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


async def notice_for(world: World, account: Account) -> str:
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


async def test_a_notice_that_demands_a_high_level_leads_to_the_card_and_back_to_itself(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        account = await world.web.store.get(Account, (await world.web.store.scan(Account))[0])
        notice_id = await notice_for(world, account)
        tab = await open_tab(world, Citizen(account, "", "", ""), "low")
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
        page = await show_card_at(browser, "/konto", choice="lower-level")
        assert "ist Ihr Vertrauensniveau <strong>niedrig</strong>" in page.text
        await browser.send(page.form("Ausweis verbinden"))

    assert (await find_account("erika", world.web)).standing(world.web.keys.signers).trust == "low"


async def test_a_new_card_of_the_same_person_is_bound_beside_the_old_one(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        assert (await log_in_by_card(browser, choice="new-card")).url == "/ausweis/neu"
        await log_in_by_card(browser)
        page = await show_card(browser, await browser.open("/konto"), READ_ANEW, choice="new-card")
        assert (await browser.send(page.form("Ausweis verbinden"))).url == "/konto"
        for choice in ("pin", "new-card"):
            async with world.browser() as other:
                assert (await log_in_by_card(other, choice=choice)).url == "/postfach"


async def test_whoever_has_their_card_read_anew_sees_what_is_new_on_it_before_it_is_taken_over(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await log_in_by_card(browser)
        [id_] = await world.web.store.scan(Account)
        account, own = await world.web.store.get(Account, id_), await own_lock(id_, world.web)
        known = account.open_profile(own)
        account.lock_profile(own, known.read({"street": "Alte Straße 1"}, "high", world.clock.now()))
        await world.web.store.save(account)
        compared = await show_card(browser, await browser.open("/konto"), READ_ANEW)
        page = await browser.send(compared.form("Übernehmen"))
        again = await show_card(browser, page, READ_ANEW)
        journal = await browser.open("/konto/protokoll")

    profile = await profile_of(await world.web.store.get(Account, id_), world)
    assert (compared.url, page.url, again.url) == ("/ausweis/abgleich", "/konto", "/konto")
    assert "statt bisher: <bdi>Alte Straße 1</bdi>" in compared.text
    assert (profile.value("street"), len(await cards_in(world))) == ("Heidestraße 17", 1)
    assert "Ihre Angaben wurden geändert." in journal.text


async def test_the_card_of_another_person_is_not_bound_to_a_verified_account(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await log_in_by_card(browser)
        [other, *_] = [name for name in PEOPLE if name != ERIKA]
        page = await show_card(browser, await browser.open("/konto"), READ_ANEW, persona=other)
        told = await browser.send(page.form("Ausweis verbinden"))

    assert "gehört zu einer anderen Person als dieses Konto" in told.text
    assert len(await cards_in(world)) == 1


async def test_a_card_that_is_bound_to_another_account_is_refused(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await registered(world, browser, username="zweite", email="z@example.org")
        await browser.log_in("zweite", PASSWORD)
        page = await show_card_at(browser, "/konto")

    assert "gehört zu einem anderen Konto" in page.text


async def test_with_a_card_one_must_surely_be_sixteen(world: World) -> None:
    async with world.browser() as browser:
        page = await show_card_at(browser, "/registrieren", "mia")
        told = await browser.send(page.form("Weiter"), email="jung@example.org")

    assert "ab 16 Jahren anlegen" in told.text
    assert await world.web.store.scan(Account) == []


async def test_whoever_mistyped_the_address_begins_anew_with_the_card(world: World) -> None:
    async with world.browser() as browser:
        for address in ("falsch@example.org", "erika@example.org"):
            page = await show_card_at(browser, "/registrieren")
            assert page.url == "/registrieren/ausweis"
            page = await browser.send(page.form("Weiter"), email=address, language="de")
            await browser.send(page.form("Konto anlegen"))
    [id_] = await world.web.store.scan(Account)
    account = await world.web.store.get(Account, id_)
    assert account.open_mail(world.web.keys.lock_key("mail")).address == "erika@example.org"
