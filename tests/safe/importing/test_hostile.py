"""Archives that nobody should trust: what is wrong in them is not taken, and is told; nothing else comes of it."""

import io
import json
import struct
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sk.events import OriginDue
from sk.render.unpack import FILES_MAX
from sk.safe import folder_steps
from sk.safe.safe import open_safe
from tests.fakes import FakeClock
from tests.postbox.proofs import fetched
from tests.safe.documents import row_of
from tests.safe.importing.imports import (
    HERE,
    PASSPHRASE,
    a_zip,
    exported,
    imported,
    left_out,
    open_unpacking_world,
    send,
    tree,
)
from tests.safe.safes import put
from tests.safe.uploads import bytes_of, kept_in, objects_in
from tests.security.alarms import Alarms
from tests.security.hostile import WORDS, harmful
from tests.security.tab import open_tab
from tests.strangers import a_pdf
from tests.web.pages import words_of
from tests.world import SOON, Citizen, World

GOOD = b"gut" * 1000
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def patched(archive: bytes, mark: bytes, at: int, what: str, value: int, which: int = 0) -> bytes:
    """Return an archive in which a number of one of its headers is another one."""
    raw, begins = bytearray(archive), -1
    for _ in range(which + 1):
        begins = archive.index(mark, begins + 1)
    struct.pack_into(what, raw, begins + at, value)
    return bytes(raw)


def both(archive: bytes, at: int, what: str, value: int) -> bytes:
    """Return an archive in which a number of the first file is another one, before it and in the directory."""
    return patched(patched(archive, LOCAL, at, what, value), CENTRAL, at + 2, what, value)


def with_(name: str, data: bytes = b"schlecht", **facts: Any) -> bytes:
    """Return an archive with a file that has such a name and facts, and a good one."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("name")
        info.filename = name
        for fact, value in facts.items():
            setattr(info, fact, value)
        archive.writestr(info, data)
        archive.writestr("gut.txt", GOOD)
    return made.getvalue()


BAD_FILES = {
    "out of its folder": (with_("../../boese.txt"), "name"),
    "out of a folder": (with_("gut/../../boese.txt"), "name"),
    "absolute": (with_("/etc/passwd"), "name"),
    "at the top": (with_("/boese.txt"), "name"),
    "of another system": (with_("..\\..\\boese.txt"), "name"),
    "nothing": (with_("Ordner//boese.txt"), "name"),
    "long": (with_("w" * 256), "name"),
    "long way": (with_("/".join("w" * 99 for _ in range(11))), "name"),
    "deep": (with_("/".join("w" * 12)), "folders-many"),
    "cut": (with_("a.txt\0.exe"), "name"),
    "turned around": (with_("a\u202etxt.exe"), "name"),
    "link": (with_("link", b"/etc/passwd", external_attr=0o120777 << 16), "no-file"),
    "device": (with_("geraet", b"", external_attr=0o020666 << 16), "no-file"),
    "empty": (with_("leer.txt", b""), "attachment-size"),
    "encrypted": (both(with_("zu.txt"), 6, "<H", 1), "encrypted"),
    "method": (both(with_("a.txt"), 8, "<H", 12), "method"),
    "said to be shorter": (both(with_("a.txt", bytes(5000)), 22, "<I", 50), "damaged"),
    "said to be longer": (both(with_("a.txt", bytes(5000)), 22, "<I", 9000), "damaged"),
    "another name": (with_("a.txt").replace(b"a.txt", b"b.txt", 1), "damaged"),
    "changed": (patched(with_("a.txt"), LOCAL, 36, "<B", 0xFF), "damaged"),
}
"""A file each, beside a good one, and why it is not taken."""
BAD_NAMES = ("name", "name-unusable", "field-missing", "attachment-name")


async def test_a_file_that_is_not_as_it_should_be_is_left_out_and_named(
    world: World, otto: Citizen, alarms: Alarms
) -> None:
    tab, found = await open_tab(world, otto), dict[str, str]()
    for what, (archive, _) in BAD_FILES.items():
        progress = await imported(world, otto, archive)
        [(path, why)] = progress.left_out
        found[what] = "name" if why in BAD_NAMES else why
        assert (progress.ended, progress.left_out_count) == ("done", 1)
        page = await tab.get(HERE)
        assert path in page.text.replace("&amp;", "&"), what
        assert "Nicht übernommen" in page.text

    assert found == {what: why for what, (_, why) in BAD_FILES.items()}
    assert await tree(world, otto) == {"gut.txt": len(GOOD)}
    assert len(await objects_in(world)) == 1
    assert alarms.failures() == alarms.raised() == []


async def test_of_two_files_of_one_name_none_is_taken(world: World, otto: Citizen) -> None:
    archive = a_zip({"a.txt": b"eins", "b.txt": b"zwei", "gut.txt": GOOD}).replace(b"b.txt", b"a.txt")

    progress = await imported(world, otto, archive)

    assert left_out(progress) == {"a.txt": "twice"}
    assert await tree(world, otto) == {"gut.txt": len(GOOD)}


def bomb() -> bytes:
    """Return a hundred megabytes and one of zeros, which are hardly anything when they are packed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"{number}", bytes(10_000_000))
    return made.getvalue()


