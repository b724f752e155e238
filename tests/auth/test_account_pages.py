"""The account in the browser: what is known and where it comes from, what can be changed, what has happened."""

from sk.auth.log_in import find_account
from tests.auth.people import ERIKA, PASSWORD, registered
from tests.auth.showing import READ_ANEW, cards_in, log_in_by_card, registered_by_card, show_card, show_card_at
from tests.auth.writing import newest_link, settings_of
from tests.fakes import FakeClock
from tests.security.tab import open_tab
from tests.world import World


async def test_each_datum_says_where_it_comes_from(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        page = " ".join((await browser.open("/konto")).text.split())
        assert 'Heidestraße 17</bdi> <span class="source">selbst angegeben am Montag, 23. November 2026' in page

        compared = await show_card_at(browser, "/konto")
        page = " ".join((await browser.send(compared.form("Ausweis verbinden"))).text.split())
        assert "vom Ausweis gelesen am Montag, 23. November 2026, Vertrauensniveau hoch" in page


async def test_what_was_typed_in_is_changed_and_the_journal_says_so(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        form = (await browser.open("/konto/daten")).form("Speichern")
        wrong = await browser.send(form, **_entered(street="Straße™", country="DE"))
        assert wrong.status == 422
        assert "„™“ (U+2122)" in wrong.text
        page = await browser.send(form, **_entered(street="Neue Straße 2", country="DE"))
        assert "Ihre Angaben sind gespeichert." in page.text
        assert "Neue Straße 2" in page.text
        assert "Ihre Angaben wurden geändert." in (await browser.open("/konto/protokoll")).text


async def test_a_country_that_nobody_has_chosen_is_chosen_for_nobody(world: World) -> None:
    async with world.browser(await world.citizen()) as browser:
        page = await browser.open("/konto/daten")
        refused = await browser.send(page.form("Speichern"), **{**ERIKA, "country": ""})

    for shown in (page, refused):
        choice = shown.text.partition('id="country"')[2].partition("</select>")[0]
        assert '<option value=""></option>' in choice
        assert "selected" not in choice
    assert refused.text.count("Bitte füllen Sie dieses Feld aus.") == 1


async def test_what_the_card_has_said_is_not_offered_to_be_changed_and_is_not_changed_by_a_form(world: World) -> None:
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await log_in_by_card(browser)
        page = await browser.open("/konto/daten")
        assert 'name="family_names"' not in page.text
        await browser.send(page.form("Speichern"), family_names="Anders", phone="123", language="en")
        shown = await browser.open("/konto")

    assert "Anders" not in shown.text
    assert "Mustermann" in shown.text
    assert ">123<" in shown.text


async def test_another_address_counts_once_its_mail_was_read_and_the_old_one_is_told(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        asked = await browser.send(
            (await browser.open("/konto/email")).form("E-Mail schicken"), email="neu@example.org"
        )
        assert "Wir haben eine E-Mail an die neue Adresse geschickt." in asked.text
        await world.settle()
        [mail] = world.mails.sent
        assert mail["To"] == "neu@example.org"
        page = await browser.open(newest_link(world))
        assert (await settings_of(world, erika)).address == "erika@example.org"
        done = await browser.send(page.form("Adresse bestätigen"))
        again = await browser.send(page.form("Adresse bestätigen"))
        await world.settle()

    assert "Ab jetzt schreiben wir an die neue Adresse." in done.text
    assert "Dieser Link gilt nicht mehr." in again.text
    assert (await settings_of(world, erika)).address == "neu@example.org"
    assert (world.mails.sent[-1]["To"], world.mails.sent[-1]["Subject"]) == (
        "erika@example.org",
        "Ihre E-Mail-Adresse wurde geändert",
    )


async def test_a_link_to_another_address_lasts_a_day(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        await browser.send((await browser.open("/konto/email")).form("E-Mail schicken"), email="neu@example.org")
        await world.settle()
        clock.advance(hours=24)
        page = await browser.open(newest_link(world))

    assert "Dieser Link gilt nicht mehr." in page.text


async def test_a_session_that_was_left_open_changes_no_address(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)
    clock.advance(minutes=6)
    answer = await tab.ask("POST", "/konto/email", data={"csrf": tab.csrf, "email": "dieb@example.org"})
    await world.settle()

    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/anmelden/erneut")
    assert world.mails.sent == []


async def test_nobody_reads_the_journal_or_the_data_of_somebody_else(world: World) -> None:
    async with world.browser() as erika, world.browser() as other:
        await registered(world, erika)
        await registered(world, other, username="zweite", email="z@example.org", given_names="Zoe", street="Weg 9")
        await erika.log_in("erika", PASSWORD)
        for path in ("/konto", "/konto/daten", "/konto/protokoll"):
            assert "Zoe" not in (await erika.open(path)).text


def _entered(**changes: str) -> dict[str, str]:
    """Return what a form holds that browsers would send on as it was shown."""
    return {"land": "NW", "nationality": "DE", "language": "de", **changes}


async def test_an_address_that_a_thief_has_asked_for_is_not_taken_once_the_owner_has_thrown_them_out(
    world: World,
) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as thief, world.browser(erika) as owner:
        await thief.send((await thief.open("/konto/email")).form("E-Mail schicken"), email="dieb@example.org")
        await world.settle()
        link = newest_link(world)
        form = (await owner.open("/konto/sicherheit/passwort")).forms[-1]
        await owner.send(form, password="vier Esel tragen Kaffee")
        page = await thief.open(link)

    assert "Dieser Link gilt nicht mehr." in page.text
    assert (await settings_of(world, erika)).address == "erika@example.org"


async def test_of_several_addresses_that_were_asked_for_the_first_that_is_confirmed_is_taken(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        links = []
        for address in ("eins@example.org", "zwei@example.org"):
            await browser.send((await browser.open("/konto/email")).form("E-Mail schicken"), email=address)
            await world.settle()
            links.append(newest_link(world))
        await browser.send((await browser.open(links[1])).form("Adresse bestätigen"))
        late = await browser.open(links[0])

    assert "Dieser Link gilt nicht mehr." in late.text
    assert (await settings_of(world, erika)).address == "zwei@example.org"


async def test_a_card_that_was_lost_is_taken_off_and_the_level_goes_with_it_but_never_the_last_way_in(
    world: World,
) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        compared = await show_card_at(browser, "/konto")
        page = await browser.send(compared.form("Ausweis verbinden"))
        page = await browser.send(page.form("Ausweis trennen"))
        assert "Das ist von Ihrem Konto getrennt." in page.text
        assert (await find_account("erika", world.web)).standing(world.web.keys.signers).trust == "low"
        assert (await log_in_by_card(browser)).url == "/ausweis/neu"

    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await log_in_by_card(browser)
        page = await browser.send((await browser.open("/konto")).form("Ausweis trennen"))
        assert "Das ist der einzige Weg in Ihr Konto." in page.text
        assert (await log_in_by_card(browser)).url == "/postfach"


async def test_with_a_password_alone_nobody_takes_off_a_card_and_a_double_press_takes_off_one(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        compared = await show_card_at(browser, "/konto")
        await browser.send(compared.form("Ausweis verbinden"))
        compared = await show_card(browser, await browser.open("/konto"), READ_ANEW, choice="new-card")
        page = await browser.send(compared.form("Ausweis verbinden"))
        form = page.form("Ausweis trennen")
        async with world.browser() as other:
            await other.log_in("erika", PASSWORD)
            told = await other.send((await other.open("/konto")).form("Ausweis trennen"))
            assert "Dafür brauchen Sie eine sicherere Anmeldung." in told.text
        for _ in range(2):
            await browser.send(form)

    assert len(await cards_in(world)) == 1


async def test_nobody_is_flooded_with_mails_by_who_asks_for_their_address(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    async with world.browser(erika) as browser, world.browser(mallory) as other:
        page = await browser.open("/konto/email")
        for number in range(3):
            await browser.send(page.form("E-Mail schicken"), email=f"opfer+{number}@example.org")
        page = await other.open("/konto/email")
        said = [await other.send(page.form("E-Mail schicken"), email="opfer@example.org") for _ in range(4)]
    await world.settle()

    assert [one.status for one in said] == [200, 200, 200, 429]
    assert "Bitte warten Sie eine Sekunde" in said[-1].text
    assert len(world.mails.sent) == 6


async def test_nor_are_many_addresses_from_one_account(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        page = await browser.open("/konto/email")
        said = [await browser.send(page.form("E-Mail schicken"), email=f"{number}@example.org") for number in range(8)]
    await world.settle()

    assert [one.status for one in said] == [200] * 6 + [429] * 2
    assert len(world.mails.sent) == 6
