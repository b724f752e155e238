"""The form in which somebody writes by hand: what is wrong is named at its field, and nothing entered is lost."""

from pathlib import Path
from typing import Any

import pytest

from sk.client import File
from tests.fakes import FakeClock
from tests.keeper import EICAR
from tests.postbox.drafts import (
    MESSAGE,
    PHOTO,
    SCAN,
    Scene,
    act,
    change,
    draft_rows,
    files_stored,
    scene,
    write,
    written,
)
from tests.refusals import nothing_stored
from tests.security.tab import Answer
from tests.web.pages import BIDI, HOSTILE, Reader, words_of
from tests.workers.cases import stands
from tests.world import World, open_world

MISSING = "Bitte füllen Sie dieses Feld aus."


def entered_in(answer: Answer) -> set[str]:
    """Return the values that stand in the fields of a page."""
    return set(Reader.of(answer.text).values)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, ["Art der Nachricht", MISSING]),
        ({"kind": "geschenk"}, ["Art der Nachricht", "Das kann hier nicht stehen."]),
        ({"subject": ""}, ["Betreff", MISSING]),
        ({"case": " "}, ["Aktenzeichen", MISSING]),
        ({"law": ""}, ["Gesetz", MISSING]),
        ({"law": "sgbx-37-2a"}, ["Gesetz", "Nach diesem Gesetz darf Ihre Behörde hier nichts bekannt geben."]),
        ({"law": "vwvfg-41-2"}, ["Gesetz", "Das kann hier nicht stehen."]),
        ({"rechtsbehelf": ""}, ["Rechtsbehelf", MISSING]),
        ({"belehrung": ""}, ["Rechtsbehelfsbelehrung", MISSING]),
        ({"belehrung": "vielleicht"}, ["Rechtsbehelfsbelehrung", "Das kann hier nicht stehen."]),
        ({"land": "XX"}, ["Wohnort", "Das kann hier nicht stehen."]),
        ({"kind": "message"}, ["Gesetz", "Das gehört nur zu einem Bescheid."]),
        ({"subject": "x" * 501}, ["Betreff", "Das sind zu viele Zeichen."]),
        ({"case": "x" * 129}, ["Aktenzeichen", "Das sind zu viele Zeichen."]),
        ({"subject": "Bescheid\u202e"}, ["Betreff", "Das kann hier nicht stehen."]),
        ({"text": "x" * 100_001}, ["Text", "Das sind zu viele Zeichen."]),
        ({"text": "Guten \x07 Tag"}, ["Text", "Das kann hier nicht stehen."]),
        ({"minimum_trust": "himmlisch"}, ["Vertrauensniveau", "Das kann hier nicht stehen."]),
    ],
)
async def test_what_is_wrong_is_named_at_its_field_and_all_of_it_is_kept(
    world: World, changes: dict[str, Any], words: list[str]
) -> None:
    town = await scene(world)

    answer = await write(town, [SCAN], **changes)

    shown = words_of(answer.text)
    assert (answer.status, "Was Sie eingegeben haben, ist als Entwurf gespeichert." in shown) == (422, True)
    assert all(word in shown for word in words), shown
    assert SCAN.name in shown
    kept = (await town.draft()).content
    assert [one.name for one in kept.attachments] == [SCAN.name]
    assert "50.2-0815" in (entered_in(answer) if "case" not in changes else ["50.2-0815"])


async def test_all_that_is_missing_is_named_at_once(world: World) -> None:
    town = await scene(world)

    shown = words_of((await write(town, law="", rechtsbehelf="", belehrung="", subject="", text="")).text)

    assert shown.count(MISSING) == 4
    assert "Bitte schreiben Sie einen Text, oder wählen Sie eine Datei aus." in shown


