"""The pages of shares: what somebody sees before, while and after an authority can fetch."""

import json
import re
from typing import Any

import pytest

from sk.evidence.verify import verify_any
from sk.installation import log_vkey
from sk.safe.share import Share
from sk.safe.steps import throw_away
from tests.auth.exporting import exported
from tests.postbox.proofs import ask
from tests.safe.documents import change_entry, put
from tests.safe.safes import put_folder
from tests.safe.shares import PASS, PURPOSE, fetch, problem, share, shared
from tests.security.hostile import WORDS, harmful
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.world import World

HERE = "/safe/freigaben"
NUMBER = re.compile(r"[a-z2-7]{26}")
OFFERED = re.compile(r'name="documents" value="(\w+)"( checked)?')


async def send(tab: Tab, *documents: str, **fields: str) -> Answer:
    """Send the form for a share, or the page on which it is confirmed."""
    form = {"purpose": PURPOSE, "until": "2026-12-23", "fetches": "3", **fields}
    data = [("csrf", tab.csrf), *form.items(), *(("documents", id_) for id_ in documents)]
    return await tab.ask("POST", f"{HERE}/neu", data=data)


async def test_a_share_is_chosen_looked_at_and_granted(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    document = await put(world, erika, "ausweis.pdf", PASS)
    async with world.browser(erika) as browser:
        page = await browser.open(f"{HERE}/neu?dokument={document}")
        assert OFFERED.findall(page.text) == [(document, " checked")]
        entered = {"documents": document, "recipient": authority.client_id, "purpose": PURPOSE, "fetches": "3"}
        check = await browser.send(page.form("Weiter"), **entered)
        assert await world.web.store.scan(Share) == []
        said = words_of(check.text)
        [confirm] = [form for form in check.forms if form.action == f"{HERE}/neu"]
        granted = await browser.send(confirm, choice="share")

    assert "Wer abholen kannStadt Musterstadt WofürAntrag auf Wohngeld" in said
    assert "Mittwoch, 23. Dezember 2026, 23:59 Uhr Wie oftJedes Dokument höchstens 3-mal" in said
    assert "Dieses Dokument ausweis.pdfPDF, 85 KB" in said
    [share_id] = await world.web.store.scan(Share)
    told = words_of(granted.text)
    assert "Die Dokumente sind freigegeben." in told
    assert share_id in told.replace(" ", "")
    assert (await fetch(world, authority, share_id, 1)).body == PASS


async def test_whoever_has_second_thoughts_finds_all_as_they_entered_it(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    first, second = await put(world, erika, "a"), await put(world, erika, "b")
    tab = await open_tab(world, erika)

    answer = await send(tab, second, recipient=authority.client_id, choice="change", document=first, fetches="7")

    assert answer.status == 200
    assert OFFERED.findall(answer.text) == [(second, " checked"), (first, "")]
    for entered in (f'value="{authority.client_id}" selected', 'value="7" selected', f'value="{PURPOSE}"'):
        assert entered in answer.text
    assert await world.web.store.scan(Share) == []


@pytest.mark.parametrize("choice", ["", "share"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"documents": []}, "Bitte wählen Sie mindestens ein Dokument aus."),
        ({"documents": 21}, "Höchstens 20 Dokumente gehen in eine Freigabe."),
        ({"recipient": ""}, "Bitte wählen Sie etwas aus der Liste."),
        ({"recipient": "a" * 26}, "Bitte wählen Sie etwas aus der Liste."),
        ({"purpose": " "}, "Bitte füllen Sie dieses Feld aus."),
        ({"purpose": "x" * 201}, "Das sind zu viele Zeichen."),
        ({"purpose": "eins\nzwei"}, "Das kann hier nicht stehen."),
        ({"until": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"until": "morgen"}, "Das ist kein Tag."),
        ({"until": "2026-11-22"}, "Dieser Tag ist vorbei."),
        ({"until": "2027-11-25"}, "Eine Freigabe kann höchstens ein Jahr dauern."),
        ({"fetches": "0"}, "Bitte geben Sie eine Zahl von 1 bis 10 ein."),
        ({"fetches": "11"}, "Bitte geben Sie eine Zahl von 1 bis 10 ein."),
        ({"fetches": "oft"}, "Bitte geben Sie eine Zahl von 1 bis 10 ein."),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_nothing_is_shared(
    world: World, changes: dict[str, Any], said: str, choice: str
) -> None:
    erika, authority = await world.citizen(), await world.authority()
    documents = [await put(world, erika, str(number)) for number in range(21 if changes.get("documents") else 1)]
    [field] = changes
    if field == "documents":
        documents, changes = documents if changes[field] else [], {}

    answer = await send(
        await open_tab(world, erika), *documents, **{"recipient": authority.client_id, "choice": choice, **changes}
    )

    assert answer.status == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text
    assert await world.web.store.scan(Share) == []


@pytest.mark.parametrize("until", ["2026-11-23", "2027-11-24", "24.11.2027"])
async def test_a_share_lasts_from_a_day_to_a_year(world: World, until: str) -> None:
    erika, authority = await world.citizen(), await world.authority()

    answer = await send(
        await open_tab(world, erika), await put(world, erika), recipient=authority.client_id, until=until
    )

    assert (answer.status, "Stimmt das so?" in answer.text) == (200, True)


async def test_only_who_can_fetch_is_offered(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority("Kreis A")
    await world.authority("Kreis B", disabled=True)
    await world.authority("Kreis C", scopes=("notices:write",))
    document = await put(world, erika)

    page = await (await open_tab(world, erika)).get(f"{HERE}/neu?dokument={document}")

    assert re.findall(r"Kreis \w", page.text) == ["Kreis A"]
    assert f'<option value="{authority.client_id}">Kreis A</option>' in page.text


async def test_documents_of_the_same_folder_are_offered_and_no_others(world: World) -> None:
    erika = await world.citizen()
    await world.authority()
    folder = await put_folder(world, erika, "Steuer")
    inside = [await put(world, erika, name, folder=folder) for name in ("b", "a")]
    outside, thrown = await put(world, erika, "c"), await put(world, erika, "d", folder=folder)
    await throw_away(erika.account.id, thrown, world.web)
    tab = await open_tab(world, erika)

    page = await tab.get(f"{HERE}/neu?dokument={inside[0]}")
    root = await tab.get(f"{HERE}/neu")

    assert OFFERED.findall(page.text) == [(inside[0], " checked"), (inside[1], "")]
    assert OFFERED.findall(root.text) == [(outside, "")]


async def test_of_very_many_documents_a_hundred_are_offered_and_the_chosen_one(world: World) -> None:
    erika = await world.citizen()
    await world.authority()
    documents = [await put(world, erika, f"{number}", b"x") for number in range(1, 103)]

    page = await (await open_tab(world, erika)).get(f"{HERE}/neu?dokument={documents[-1]}")

    offered = OFFERED.findall(page.text)
    assert (len(offered), offered[0]) == (100, (documents[-1], " checked"))
    assert "Was fehlt, geben Sie von seiner eigenen Seite aus weiter." in words_of(page.text)


async def test_what_needs_the_card_is_named_and_not_offered_to_a_password(world: World) -> None:
    erika, authority = await world.citizen(), await world.authority()
    document = await put(world, erika, "Bescheid.pdf")
    await change_entry(world, erika, document, level="high")

    tab = await open_tab(world, erika, level="low")
    page, sent = (
        await tab.get(f"{HERE}/neu?dokument={document}"),
        await send(tab, document, recipient=authority.client_id, choice="share"),
    )

    assert OFFERED.findall(page.text) == []
    assert "Bescheid.pdf" in page.text
    assert (sent.status, "Für dieses Dokument reicht Ihre Anmeldung nicht" in sent.text) == (403, True)
    assert await world.web.store.scan(Share) == []


async def test_its_owner_sees_each_fetch_and_ends_it(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    world.clock.advance(hours=1)
    await fetch(world, authority, share_id, 1)
    async with world.browser(erika) as browser:
        listed = await browser.open(HERE)
        page = await browser.open(f"{HERE}/{share_id}")
        asked = await browser.open(f"{HERE}/{share_id}/beenden")
        ended = await browser.send(asked.form("Freigabe beenden"))
        afterwards = words_of((await browser.open(HERE)).text)

    said = words_of(page.text)
    assert "Stadt Musterstadt Antrag auf Wohngeld 1 Dokument Läuft bis Mittwoch, 23. Dezember 2026." in words_of(
        listed.text
    )
    assert "Abgeholt: Montag, 23. November 2026, 10:00 Uhr Abgeholt: Montag, 23. November 2026, 11:00 Uhr" in said
    assert "Die Freigabe ist beendet." in ended.text
    assert problem(await fetch(world, authority, share_id, 1)) == (410, "share-revoked")
    assert "Im Moment kann niemand etwas aus Ihrem Safe abholen. Frühere Freigaben Stadt Musterstadt" in afterwards
    assert "Beendet am Montag, 23. November 2026." in afterwards


async def test_nobody_sees_or_ends_what_somebody_else_shares(world: World) -> None:
    _, authority, share_id = await shared(world)
    tab = await open_tab(world, await world.citizen("otto"))

    answers = [await tab.get(f"{HERE}/{share_id}{more}") for more in ("", "/beenden", "/nachweis.json")]
    answers.append(await tab.post(f"{HERE}/{share_id}/beenden"))

    assert [answer.status for answer in answers] == [404] * 4
    assert share_id not in (await tab.get(HERE)).text
    assert (await fetch(world, authority, share_id, 1)).body == PASS


async def test_what_has_ended_asks_nobody_whether_it_is_to_end(world: World) -> None:
    erika, _, share_id = await shared(world)
    world.clock.advance(days=31)
    tab = await open_tab(world, erika)

    asked, page = await tab.get(f"{HERE}/{share_id}/beenden"), await tab.get(f"{HERE}/{share_id}")

    assert (asked.status, asked.headers["Location"]) == (303, f"{HERE}/{share_id}")
    assert "Lief bis Mittwoch, 23. Dezember 2026." in page.text
    assert "Freigabe beenden" not in page.text


async def test_both_sides_get_the_evidence_also_when_it_is_over(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    early = await ask(world, authority, f"/api/v1/shares/{share_id}/evidence.json")
    world.clock.advance(days=31)
    await world.settle()

    own = await (await open_tab(world, erika)).get(f"{HERE}/{share_id}/nachweis.json")
    theirs = await ask(world, authority, f"/api/v1/shares/{share_id}/evidence.json")

    assert problem(early) == (503, "not-logged-yet")
    for bundle in (own.body, theirs.body):
        verified = verify_any(bundle, [await log_vkey(world.web)])
        assert [one.step for one in verified.statements] == ["share-granted", "share-fetched"]
    other = await world.authority("Stadt Nebenan")
    assert problem(await ask(world, other, f"/api/v1/shares/{share_id}/evidence.json")) == (404, "not-found")


async def test_what_was_shared_is_taken_along(world: World) -> None:
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)

    account = json.loads((await exported(world, erika)).read("konto.json"))

    [found] = account["freigaben"]
    assert (found["freigabe"], found["zweck"], found["behoerde"]) == (share_id, PURPOSE, authority.client_id)
    assert [(one["name"], len(one["abgeholt_am"])) for one in found["dokumente"]] == [("ausweis.pdf", 1)]


@pytest.mark.parametrize("kind", WORDS)
async def test_hostile_words_of_a_purpose_and_a_document_do_nothing(world: World, kind: str) -> None:
    erika, authority = await world.citizen(), await world.authority("Amt <script>")
    document = await put(world, erika)
    await change_entry(world, erika, document, name=WORDS[kind])
    tab = await open_tab(world, erika)
    purpose = WORDS[kind][:200] if kind != "bidi" else PURPOSE

    check = await send(tab, document, recipient=authority.client_id, purpose=purpose)
    share_id = await share(world, erika, authority, [document], purpose=purpose)

    pages = [check, *[await tab.get(path) for path in (HERE, f"{HERE}/neu", f"{HERE}/{share_id}")]]
    assert [page.status for page in pages] == [200] * 4
    assert [what for page in pages for what in harmful(page.text)] == []
