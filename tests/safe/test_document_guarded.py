"""Who gets nothing of a document: somebody else, another page, a log-in that is not enough, who writes in the store."""

import aiohttp
import pytest

from sk.client import File
from sk.demo.browser import Form
from tests.safe.documents import TEXT, change_entry, entry_of, put
from tests.safe.pages import sent
from tests.safe.uploads import Uploader, is_problem, kept_in, objects_in
from tests.security.alarms import Alarms
from tests.security.intruder import intrusion
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World

FORMS = ("name", "ordner", "stichworte", "gueltig-bis", "wegwerfen")
GETS = ("", "/datei", "/fassungen/1", "/ansehen", "/seite/1.png", "/bild.png")


async def test_what_somebody_else_has_is_not_there(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    otto = await world.citizen("otto")
    tab, before, objects = (
        await open_tab(world, otto),
        await entry_of(world, erika, document_id),
        await objects_in(world),
    )

    got = [(await tab.get(f"/safe/dokumente/{document_id}{path}")).status for path in GETS]
    posted = [(await tab.post(f"/safe/dokumente/{document_id}/{form}")).status for form in FORMS]
    async with world.browser(otto) as browser:
        token = (await browser.open("/safe")).form("Abmelden").fields
        version = Form(f"/safe/dokumente/{document_id}/fassung", token)
        sent_file = await browser.send_files(version, [File("a.txt", b"fremd")])

    assert (got, posted, sent_file.status) == ([404] * len(GETS), [404] * len(FORMS), 404)
    assert await entry_of(world, erika, document_id) == before
    assert (await objects_in(world), await kept_in(world, otto)) == (objects, {})


async def test_nothing_is_done_without_the_token_of_the_page(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    tab = await open_tab(world, erika)
    before = await entry_of(world, erika, document_id)

    for form in FORMS:
        answer = await tab.ask("POST", f"/safe/dokumente/{document_id}/{form}", data={"csrf": "x" * 43, "name": "neu"})
        assert answer.status == 403, form

    assert await entry_of(world, erika, document_id) == before


async def test_what_its_authority_has_locked_to_a_card_leads_to_it(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, level="substantial", has_picture=True)

    low = await (await open_tab(world, erika, "low")).get(f"/safe/dokumente/{document_id}")
    high = await (await open_tab(world, erika, "high")).get(f"/safe/dokumente/{document_id}")

    words = words_of(low.text)
    assert (low.status, high.status) == (403, 200)
    assert "verlangt das Vertrauensniveau „substanziell“" in words, words
    assert 'action="/ausweis"' in low.text
    assert f'value="/safe/dokumente/{document_id}"' in low.text
    assert not [
        part for part in ("/datei", "bild.png", "/ansehen", "/name", "/wegwerfen") if f"{document_id}{part}" in low.text
    ]
    assert f"{document_id}/datei" in high.text


async def test_a_log_in_that_may_not_open_it_changes_nothing_of_it_either(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, level="substantial")
    low, before = await open_tab(world, erika, "low"), await entry_of(world, erika, document_id)
    version = aiohttp.FormData({"csrf": low.csrf})
    version.add_field("files", b"untergeschoben", filename="a.txt", content_type="text/plain")

    answers = [await _changed(low, document_id, form) for form in FORMS]
    answers.append(await low.ask("POST", f"/safe/dokumente/{document_id}/fassung", data=version))
    uploaded = await Uploader(low).create(5, "a.txt", document=document_id)

    assert [answer.status for answer in answers] == [403] * 6
    assert all("Für dieses Dokument reicht Ihre Anmeldung nicht" in answer.text for answer in answers)
    assert is_problem(uploaded, "document-level-too-low")
    assert await entry_of(world, erika, document_id) == before


async def test_nor_does_it_take_it_out_of_the_trash_or_delete_it(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, level="substantial", trashed_at=world.clock.now())
    low, high = await open_tab(world, erika, "low"), await open_tab(world, erika, "high")
    before = await entry_of(world, erika, document_id)

    answers = [await low.get(f"/safe/dokumente/{document_id}/endgueltig")]
    answers += [await _changed(low, document_id, form) for form in ("zurueckholen", "endgueltig")]
    kept = await entry_of(world, erika, document_id)
    await _changed(high, document_id, "zurueckholen")

    assert [answer.status for answer in answers] == [403] * 3
    assert kept == before
    assert (await entry_of(world, erika, document_id)).trashed_at is None


async def test_its_small_picture_is_in_no_list_of_such_a_log_in(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, level="substantial", has_picture=True)

    low, high = [(await (await open_tab(world, erika, level)).get("/safe")).text for level in ("low", "high")]

    assert (f"{document_id}/bild.png" in low, f"{document_id}/bild.png" in high) == (False, True)
    assert f'href="/safe/dokumente/{document_id}"' in low


async def test_a_document_whose_row_was_changed_says_so_and_can_be_thrown_away(
    world: World, erika: Citizen, alarms: Alarms
) -> None:
    document_id, other_id = await put(world, erika), await put(world, erika, "Fremd.txt", b"fremd")
    with intrusion(world) as intruder:
        intruder.change("document", document_id, locked=intruder.read("document", other_id)["locked"])
    async with world.browser(erika) as browser:
        page = await browser.open(f"/safe/dokumente/{document_id}")
        told = [(await browser.open(f"/safe/dokumente/{document_id}{path}")) for path in GETS[1:]]
        thrown = await browser.send(page.form("In den Papierkorb legen"))

    assert page.status == 403
    assert "Dieses Dokument ist beschädigt." in words_of(page.text)
    assert [form.label for form in page.forms] == ["Abmelden", "In den Papierkorb legen"]
    assert [answer.status for answer in told] == [403] * 5
    assert "Zurückholen" in thrown.text
    assert {*alarms.raised()} == {"document-damaged"}
    assert alarms.failures() == []


async def test_a_row_of_somebody_else_in_its_place_is_not_opened(world: World, erika: Citizen) -> None:
    otto = await world.citizen("otto")
    document_id, secret_id = (
        await put(world, otto, "Mein.txt", b"meins"),
        await put(world, erika, "Geheim.txt", b"geheim"),
    )
    with intrusion(world) as intruder:
        secret = intruder.read("document", secret_id)
        intruder.change("document", document_id, locked=secret["locked"], objects=secret["objects"])

    answer = await (await open_tab(world, otto)).get(f"/safe/dokumente/{document_id}/datei")

    assert (answer.status, b"geheim" in answer.body) == (403, False)


async def test_names_and_labels_stand_in_no_address_and_no_log(
    world: World, erika: Citizen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    document_id = await put(world, erika, "Scheidungsurteil.txt")
    async with world.browser(erika) as browser:
        await sent(browser, document_id, "name", name="Insolvenz.txt")
        await sent(browser, document_id, "stichworte", labels="Krebs")
        await browser.download(f"/safe/dokumente/{document_id}/datei")
    await world.settle()

    said = " ".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name.startswith("sk")
    )
    assert "request" in said
    assert [word for word in ("Scheidung", "Insolvenz", "Krebs") if word in said] == []


async def test_nothing_of_it_leaves_before(world: World, erika: Citizen) -> None:
    document_id = await put(world, erika)
    await change_entry(world, erika, document_id, level="high")
    low = await open_tab(world, erika, "low")

    paths = [
        f"/safe/dokumente/{document_id}{path}"
        for path in ("/datei", "/fassungen/1", "/ansehen", "/seite/1.png", "/bild.png")
    ]
    answers = [await low.get(path) for path in paths]

    assert [answer.status for answer in answers] == [403] * 5
    assert all("Für dieses Dokument reicht Ihre Anmeldung nicht" in answer.text for answer in answers)
    assert (await (await open_tab(world, erika, "high")).get(paths[0])).body == TEXT


async def _changed(tab: Tab, document_id: str, form: str) -> Answer:
    fields = {"name": "neu.txt", "folder": "safe", "labels": "neu", "expires_on": "1.1.2027"}
    return await tab.ask("POST", f"/safe/dokumente/{document_id}/{form}", data={"csrf": tab.csrf, **fields})
