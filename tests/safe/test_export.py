"""Taking the safe along: every document in its folder, all that is known of it, readable by stock tools."""

import io
import json
import re
import subprocess
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sk.auth.trust import TrustLevel
from sk.safe.expiry import expires
from sk.safe.manifest import Manifest, PackedDocument, PackedOrigin, PackedVersion
from sk.safe.packing import export_safe
from sk.safe.safe import open_safe
from tests.crypto.age_files import at_a_terminal
from tests.keeper import tool
from tests.postbox.proofs import fetched, verified
from tests.safe import documents
from tests.safe.documents import change_entry, damage, row_of
from tests.safe.importing.imports import PASSPHRASE, exported
from tests.safe.safes import put, put_folder, trash
from tests.security.alarms import Alarms
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.workers.cases import logged_in
from tests.world import A_FILE, Citizen, World

BASE = "safe/dokumente"
UGLY = ["a?b.txt", "a*b.txt", "CON.txt", "aux", "ende.", "punkt .", "..x", "ü" * 240 + ".txt", "Ordner", "ORDNER.txt"]
"""Names that some system does not keep, or takes for one another."""


@pytest.fixture
async def erika(world: World) -> Citizen:
    """Return somebody who may have a safe."""
    return await world.citizen()


async def taken(world: World, who: Citizen, level: TrustLevel = "high") -> zipfile.ZipFile:
    """Return what somebody takes along of their safe."""
    return zipfile.ZipFile(io.BytesIO(await exported(await open_tab(world, who, level))))


def said_in(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """Return what `safe.json` says of each document."""
    said = json.loads(archive.read("safe/safe.json"))
    assert said["format"] == "sk-safe/1"
    return {document["name"]: document for document in said["dokumente"]}


async def test_every_document_lies_in_its_folder_with_all_that_is_known_of_it(world: World, erika: Citizen) -> None:
    outer = await put_folder(world, erika, "Reisen")
    inner = await put_folder(world, erika, "2026", outer)
    await put_folder(world, erika, "Leer")
    pass_ = await put(world, erika, "Pass.txt", b"alt", inner, labels="Ausweis, wichtig")
    world.clock.advance(hours=1)
    await documents.put(world, erika, "Neuer Pass.html", b"neu", document=pass_)
    await expires(erika.account.id, pass_, date(2036, 1, 31), world.web)
    await trash(world, erika, await put(world, erika, "Alt.txt", b"weg"))

    archive = await taken(world, erika)
    said = said_in(archive)

    older, newest, trashed = (
        "fassungen/Reisen/2026/Pass (Fassung 1).txt",
        "dokumente/Reisen/2026/Pass.txt",
        "papierkorb/Alt.txt",
    )
    assert {name: archive.read(name) for name in archive.namelist() if name != "safe/safe.json"} == {
        f"safe/{older}": b"alt",
        f"safe/{newest}": b"neu",
        f"safe/{trashed}": b"weg",
    }
    assert json.loads(archive.read("safe/safe.json"))["ordner"] == ["Leer", "Reisen", "Reisen/2026"]
    assert (said["Pass.txt"]["ordner"], said["Pass.txt"]["stichworte"]) == ("Reisen/2026", ["Ausweis", "wichtig"])
    assert said["Pass.txt"]["gueltig_bis"] == "2036-01-31"
    versions = [(one["datei"], one["name"], one["hinzugefuegt_am"]) for one in said["Pass.txt"]["fassungen"]]
    assert versions == [
        (older, "Pass.txt", "2026-11-23T09:00:00Z"),
        (newest, "Neuer Pass.html", "2026-11-23T10:00:00Z"),
    ]
    assert said["Alt.txt"]["im_papierkorb_seit"] == "2026-11-23T10:00:00Z"


async def test_the_export_of_an_account_has_the_safe_in_it(world: World, erika: Citizen) -> None:
    await put(world, erika, "Zeugnis.txt", b"gut")

    archive = zipfile.ZipFile(io.BytesIO(await exported(await open_tab(world, erika), "/konto/export")))

    assert {*archive.namelist()} == {"konto.json", "protokoll.json", f"{BASE}/Zeugnis.txt", "safe/safe.json"}


async def test_the_evidence_comes_along_and_proves_what_it_did(world: World) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}/in-den-safe")
    await world.settle()

    archive = await taken(world, notice.citizen)
    said = said_in(archive)[A_FILE.name]

    origin = said["fassungen"][0]["herkunft"]
    assert (origin["nachricht"], origin["anhang"], said["ausgestellt_von"]) == (
        notice.notice_id,
        1,
        "Stadt Musterstadt",
    )
    bundle = await verified(world, archive.read(f"safe/{origin['nachweis']}"))
    assert bundle.statements[0].says["notice"] == notice.notice_id