async def test_a_draft_that_is_not_in_order_has_no_button_to_send_it_and_is_not_sent(world: World) -> None:
    town = await scene(world)
    await write(town, [SCAN], subject="")
    place = await town.place()

    page = await town.writer.get(place)
    answer = await act(town.writer, place, "senden", (await town.draft()).content.seen())

    assert (page.status, "Nachricht senden" in page.text) == (200, False)
    assert f"Betreff: {MISSING}" in words_of(page.text)
    assert (answer.status, await town.notices()) == (422, [])


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ("unknown", "Unter dieser Adresse finden wir für Ihre Behörde kein Postfach."),
        ("nothing", MISSING),
        ("closed", "Dieses Postfach nimmt keine Post an."),
        ("no-einwilligung", "Die Person hat nicht eingewilligt, hier Post von Ihrer Behörde zu bekommen."),
    ],
)
async def test_while_the_recipient_is_refused_nothing_is_stored_and_what_was_entered_is_shown_again(
    world: World, refused: str, words: str
) -> None:
    town = await scene(world, einwilligung=refused != "no-einwilligung")
    if refused == "closed":
        await stands(world, town.citizen, state="closed")

    async with nothing_stored(world.data):
        to = {"unknown": "gibt es nicht", "nothing": " "}.get(refused, town.citizen.handle)
        answer = await write(town, [SCAN], to=to, subject="")

    shown = words_of(answer.text)
    assert (answer.status, words in shown) == (422, True)
    assert "Betreff" in shown  # which is wrong as well
    assert "Bitte wählen Sie Ihre Dateien noch einmal aus." in shown
    assert "50.2-0815" in entered_in(answer)
    assert "Guten Tag," in shown


async def test_a_handle_is_taken_as_people_write_it_down(world: World) -> None:
    town = await scene(world)
    handle = town.citizen.handle.upper()

    opened = await written(town, to=f" {handle[:10]} {handle[10:30]}\u00a0{handle[30:]} ")

    assert opened.content.entered.to == town.citizen.handle


async def test_a_level_that_the_person_cannot_reach_is_named_at_its_field(world: World) -> None:
    town = await scene(world)
    await stands(world, town.citizen, trust="low")

    shown = words_of((await write(town, [SCAN], minimum_trust="high")).text)

    assert "Dieses Vertrauensniveau kann die Person mit ihrem Konto nicht erreichen." in shown


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (File("programm.exe", b"MZ"), "Die Datei „programm.exe“ ist von einer Art"),
        (File("kein.pdf", b"Text"), "Die Datei „kein.pdf“ ist von einer Art"),
        (File("leer.txt", b""), "Die Datei „leer.txt“ ist leer oder zu groß."),
        (File("gross.txt", b"x" * 100_001), "Die Datei „gross.txt“ ist leer oder zu groß."),
        (File("\u202efdp.txt", b"x"), "Der Name einer Datei ist zu lang"),
        (File("dritte.txt", b"x"), "Das sind zu viele Dateien."),
    ],
)
async def test_a_file_that_is_refused_is_named_and_those_before_it_stay(
    tmp_path: Path, clock: FakeClock, file: File, words: str
) -> None:
    async with open_world(tmp_path / "data", clock, attachments_max=2, attachment_max_bytes=100_000) as world:
        town = await scene(world)
        before = [SCAN, PHOTO] if file.name == "dritte.txt" else [SCAN]
        answer = await write(town, [*before, file])
        kept = (await town.draft()).content
        stored = files_stored(world)

    assert (answer.status, words in answer.text) == (422, True)
    assert [one.name for one in kept.attachments] == [one.name for one in before]
    assert len(stored) == len(before)


async def test_malware_is_refused_and_nothing_of_it_stays(tmp_path: Path, clock: FakeClock, clamd_url: str) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url) as world:
        town = await scene(world)
        answer = await write(town, [SCAN, File("Anlage.txt", EICAR)])
        stored, kept = files_stored(world), (await town.draft()).content

    assert "In der Datei „Anlage.txt“ hat der Virenscanner etwas gefunden." in answer.text
    assert (len(stored), len(kept.attachments)) == (1, 1)


async def test_the_form_says_how_large_a_file_may_be_for_the_scanner(
    tmp_path: Path, clock: FakeClock, clamd_url: str
) -> None:
    async with open_world(tmp_path / "data", clock, scanner=clamd_url, scanner_max=100_000) as world:
        town = await scene(world)
        form = (await town.writer.get(f"{town.home}/schreiben")).text
        refused = await write(town, [File("gross.txt", b"x" * 100_001)])

    assert "jede bis 100 KB" in form
    assert 'data-bytes-max="100000"' in form
    assert (refused.status, "Die Datei „gross.txt“ ist leer oder zu groß." in refused.text) == (422, True)


