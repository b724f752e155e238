"""The export: all that is held about a person, streamed; it fetches nothing, and what breaks off is no whole file."""

import json
import tracemalloc
from contextlib import aclosing
from datetime import UTC
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import pytest

from sk.auth.account import Account
from sk.auth.credentials import Card, Passkey, Totp
from sk.auth.export import export
from sk.auth.journal import entry
from sk.client import File
from sk.errors import Damaged
from tests.auth.exporting import exported
from tests.postbox.proofs import verified
from tests.workers.cases import MESSAGE, REFUSED, fetch, logged_in, notice_of, steps_of, take_back
from tests.world import A_FILE, Citizen, World, a_notice


async def post(world: World, who: Citizen, *files: File, **changes: Any) -> str:
    authority = await world.authority(f"Amt {changes.get('subject', '')}")
    status, answer = await authority.post(a_notice(who.handle, **changes), files)
    assert status == 202, answer
    await world.settle()
    return str(answer["id"])


async def test_an_export_has_the_account_its_journal_and_what_was_fetched(world: World) -> None:
    erika = await world.citizen()
    notice_id = await post(world, erika, A_FILE, File("Merkblatt.txt", b"Bitte beachten\n", "text/plain"))
    await fetch(world, erika)
    await world.settle()
    await world.web.store.save(entry(erika.account.id, "logged-in", world.clock.now(), world.web, means="password"))

    with await exported(world, erika) as zipped:
        assert zipped.testzip() is None
        folder = f"nachrichten/2026-11-23-{notice_id}"
        assert set(zipped.namelist()) == {
            "konto.json",
            "protokoll.json",
            *(f"{folder}/{name}" for name in ("nachricht.json", "nachweis.json", "text.txt")),
            f"{folder}/anhaenge/01-bescheid.pdf",
            f"{folder}/anhaenge/02-Merkblatt.txt",
        }
        assert zipped.read(f"{folder}/anhaenge/01-bescheid.pdf") == A_FILE.data
        assert zipped.read(f"{folder}/text.txt").decode() == "Guten Tag, anbei Ihr Bescheid."
        said = json.loads(zipped.read(f"{folder}/nachricht.json"))
        assert (said["absender"], said["betreff"]) == ("Amt ", "Bescheid über Ihren Antrag")
        assert (said["aktenzeichen"], said["archiviert"]) == ("32.4-0815", False)
        assert said["rechtsbehelf"]["frist_ends_on"] == "2026-12-28"
        assert (await verified(world, zipped.read(f"{folder}/nachweis.json"))).opening is not None
        account = json.loads(zipped.read("konto.json"))
        assert (account["benutzername"], account["email"]) == ("erika", "erika@example.org")
        assert account["nicht_zustellbar"] == []
        assert [*account["einwilligungen"]] == ["*"]
        assert "logged-in" in {one["what"] for one in json.loads(zipped.read("protokoll.json"))}


async def test_an_export_says_what_lies_in_the_archive_and_which_addresses_mails_do_not_reach(world: World) -> None:
    erika = await world.citizen()
    world.mails.trouble += [REFUSED]
    notice_id = await post(world, erika)
    await fetch(world, erika)
    async with world.browser(erika) as browser:
        await browser.send((await browser.open(f"/postfach/{notice_id}")).form("Ins Archiv legen"))

    with await exported(world, erika) as zipped:
        [name] = [name for name in zipped.namelist() if name.endswith("nachricht.json")]
        assert json.loads(zipped.read(name))["archiviert"] is True
        assert json.loads(zipped.read("konto.json"))["nicht_zustellbar"] == ["erika@example.org"]


async def test_an_export_fetches_nothing_and_says_what_is_unread(world: World) -> None:
    erika = await world.citizen()
    notice_id = await post(world, erika, A_FILE)
    before = await steps_of(world, notice_id)

    with await exported(world, erika) as zipped:
        names = [name for name in zipped.namelist() if notice_id in name]
        [name] = names
        said = json.loads(zipped.read(name))

    assert said["betreff"] == "Bescheid über Ihren Antrag"
    assert said["hinweis"].startswith("Diese Nachricht ist ungelesen und bleibt es.")
    assert await steps_of(world, notice_id) == before
    assert (await notice_of(world, notice_id)).abgerufen_at is None


