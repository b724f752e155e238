"""The commands as an operator meets them: beside the running platform, with wrong input, with the wrong keys."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import aiohttp
import click
import pytest

from sk.cli import cli, main
from sk.client import new_key
from sk.clock import SystemClock
from sk.crypto.keyring import ROLES
from sk.demo.story import Cast, Story
from tests.platforms import Embedded, running
from tests.process import run_sk

beside_the_platform = pytest.mark.xdist_group("beside the platform")  # one platform serves these tests


class Running(NamedTuple):
    """A platform that runs, on which a notice was posted."""

    platform: Embedded
    players: Cast


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return a running platform with an authority and a citizen."""
    with running(Embedded(tmp_path_factory.mktemp("data"), {})) as platform:
        yield Running(platform, platform.cast())


@beside_the_platform
async def test_commands_that_look_work_while_the_platform_runs(beside: Running) -> None:
    platform, players = beside
    async with aiohttp.ClientSession() as http:
        await Story(platform.base_url, players, lambda _: None).post(http, SystemClock().now())

    assert platform.sk("authority", "show", players.client_id)["name"] == "Stadt Musterstadt"
    assert platform.sk("authority", "list")["client_id"] == players.client_id
    assert platform.sk("account", "show", players.username)["trust"] == "high"
    assert platform.sk("config")["SK_DATA"] == str(platform.folder)
    assert run_sk(platform.folder, platform.environment, "doctor").stdout == "all well\n"
    assert run_sk(platform.folder, platform.environment, "events", "list").stdout == ""
    assert platform.sk("events", "show", _waiting(platform))["event"] == "BekanntgabeDue"


@beside_the_platform
def test_sk_up_says_that_it_holds_the_keys_of_all_roles(beside: Running) -> None:
    told = [json.loads(line) for line in beside.platform.up.log.read_text().splitlines()]

    held = [line for line in told if line["event"] == "holds-the-keys-of-all-roles"]
    assert [(line["level"], line["roles"], line["keys"]) for line in held] == [
        ("info", [*ROLES], str(beside.platform.folder / "keys"))
    ]


@beside_the_platform
async def test_commands_that_change_something_work_while_the_platform_runs(beside: Running) -> None:
    platform, _ = beside
    players = platform.cast("max")
    key, jwk = new_key()
    (file := platform.folder / "new.json").write_text(json.dumps(jwk))

    assert platform.sk("account", "lock", "max")["log_in_locked"] is True
    assert platform.sk("account", "unlock", "max")["log_in_locked"] is False
    assert platform.sk("authority", "rotate-key", players.client_id, "--key", str(file))["keys"] == [jwk["kid"]]
    async with aiohttp.ClientSession() as http:
        status, _ = await platform.authority(http, players._replace(key=key, kid=jwk["kid"])).get("/api/v1/events")
        assert status == 200
        assert platform.sk("authority", "disable", players.client_id)["disabled"] is True
        with pytest.raises(RuntimeError, match="there is no such client, or it is disabled"):
            await platform.authority(http, players._replace(key=key, kid=jwk["kid"])).token()


def _waiting(platform: Embedded) -> str:
    """Return the id of the event that waits for the day of the Bekanntgabe."""
    with sqlite3.connect(platform.folder / "store.db") as db:
        (event_id,) = db.execute("SELECT id FROM event WHERE name = 'BekanntgabeDue'").fetchone()
    db.close()
    return str(event_id)


def test_commands_that_are_the_first_on_a_folder_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    names = [f"citizen-{number}" for number in range(4)]

    def add(name: str) -> int:
        return run_sk(
            tmp_path,
            {"SK_DATA": str(tmp_path / "data")},
            "account",
            "add",
            "--username",
            name,
            "--email",
            "e@example.org",
        ).returncode

    with ThreadPoolExecutor() as threads:
        assert list(threads.map(add, names)) == [0, 0, 0, 0]


WRONG: list[tuple[list[str], str]] = [
    (["nonsense"], "No such command 'nonsense'"),
    (["up", "--nonsense"], "No such option"),
    (["up", "--port", "99999"], "SK_PORT"),
    (["work", "postman"], "there is no worker postman"),
    (["work", "delivery"], "SK_BUS"),
    (["account", "show", "nobody"], "nobody"),
    (["account", "add", "--username", "x", "--email", "x@example.org"], "a user name has"),
    (["account", "add", "--username", "erika", "--email", "nowhere"], "no e-mail address"),
    (["account", "add", "--username", "erika", "--email", "müller@example.org"], "before the @"),
    (["authority", "add", "A", "--key", "missing.json"], "missing.json"),
    (["authority", "add", "A", "--key", "no-key.json"], "Ed25519"),
    (["authority", "add", "A", "--key", "no-key.json", "--law", "nonsense"], "nonsense"),
    (["authority", "add", "A", "--key", "no-key.json", "--law", "ao-122-2"], "Acts under ao-122-2 are sent by post"),
    (["bekanntgabe", "--law", "ozg-9", "--event", "2019-11-25T09:00:00Z"], "since 10 December 2020 only"),
    (["authority", "add", "A", "--key", "list.json"], "list.json cannot be read as a JWK"),
    (["authority", "add", "A", "--key", "text.json"], "text.json cannot be read as a JWK"),
    (["authority", "rotate-key", "A", "--key", "number.json"], "number.json cannot be read as a JWK"),
    (["authority", "show", "nobody"], "nobody"),
    (["events", "show", "nothing"], "nothing"),
    (["events", "retry", "nothing"], "nothing"),
    (["keys", "init", "."], "never overwritten"),
    (["doctor", "--data", "no-key.json"], "no-key.json"),
    (["doctor", "--data", "damaged"], "damaged/store.db cannot be opened"),
]


