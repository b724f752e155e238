"""Logging in by BundID: who it lets in, how surely, what is taken over, and what is refused."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from lxml import etree

from sk.auth.account import Account
from sk.auth.authorities import registered as authority_registered
from sk.auth.bundid import AKDB, CLASSIC_UI, NAME_MAX, bundid_of
from sk.auth.cards import ABOUT, CardUse
from sk.auth.credentials import Card
from sk.auth.errands import find_errand
from sk.auth.log_in import find_account
from sk.auth.members import name_member
from sk.auth.trust import TrustLevel
from sk.config import load_settings
from sk.demo.browser import Form
from sk.errors import Invalid
from sk.saml.messages import response
from sk.saml.names import STATUS
from sk.xmldsig import spelled
from tests.auth.bund import (
    BIRTH_NAME,
    BIRTHDATE,
    BIRTHPLACE,
    BUTTONS,
    BY_ELSTER,
    BY_NAME,
    CITY,
    COUNTRY,
    ERIKA,
    GIVEN_NAME,
    LEVEL,
    LEVEL_NAME,
    MAX,
    NATIONALITY,
    POSTAL_CODE,
    STREET,
    SURNAME,
    TITLE,
    Bund,
    Person,
    changed,
    metadata_file,
    world_with_bundid,
)
from tests.auth.people import PASSWORD, profile_of, registered
from tests.auth.showing import registered_by_card, show_card
from tests.auth.test_cards import notice_for
from tests.fakes import FakeClock
from tests.saml.judges import fault
from tests.saml.parties import party
from tests.saml.provider import BPK2, CONSUMER, ENTITY
from tests.saml.test_judge import REFUSED
from tests.world import World, open_world

ALL = {BPK2, LEVEL_NAME, GIVEN_NAME, SURNAME, TITLE, BIRTH_NAME, BIRTHDATE, BIRTHPLACE, NATIONALITY} | {
    STREET,
    POSTAL_CODE,
    CITY,
    COUNTRY,
}
FETCH_ANEW = "Angaben neu von BundID holen"


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform at which people log in by BundID."""
    async with world_with_bundid(tmp_path, clock, operator="Servicekonto Musterland", bundid_service="BMI-4711") as one:
        yield one


@pytest.fixture
def bund(world: World) -> Bund:
    """Return BundID."""
    return Bund(world)


async def only_account(world: World) -> Account:
    """Return the one account that there is."""
    [id_] = await world.web.store.scan(Account)
    return await world.web.store.get(Account, id_)


def held(account: Account, world: World) -> list[Card]:
    """Return what somebody shows who logs in to an account."""
    return account.open_credentials(world.web.keys.lock_key("vault")).cards


def trust_of(account: Account, world: World) -> TrustLevel:
    """Return how surely an account is its person's."""
    return account.standing(world.web.keys.signers).trust


# What is asked


@pytest.mark.parametrize(
    ("path", "level", "names"),
    [("/anmelden", "1", {BPK2, LEVEL_NAME}), ("/registrieren", "3", ALL), ("/konto", "3", ALL)],
)
async def test_what_is_asked_is_what_is_needed(
    world: World, bund: Bund, path: str, level: str, names: set[str]
) -> None:
    async with world.browser() as browser:
        if path == "/konto":
            await registered(world, browser)
            await browser.log_in("erika", PASSWORD)
        asked = await bund.asked_at(browser, path)

    root = etree.fromstring(asked.text)
    [wishes] = root.iter(AKDB.tag("AuthenticationRequest"))
    assert fault(asked.text) == ""
    assert (asked.request.force_authn, wishes.get("Version")) == (True, "2")
    assert [each.text for each in root.iter("{*}AuthnContextClassRef")] == [f"{LEVEL}{level}"]
    assert [each.get("Comparison") for each in root.iter("{*}RequestedAuthnContext")] == ["minimum"]
    asked_for = list(wishes.iter(AKDB.tag("RequestedAttribute")))
    assert {each.get("Name") for each in asked_for} == names
    needed = {each.get("Name") for each in asked_for if each.get("RequiredAttribute") == "true"}
    assert needed == {BPK2, GIVEN_NAME, SURNAME, BIRTHDATE} & names
    [shown] = wishes.iter(CLASSIC_UI.tag("Version"))
    assert [each.text for each in shown] == ["Servicekonto Musterland", "de", "BMI-4711"]


