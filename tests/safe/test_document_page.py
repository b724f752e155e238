"""The page of a document: what it shows, and what its owner can do there."""

import re
from datetime import date

import pytest

from sk.safe.folder_steps import add_folder
from sk.safe.steps import label
from tests.postbox.proofs import fetched
from tests.safe.documents import change_entry, entry_of, put
from tests.safe.pages import facts_of, sent
from tests.security.intruder import intrusion
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World


async def test_the_page_says_what_a_document_is_and_where_it_lies(world: World, erika: Citizen) -> None:
    account_id = erika.account.id
    school = await add_folder(account_id, "Schule", "", world.web)
    year = await add_folder(account_id, "2026", school, world.web)
    document_id = await put(world, erika, "Zeugnis.txt", folder=year)
    await label(account_id, document_id, "Kinder, wichtig", world.web)
    await change_entry(world, erika, document_id, expires_on=date(2027, 12, 31))

    async with world.browser(erika) as browser:
        page = await browser.open(f"/safe/dokumente/{document_id}")

    assert '<h1 class="kern-heading-large"><bdi>Zeugnis.txt</bdi></h1>' in page.text
    assert facts_of(page) == {
        "Art": "Text, 40 KB",
        "Im Safe seit": "Montag, 23. November 2026, 10:00 Uhr",
        "Stichwörter": "Kinder, wichtig",
        "Gültig bis": "Freitag, 31. Dezember 2027",
    }
    assert (page.links["Schule"], page.links["2026"]) == (f"/safe/ordner/{school}", f"/safe/ordner/{year}")
    assert page.links["Herunterladen"] == f"/safe/dokumente/{document_id}/datei"
    assert "Ansehen" not in page.links, "nobody makes previews here"
    assert "<img" not in page.text


async def test_the_page_says_where_a_document_comes_from_once_that_is_proven(world: World) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)
    place = (await tab.post(f"/postfach/{notice.notice_id}/in-den-safe")).headers["Location"]
    said = list[str]()

    async def look() -> None:
        async with world.browser(notice.citizen) as browser:
            said.append(facts_of(await browser.open(place))["Herkunft"])

    await look()
    await world.settle()
    await look()
    with intrusion(world) as intruder:
        intruder.delete("authority", notice.authority.client_id)
    await look()

    assert said == [
        "Der Nachweis dazu ist gleich da.",
        "Von Stadt Musterstadt, in Ihrem Postfach seit Montag, 23. November 2026, seitdem unverändert.",
        "Von wem dieses Dokument kommt, lässt sich nicht nachweisen.",
    ]


