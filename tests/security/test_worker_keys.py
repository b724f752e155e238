"""No worker can read a notice: with the keys of all workers together, nothing opens but addresses for mails."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from sk.auth.mail_target import MailSettings
from sk.auth.own_key import lock_of
from sk.client import File
from sk.crypto.keyring import KeyRing, create_keys, load_keys
from sk.errors import Unavailable
from sk.postbox.envelope import Envelope
from sk.postbox.reply import Content
from tests.fakes import FakeClock
from tests.postbox.replies import SCAN, TEXT, reply
from tests.process import Process, run_sk
from tests.security.keys_thief import Opened, Value, gathered, opened_by, values_of
from tests.security.serving import serving
from tests.security.tab import FORM_TOKEN, open_tab
from tests.workers.cases import notice_of, stands
from tests.world import WORKER_ROLES, World, a_notice

FILE = File("bescheid.pdf", b"%PDF-1.7 Bescheid")


@pytest.mark.timeout(300)
async def test_nothing_but_addresses_opens_with_the_keys_of_the_workers_in_any_state_of_a_notice(
    world: World, clock: FakeClock
) -> None:
    values = await _values_in_every_state(world, clock)

    opened = opened_by(_secrets(world.workers.keys), values)

    assert {(found.key, found.kind) for found in opened} == {("mail 1", "mail")}
    addresses = {MailSettings.model_validate_json(found.content).address for found in opened}
    assert addresses == {"erika@example.org"}


@pytest.mark.timeout(300)
async def test_the_same_search_with_the_keys_of_web_opens_everything(world: World, clock: FakeClock) -> None:
    values = await _values_in_every_state(world, clock)

    by_web = opened_by(_secrets(world.web.keys), values)
    [seed] = {found.content for found in by_web if found.kind == "account-key"}
    by_accounts = opened_by({"seed": seed}, values)
    by_own_lock = opened_by({"own lock": lock_of(seed).generations[1]}, values)
    attachments = {**_attachment_keys(by_accounts), **_keys_in_replies(by_own_lock)}
    by_envelopes = opened_by(attachments, values)

    assert {(found.key, found.kind) for found in by_web} == {
        *(("vault 1", kind) for kind in ("account-key", "credentials", "session")),
        *(("records 1", kind) for kind in ("receipt", "opening")),
        ("mail 1", "mail"),
    }
    assert {Envelope.model_validate_json(found.content).subject for found in by_accounts} == {"Bescheid", "Abgelehnt"}
    assert [found.kind for found in by_own_lock] == ["reply"]
    assert {(found.kind, found.content) for found in by_envelopes} == {
        ("attachment", FILE.data),
        ("attachment", SCAN.data),
    }


@pytest.mark.parametrize("role", WORKER_ROLES)
def test_a_worker_whose_folder_holds_a_key_of_web_does_not_start(tmp_path: Path, role: str) -> None:
    create_keys(tmp_path / "keys")
    keys = json.loads((tmp_path / "keys" / role / "keys.json").read_text())
    vault = json.loads((tmp_path / "keys" / "web" / "keys.json").read_text())["vault"]
    (tmp_path / "keys" / role / "keys.json").write_text(json.dumps({**keys, "vault": vault}))

    with pytest.raises(Unavailable, match="must not hold: vault"):
        load_keys(tmp_path / "keys" / role, [role])


def test_a_worker_process_that_finds_the_folder_of_web_says_so_and_ends(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")

    ended = run_sk(tmp_path, {"SK_DATA": str(tmp_path / "data"), "SK_KEYS": f"file://{tmp_path / 'keys'}"}, "work")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "holds keys that this process must not hold" in ended.stderr
    assert "vault" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_a_web_process_without_vault_serves_machines_only(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    held = json.loads((tmp_path / "keys" / "web" / "keys.json").read_text())
    del held["vault"]
    (tmp_path / "keys" / "web" / "keys.json").write_text(json.dumps(held))
    settings = {"SK_STORE": f"sqlite://{tmp_path}/store.db", "SK_KEYS": f"file://{tmp_path / 'keys' / 'web'}"}

    serve = Process(tmp_path, "serve", ("-m", "sk", "serve", "--port", "0"), settings)
    try:
        serve.start()
        base_url = serve.ready()
        async with aiohttp.ClientSession() as http:
            answers = [
                await http.get(base_url + path) for path in ("/readyz", "/api/v1/openapi.json", "/api/v1/events")
            ]
            assert [answer.status for answer in answers] == [200, 200, 401]
    finally:
        serve.forget()


async def test_without_vault_nobody_is_logged_in_and_nothing_is_shown(world: World) -> None:
    notice = await world.delivered()
    without = KeyRing(
        {name: key for name, key in world.web.keys.held.items() if name != "vault"}, world.web.keys.signers
    )
    async with serving(replace(world.web, keys=without)) as address:
        tab = await open_tab(world, notice.citizen, base_url=address)
        path = f"/postfach/{notice.notice_id}"
        form = {"username": notice.citizen.username, "password": notice.citizen.password, "csrf": FORM_TOKEN}

        answers = [
            await tab.get("/postfach"),
            await tab.get(path),
            await tab.post(path),
            await tab.get(f"{path}/dateien/1"),
            await tab.ask("POST", "/anmelden", data=form),
        ]

    assert [answer.status for answer in answers] == [503] * 5
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def _values_in_every_state(world: World, clock: FakeClock) -> list[Value]:
    """Return what lies about while a notice is accepted, delivered, opened, replied to, announced; another rejected."""
    authority, erika = await world.authority(), await world.citizen()
    notice_id = (await authority.post(a_notice(erika.handle, subject="Bescheid", reply=True), [FILE]))[1]["id"]
    found = [*await _values(world, notice_id, "accepted")]
    await world.settle()
    found += await _values(world, notice_id, "bereitgestellt")
    tab = await open_tab(world, erika)
    await tab.post(f"/postfach/{notice_id}")
    assert (await reply(tab, notice_id, TEXT, [SCAN])).status == 303
    found += await _values(world, notice_id, "abgerufen")
    clock.advance(days=5)
    await world.settle()
    found += await _values(world, notice_id, "bekanntgegeben")

    rejected_id = (await authority.post(a_notice(erika.handle, subject="Abgelehnt"), [FILE]))[1]["id"]
    await stands(world, erika, einwilligung={})
    await world.settle()
    found += await _values(world, rejected_id, "rejected")
    return gathered(found)


async def _values(world: World, notice_id: str, status: str) -> list[Value]:
    assert (await notice_of(world, notice_id)).status == status
    return list(values_of(world.data))


def _secrets(keys: KeyRing) -> dict[str, bytes]:
    return {
        f"{name} {number}": key for name, all_ in keys.held.items() for number, key in all_.items() if len(key) == 32
    }


def _keys_in_replies(replies: Iterable[Opened]) -> Mapping[str, bytes]:
    opened = [Content.model_validate_json(found.content) for found in replies]
    return {attachment.object: attachment.key for content in opened for attachment in content.attachments}


def _attachment_keys(envelopes: Iterable[Opened]) -> Mapping[str, bytes]:
    opened = [Envelope.model_validate_json(found.content) for found in envelopes]
    return {attachment.object: attachment.key for envelope in opened for attachment in envelope.attachments}