@pytest.fixture
def _fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a folder where there is nothing of the platform, but files that are no keys and one that is no store."""
    for name, content in (("no-key", "{}"), ("list", "[]"), ("text", '"abc"'), ("number", "5")):
        (tmp_path / f"{name}.json").write_text(content)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "store.db").write_bytes(b"This is no database." * 1000)
    monkeypatch.chdir(tmp_path)


def _said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that fails; return the one sentence that it says."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code in (1, 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sk: ")
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.usefixtures("_fresh_folder")
@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_what_is_wrong_is_said_in_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in _said(arguments, capsys)


@pytest.mark.usefixtures("_fresh_folder")
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SK_STORE", "postgres://localhost/sk"),
        ("SK_OBJECTS", "ftp://localhost/"),
        ("SK_BUS", "kafka://localhost/"),
        ("SK_MAIL", "pigeon"),
        ("SK_MAIL", "smtp://["),
        ("SK_BASE_URL", "http://konto.example.org"),
        ("SK_BASE_URL", "http://127.0.0.1.example.org"),
        ("SK_BASE_URL", "ftp://konto.example.org"),
        ("SK_BASE_URL", "konto"),
        ("SK_BASE_URL", "https://"),
        ("SK_BASE_URL", "https://konto.example.org/"),
        ("SK_BASE_URL", "https://konto.example.org/postfach"),
        ("SK_BASE_URL", "https://konto.example.org?a=b"),
        ("SK_BASE_URL", "https://konto.example.org#a"),
        ("SK_BASE_URL", "https://erika@konto.example.org"),
        ("SK_BASE_URL", "https://konto.example.org:port"),
        ("SK_BASE_URL", "https://müller.example.org"),
        ("SK_SCANNER", "maybe"),
        ("SK_SCANNER_MAX", "25M"),
        ("SK_ATTACHMENTS_MAX", "many"),
        ("SK_STOP_GRACE_SECONDS", "0"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    setting: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".env").write_text(f"{setting}={value}\nSK_KEYS=keys/web\n")
    Path("var").mkdir()
    main(["keys", "init", "keys"])
    capsys.readouterr()

    assert _said(["doctor"], capsys).startswith(f"sk: {setting}")


@pytest.mark.parametrize(
    ("given", "command", "said"),
    [
        ("delivery", ["work", "notification"], "must not hold: sign-delivery"),
        (
            "delivery",
            ["work", "delivery", "notification"],
            "lacks keys that this process needs: mail, sign-notification",
        ),
        ("", ["work", "delivery"], "must not hold: handle, index, log, mail, records, sign-notification"),
        ("notification", ["serve", "--port", "0"], "must not hold: sign-notification"),
    ],
)
def test_a_process_with_the_wrong_keys_refuses_to_start_and_names_them(
    given: str, command: list[str], said: str, keys: Path
) -> None:
    environment = {"SK_KEYS": f"file://{keys / given}", "SK_BUS": "amqp://127.0.0.1:1/"}
    done = run_sk(keys.parent, environment, *command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("sk: ")
    assert said in done.stderr


def test_sk_up_says_which_child_could_not_start(keys: Path, tmp_path: Path) -> None:
    shutil.copytree(keys, tmp_path / "keys")
    shutil.rmtree(tmp_path / "keys" / "evidence")
    done = run_sk(tmp_path, {"SK_DATA": str(tmp_path)}, "up", "--port", "0")

    assert (done.returncode, done.stdout) == (1, "")
    first, last = done.stderr.splitlines()
    assert first.endswith("lacks keys that this process needs: log")
    assert last == "sk: sk work did not start; what it says stands above"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folders of keys that an operator has made."""
    folder = tmp_path_factory.mktemp("keys")
    assert run_sk(folder, {}, "keys", "init", str(folder / "keys")).returncode == 0
    return folder / "keys"


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for below in command.list_commands(context):
            if other := command.get_command(context, below):
                yield from _commands(other, f"{name} {below}")


COMMANDS = dict(_commands(cli, "sk"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_gives_an_example(name: str) -> None:
    command = COMMANDS[name]
    said = command.get_help(click.Context(command, info_name=name))

    assert said.startswith(f"Usage: {name} ")
    if not isinstance(command, click.Group):
        assert "Example: " in said
        assert name in said.partition("Example: ")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_folder_of_the_platform(name: str) -> None:
    assert [option for option in COMMANDS[name].params if "--data" in option.opts]


@pytest.mark.usefixtures("_fresh_folder")
@pytest.mark.parametrize(
    ("before", "after", "folder"),
    [
        ([], ["--data", "after"], "after"),
        (["--data", "before"], [], "before"),
        (["--data", "before"], ["--data", "after"], "after"),
        ([], [], "var"),
    ],
)
def test_the_folder_may_be_said_before_a_command_and_behind_it(
    before: list[str], after: list[str], folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*before, "config", *after, "--json"])
    assert json.loads(capsys.readouterr().out)["SK_DATA"] == folder

    main([*before, "keys", "init", *after])
    assert str(Path(folder).resolve() / "keys" / "web") in capsys.readouterr().out
    assert _said(["keys", *before, "init", *after], capsys).endswith("/keys is not empty; keys are never overwritten\n")