async def test_what_demands_a_higher_level_or_is_over_is_named_without_content(world: World) -> None:
    erika = await world.citizen()
    high = await post(world, erika, minimum_trust="high", subject="Hoch", **MESSAGE)
    await fetch(world, erika, "Hoch")
    taken_back = await post(world, erika, subject="Zurück", **MESSAGE)
    await take_back(world, taken_back)

    with await exported(world, erika, level="low") as zipped:
        said = {name.split("/")[1][11:]: json.loads(zipped.read(name)) for name in zipped.namelist() if "/" in name}

    assert said[high]["hinweis"].startswith("Diese Nachricht verlangt eine Anmeldung")
    assert said[taken_back]["hinweis"] == "Diese Nachricht ist nicht mehr abrufbar."


async def test_no_secret_of_the_account_is_in_it(world: World) -> None:
    erika = await world.citizen()
    account = await world.web.store.get(Account, erika.account.id)
    vault, now = world.web.keys.lock_key("vault"), world.clock.now().astimezone(UTC)
    credentials = account.open_credentials(vault)
    credentials.totp = Totp(secret="TOTPSECRET", last_step=1, since=now)
    credentials.recovery_codes = ["RECOVERYHASH"]
    credentials.passkeys = [
        Passkey(id="PASSKEYID", public_key="PASSKEYPUBLIC", sign_count=1, name="Mein Telefon", created_at=now)
    ]
    credentials.cards = [Card(index="CARDINDEX", document_type="ID", level="high", expires_on=None, bound_at=now)]
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)

    with await exported(world, erika) as zipped:
        text = zipped.read("konto.json").decode()

    assert json.loads(text)["anmeldewege"]["passkeys"][0]["name"] == "Mein Telefon"
    assert json.loads(text)["anmeldewege"]["ausweise"][0]["level"] == "high"
    secrets = ["TOTPSECRET", "RECOVERYHASH", "PASSKEYID", "PASSKEYPUBLIC", "CARDINDEX", credentials.password_hash]
    assert [secret for secret in secrets if secret in text] == []


async def test_what_breaks_off_is_no_zip_file(world: World) -> None:
    erika = await world.citizen()
    notice_id = await post(world, erika, File("gross.pdf", b"%PDF-1.7\n" + bytes(3_000_000), "application/pdf"))
    await fetch(world, erika)
    await world.settle()
    [name] = (await notice_of(world, notice_id)).objects
    path = world.data / "objects" / name
    raw = bytearray(path.read_bytes())
    raw[2_000_000] ^= 1
    path.write_bytes(raw)

    sent = BytesIO()
    with pytest.raises(Damaged):
        await send(world, erika, sent)

    assert sent.tell() > 0
    with pytest.raises(BadZipFile):
        ZipFile(sent)


async def send(world: World, who: Citizen, to: BytesIO) -> None:
    """Send an export as far as it comes."""
    async for block in export(logged_in(who), world.web):
        to.write(block)


async def test_whoever_goes_away_in_the_middle_leaves_no_whole_file_and_no_trouble(world: World) -> None:
    erika = await world.citizen()
    await post(world, erika, File("gross.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 12_000, "application/pdf"))
    await fetch(world, erika)
    await world.settle()
    sent = BytesIO()

    async with aclosing(export(logged_in(erika), world.web)) as blocks:
        async for block in blocks:
            sent.write(block)
            if b"gross.pdf" in sent.getvalue():  # its head is out, and most of it is not
                break

    with pytest.raises(BadZipFile):
        ZipFile(sent)


async def test_a_file_that_is_missing_is_named_and_the_rest_is_there(world: World) -> None:
    erika = await world.citizen()
    notice_id = await post(world, erika, A_FILE)
    await fetch(world, erika)
    await world.settle()
    await world.web.objects.delete(*(await notice_of(world, notice_id)).objects)

    with await exported(world, erika) as zipped:
        assert [name for name in zipped.namelist() if "anhaenge" in name] == [
            f"nachrichten/2026-11-23-{notice_id}/anhaenge/01-bescheid.pdf-fehlt.txt"
        ]


async def test_a_large_export_takes_little_memory(world: World) -> None:
    erika = await world.citizen()
    large = File("gross.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40_000, "application/pdf")
    for number in range(3):
        await post(world, erika, large, subject=f"Nachricht {number}", **MESSAGE)
        await fetch(world, erika, f"Nachricht {number}")
    await world.settle()
    sizes = 0

    tracemalloc.start()
    async for block in export(logged_in(erika), world.web):
        sizes = max(sizes, len(block))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 6_000_000, peak
    assert sizes < 2_000_000