def overlapping() -> bytes:
    """Return an archive in which one file lies in another."""
    archive = a_zip({"a": bytes(1000), "b": bytes(1000)}, zipfile.ZIP_STORED)
    return patched(archive, CENTRAL, 42, "<I", 0, which=1)


def into_the_directory() -> bytes:
    """Return an archive with a file that goes on in the directory."""
    return both(a_zip({"a": bytes(1000)}, zipfile.ZIP_STORED), 18, "<I", 1040)


BAD_ARCHIVES = {
    "bomb": (bomb(), "bomb"),
    "overlapping": (overlapping(), "bomb"),
    "into the directory": (into_the_directory(), "bomb"),
    "many": (a_zip({f"{n}": b"" for n in range(FILES_MAX + 1)}, zipfile.ZIP_STORED), "too-many"),
    "truncated": (a_zip({"a": GOOD})[:-10], "unreadable"),
    "something behind it": (a_zip({"a": GOOD}) + b"behind", "unreadable"),
    "a huge directory": (patched(a_zip({"a": GOOD}), END, 12, "<I", 2**31), "unreadable"),
    "its directory elsewhere": (patched(a_zip({"a": GOOD}), END, 16, "<I", 2**31), "unreadable"),
    "only so called": (b"PK\x03\x04" + bytes(100_000), "unreadable"),
    "something else within": (LOCAL + a_zip({"a": GOOD}), "unreadable"),
}


async def test_an_archive_that_is_a_trap_or_broken_leaves_nothing_and_it_is_said_why(
    world: World, otto: Citizen, alarms: Alarms
) -> None:
    tab, found = await open_tab(world, otto), dict[str, str]()
    for what, (archive, _) in BAD_ARCHIVES.items():
        progress = await imported(world, otto, archive)
        found[what] = progress.ended
        assert progress.archive is None
        assert 'role="alert"' in (await tab.get(HERE)).text

    assert found == {what: why for what, (_, why) in BAD_ARCHIVES.items()}
    assert (await tree(world, otto), await objects_in(world)) == ({}, [])
    assert alarms.failures() == alarms.raised() == []


async def test_a_hundred_thousand_files_are_refused_before_they_are_counted(world: World, otto: Citizen) -> None:
    header = CENTRAL + bytes(24) + struct.pack("<H", 200) + bytes(16) + b"w" * 200
    directory = header * 100_000
    end = END + bytes(4) + struct.pack("<HHIIH", 0xFFFF, 0xFFFF, len(directory), 0, 0)

    progress = await imported(world, otto, LOCAL + directory[4:] + end)

    assert progress.ended == "too-many"


async def test_an_archive_within_an_archive_is_a_file_like_any_other(world: World, otto: Citizen) -> None:
    inner = bomb()

    progress = await imported(world, otto, a_zip({"innen.zip": inner}))

    assert (progress.taken, await bytes_of(world, otto, "innen.zip")) == (1, inner)