async def test_a_scanner_that_is_silent_lets_no_file_pass_and_the_text_stays(tmp_path: Path, clock: FakeClock) -> None:
    async with open_world(tmp_path / "data", clock, scanner="clamd://127.0.0.1:1") as world:
        town = await scene(world)
        answer = await write(town, [SCAN])
        kept = (await town.draft()).content

    assert (answer.status, "Der Virenscanner antwortet gerade nicht," in answer.text) == (503, True)
    assert (kept.attachments, kept.entered.subject) == ([], "Bescheid über Wohngeld")


async def test_hostile_words_are_shown_as_they_are_and_do_nothing(world: World) -> None:
    town = await scene(world, "post", "approve", four_eyes=True)
    name = f"{HOSTILE.replace('/', '∕')}.txt"  # noqa: RUF001 - a name holds no real slash
    hostile: dict[str, Any] = dict.fromkeys(("subject", "case"), HOSTILE[:120]) | {"text": f"{HOSTILE}{BIDI}"}
    opened = await written(town, [File(name, b"x")], **MESSAGE, **hostile)
    place = await town.place()
    wrong: dict[str, Any] = dict.fromkeys(
        ("kind", "law", "rechtsbehelf", "belehrung", "land", "abroad", "minimum_trust"), HOSTILE
    )
    pages = [await town.writer.get(path) for path in (place, f"{place}/bearbeiten", f"{town.home}/entwuerfe")]
    await act(town.writer, place, "vorlegen", opened.content.seen())
    chief = await town.another("approve")
    pages += [await chief.get(path) for path in (place, f"{town.home}/freigabe")]
    returned = await act(chief, place, "zurueckgeben", remark=f"{HOSTILE}{BIDI}")
    pages += [await town.writer.get(place)]
    pages += [await change(town, **wrong), await town.writer.get(place)]
    refused = await write(town, to=HOSTILE, **{**hostile, **wrong})

    assert (returned.status, [page.status for page in pages[:-2]], refused.status) == (303, [200] * 6, 422)
    for page in [*pages, refused]:
        read = Reader.of(page.text)
        assert {"img", "b"}.isdisjoint(read.tags)
        assert read.scripts_without_source == 0
        assert not any(BIDI in said for said in read.words - read.isolated)
    assert {HOSTILE[:120], f"{HOSTILE}{BIDI}", name} <= Reader.of(pages[0].text).isolated
    assert await draft_rows(world) == 1


async def test_an_authority_without_a_law_is_told_that_it_announces_nothing_here(world: World) -> None:
    town = await scene(world, laws=())

    shown = words_of((await town.writer.get(f"{town.home}/schreiben")).text)
    answer = await write(town)

    assert "Für Ihre Behörde ist kein Gesetz eingetragen." in shown
    assert "§ 9 OZG" not in shown
    assert answer.status == 422


async def test_each_law_says_what_it_means_and_none_is_offered_that_the_authority_may_not_use(world: World) -> None:
    town = await scene(world, laws=("ozg-9", "vwvfg-41-2a"))

    shown = words_of((await town.writer.get(f"{town.home}/schreiben")).text)

    assert "§ 9 OZG: bekannt gegeben am 4. Tag nach der Bereitstellung" in shown
    assert "§ 41 Abs. 2a VwVfG: bekannt gegeben am Tag nach dem Abruf, wenn der binnen 10 Tagen geschieht" in shown
    assert "SGB X" not in shown


async def checked(town: Scene, **changes: Any) -> str:
    """Return the page on which something is checked that was written."""
    await written(town, **changes)
    return words_of((await town.writer.get(await town.place())).text)


async def test_the_days_are_those_that_would_follow_if_it_were_delivered_now(world: World, clock: FakeClock) -> None:
    clock.advance(days=2)  # a Wednesday: the fourth day after it is a Sunday, so that there are two readings

    shown = await checked(await scene(world))

    assert "gälte er am Sonntag, 29. November 2026 als bekannt gegeben. Die Frist" in shown
    assert "Die Frist endete am Mittwoch, 30. Dezember 2026, 24 Uhr." in shown
    assert "Nach anderer Rechtsauffassung endete sie schon am Dienstag, 29. Dezember 2026." in shown


async def test_where_the_abruf_decides_no_day_is_promised(world: World) -> None:
    shown = await checked(await scene(world, laws=("vwvfg-41-2a",)), law="vwvfg-41-2a")

    assert "Wann der Bescheid als bekannt gegeben gilt, steht erst fest, wenn die Person ihn öffnet." in shown
    assert "Die Frist endete" not in shown
