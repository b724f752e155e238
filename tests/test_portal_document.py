"""`docs/portal.md` is held to the code: all that can be said and answered stands in it, and its examples run."""

import ast
import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any, get_args

import aiohttp
import click
import pytest
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

from sk.auth.assertions import MAX_SECONDS
from sk.auth.authorization import LASTS, PROMPTS, PUSHED_LASTS, TEXT_MAX
from sk.auth.bundid_names import HANDLE, LEVEL, MAIL, OIDS, PSEUDONYM
from sk.auth.claims import CLAIM_NAMES, KIND_MAX, KINDS_MAX, SCOPES
from sk.auth.oauth import OAuthCode
from sk.auth.portal_log_in import CODE_LASTS
from sk.auth.portal_tokens import SECONDS, USERINFO
from sk.auth.provider_api import configuration
from sk.auth.saml_portal import ENTITY, SIGN_ON
from sk.auth.trust import NAMES
from sk.cli import cli
from sk.client import ASSERTION_TYPE
from sk.commands.portal import add
from sk.config import Settings
from sk.demo.browser import Browser
from sk.safe.picking import FETCHES
from sk.safe.picking import LASTS as SHARE_LASTS
from sk.web.problems import PROBLEMS
from tests.auth.clients import jwk_of
from tests.auth.portals import Software, a_portal, came_back
from tests.fakes import WallClock
from tests.keeper import answers, free_port, tool
from tests.portals import apache
from tests.portals.apache import Traveller, led_to
from tests.portals.node import NODE, installed
from tests.portals.test_authlib import App, Framework
from tests.process import until
from tests.security.tab import open_tab
from tests.world import World, open_world