async def test_it_is_called_otherwise(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await put(world, erika, "Abitur.txt")
    async with world.browser(erika) as browser:
        done = await sent(browser, document_id, "name", name="  Abitur.txt ")

    assert (await entry_of(world, erika, document_id)).name == "Abitur (2).txt"
    assert (done.status, done.url) == (200, f"/safe/dokumente/{document_id}")
    assert "Das ist gespeichert." in words_of(done.text)


@pytest.mark.parametrize("name", ["", "   ", "a/b", "x" * 256, "a\u202eb", "a\nb"])
async def test_a_name_that_it_cannot_have_is_refused_beside_its_field(world: World, erika: Citizen, name: str) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        refused = await sent(browser, document_id, "name", name=name)

    assert (await entry_of(world, erika, document_id)).name == "Zeugnis.txt"
    assert refused.status == 422
    assert 'id="name-error"' in refused.text
    assert '<details class="kern-accordion" open>' in refused.text


async def test_it_moves_into_a_folder_and_out_again(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        assert "In einen anderen Ordner legen" not in (await browser.open(f"/safe/dokumente/{document_id}")).text
        outer = await add_folder(erika.account.id, "Zeugnisse", "", world.web)
        inner = await add_folder(erika.account.id, "Abitur", outer, world.web)
        page = await browser.open(f"/safe/dokumente/{document_id}")
        choices = re.findall(r'<option value="([^"]+)"( selected)?>([^<]+)</option>', page.text)
        await sent(browser, document_id, "ordner", folder=inner)
        moved = (await entry_of(world, erika, document_id)).folder
        unknown = await sent(browser, document_id, "ordner", folder="gibt-es-nicht")
        await sent(browser, document_id, "ordner", folder="safe")

    assert [(value, bool(selected), name.strip("\u2003\u2068\u2069")) for value, selected, name in choices] == [
        ("safe", True, "In keinem Ordner"),
        (outer, False, "Zeugnisse"),
        (inner, False, "Abitur"),
    ]
    assert [name.count("\u2003") for *_, name in choices] == [0, 0, 1]
    assert (moved, unknown.status) == (inner, 422)
    assert "Bitte wählen Sie etwas aus der Liste." in words_of(unknown.text)
    assert (await entry_of(world, erika, document_id)).folder == ""


async def test_it_gets_labels(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        await sent(browser, document_id, "stichworte", labels=" Kinder,Schule ,, kinder")
        labels = (await entry_of(world, erika, document_id)).labels
        many = await sent(browser, document_id, "stichworte", labels=",".join(map(str, range(11))))

    assert labels == ("kinder", "Schule")
    assert many.status == 422
    assert "Höchstens 10 Stichwörter" in words_of(many.text)
    assert 'value="0,1,2,3,4,5,6,7,8,9,10"' in many.text, "what was entered is still there"
    assert (await entry_of(world, erika, document_id)).labels == labels


@pytest.mark.parametrize(
    ("said", "on"), [("2027-05-01", date(2027, 5, 1)), (" 1.5.2027 ", date(2027, 5, 1)), ("", None)]
)
async def test_a_day_is_entered_until_which_it_is_valid(
    world: World, erika: Citizen, said: str, on: date | None
) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, expires_on=date(2030, 1, 1))
    async with world.browser(erika) as browser:
        await sent(browser, document_id, "gueltig-bis", expires_on=said)

    assert (await entry_of(world, erika, document_id)).expires_on == on


@pytest.mark.parametrize("said", ["morgen", "2027-02-30", "20270-01-01", "0000-01-01"])
async def test_what_is_no_day_is_refused(world: World, erika: Citizen, said: str) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        refused = await sent(browser, document_id, "gueltig-bis", expires_on=said)

    assert (refused.status, 'id="expires_on-error"' in refused.text) == (422, True)
    assert (await entry_of(world, erika, document_id)).expires_on is None


async def test_the_day_can_be_taken_away_by_a_button(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        page = await browser.open(f"/safe/dokumente/{document_id}")
        assert "Datum entfernen" not in page.text
        page = await sent(browser, document_id, "gueltig-bis", expires_on="2027-05-01")
        await browser.send(page.form("Datum entfernen"))

    assert (await entry_of(world, erika, document_id)).expires_on is None


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 11, 22), "Sonntag, 22. November 2026 Abgelaufen"),
        (date(2026, 11, 23), "Montag, 23. November 2026 Läuft bald ab"),
        (date(2027, 1, 18), "Montag, 18. Januar 2027 Läuft bald ab"),
        (date(2027, 1, 19), "Dienstag, 19. Januar 2027"),
    ],
)
async def test_the_page_says_what_has_expired_or_soon_will(world: World, erika: Citizen, on: date, said: str) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, expires_on=on)
    async with world.browser(erika) as browser:
        page = await browser.open(f"/safe/dokumente/{document_id}")

    assert facts_of(page)["Gültig bis"] == said


async def test_in_the_trash_the_page_says_until_when_it_comes_back_and_nothing_else(
    world: World, erika: Citizen
) -> None:
    document_id = await put(world, erika)
    async with world.browser(erika) as browser:
        thrown = await sent(browser, document_id, "wegwerfen")
        words = words_of(thrown.text)
        await browser.send(thrown.form("Zurückholen"))
        back = await browser.open(f"/safe/dokumente/{document_id}")

    assert thrown.url == f"/safe/dokumente/{document_id}"
    assert "Am Mittwoch, 23. Dezember 2026 wird es gelöscht." in words
    assert thrown.links["Zum Papierkorb"] == "/safe/papierkorb"
    assert [form.label for form in thrown.forms] == ["Abmelden", "Zurückholen"]
    assert "Herunterladen" not in thrown.links
    assert "Herunterladen" in back.links
