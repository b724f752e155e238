"""An operator revokes a key while the platform runs: what it signs from then on is not evidence any more."""

import asyncio
import json
from pathlib import Path
from time import monotonic

import aiohttp

from sk.crypto.keyring import load_keys
from sk.crypto.sign import kid_in
from sk.evidence.keys import key_statements
from sk.evidence.sequence import refused
from sk.evidence.statement import Statement
from sk.store.port import Store
from sk.store.sqlite import open_sqlite
from tests.platforms import Embedded, running
from tests.process import PATIENCE_SECONDS, run_sk
from tests.world import a_notice


async def test_a_revoked_key_is_told_apart_while_the_platform_runs(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {})) as platform:
        players = platform.cast()
        signers = load_keys(tmp_path / "keys", ["web"], only_these=False).signers
        kid = next(kid for kid, (use, _) in signers.by_kid.items() if use == "sign-delivery")

        revoked = run_sk(tmp_path, platform.environment, "keys", "revoke", kid)
        assert revoked.returncode == 0, revoked.stderr
        assert "give the role delivery another sign-delivery" in revoked.stdout

        async with open_sqlite(tmp_path / "store.db") as store, aiohttp.ClientSession() as http:
            await _until_revoked(store)
            status, _ = await platform.authority(http, players).post(a_notice(players.handle))
            assert status == 202
            [first, *_] = await _until_refused(store)
            assert (first.step, kid_in(first.jws)) == ("bereitgestellt", kid)
        told = [json.loads(line) for line in platform.up.log.read_text().splitlines()]
        assert {line["level"] for line in told if line["event"] == "statement-refused"} == {"critical"}


def test_a_key_that_nobody_has_cannot_be_revoked(tmp_path: Path) -> None:
    environment = {"SK_DATA": str(tmp_path)}
    wanted = ("--username", "erika", "--email", "erika@example.org")
    assert run_sk(tmp_path, environment, "account", "add", *wanted).returncode == 0
    done = run_sk(tmp_path, environment, "keys", "revoke", "sign-web-aaaaaaaaaaaaaaaa")

    assert done.returncode != 0
    assert done.stderr.startswith("sk: there is no signing key sign-web-aaaaaaaaaaaaaaaa; there are log-")


async def _until_revoked(store: Store) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not any(one.step == "key-revoked" for one in await key_statements(store)):
        assert monotonic() < deadline
        await asyncio.sleep(0.05)


async def _until_refused(store: Store) -> list[Statement]:
    deadline = monotonic() + PATIENCE_SECONDS
    while not (found := await refused(store)):
        assert monotonic() < deadline
        await asyncio.sleep(0.05)
    return found
