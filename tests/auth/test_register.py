"""Registering with a password: entered, looked over, confirmed by mail, or gone after a day."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sk.auth.account import Account, AccountKey
from sk.auth.addresses import mailable
from sk.auth.errands import StoredErrand
from sk.auth.log_in import find_account
from sk.auth.passwords import Passwords
from sk.auth.register import confirm, draft
from sk.auth.register import register as register_draft
from sk.auth.registry import Wanted, add_account
from sk.errors import Invalid
from sk.mail.letter import Letter
from tests.auth.erasing import statements
from tests.auth.people import ERIKA, PASSWORD, fill_in, path_in, profile_of, register, registered
from tests.fakes import FakeClock
from tests.workers.cases import Raced
from tests.world import World, open_world

WRONG = {
    "username": ("e!", "Erlaubt sind 3 bis 64"),
    "password": ("kurz", "mindestens 15 Zeichen"),
    "email": ("erika", "Bitte prüfen Sie die Adresse"),
    "given_names": ("Erika™", "„™“ (U+2122)"),
    "family_names": ("", "Bitte füllen Sie dieses Feld aus"),
    "date_of_birth": ("2026-02-31", "als Tag, Monat und Jahr"),
    "country": ("ZZ", "wählen Sie ein Land aus der Liste"),
    "land": ("XX", "wählen Sie ein Bundesland"),
    "postal_code": ("5114§", "Dieses Zeichen geht hier nicht: „§“ (U+00A7)."),
    "de_mail": ("nichts", "Bitte prüfen Sie die Adresse"),
}


async def test_whoever_registers_confirms_by_mail_and_logs_in(world: World) -> None:
    async with world.browser() as browser:
        looked_over = await fill_in(browser)
        assert looked_over.url == "/registrieren/pruefen"
        for shown in ("erika@example.org", "12. August 1964", "Heidestraße 17", "Deutschland", "Nordrhein-Westfalen"):
            assert shown in looked_over.text
        assert PASSWORD not in looked_over.text
        assert await world.web.store.scan(Account) == []

        told = await browser.send(looked_over.form("Konto anlegen"))
        assert told.url == "/registrieren/bestaetigen"
        await world.settle()
        [mail] = world.mails.sent
        page = await browser.open(path_in(mail, world.base_url))
        done = await browser.send(page.form("Konto bestätigen"))
        assert "Sie können sich jetzt anmelden." in done.text

        assert (await browser.log_in("Erika", PASSWORD)).url == "/postfach"
    account = await find_account("erika", world.web)
    assert account.standing(world.web.keys.signers).model_dump(include={"state", "trust"}) == {
        "state": "active",
        "trust": "low",
    }
    profile = await profile_of(account, world)
    assert {name: profile.value(name) for name in profile.data} == {
        name: value
        for name, value in ERIKA.items()
        if value and name not in ("username", "password", "email", "language")
    }
    assert {(datum.source, datum.trust) for datum in profile.data.values()} == {("self", "low")}


async def test_before_the_mail_is_confirmed_nobody_logs_in_and_looking_at_its_page_confirms_nothing(
    world: World,
) -> None:
    async with world.browser() as browser:
        await register(browser)
        await world.settle()
        await browser.open(path_in(world.mails.sent[-1], world.base_url))

        assert "Die Anmeldung hat nicht geklappt" in (await browser.log_in("erika", PASSWORD)).text
    assert "account-added" not in [one.step for one in await statements(world)]


async def test_what_was_not_confirmed_for_a_day_is_gone_and_the_name_is_free(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        await register(browser)
        await world.settle()
        link = path_in(world.mails.sent[-1], world.base_url)
        clock.advance(hours=24)
        late = await browser.open(link)
        await world.settle()

        assert "Dieser Link gilt nicht mehr" in late.text
        for kind in (Account, AccountKey, StoredErrand, Letter):
            assert await world.web.store.scan(kind) == [], kind
        await registered(world, browser, email="andere@example.org")
        assert (await browser.log_in("erika", PASSWORD)).url == "/postfach"


async def test_what_was_not_confirmed_is_gone_also_without_the_key_that_a_restore_did_not_bring_back(
    world: World, clock: FakeClock
) -> None:
    async with world.browser() as browser:
        await register(browser)
    [id_] = await world.web.store.scan(Account)
    await world.web.store.save(remove=[await world.web.store.get(AccountKey, id_)])
    clock.advance(hours=24)
    await world.settle()

    assert await world.web.store.scan(Account) == []


async def test_all_that_is_wrong_is_told_at_once_and_nothing_that_was_entered_is_lost(world: World) -> None:
    async with world.browser() as browser:
        page = await fill_in(browser, **{name: value for name, (value, _) in WRONG.items()})

    assert page.status == 422
    for name, (value, words) in WRONG.items():
        assert words in page.text, name
        assert f'href="#{name}"' in page.text
        if name not in ("password", "country", "land") and value:
            assert f'value="{value}"' in page.text, name
    assert 'value="Köln"' in page.text
    assert "kurz" not in page.text
    assert await world.web.store.scan(StoredErrand) == []


@pytest.mark.parametrize(("born", "taken"), [("2010-11-23", True), ("2010-11-24", False)])
async def test_from_the_sixteenth_birthday_on_one_can_register(world: World, born: str, *, taken: bool) -> None:
    async with world.browser() as browser:
        page = await fill_in(browser, date_of_birth=born)

    assert (page.url == "/registrieren/pruefen") is taken
    assert ("ab 16 Jahren anlegen." in page.text) is not taken


async def test_whose_name_is_taken_learns_it_from_the_mail_alone_and_takes_another(world: World) -> None:
    await world.citizen("erika")
    async with world.browser() as browser:
        told = await register(browser, email="zweite@example.org")
        assert "jemand anderes" not in told.text
        await world.settle()
        page = await browser.open(path_in(world.mails.sent[-1], world.base_url))
        assert "hat aber schon jemand anderes" in page.text
        again = await browser.send(page.form("Konto bestätigen"), username="ERIKA")
        assert "Auch diesen Benutzernamen hat schon jemand anderes" in again.text
        await browser.send(again.form("Konto bestätigen"), username="erika-2")

        assert (await browser.log_in("erika-2", PASSWORD)).url == "/postfach"


async def test_pressed_twice_it_registers_once(world: World) -> None:
    async with world.browser() as browser:
        page = await fill_in(browser)
        first, second = [await browser.send(page.form("Konto anlegen")) for _ in range(2)]
        await world.settle()

    assert (first.url, second.url) == ("/registrieren/bestaetigen",) * 2
    assert len(await world.web.store.scan(Account)) == 1
    assert len(world.mails.sent) == 1


async def test_whoever_goes_back_finds_what_they_entered_but_not_the_password(world: World) -> None:
    async with world.browser() as browser:
        await fill_in(browser)
        page = await browser.open("/registrieren?aendern")

    for name in ("username", "email", "given_names", "date_of_birth", "street", "phone"):
        assert f'value="{ERIKA[name]}"' in page.text, name
    assert PASSWORD not in page.text


async def test_a_de_mail_address_belongs_to_one_account_and_only_its_owner_learns_that_it_is_taken(
    world: World,
) -> None:
    async with world.browser() as browser:
        await registered(world, browser, de_mail="erika@web.de-mail.de")
        told = await registered(
            world, browser, username="zweite", email="z@example.org", de_mail="Erika@web.de-mail.de"
        )

    assert "Sie können sich jetzt anmelden." in told.text
    first, second = await find_account("erika", world.web), await find_account("zweite", world.web)
    assert first.de_mail_index
    assert not second.de_mail_index
    assert (await profile_of(second, world)).value("de_mail") == ""


async def test_a_name_is_kept_in_the_one_spelling_of_registers(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser, given_names="  Ju\u0308rgen   Rene\u0301 ", city="Ko\u0308ln")

    profile = await profile_of(await find_account("erika", world.web), world)
    assert (profile.value("given_names"), profile.value("city")) == ("J\u00fcrgen Ren\u00e9", "K\u00f6ln")


async def test_a_code_that_was_mailed_sets_no_password(world: World) -> None:
    async with world.browser() as browser:
        await register(browser)
        await world.settle()
        code = path_in(world.mails.sent[-1], world.base_url).partition("code=")[2]
        page = await browser.open("/aktivieren")
        told = await browser.send(page.form("Konto aktivieren"), code=code, password=PASSWORD)

    assert told.status == 422
    assert "Dieser Link oder Code gilt nicht mehr." in told.text


async def test_a_code_that_was_handed_out_confirms_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "real", clock, mail="smtp://127.0.0.1:9") as world:
        added = await add_account(Wanted("erika", "erika@example.org"), Passwords(), world.web)
        with pytest.raises(Invalid, match="not valid"):
            await confirm(added.secret, "", world.web)


async def test_two_who_take_a_name_in_the_same_moment_both_get_their_mail_and_one_of_them_the_name(
    world: World,
) -> None:
    drafts = [await draft({**ERIKA, "email": f"{n}@example.org"}, Passwords(), world.web) for n in range(2)]
    errands = [drafted.errand for drafted in drafts if drafted.errand]
    for errand in errands:
        await world.web.store.save(errand.to_save(world.web))

    raced: Any = Raced(world.web.store, lambda: register_draft(errands[1], world.web))
    await register_draft(errands[0], replace(world.web, store=raced))
    await world.settle()

    accounts = [await world.web.store.get(Account, id_) for id_ in await world.web.store.scan(Account)]
    assert sorted(bool(account.username_index) for account in accounts) == [False, True]
    assert sorted(str(mail["To"]) for mail in world.mails.sent) == ["0@example.org", "1@example.org"]


async def test_whoever_holds_a_mailed_code_does_not_learn_of_any_number_of_names_which_are_taken(world: World) -> None:
    for name in ("erika", *(f"name-{number}" for number in range(8))):
        await world.citizen(name)
    async with world.browser() as browser:
        await register(browser, email="neugierig@example.org")
        await world.settle()
        page = await browser.open(path_in(world.mails.sent[-1], world.base_url))
        answers = [await browser.send(page.form("Konto bestätigen"), username=f"name-{number}") for number in range(8)]

    assert ["schon jemand anderes" in answer.text.partition("kern-error")[2] for answer in answers] == (
        [True] * 6 + [False] * 2
    )
    assert "Sekunde" in answers[-1].text


async def test_nobody_is_flooded_with_mails_by_who_registers_with_their_address(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        for number in range(6):
            await register(browser, username=f"name-{number}", email=f"opfer+{number}@example.org")
        looked_over = await fill_in(browser, username="name-7", email="opfer@example.org")
        told = await browser.send(looked_over.form("Konto anlegen"))
        await world.settle()

        assert (told.status, "Bitte warten Sie eine Sekunde" in told.text) == (429, True)
        assert len(world.mails.sent) == 6
        clock.advance(seconds=1)
        assert (await browser.send(told.form("Konto anlegen"))).url == "/registrieren/bestaetigen"


@pytest.mark.parametrize(
    "address",
    ["a,b@example.org", "a;b@example.org", "a:b@example.org", "(a)@example.org", "a\\b@example.org", "a%b@example.org",
     "a\x00@example.org", "a\x7f@example.org", "a@exa\x01mple.org", '"a"@example.org', "a@localhost", "a@[127.0.0.1]",
     "a@127.0.0.1", "a@-x.org", "a@x..org", "a@x.org.", "a@b@example.org", "a@b,example.org", "a@[::1]"],
)  # fmt: skip
def test_what_a_mail_server_may_take_for_more_than_an_address_is_none(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        mailable(address)
    assert refused.value.problem == "no-address"


@pytest.mark.parametrize("address", ["o'brien+x@example.org", "a_b.c-d@xn--mller-kva.example", "a@1a.museum"])
def test_what_is_an_address_is_taken(address: str) -> None:
    assert mailable(address) == address
