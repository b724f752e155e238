"""What only a trial has, and how it cannot pass for anything else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from sk.auth.passwords import Passwords
from sk.auth.registry import Wanted, add_account
from sk.config import load_settings
from sk.errors import Invalid
from sk.installation import ensure_installation
from sk.services import Services
from sk.web.app import all_routes
from tests.process import run_sk
from tests.security.alarms import Alarms
from tests.security.serving import REAL
from tests.security.tab import Tab
from tests.world import World

PROXIES: dict[str, dict[str, str]] = {
    "a proxy": {"X-Forwarded-For": "192.0.2.1"},
    "a proxy that speaks RFC 7239": {"Forwarded": "for=192.0.2.1"},
    "a proxy that says no more than that": {"Via": "1.1 proxy"},
    "a proxy with a header of its own": {"X-Real-IP": "192.0.2.1"},
    "a name that leads here": {"Host": "page.example"},
    "a name that leads here, and a port": {"Host": "page.example:8080"},
    "a name that begins like ours": {"Host": "localhost.page.example"},
    "no name at all": {"Host": "["},
}


async def test_the_mails_of_a_trial_are_shown_to_people_on_this_machine(world: World) -> None:
    answer = await _stranger(world).get("/dev/mail")

    assert (answer.status, "Aufgefangene E-Mails" in answer.text) == (200, True)


@pytest.mark.parametrize("headers", PROXIES.values(), ids=PROXIES)
async def test_they_are_not_shown_through_a_proxy_or_under_a_foreign_name(
    world: World, alarms: Alarms, headers: dict[str, str]
) -> None:
    assert (await _stranger(world).get("/dev/mail", **headers)).status == 404
    assert alarms.failures() == []


async def test_they_are_not_shown_to_another_machine(world: World) -> None:
    from_elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with (
        aiohttp.ClientSession(connector=from_elsewhere) as http,
        http.get(f"{world.base_url}/dev/mail") as answer,
    ):
        assert answer.status == 404


async def test_outside_a_trial_there_is_no_page_of_mails(real: World) -> None:
    assert (await _stranger(real).get("/dev/mail")).status == 404
    assert "/dev/mail" in {route.path for route in all_routes(trial=True)}
    assert "/dev/mail" not in {route.path for route in all_routes(trial=False)}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"trust": "high"}, "trust"), ({"trust": "substantial"}, "trust"), ({"einwilligung": True}, "einwilligung")],
)
async def test_outside_a_trial_nobody_gives_a_level_or_an_einwilligung_for_somebody_else(
    real: World, wanted: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await add_account(Wanted("erika", "erika@example.org", **wanted), Passwords(), real.web)

    assert refused.value.field == field


async def test_outside_a_trial_a_handle_is_good_for_one_authority(real: World) -> None:
    account = (await add_account(Wanted("erika", "erika@example.org"), Passwords(), real.web)).account
    stadt, finanzamt = await real.authority(), await real.authority("Finanzamt Musterstadt")

    for sector, found in ((stadt.client_id, 200), (finanzamt.client_id, 404), ("*", 404)):
        handle = real.web.keys.handle.handle(account.id, sector)
        assert (await stadt.get(f"/api/v1/postboxes/{handle}"))[0] == found


def test_outside_a_trial_the_command_gives_a_code_and_refuses_the_rest(tmp_path: Path) -> None:
    add = ("account", "add", "--username", "erika", "--email", "erika@example.org", "--json")
    environment = {"SK_DATA": str(tmp_path / "data"), "SK_MAIL": REAL}

    refused = run_sk(tmp_path, environment, *add, "--trust", "high")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "only the citizen raises the trust level" in refused.stderr
    refused = run_sk(tmp_path, environment, *add, "--einwilligung")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "only the citizen gives an Einwilligung" in refused.stderr

    told = json.loads(run_sk(tmp_path, environment, *add).stdout)
    assert told.keys() == {"username", "activation_code", "activate_at"}
    assert told["activate_at"].endswith("/aktivieren")

    as_a_trial = run_sk(tmp_path, {"SK_DATA": str(tmp_path / "data")}, *add)
    assert (as_a_trial.returncode, as_a_trial.stdout) == (1, "")
    assert "this store is no trial" in as_a_trial.stderr


async def test_a_store_that_began_as_a_trial_gets_no_real_mail_server(world: World) -> None:
    with pytest.raises(Invalid, match="began as a trial"):
        await ensure_installation(_with_mail(world.web, REAL))


@pytest.mark.parametrize("mail", ["catcher", "catcher://127.0.0.1:1"])
async def test_a_store_that_is_no_trial_does_not_become_one(real: World, mail: str) -> None:
    with pytest.raises(Invalid, match="no trial"):
        await ensure_installation(_with_mail(real.web, mail))


async def test_what_a_trial_signs_says_so_in_its_name(world: World, real: World) -> None:
    assert (await ensure_installation(world.web)).log_origin.endswith("/trial")
    assert not (await ensure_installation(real.web)).log_origin.endswith("/trial")


@pytest.mark.parametrize(
    ("mail", "is_trial"),
    [("catcher", True), ("catcher://mail:25", True), (REAL, False), ("smtps://mail.example", False)],
)
def test_a_trial_is_where_mails_go_to_a_catcher(tmp_path: Path, mail: str, *, is_trial: bool) -> None:
    assert load_settings({"data": tmp_path, "mail": mail}).is_trial == is_trial


def _with_mail(services: Services, mail: str) -> Services:
    return replace(services, settings=services.settings.model_copy(update={"mail": SecretStr(mail)}))


def _stranger(world: World) -> Tab:
    return Tab(world.http, world.base_url, "", "")