async def test_any_name_can_be_unpacked_and_none_leads_out(world: World, erika: Citizen, tmp_path: Path) -> None:
    folder = await put_folder(world, erika, "Ordner")
    await put(world, erika, "drin.txt", b"drin", folder)
    for number, name in enumerate(UGLY):
        document_id = await put(world, erika, f"{number}", name.encode())
        await change_entry(world, erika, document_id, name=name)
    (tmp_path / "export.zip").write_bytes(await exported(await open_tab(world, erika)))

    done = unzip("-q", tmp_path / "export.zip", "-d", tmp_path / "out")

    assert (done.returncode, done.stderr) == (0, b"")
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    names = [str(file.relative_to(tmp_path / "out")) for file in files]
    assert {file.read_bytes() for file in files if file.name != "safe.json"} == {b"drin", *map(str.encode, UGLY)}
    assert len({name.casefold() for name in names}) == len(names) == len(UGLY) + 2
    assert not [name for name in names if set(name) & set(':*?"<>|\\') or name.endswith((".", " "))]
    assert {f"{BASE}/_CON.txt", f"{BASE}/_aux", f"{BASE}/Ordner (2)", f"{BASE}/a_b (2).txt"} <= {*names}


async def test_what_demands_a_higher_level_is_named_and_not_in_it(world: World, erika: Citizen) -> None:
    await change_entry(world, erika, await put(world, erika, "Bescheid.txt", b"geheim"), level="high")

    low, high = await taken(world, erika, "low"), await taken(world, erika, "high")

    assert low.namelist() == ["safe/safe.json"]
    assert said_in(low)["Bescheid.txt"]["hinweis"].startswith("Dieses Dokument verlangt eine Anmeldung")
    assert high.read(f"{BASE}/Bescheid.txt") == b"geheim"


async def test_what_is_damaged_is_named_and_all_else_is_there(world: World, erika: Citizen, alarms: Alarms) -> None:
    gone = await row_of(world, await put(world, erika, "weg.txt", b"weg"))
    await world.web.objects.delete(*gone.objects)
    locked = await row_of(world, await put(world, erika, "zu.txt", b"zu"))
    locked.locked = b"x"
    await world.web.store.save(locked)
    await put(world, erika, "heil.txt", b"heil")

    archive = await taken(world, erika)

    assert {*archive.namelist()} == {f"{BASE}/weg.txt-fehlt.txt", f"{BASE}/heil.txt", "safe/safe.json"}
    said = said_in(archive)
    assert said["weg.txt"]["hinweis"] == said["zu.txt"]["hinweis"]
    assert archive.read(f"{BASE}/weg.txt-fehlt.txt").decode().strip() == said["weg.txt"]["hinweis"]
    assert (said["weg.txt"]["fassungen"][0]["datei"], said["zu.txt"]["fassungen"]) == ("", [])
    assert alarms.raised() == ["document-damaged"] * 2


async def test_what_turns_out_damaged_in_the_middle_breaks_off(world: World, erika: Citizen, alarms: Alarms) -> None:
    document = await row_of(world, await put(world, erika, "lang.bin", bytes(range(256)) * 8000))
    damage(world, document.objects[0], 1_000_000)

    with pytest.raises(aiohttp.ClientPayloadError):
        await exported(await open_tab(world, erika))

    assert "document-damaged" in alarms.raised()


