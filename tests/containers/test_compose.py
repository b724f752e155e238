"""The file says what it should, and what it says works."""

import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from sk.clock import SystemClock
from sk.config import load_settings
from sk.crypto.keyring import ROLES
from sk.demo.story import Story
from sk.workers.table import WORKERS
from tests.containers.compose import compose_config, mounts, ours, services, staying
from tests.containers.composed import Composed
from tests.platforms import running
from tests.servers import Servers

SECRETS = ("store", "objects", "bus", "mail")
"""Settings whose URLs have a password in them."""


@pytest.fixture
def composed(tmp_path: Path, servers: Servers) -> Iterator[Composed]:
    """Return what docker-compose would start, running."""
    with running(Composed(tmp_path, servers)) as platform:
        assert isinstance(platform, Composed)
        yield platform


async def test_what_docker_compose_starts_plays_the_whole_story_and_is_healthy(composed: Composed) -> None:
    told: list[str] = []
    story = Story(composed.base_url, composed.cast(), told.append)
    async with aiohttp.ClientSession() as authority, aiohttp.ClientSession() as citizen:
        notice, bescheid = await story.post(authority, SystemClock().now())
        await story.read(citizen, notice, bescheid)
        await story.look_back(authority, notice)

    assert len(composed.mails()) == 1
    assert [name for name in ours() if not composed.is_healthy(name)] == []
    assert set(composed.end()) == {0}


def test_the_first_start_gives_each_service_the_keys_of_its_own_role_and_no_other(
    tmp_path: Path, servers: Servers
) -> None:
    composed = Composed(tmp_path, servers)
    composed.run_first_start()

    held = {}
    for name, service in ours().items():
        folders = [source for place, source in mounts(service).items() if place.startswith("/keys/")]
        files = [json.loads((composed.volume(folder) / "keys.json").read_text()) for folder in folders]
        held[name] = {key for keys in files for key in keys}
    assert held == {name: set(ROLES.get(name, ())) for name in ("web", "render", *WORKERS)}


def test_a_second_first_start_leaves_keys_and_passwords_as_they_are(tmp_path: Path, servers: Servers) -> None:
    composed = Composed(tmp_path, servers)
    composed.run_first_start()
    before = {path: path.read_bytes() for path in (tmp_path / "volumes").rglob("*") if path.is_file()}
    composed.run_first_start()

    assert before == {path: path.read_bytes() for path in (tmp_path / "volumes").rglob("*") if path.is_file()}
    assert len(before) > len(ROLES)


def test_web_render_and_each_worker_are_services_of_their_own() -> None:
    commands = {name: service["command"] for name, service in ours().items()}

    assert commands == {"web": ["serve"], "render": ["render"], **{name: ["work", name] for name in WORKERS}}


def test_nothing_keeps_a_worker_from_running_several_times() -> None:
    single = {"container_name", "hostname", "ports"}

    assert [name for name in WORKERS if single & services()[name].keys()] == []


def test_only_web_can_be_reached_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}

    assert ports == {"web": ["127.0.0.1:8080:8080/tcp"]}


def test_each_server_is_on_a_network_of_its_own_without_a_way_out() -> None:
    networks = compose_config()["networks"]
    members = {
        network: {name for name, service in services().items() if network in service.get("networks", {})}
        for network in networks
    }

    assert {name for name, network in networks.items() if network.get("internal")} == {"store", "queue", "objects"}
    assert members == {
        "front": {"web"},
        "mail": {"mail", "notification"},
        "objects": {"objects", "web", "evidence"},
        "queue": {"queue", "web", *WORKERS},
        "store": {"store", "web", *WORKERS},
    }


def test_what_strangers_have_made_is_taken_apart_where_there_is_nothing_but_a_socket() -> None:
    render, web = services()["render"], services()["web"]

    assert render["network_mode"] == "none"
    assert render["environment"] == {"SK_RENDER": "/run/render/socket"}
    assert mounts(render) == {"/run/render": "render"}
    assert web["environment"]["SK_RENDER"] == "/run/render/socket"
    assert "render:/run/render:ro" in web["volumes"]


def test_every_image_has_a_version_and_ours_is_that_of_the_package() -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in services().items()}

    assert [name for name, tag in tags.items() if not any(letter.isdigit() for letter in tag)] == []
    assert {tags[name] for name in (*ours(), "first-start")} == {"0.1.0"}


def test_every_service_can_change_nothing_and_gain_nothing() -> None:
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "cap_add" not in service, name
        assert "privileged" not in service, name


def test_no_service_is_root() -> None:
    others = {name: service for name, service in services().items() if not service["image"].startswith("sk-postbox:")}

    assert {name: service["user"].partition(":")[0] for name, service in others.items()} == {
        "store": "999",
        "queue": "999",
        "objects": "10001",
        "mail": "10001",
    }


def test_every_service_that_stays_is_asked_whether_it_is_well() -> None:
    asked = {name: service.get("healthcheck", {}).get("test", ["NONE"])[0] for name, service in staying().items()}

    assert set(asked.values()) == {"CMD"}, asked
    assert services().keys() - asked.keys() == {"first-start"}


def test_no_password_stands_in_the_file() -> None:
    for service in ours().values():
        said = {name: value for name, value in service["environment"].items() if "@" in value}
        assert not said
        assert not {f"SK_{name.upper()}" for name in SECRETS if name != "mail"} & service["environment"].keys()


def test_two_settings_make_it_a_real_installation() -> None:
    real = {"SK_MAIL": "smtps://konto:secret@mail.example.org", "SK_BASE_URL": "https://konto.example.org"}
    changed = compose_config(**real)["services"]

    for name in ours().keys() - {"render"}:
        environment = changed[name]["environment"]
        assert {setting: environment[setting] for setting in real} == real
        given = {name: environment[f"SK_{name.upper()}"] for name in ("mail", "mail_from", "base_url")}
        assert not load_settings(given).is_trial
        assert load_settings(given).mail_from == "servicekonto@konto.example.org"
        assert load_settings({"mail": services()[name]["environment"]["SK_MAIL"]}).is_trial
