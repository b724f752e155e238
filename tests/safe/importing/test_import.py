"""Bringing a safe back: what was taken along is there again as it was, and what is wrong in it is left out."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sk.auth.erasure import ask_for_erasure
from sk.events import ErasureDue
from sk.safe import import_steps
from sk.safe.document import Document
from sk.safe.expiry import expires
from sk.safe.importing import Import
from sk.safe.provenance import Provenance, provenance_of
from sk.safe.safe import open_safe
from tests.auth.erasing import erase, run
from tests.crypto.age_files import at_a_terminal
from tests.fakes import FakeClock
from tests.keeper import EICAR
from tests.postbox.proofs import fetched
from tests.safe import documents
from tests.safe.documents import change_entry
from tests.safe.importing.imports import (
    HERE,
    PASSPHRASE,
    THREE,
    a_zip,
    exported,
    imported,
    left_out,
    open_unpacking_world,
    send,
    tree,
)
from tests.safe.safes import put, put_folder, trash
from tests.safe.uploads import bytes_of, kept_in, objects_in
from tests.scanners import a_scanner_that
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import A_FILE, SOON, Citizen, World, open_world


async def a_full_safe(world: World) -> Citizen:
    """Return somebody who has all in their safe that there can be."""
    notice = await fetched(world)
    await (await open_tab(world, notice.citizen)).post(f"/postfach/{notice.notice_id}/in-den-safe")
    await world.settle()
    inner = await put_folder(world, notice.citizen, "2026", await put_folder(world, notice.citizen, "Reisen"))
    await put_folder(world, notice.citizen, "Leer")
    pass_ = await put(world, notice.citizen, "Pass.txt", b"alt", inner, labels="Ausweis, wichtig")
    world.clock.advance(hours=1)
    await documents.put(world, notice.citizen, "Neuer Pass.txt", b"neu", document=pass_)
    await expires(notice.citizen.account.id, pass_, date(2036, 1, 31), world.web)
    await change_entry(world, notice.citizen, pass_, level="substantial")
    old = await put(world, notice.citizen, "Alt.txt", b"weg")
    await documents.put(world, notice.citizen, "Alt.txt", b"auch weg", document=old)
    await trash(world, notice.citizen, old)
    await world.settle()
    return notice.citizen


async def known(world: World, who: Citizen) -> dict[str, object]:
    """Return all that a safe says of what is in it, but for ids and the moment at which something was thrown away."""
    opened, found = await open_safe(who.account.id, world.web), dict[str, object]()
    for entry in opened.contents.entries.values():
        versions = (await world.web.store.get(Document, entry.id)).open(who.account.id, opened.own).versions
        facts = entry._replace(id="", folder="", trashed_at=None, has_picture=False)
        path = "/".join([*(folder.name for folder in opened.contents.path(entry.folder)), entry.name])
        said = [version.model_dump(exclude={"key", "streams"}) for version in versions]
        proven = [await provenance_of(version, world.web) for version in versions]
        found[path] = facts, bool(entry.trashed_at), said, proven
    return found | {"folders": sorted(folder.name for folder in opened.contents.folders.values())}


async def waiting(world: World) -> set[str]:
    """Return the kinds of events that wait, whenever they are due."""
    due = await world.web.store.take_due("test", datetime(2050, 1, 1, tzinfo=UTC), limit=500, lease=SOON)
    return {type(event).__name__ for event in due}


@pytest.mark.parametrize(("path", "passphrase"), [("/safe/export", ""), ("/konto/export", PASSPHRASE)])
async def test_what_was_taken_along_is_there_again_as_it_was(world: World, path: str, passphrase: str) -> None:
    erika = await a_full_safe(world)
    archive, before = await exported(await open_tab(world, erika), path, passphrase), await known(world, erika)
    kept = {name: await bytes_of(world, erika, name) for name in await kept_in(world, erika)}
    otto = await world.citizen("otto")
    await erase(world, erika)

    progress = await imported(world, otto, archive, passphrase)

    assert (progress.ended, progress.taken, progress.left_out, progress.unread) == ("done", 3, (), False)
    assert await known(world, otto) == before
    assert {name: await bytes_of(world, otto, name) for name in await kept_in(world, otto)} == kept
    assert await bytes_of(world, otto, "Pass.txt", "2") == b"neu"
    assert Provenance("proven", "Stadt Musterstadt", date(2026, 11, 23), is_trial=True) in before[A_FILE.name][3]  # type: ignore[index]
    assert {"DocumentExpires", "TrashEnded"} <= await waiting(world)
    assert len(await objects_in(world)) == 5


async def test_what_debians_age_has_encrypted_is_taken(world: World, otto: Citizen, tmp_path: Path) -> None:
    (tmp_path / "three.zip").write_bytes(a_zip(THREE))
    encrypted = at_a_terminal(PASSPHRASE, "--passphrase", tmp_path / "three.zip").stdout
    assert encrypted

    progress = await imported(world, otto, encrypted, PASSPHRASE)

    assert (progress.ended, await tree(world, otto)) == ("done", dict.fromkeys(THREE, 4))


async def test_the_folders_of_any_zip_file_are_folders_of_the_safe(world: World, otto: Citizen) -> None:
    await put_folder(world, otto, "ordner")
    await put(world, otto, "a.txt", b"anders")

    progress = await imported(world, otto, a_zip({**THREE, "__MACOSX/a.txt": b"x", "Ordner/.DS_Store": b"x"}))

    assert await tree(world, otto) == {
        "a.txt": 6,
        "a (2).txt": 4,
        "ordner/b.txt": 4,
        "ordner/Unterordner/c.txt": 4,
    }
    assert (progress.taken, progress.beside) == (3, 2)


async def test_an_empty_archive_is_said_to_be_empty(world: World, otto: Citizen) -> None:
    progress = await imported(world, otto, a_zip({}))

    page = words_of((await (await open_tab(world, otto)).get(HERE)).text)
    assert (progress.ended, progress.of) == ("done", 0)
    assert "In dieser Datei war nichts zu importieren." in page


async def test_imported_twice_nothing_is_there_twice(world: World) -> None:
    erika = await a_full_safe(world)
    archive, plain = await exported(await open_tab(world, erika)), a_zip(THREE)
    await imported(world, erika, plain)
    before = await known(world, erika)

    again = [await imported(world, erika, one) for one in (archive, plain)]

    assert [(one.taken, one.there) for one in again] == [(0, 3), (0, 3)]
    assert await known(world, erika) == before
    assert len(await objects_in(world)) == 9


async def test_what_lies_in_the_trash_is_there_only_if_it_belongs_there(world: World, otto: Citizen) -> None:
    await trash(world, otto, await put(world, otto, "a.txt", THREE["a.txt"]))
    trashed = await exported(await open_tab(world, otto))

    kept, again = [await imported(world, otto, archive) for archive in (a_zip(THREE), trashed)]

    assert (kept.taken, kept.there, again.taken, again.there) == (3, 0, 0, 1)
    assert {*await tree(world, otto)} == {*THREE}


async def test_malware_in_it_is_refused_and_all_else_is_there(tmp_path: Path, clock: FakeClock) -> None:
    async with a_scanner_that(finds_eicar, patience=5) as scanner:
        address = f"clamd://{scanner.host}:{scanner.port}"
        async with open_unpacking_world(tmp_path, clock, scanner=address) as world:
            otto = await world.citizen("otto")

            progress = await imported(world, otto, a_zip({**THREE, "boese.txt": EICAR}))
            page = words_of((await (await open_tab(world, otto)).get(HERE)).text)

            assert left_out(progress) == {"boese.txt": "attachment-malware"}
            assert {*await tree(world, otto)} == {*THREE}
            assert len(await objects_in(world)) == 3
            assert "boese.txt: Der Virenscanner hat darin etwas gefunden." in page
            assert "3 Dokumente sind neu in Ihrem Safe" in page


async def test_what_there_is_no_room_for_is_not_taken_and_all_else_is(tmp_path: Path, clock: FakeClock) -> None:
    async with open_unpacking_world(tmp_path, clock, safe_max_bytes=1000, safe_file_max_bytes=900) as world:
        otto = await world.citizen("otto")
        files = {"a.txt": bytes(600), "b.txt": bytes(600), "c.txt": bytes(400), "d.txt": bytes(901)}

        progress = await imported(world, otto, a_zip(files))

        assert left_out(progress) == {"b.txt": "safe-full", "d.txt": "size"}
        assert await tree(world, otto) == {"a.txt": 600, "c.txt": 400}


async def test_without_a_renderer_it_is_said_plainly_that_nothing_can_be_imported(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_world(tmp_path / "data", clock, render="off") as world:
        otto = await world.citizen("otto")
        tab = await open_tab(world, otto)

        page, sent = await tab.get(HERE), await send(tab, a_zip(THREE))

        assert "Hier kann nichts importiert werden." in words_of(page.text)
        assert 'type="file"' not in page.text
        assert (sent.status, await objects_in(world)) == (503, [])


async def test_an_archive_that_lies_there_goes_with_its_account(world: World, otto: Citizen) -> None:
    await ask_for_erasure(otto.account.id, world.web)
    world.clock.advance(days=6, hours=20)
    await send(await open_tab(world, otto), a_zip(THREE))

    async with import_steps.GOING_ON:  # so that it is not over before
        world.clock.advance(hours=4)
        await run(world, ErasureDue)
    await world.settle()

    assert await world.web.store.scan(Import) == []
    assert await objects_in(world) == []


async def test_no_name_and_no_passphrase_is_in_what_is_stored(world: World, otto: Citizen) -> None:
    await send(await open_tab(world, otto), a_zip({"Geheimnis/Zeugnis.txt": b"Geheimnis"}))

    for file in world.data.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert b"Geheimnis" not in raw, file
            assert b"Zeugnis" not in raw, file


async def finds_eicar(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Find what every scanner finds, and nothing else."""
    await reader.readuntil(b"\0")
    heard = b""
    while size := int.from_bytes(await reader.readexactly(4)):
        heard += await reader.readexactly(size)
    writer.write(b"stream: Eicar-Test FOUND\0" if EICAR in heard else b"stream: OK\0")