async def test_a_long_name_is_cut_a_service_may_have_none_and_english_stays_english(
    tmp_path: Path, clock: FakeClock
) -> None:
    name = "Gemeinsames Servicekonto der Städte und Gemeinden im Kreis Musterland"
    async with world_with_bundid(tmp_path, clock, operator=name) as world, world.browser() as browser:
        page = await browser.open((await browser.open("/anmelden")).links["English"])
        asked = await Bund(world).asked(browser, page, "Log in with BundID")

    [shown] = etree.fromstring(asked.text).iter(CLASSIC_UI.tag("Version"))
    assert [each.text for each in shown] == [name[:NAME_MAX], "en"]


async def test_our_metadata_are_valid_and_name_both_keys_while_there_are_two(tmp_path: Path, clock: FakeClock) -> None:
    other = party("next").files(tmp_path / "next")
    async with world_with_bundid(tmp_path, clock, bundid_other_key=other) as world, world.browser() as browser:
        bund = Bund(world)
        described = await bund.metadata()
        asked = await bund.asked_at(browser, "/registrieren")
        page = await browser.send(bund.answer(asked, reader="next"))

    assert fault(described) == ""
    assert described.count(party("konto").certificate_text.encode()) == 2
    assert described.count(party("next").certificate_text.encode()) == 2
    assert page.url == "/registrieren/ausweis"


# Who is let in, and how surely


async def test_whoever_registers_by_bundid_types_in_an_address_and_logs_in_as_surely_as_there(
    world: World, bund: Bund
) -> None:
    async with world.browser() as browser:
        await bund.registered(browser)
        page = await bund.go_from(browser, "/anmelden", BY_NAME)
        journal = await browser.open("/konto/protokoll")
        shown = await browser.open("/konto")

    account = await only_account(world)
    profile = await profile_of(account, world)
    assert page.url == "/postfach"
    assert "Anmeldung mit BundID" in journal.text
    assert "von BundID bekommen am" in shown.text
    assert trust_of(account, world) == "high"
    assert {(datum.source, datum.trust) for datum in profile.data.values()} == {("bundid", "high")}
    assert (profile.value("given_names"), profile.data["given_names"].raw) == ("Erika", "ERIKA")
    assert (profile.value("street"), profile.value("city")) == ("Heidestraße 17", "Köln")
    assert (profile.value("nationality"), profile.value("country")) == ("DE", "DE")


async def test_a_log_in_is_worth_what_bundid_says_and_leads_back_from_what_demands_more(
    world: World, bund: Bund
) -> None:
    async with world.browser() as browser:
        await bund.registered(browser)
        notice_id = await notice_for(world, await only_account(world))
        await bund.go_from(browser, "/anmelden", BY_NAME)
        refused = await browser.open(f"/postfach/{notice_id}")
        asked = await bund.asked(browser, refused, BUTTONS["/anmelden"])
        [level] = etree.fromstring(asked.text).iter("{*}AuthnContextClassRef")
        page = await browser.send(bund.answer(asked))

        assert "Angemeldet sind Sie mit dem Niveau „niedrig“" in refused.text
        assert level.text == f"{LEVEL}4"
        assert page.url == f"/postfach/{notice_id}"
        assert "anbei Ihr Bescheid" in (await browser.send(page.form("Nachricht öffnen"))).text