TEXT = (Path(__file__).parent.parent / "docs/portal.md").read_text()
PARTS = dict(part.split("\n", 1) for part in re.split("^#{1,3} ", TEXT, flags=re.MULTILINE)[1:])
CODE = {
    name: block[1]
    for name, part in PARTS.items()
    if (block := re.search(r"^```\w+\n([\s\S]*?)^```", part, re.MULTILINE))
}
"""The code of each part that has some in a language."""
COMMANDS = re.findall(r"^\$ (sk .*)$|`(sk [^`]*)`", TEXT.replace("\\\n", " "), re.MULTILINE)
WAYS = ("Python, with `sk.client_portal`", "Node, with openid-client")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Return a platform whose clock goes: the examples compare what they are told with the time."""
    async with open_world(tmp_path / "data", WallClock()) as opened:
        yield opened


def table(first: str) -> dict[str, list[str]]:
    """Return the rows of a table, by what stands in their first cell; `first` is how its header begins."""
    rows = TEXT.partition(f"\n| {first} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {name: rest for name, *rest in cells}


def named(cell: str) -> list[str]:
    """Return what is named in a cell."""
    return re.findall("`([^`]+)`", cell)


def test_every_claim_stands_there_in_order_with_the_scope_that_asks_for_it() -> None:
    scope_of = {name: f"`{scope}`" for scope, names in SCOPES.items() for name in names}

    assert [(name, scope) for name, (scope, _) in table("claim | scope").items()] == [
        (f"`{name}`", scope_of.get(name, "–")) for name in CLAIM_NAMES
    ]


def test_every_option_of_a_registration_stands_there() -> None:
    options = [param.opts[0] for param in add.params if isinstance(param, click.Option)]

    assert sorted(table("option")) == sorted(f"`{name}`" for name in options if name not in ("--data", "--json"))


@pytest.mark.parametrize("line", sorted({"".join(found).strip() for found in COMMANDS}))
def test_every_command_is_one_that_is_taken(line: str) -> None:
    _, *words = shlex.split(line)
    command: click.Command | None = cli
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))

    assert command
    command.make_context(line, words)


def test_every_error_and_every_page_of_trouble_stands_there() -> None:
    told = {code for cell in table("`error`") for code in named(cell)}

    assert told <= {*get_args(OAuthCode)}
    assert {*get_args(OAuthCode)} - told <= {"request_uri_not_supported"}  # which nothing answers
    assert all(f"`{name}`" in PARTS["When something is wrong"] for name in PROBLEMS if name.startswith("portal-"))


def test_how_long_everything_lasts_is_what_holds() -> None:
    lasts = {name: cells[0] for name, cells in table("what").items()}

    assert lasts["a pushed request"].startswith(f"{PUSHED_LASTS.seconds} seconds")
    assert lasts["the way of a person through the pages here"] == f"{LASTS.seconds // 60} minutes"
    assert lasts["a code"].startswith(f"{CODE_LASTS.seconds} seconds")
    assert lasts["an access token, an id token"] == f"{SECONDS} seconds"
    hours = Settings.model_fields["session_max_hours"].default
    assert f"{hours} hours (`SK_SESSION_MAX_HOURS`)" in lasts["a log-in to your portal, and its refresh token"]
    assert MAX_SECONDS == 3600
    assert "at most an hour ahead" in " ".join(TEXT.split())


def test_what_can_be_asked_for_is_bounded_as_it_says() -> None:
    words = " ".join(TEXT.split())

    assert f"No value is longer than {TEXT_MAX:,} characters" in words
    assert (KINDS_MAX, KIND_MAX, SHARE_LASTS.days, FETCHES) == (10, 100, 30, 3)
    assert "at most ten, of 100 characters each" in words
    assert "for 30 days, each document to be fetched three times" in words
    assert [name for name in named(table("parameter")["`prompt`"][0]) if name in PROMPTS] == [*PROMPTS]


def test_every_level_stands_there_with_all_its_names() -> None:
    rows = {level: [named(cell) for cell in cells] for level, cells in table("level").items()}

    assert rows == {f"`{level}`": [[names.eidas], [*names.stork, names.tr_03107]] for level, names in NAMES.items()}


def test_every_name_of_a_datum_in_saml_stands_there_in_order() -> None:
    told = [*OIDS.values(), MAIL, HANDLE, PSEUDONYM, LEVEL]

    assert [tuple(named(cell)[0] for cell in cells) for cells in table("datum").values()] == told
    assert all(f"`{address}`" in PARTS["SAML 2.0"] for address in (ENTITY, SIGN_ON))


async def test_every_address_is_where_the_description_says(world: World) -> None:
    told, base = configuration(world.web), world.base_url
    rows = {named(name)[0]: cells[0] for name, cells in table("in the description").items()}

    assert {name: f"{base}{named(cell)[0]}" for name, cell in rows.items() if name != "issuer"} == {
        name: told[name] for name in rows if name != "issuer"
    }
    assert {name for name in told if name.endswith("_endpoint")} | {"issuer", "jwks_uri"} == rows.keys()
    assert told["issuer"] == base


async def test_what_signs_for_the_commands_is_taken(world: World, tmp_path: Path) -> None:
    portal = await a_portal(world)
    ready(portal, tmp_path, "sign.py", CODE["2. A key, and a registration"])
    environment = {"PATH": os.environ["PATH"], "ISSUER": world.base_url, "CLIENT_ID": portal.id}

    def signed(*words: str) -> str:
        command = [sys.executable, "sign.py", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    code = (await portal.log_in(await open_tab(world, await world.citizen())))["code"]
    shown = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed("assertion")}
    form = portal.request() | shown
    pushed = await portal.send("/oauth/par", form, DPoP=signed("proof", "POST", "/oauth/par"))
    tokens = (await portal.redeem(code)).json()
    refused = await portal.person(tokens["access_token"], signed("proof", "GET", USERINFO, tokens["access_token"]))

    assert ast.literal_eval(signed("jwk")) == jwk_of(portal.key)
    assert pushed.status == 201
    assert refused.json()["error"] == "invalid_token"  # the proof holds, and is by another key than that of the token


@dataclass(frozen=True)
class Place:
    """Where a portal is."""

    url: str

    @classmethod
    def free(cls, folder: Path) -> "Place":
        """Return one that nobody is at."""
        return cls(f"http://127.0.0.1:{free_port(folder / 'port')}")

    async def register(self, world: World) -> Software:
        """Register the portal that is there."""
        return await a_portal(
            world,
            redirect_uris=(f"{self.url}/zurueck",),
            sector="127.0.0.1",
            logout_uris=(f"{self.url}/",),
            backchannel_logout_uri=f"{self.url}/abgemeldet",
        )


def ready(portal: Software, folder: Path, name: str, text: str, url: str = "") -> None:
    """Put an example into a folder, with the portal's key beside it and what its developer has to fill in."""
    for pattern, value in (
        ("http://localhost:8099", portal.world.base_url),
        ("http://127.0.0.1:9000", url),
        ('"[a-z2-7]{26}"', f'"{portal.id}"'),
        (r'"[\w-]{43}"', f'"{portal.card.jwks[0]["kid"]}"'),
    ):
        text = re.sub(pattern, value, text)
    (folder / name).write_text(text)
    pem = portal.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "portal.pem").write_bytes(pem)