async def test_encrypted_it_opens_with_debians_age_and_nothing_else(
    world: World, erika: Citizen, tmp_path: Path
) -> None:
    await put(world, erika, "Zeugnis.txt", b"ein sehr gutes Zeugnis" * 10_000)
    encrypted = await exported(await open_tab(world, erika), passphrase=PASSPHRASE)
    (tmp_path / "safe.zip.age").write_bytes(encrypted)

    told = at_a_terminal(PASSPHRASE, "--decrypt", tmp_path / "safe.zip.age")
    (tmp_path / "safe.zip").write_bytes(told.stdout)
    tested = unzip("-t", tmp_path / "safe.zip")

    assert encrypted.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert b"Zeugnis.txt" not in encrypted
    assert (told.returncode, tested.returncode) == (0, 0)
    assert zipfile.ZipFile(tmp_path / "safe.zip").read(f"{BASE}/Zeugnis.txt")[:8] == b"ein sehr"


@pytest.mark.parametrize(
    ("passphrase", "again", "words"),
    [
        ("kurz", "kurz", "Dieses Passwort braucht mindestens 12 Zeichen"),
        (PASSPHRASE, "etwas anderes", "Das ist nicht dasselbe wie im ersten Feld."),
        ("", "", "Dieses Passwort braucht mindestens 12 Zeichen"),
    ],
)
async def test_a_passphrase_is_long_and_entered_twice(
    world: World, erika: Citizen, passphrase: str, again: str, words: str
) -> None:
    tab = await open_tab(world, erika)
    form = {"csrf": tab.csrf, "art": "age", "passphrase": passphrase, "again": again}

    answer = await tab.ask("POST", "/safe/export", data=form)

    assert answer.status == 422
    assert words in words_of(answer.text)
    assert PASSPHRASE not in answer.text


async def test_the_page_offers_both_and_leads_there_from_the_account_and_from_the_safe(
    world: World, erika: Citizen
) -> None:
    async with world.browser(erika) as browser:
        for start, words in (("/konto", "Alles mitnehmen"), ("/safe", "Den Safe mitnehmen")):
            page = await browser.open((await browser.open(start)).links[words])
            buttons = [form.label for form in page.forms if form.action == page.url]
            assert buttons == ["ZIP-Datei herunterladen", "Verschlüsselte Datei herunterladen"]
            assert "age -d -o export.zip" in page.text


async def test_memory_stays_flat_however_long_a_document_is(world: World, erika: Citizen) -> None:
    await documents.put(world, erika, "gross.bin", bytes(30_000_000))

    tracemalloc.start()
    size = await _size(export_safe(logged_in(erika), world.web))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 20_000  # of zeros, which can be packed well
    assert peak < 5_000_000


async def test_nobody_elses_documents_are_in_it(world: World, erika: Citizen) -> None:
    await put(world, await world.citizen("otto"), "Fremd.txt", b"fremd")
    await put(world, erika, "Eigen.txt", b"eigen")

    assert [*said_in(await taken(world, erika))] == ["Eigen.txt"]
    assert len((await open_safe(erika.account.id, world.web)).contents.entries) == 1


def test_the_document_of_the_format_names_every_member() -> None:
    text = (Path(__file__).parents[2] / "docs" / "formats" / "export.md").read_text()
    fields = [
        field
        for model in (Manifest, PackedDocument, PackedVersion, PackedOrigin)
        for field in model.model_fields.items()
    ]

    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [field.alias or name for name, field in fields]


def unzip(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run the tool that unpacks ZIP files on most systems."""
    return subprocess.run([tool("unzip", "Debian's package unzip"), *arguments], capture_output=True, check=False)


async def _size(blocks: AsyncIterator[bytes]) -> int:
    return sum([len(block) async for block in blocks])