REFUSED = {
    "a PDF that is a ZIP file as well": (a_pdf(1) + a_zip({"a": GOOD}), "", "Das ist keine ZIP-Datei"),
    "nothing": (b"", "", "Das ist keine ZIP-Datei"),
    "armored": (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", PASSPHRASE, "als Text verschlüsselt"),
    "to a key": (b"age-encryption.org/v1\n-> X25519 abc\n" + bytes(200), PASSPHRASE, "sondern mit einem Schlüssel"),
    "cut off": (b"age-encryption.org/v1\n-> scrypt abc", PASSPHRASE, "nicht vollständig"),
    "no passphrase": (b"age-encryption.org/v1\n-> scrypt " + bytes(200), "", "Bitte geben Sie ihr Passwort ein."),
}


async def test_what_is_no_archive_is_refused_at_once(world: World, otto: Citizen, alarms: Alarms) -> None:
    tab = await open_tab(world, otto)
    for what, (archive, passphrase, words) in REFUSED.items():
        answer = await send(tab, archive, passphrase)
        assert answer.status == 422, what
        assert words in words_of(answer.text), what

    assert await objects_in(world) == []
    assert alarms.failures() == alarms.raised() == []


async def test_a_wrong_passphrase_or_a_changed_byte_leaves_nothing(world: World, otto: Citizen) -> None:
    await put(world, otto, "Zeugnis.txt", GOOD * 100)
    tab = await open_tab(world, otto)
    encrypted = await exported(tab, passphrase=PASSPHRASE)

    wrong = await send(tab, encrypted, "eine andere, auch lange")
    changed = await send(tab, encrypted[:-1] + bytes([encrypted[-1] ^ 1]), PASSPHRASE)

    assert "Dieses Passwort passt nicht zu der Datei." in words_of(wrong.text)
    assert "Diese Datei ist nicht vollständig, oder sie wurde verändert." in words_of(changed.text)
    assert (wrong.status, changed.status, len(await objects_in(world))) == (422, 422, 1)


async def test_hostile_words_in_names_and_fields_are_shown_as_what_they_are(world: World, otto: Citizen) -> None:
    tab = await open_tab(world, otto)
    for words in WORDS.values():
        refused = await send(tab, b"no archive", words, token=words[:64])
        assert (refused.status, harmful(refused.text)) == (422, [])

        await send(tab, with_(f"{words.replace('/', '')}\0", GOOD), words)
        await world.settle()
        page = await tab.get(HERE)
        assert harmful(page.text) == []
        assert "Nicht übernommen" in page.text


async def test_what_is_too_large_is_refused_while_it_comes(tmp_path: Path, clock: FakeClock) -> None:
    async with open_unpacking_world(tmp_path, clock, safe_file_max_bytes=100_000) as world:
        answer = await send(await open_tab(world, await world.citizen()), LOCAL + bytes(200_000))

        assert answer.status == 422
        assert "Diese Datei ist zu groß." in words_of(answer.text)
        assert await objects_in(world) == []


UNFIT: Sequence[tuple[dict[str, Any], dict[str, Any], str]] = (
    ({}, {"sha256": "0" * 64}, "digest"),
    ({}, {"datei": "dokumente/fehlt.txt"}, "missing"),
    ({}, {"datei": ""}, "left-out"),
    ({"ordner": "../.."}, {}, "name-unusable"),
    ({"ordner": "/"}, {}, "field-missing"),
    ({"name": " "}, {}, "field-missing"),
)
NOT_JUST_SO: Sequence[tuple[dict[str, Any], dict[str, Any]]] = (
    ({"neu": 1}, {}),
    ({"stichworte": ["a,b"]}, {}),
    ({"stichworte": ["x"] * 11}, {}),
    ({"name": "a/b"}, {}),
    ({"vertrauensniveau": "höchste"}, {}),
    ({"gueltig_bis": "bald"}, {}),
    ({}, {"groesse": -1}),
)


def forged(archive: bytes, document: dict[str, Any] | None = None, version: dict[str, Any] | None = None) -> bytes:
    """Return an export whose `safe.json` says something else of its one document, and of that one's one version."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    said = json.loads(files["safe/safe.json"])
    said["dokumente"][0] |= document or {}
    said["dokumente"][0]["fassungen"][0] |= version or {}
    return a_zip({**files, "safe/safe.json": json.dumps(said)})


def multiplied(archive: bytes, times: int) -> bytes:
    """Return an export whose `safe.json` names its one document so many times."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    said = json.loads(files["safe/safe.json"])
    said["dokumente"] *= times
    return a_zip({**files, "safe/safe.json": json.dumps(said)})


@pytest.fixture
async def one(world: World) -> bytes:
    """Return an export with one document."""
    erika = await world.citizen()
    await put(world, erika, "Zeugnis.txt", GOOD)
    return await exported(await open_tab(world, erika))


async def test_what_safe_json_claims_proves_nothing(world: World, otto: Citizen, one: bytes) -> None:
    notice = await fetched(world)
    origin = {"nachricht": notice.notice_id, "anhang": 1, "nachweis": ""}
    claims = {"ausgestellt_von": "Finanzamt Musterstadt"}
    said = {"herkunft": origin, "hinzugefuegt_am": "2090-01-01T00:00:00Z"}

    await imported(world, otto, forged(one, claims, said))

    entry = (await kept_in(world, otto))["Zeugnis.txt"]
    document = await row_of(world, entry.id)
    [version] = document.open(otto.account.id, (await open_safe(otto.account.id, world.web)).own).versions
    assert (entry.issued_by, version.origin) == ("", None)
    assert entry.changed_at <= world.clock.now()
    waiting = await world.web.store.take_due("test", datetime(2050, 1, 1, tzinfo=UTC), limit=500, lease=SOON)
    assert not [
        event for event in waiting if isinstance(event, OriginDue)
    ]  # by which somebody else's evidence would come


async def test_one_file_does_not_become_many_documents(world: World, otto: Citizen, one: bytes) -> None:
    progress = await imported(world, otto, multiplied(one, 100))

    assert (progress.taken, progress.left_out_count) == (1, 99)
    assert {*left_out(progress).values()} == {"twice"}
    assert len(await objects_in(world)) == 2


async def test_evidence_that_was_made_up_is_kept_and_proves_nothing(world: World, otto: Citizen, one: bytes) -> None:
    origin = {"nachricht": "x", "anhang": 1, "nachweis": "dokumente/Zeugnis.txt"}

    progress = await imported(world, otto, forged(one, {"ausgestellt_von": "Finanzamt"}, {"herkunft": origin}))

    assert progress.taken == 1
    assert (await kept_in(world, otto))["Zeugnis.txt"].issued_by == ""


async def test_what_does_not_fit_its_safe_json_is_left_out(world: World, otto: Citizen, one: bytes) -> None:
    found = [(await imported(world, otto, forged(one, *changes))).left_out for *changes, _ in UNFIT]

    assert [[why for _, why in left_out] for left_out in found] == [[why] for *_, why in UNFIT]
    assert (await tree(world, otto), len(await objects_in(world))) == ({}, 1)


async def test_a_safe_json_that_is_not_just_so_is_none(world: World, otto: Citizen, one: bytes) -> None:
    tab = await open_tab(world, otto)
    for document, version in NOT_JUST_SO:
        progress = await imported(world, otto, forged(one, document, version))
        assert (progress.unread, progress.ended) == (True, "done")
        assert "Die safe.json in dieser Datei können wir nicht lesen." in words_of((await tab.get(HERE)).text)

    names = [f"safe/safe{f' ({number})' if number > 1 else ''}.json" for number in range(1, len(NOT_JUST_SO) + 1)]
    assert {*await tree(world, otto)} == {"safe/dokumente/Zeugnis.txt", *names}


async def test_it_does_not_fill_the_safe_with_folders(
    world: World, otto: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_steps, "FOLDERS_MAX", 3)

    progress = await imported(world, otto, a_zip({f"{number}/a.txt": b"x" for number in range(5)}))

    assert left_out(progress) == {"3/a.txt": "folders-many", "4/a.txt": "folders-many"}
    assert len((await open_safe(otto.account.id, world.web)).contents.folders) == 3