@contextmanager
def running(command: Sequence[str | Path], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an example. It dies with the thread that started it: the test's."""
    dying = (tool("setpriv", "Debian's package util-linux"), "--pdeathsig", "KILL")
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen([*dying, *command], cwd=folder, stdout=output, stderr=output, process_group=0)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, SIGKILL)
        process.wait()


@asynccontextmanager
async def open_browser(world: World, place: Place) -> AsyncIterator[tuple[Traveller, Browser]]:
    """Open one browser, for us and for the portal."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Traveller(http, world.base_url), Browser(http, place.url)


@pytest.mark.parametrize("way", WAYS)
async def test_an_example_has_people_log_in_and_hears_that_they_have_logged_out(
    world: World, tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "portal"
    folder.mkdir()
    place, name = Place.free(tmp_path), "portal.py" if way == WAYS[0] else "portal.mjs"
    ready(await place.register(world), folder, name, CODE[way], place.url)
    if way != WAYS[0]:
        (folder / "node_modules").symlink_to(installed() / "node_modules")
    command = (NODE if name.endswith("mjs") else sys.executable, name)
    erika = await world.citizen()
    with running(command, folder) as process:
        await until(lambda: process.poll() is not None or answers(int(place.url.rpartition(":")[2]), b""))
        assert process.poll() is None, (folder / "output").read_text()
        async with open_browser(world, place) as (here, there):
            shown = await here.come_in(f"{place.url}/anmelden", erika)
            asked = await there.send(shown.form("Abmelden"))
            left = await here.send(asked.form("Überall abmelden"))
            gone = await here.visit(led_to(left))
            again = await here.visit(f"{place.url}/anmelden")
            again = await here.send(again.form("Anmelden"), username=erika.username, password=erika.password)
            again = await here.visit(led_to(again))
            start = await here.open("/postfach")
            await here.send(start.form("Abmelden"))
            await world.settle()
            after = await there.open("/")

    assert "erika@example.org" in shown.text
    assert ("Anmelden" in gone.links, gone.url) == (True, f"{place.url}/")
    assert "erika@example.org" in again.text
    assert "Anmelden" in after.links


async def test_what_is_registered_with_authlib_logs_people_in_again_and_again(world: World, tmp_path: Path) -> None:
    place = Place.free(tmp_path)
    back, portal = f"{place.url}/zurueck", await (await place.register(world)).changed(is_strict=False)
    ready(portal, tmp_path, "portal.py", CODE["Python, with Authlib"], place.url)
    app, tab = registered_in(tmp_path / "portal.py", portal), await open_tab(world, await world.citizen())

    told: list[dict[str, Any]] = []
    for _ in range(2):
        begun = await asyncio.to_thread(app.create_authorization_url, back)
        path = (await tab.get(begun["url"].removeprefix(world.base_url))).headers["Location"]
        page = await tab.get(path) if told else await portal.answer(tab, path, "ja")
        more = {"code": came_back(page.text)["code"], "code_verifier": begun["code_verifier"]}
        token = await asyncio.to_thread(app.fetch_access_token, back, **more)
        told.append(await asyncio.to_thread(app.userinfo, token=token))

    assert [person["email"] for person in told] == ["erika@example.org"] * 2


def test_apache_is_told_what_it_is_told_in_the_tests() -> None:
    names = re.compile(r"^\s*([A-Z]\w+) ", re.MULTILINE)
    told = CODE["Apache, with mod_auth_openidc"]

    assert names.findall(told) == names.findall(apache.SETTINGS.partition("{modules}")[2])
    for line in ("OIDCPKCEMethod S256", "OIDCRemoteUserClaim sub", "AuthType openid-connect", "Require valid-user"):
        assert line in told
        assert line in apache.SETTINGS


def registered_in(file: Path, portal: Software) -> App:
    """Return the application that an example registers, without the framework around it."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    found = next(call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "register")
    names = {
        "oauth": Registry(),
        "ECKey": ECKey,
        "PrivateKeyJWT": PrivateKeyJWT,
        "Path": file.parent.joinpath,  # what it reads lies beside it
        "ISSUER": portal.world.base_url,
        "CLIENT_ID": portal.id,
        "KID": portal.card.jwks[0]["kid"],
    }
    app: App = eval(compile(ast.Expression(found), str(file), "eval"), names)  # noqa: S307 - it is our own page
    return app


class Registry:
    """What Authlib's clients are registered with, without a framework."""

    def register(self, name: str, **more: Any) -> App:
        """Return an application."""
        return App(Framework(name), name, **more)