async def test_an_account_with_a_password_is_raised_and_raised_again(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await registered(world, browser, given_names="Erika Maria", street="Andere Straße 1", place_of_birth="Bonn")
        await browser.log_in("erika", PASSWORD)
        compared = await bund.go_from(browser, "/konto", BY_ELSTER)
        assert compared.url == "/ausweis/abgleich"
        assert "statt bisher: <bdi>Andere Straße 1</bdi>" in compared.text
        assert "Bonn" not in compared.text
        page = await browser.send(compared.form("BundID verbinden"))
        once = await only_account(world)
        first = await profile_of(once, world)
        await world.settle()
        world.clock.advance(minutes=20)  # nobody has to log in anew to raise what is bound

        again = await bund.go(browser, page, FETCH_ANEW)
        assert again.url == "/ausweis/abgleich"
        page = await browser.send(again.form("Übernehmen"))
        journal = await browser.open("/konto/protokoll")

    account = await only_account(world)
    profile = await profile_of(account, world)
    assert page.url == "/konto"
    assert (trust_of(once, world), trust_of(account, world)) == ("substantial", "high")
    assert first.value("place_of_birth") == "Bonn"
    assert first.data["place_of_birth"].source == "self"
    assert first.data["given_names"].trust == "substantial"
    assert [card.level for card in held(account, world)] == ["high"]
    assert (profile.value("place_of_birth"), profile.data["place_of_birth"].source) == ("Berlin", "bundid")
    assert {mail["Subject"] for mail in world.mails.sent} >= {"Ihre BundID ist jetzt mit Ihrem Konto verbunden"}
    assert "BundID wurde mit dem Konto verbunden. Vertrauensniveau: substanziell." in journal.text


async def test_a_log_in_is_worth_no_more_than_what_is_bound_until_that_is_raised(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await bund.registered(browser, BY_ELSTER)
        await bund.go_from(browser, "/anmelden", ERIKA)
        page = await browser.open("/konto/sicherheit")
        account = await browser.open("/konto")

    assert "(BundID)" in page.text
    assert trust_of(await only_account(world), world) == "substantial"
    assert "Vertrauensniveau Ihres Kontos ist „substanziell“" in account.text


async def test_what_a_card_has_said_more_surely_stays(world: World, bund: Bund) -> None:
    moved = changed(BY_ELSTER, {STREET: "NEUE STRASSE 1"})
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        await show_card(browser, await browser.open("/anmelden"), "Mit dem Online-Ausweis anmelden")
        before = await profile_of(await only_account(world), world)
        compared = await bund.go_from(browser, "/konto", moved)
        await browser.send(compared.form("BundID verbinden"))
    async with world.browser() as other:
        page = await bund.go_from(other, "/anmelden", BY_ELSTER)

    account = await only_account(world)
    assert "Sie wurden schon sicherer geprüft" in compared.text
    assert "Neue Strasse" not in compared.text
    assert await profile_of(account, world) == before
    assert {(card.means, card.level) for card in held(account, world)} == {("card", "high"), ("bundid", "substantial")}
    assert page.url == "/postfach"


async def test_what_is_fetched_anew_is_shown_before_it_is_taken_over(world: World, bund: Bund) -> None:
    moved = changed(ERIKA, {STREET: "NEUE STRASSE 1"})
    async with world.browser() as browser:
        await bund.registered(browser)
        await bund.go_from(browser, "/anmelden")
        account = await browser.open("/konto")
        same = await bund.go(browser, account, FETCH_ANEW)
        compared = await bund.go(browser, same, FETCH_ANEW, moved)
        before = await profile_of(await only_account(world), world)
        page = await browser.send(compared.form("Übernehmen"))
        journal = await browser.open("/konto/protokoll")

    assert (same.url, compared.url, page.url) == ("/konto", "/ausweis/abgleich", "/konto")
    assert "<bdi>Heidestraße 17</bdi>" in compared.text
    assert before.value("street") == "Heidestraße 17"
    assert (await profile_of(await only_account(world), world)).value("street") == "Neue Strasse 1"
    assert "Ihre Angaben wurden geändert." in journal.text
    assert "BundID wurde mit dem Konto verbunden" not in journal.text


async def test_a_card_of_the_same_person_is_bound_beside_bundid(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await bund.registered(browser, BY_ELSTER)
        await bund.go_from(browser, "/anmelden", BY_ELSTER)
        compared = await show_card(browser, await browser.open("/konto"), "Online-Ausweis verbinden")
        page = await browser.send(compared.form("Ausweis verbinden"))

    account = await only_account(world)
    assert page.url == "/konto"
    assert {card.means for card in held(account, world)} == {"card", "bundid"}
    assert {datum.source for datum in (await profile_of(account, world)).data.values()} == {"card"}


async def test_bundid_is_taken_off_at_its_own_level_and_then_lets_nobody_in(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        await browser.send((await bund.go_from(browser, "/konto")).form("BundID verbinden"))
        await browser.send((await browser.open("/konto")).form("Abmelden"))
        await browser.log_in("erika", PASSWORD)
        refused = await browser.send((await browser.open("/konto")).form("BundID trennen"))
        await bund.go_from(browser, "/anmelden")
        page = await browser.send((await browser.open("/konto")).form("BundID trennen"))
        journal = await browser.open("/konto/protokoll")
        await world.settle()
    async with world.browser() as other:
        unknown = await bund.go_from(other, "/anmelden")

    assert "Dafür brauchen Sie eine sicherere Anmeldung" in refused.text
    assert "Das ist von Ihrem Konto getrennt" in page.text
    assert "BundID wurde vom Konto getrennt." in journal.text
    assert "Eine BundID wurde von Ihrem Konto getrennt" in [mail["Subject"] for mail in world.mails.sent]
    assert unknown.url == "/ausweis/neu"


@pytest.mark.parametrize("person", [BY_NAME, ERIKA], ids=["what was asked", "more than was asked"])
async def test_whoever_is_unknown_here_registers_by_asking_once_more(world: World, bund: Bund, person: Person) -> None:
    async with world.browser() as browser:
        unknown = await bund.go_from(browser, "/anmelden", person)
        assert (unknown.url, "Mit dieser BundID gibt es noch kein Konto" in unknown.text) == ("/ausweis/neu", True)
        assert (await browser.open("/registrieren/ausweis")).url == "/ausweis/neu"
        page = await bund.go(browser, unknown, BUTTONS["/registrieren"])

    assert page.url == "/registrieren/ausweis"
    assert "Das haben wir von BundID bekommen" in page.text


@pytest.mark.parametrize(("person", "may"), [(BY_NAME, False), (BY_ELSTER, True)])
async def test_whoever_acts_for_an_authority_has_shown_more_to_bundid_than_a_password(
    world: World,
    bund: Bund,
    person: Person,
    may: bool,  # noqa: FBT001 - a case of a test
) -> None:
    authority = await world.authority()
    async with world.browser() as browser:
        await bund.registered(browser, BY_ELSTER)
        member = await only_account(world)
        await name_member(await authority_registered(authority.client_id, world.web), member, ["post"], world.web)
        await bund.go_from(browser, "/anmelden", person)
        page = await browser.open(f"/behoerde/{authority.client_id}")

    assert (page.status == 200) is may


# What is taken over, and what is not


async def test_what_is_less_sure_than_the_log_in_or_not_as_registers_write_it_is_not_taken(
    world: World, bund: Bund
) -> None:
    said = changed(ERIKA, {TITLE: "DR.", STREET: "☃ 1", COUNTRY: "Atlantis", NATIONALITY: "TUR"})
    async with world.browser() as browser:
        asked = await bund.asked_at(browser, "/registrieren")
        unsure = {TITLE: "UNTERGEORDNET", CITY: "SUBSTANTIELL", BIRTHPLACE: "nobody knows this word"}
        page = await browser.send(bund.answer(asked, said, trusts=unsure))

    use = await find_errand(ABOUT, CardUse, asked.request.id.removeprefix("_"), world.web)
    assert page.url == "/registrieren/ausweis"
    assert use.content.read
    assert use.content.read.values == {
        "given_names": "Erika",
        "family_names": "Mustermann",
        "birth_name": "Gabler",
        "date_of_birth": "1964-08-12",
        "nationality": "TR",
        "postal_code": "51147",
    }


@pytest.mark.parametrize(
    "changes",
    [{GIVEN_NAME: ""}, {SURNAME: "☃"}, {BIRTHDATE: "12.08.1964"}, {BPK2: ""}],
    ids=["no given name", "no name", "no day", "nobody"],
)
async def test_without_knowing_who_it_is_nobody_registers(world: World, bund: Bund, changes: Mapping[str, str]) -> None:
    async with world.browser() as browser:
        page = await bund.go_from(browser, "/registrieren", changed(ERIKA, changes))
        again = await bund.go(browser, page, "Noch einmal versuchen")

    assert (page.status, "BundID hat uns zu wenig gesagt" in page.text) == (403, True)
    assert again.url == "/registrieren/ausweis"


async def test_one_must_surely_be_sixteen(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        page = await bund.go_from(browser, "/registrieren", changed(ERIKA, {BIRTHDATE: "2012-01-01"}))
        told = await browser.send(page.form("Weiter"), email="jung@example.org")

    assert "ab 16 Jahren anlegen" in told.text
    assert await world.web.store.scan(Account) == []


@pytest.mark.parametrize(
    ("named", "said"), [("4", "2"), ("2", "4"), ("9", "1"), ("9", "9")], ids=["attribute", "context", "one", "neither"]
)
async def test_of_two_levels_the_lower_one_counts_and_one_below_what_was_asked_is_refused(
    world: World, bund: Bund, named: str, said: str
) -> None:
    person = Person({**ERIKA.attributes, LEVEL_NAME: f"{LEVEL}{said}"}, level=f"{LEVEL}{named}", trust="HOCH")
    async with world.browser() as browser:
        page = await bund.go_from(browser, "/registrieren", person)

    assert (page.status, "Diese Anmeldung bei BundID reicht hier nicht" in page.text) == (403, True)


async def test_the_bundid_of_another_person_or_account_is_not_bound(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await bund.registered(browser)
        await bund.go_from(browser, "/anmelden")
        compared = await bund.go(browser, await browser.open("/konto"), FETCH_ANEW, MAX)
        other_person = await browser.send(compared.form("BundID verbinden"))
        await registered(world, browser, username="zweite", email="z@example.org")
        await browser.log_in("zweite", PASSWORD)
        other_account = await bund.go_from(browser, "/konto")

    assert "Diese BundID gehört zu einer anderen Person als dieses Konto" in other_person.text
    assert "Diese BundID gehört zu einem anderen Konto" in other_account.text
    assert held(await find_account("zweite", world.web), world) == []


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ({}, {SURNAME: "SCHMIDT", BIRTH_NAME: "MUSTERMANN"}, True),
        ({}, {SURNAME: "SCHMIDT"}, True),  # the birth name is the same
        ({BIRTH_NAME: ""}, {SURNAME: "SCHMIDT"}, False),
        ({BIRTHPLACE: ""}, {}, True),
        ({}, {BIRTHPLACE: ""}, True),
        ({}, {BIRTHPLACE: "BONN"}, False),
        ({}, {BIRTHDATE: "1964-08-13"}, False),
        ({}, {GIVEN_NAME: "ERIK"}, False),
    ],
)
async def test_a_second_bundid_is_bound_if_it_is_of_the_same_person(
    world: World,
    bund: Bund,
    before: dict[str, str],
    after: dict[str, str],
    is_same: bool,  # noqa: FBT001 - a case
) -> None:
    first, second = changed(ERIKA, before), changed(ERIKA, {BPK2: "a-second-one", **after})
    async with world.browser() as browser:
        await bund.registered(browser, first)
        await bund.go_from(browser, "/anmelden", first)
        compared = await bund.go(browser, await browser.open("/konto"), FETCH_ANEW, second)
        page = await browser.send(compared.form("BundID verbinden"))

    assert page.url == ("/konto" if is_same else "/ausweis/abgleich")
    assert len(held(await only_account(world), world)) == 1 + is_same


# What is refused


def refusal(asked_id: str, world: World) -> Form:
    """Return an answer that says that nobody has logged in. Nobody has signed it."""
    codes = (f"{STATUS}Responder", f"{STATUS}AuthnFailed")
    message = response(ENTITY, f"{world.base_url}/bundid/antwort", asked_id, world.clock.now(), None, *codes)
    return Form("/bundid/antwort", {"SAMLResponse": spelled(etree.tostring(message))})


async def test_whoever_breaks_off_is_told_so_and_tries_again(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await bund.registered(browser)
        asked = await bund.asked_at(browser, "/anmelden")
        told = await browser.send(refusal(asked.request.id, world))
        again = await bund.go(browser, told, "Noch einmal versuchen")

    assert "Die Anmeldung bei BundID kam nicht zustande" in told.text
    assert again.url == "/postfach"


async def test_an_answer_is_taken_once(world: World, bund: Bund) -> None:
    async with world.browser() as browser, world.browser() as thief:
        await bund.registered(browser)
        asked = await bund.asked_at(browser, "/anmelden")
        form = bund.answer(asked)
        first = await browser.send(form)
        again = [await each.send(form) for each in (browser, thief)]

    assert first.url == "/postfach"
    assert [(page.status, "Diese Antwort von BundID gilt nicht" in page.text) for page in again] == [(400, True)] * 2


async def test_an_answer_that_has_come_but_was_not_shown_is_not_taken_a_second_time_either(
    world: World, bund: Bund
) -> None:
    async with world.browser() as browser:
        asked = await bund.asked_at(browser, "/registrieren")
        async with world.browser() as other:
            await other.send(bund.answer(asked, MAX))
        page = await browser.send(bund.answer(asked, ERIKA))
        nothing = await browser.open("/registrieren/ausweis")

    assert (page.status, nothing.status) == (400, 403)


@pytest.mark.parametrize(
    "how",
    [
        *("nobody has signed", "the assertion is not signed", "a stranger has signed", "everybody can read it"),
        *("it is for somebody else to read", "another issuer", "another recipient", "another audience"),
        *("an assertion beside it", "an old log-in", "one thing said twice"),
    ],
)
async def test_what_is_not_its_word_for_us_and_now_lets_nobody_in_and_the_true_answer_still_does(
    world: World, bund: Bund, how: str
) -> None:
    async with world.browser() as browser:
        asked = await bund.asked_at(browser, "/registrieren")
        refused = await browser.send(bund.answer(asked, **REFUSED[how]))
        page = await browser.send(bund.answer(asked))

    assert (refused.status, "Diese Antwort von BundID gilt nicht" in refused.text) == (400, True)
    assert page.url == "/registrieren/ausweis"


async def test_answers_to_nothing_are_refused(world: World) -> None:
    async with world.browser() as browser:
        for form in (
            Form("/bundid/antwort", {}),
            Form("/bundid/antwort", {"SAMLResponse": "bm8geG1s"}),
            refusal("_nobody-has-asked", world),
            refusal("", world),
            refusal(CONSUMER, world),
        ):
            assert (await browser.send(form)).status == 400


@pytest.mark.parametrize("path", BUTTONS)
async def test_what_bundid_says_of_somebody_who_was_lured_there_is_told_to_no_other_browser(
    world: World, bund: Bund, path: str
) -> None:
    async with world.browser() as victim, world.browser() as thief:
        await registered(world, thief, username="dieb", email="dieb@example.org")
        if path == "/konto":
            await thief.log_in("dieb", PASSWORD)
        asked = await bund.asked_at(thief, path)  # the thief has sent the address to the victim
        lured = await victim.send(bund.answer(asked))
        assert "nicht in diesem Browser begonnen" in lured.text
        assert (await victim.open("/postfach")).url == "/anmelden"

        pages = ("/ausweis/abgleich", "/registrieren/ausweis", "/ausweis/neu", "/bundid/zurueck/", "/bundid/zurueck/x")
        for page in pages:
            seen = await thief.open(page)
            assert (seen.status in (403, 404), "Mustermann" in seen.text) == (True, False), page
        token = await thief.open(f"/ausweis/token/{asked.request.id.removeprefix('_')}")
        assert token.status == 404


async def test_a_session_that_changed_meanwhile_gets_nothing(world: World, bund: Bund) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        asked = await bund.asked_at(browser, "/konto")
        await browser.send((await browser.open("/konto")).form("Abmelden"))
        page = await browser.send(bund.answer(asked))

    assert "nicht in diesem Browser begonnen" in page.text
    assert held(await only_account(world), world) == []


async def test_whoever_finds_an_open_session_does_not_bind_their_bundid(world: World) -> None:
    async with world.browser() as browser:
        await registered(world, browser)
        await browser.log_in("erika", PASSWORD)
        world.clock.advance(minutes=6)
        page = await browser.send((await browser.open("/konto")).form(BUTTONS["/konto"]))

    assert page.url == "/anmelden/erneut"


async def test_where_nobody_has_set_it_up_there_is_nothing(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock) as world, world.browser() as browser:
        page = await browser.open("/anmelden")
        form = Form("/bundid", page.forms[-1].fields)
        found = [
            await browser.open("/bundid/metadata"),
            await browser.send(form),
            await browser.send(Form("/bundid/antwort", {})),
            await browser.open("/bundid/zurueck/x"),
        ]

    assert "BundID" not in page.text
    assert [one.status for one in found] == [404] * 4


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"bundid": "nowhere.xml"}, "SK_BUNDID: nowhere.xml cannot be read: No such file or directory"),
        ({"bundid": __file__}, "SK_BUNDID: this is no SAML metadata"),
        ({"bundid_key": ""}, "SK_BUNDID_KEY: no file cannot be read as a certificate in PEM"),
        ({"bundid_other_key": "a,b"}, "SK_BUNDID_OTHER_KEY: a cannot be read as a certificate in PEM"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    right = {"bundid": str(metadata_file(tmp_path)), "bundid_key": party("konto").files(tmp_path)}
    assert bundid_of(load_settings({})) is None
    assert bundid_of(load_settings(right))
    with pytest.raises(Invalid) as refused:
        bundid_of(load_settings({**right, **settings}))
    assert str(refused.value) == told
