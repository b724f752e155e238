"""`sk portal`: an operator registers portals, looks at them, gives them other keys, and lets nobody log in any more."""

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from jwt.algorithms import ECAlgorithm

from sk.auth.authority import public_jwk
from sk.auth.portal import Portal, PortalCard, registered_portal
from sk.cli import main
from sk.client import new_key
from sk.commands.portal import MAX_BYTES, portal
from sk.crypto.sign import encode
from tests.auth.clients import Key, jwk_of
from tests.auth.portals import Software, new_p256
from tests.auth.test_members import installed
from tests.fakes import WallClock
from tests.process import run_sk
from tests.refusals import Answer
from tests.security.search import files_below, rows_of, search
from tests.security.serving import REAL
from tests.security.tab import open_tab
from tests.world import World, open_world

BACK, THERE = "https://portal.example/zurueck", "https://bauamt.example/zurueck"
IN_EARNEST = {"SK_MAIL": REAL, "SK_BASE_URL": "https://konto.example.org"}
ADD = ["add", "Serviceportal", "--authority", "AUTHORITY"]
TO_PORTAL = [*ADD, "--redirect-uri", BACK]
WITH_KEY = [*TO_PORTAL, "--key", "key.json"]


class Said(NamedTuple):
    """What a command has said, and how it has ended."""

    code: object
    out: str
    error: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return what it has printed as JSON."""
        assert (self.code, self.error) == (0, "")
        told: dict[str, Any] = json.loads(self.out)
        return told

    @property
    def sentence(self) -> str:
        """Return the one sentence with which it has refused; nothing else was said."""
        assert (self.code in (1, 2), self.out, self.error.count("\n")) == (True, "", 1), self
        assert self.error.startswith("sk: ")
        return self.error.removeprefix("sk: ").strip()


class Platform(NamedTuple):
    """A platform in a folder with an authority, for which AUTHORITY stands; `key.json` is a public key."""

    folder: Path
    authority: str
    environment: Mapping[str, str]

    def sk(self, *arguments: str, as_json: bool = True) -> Said:
        """Run `sk portal`: within this process, which is quicker, unless it has settings of its own."""
        command = [*map(self._named, arguments), "--data", str(self.folder / "data"), *(["--json"] if as_json else [])]
        if self.environment:
            done = run_sk(self.folder, self.environment, "portal", *command)
            return Said(done.returncode, done.stdout, done.stderr)
        code: object = 0
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as error:
            try:
                main(["portal", *command])
            except SystemExit as end:
                code = end.code
        return Said(code, out.getvalue(), error.getvalue())

    async def said(self, *arguments: str) -> Said:
        """Run it while others are answered."""
        return await asyncio.to_thread(self.sk, *arguments)

    async def told(self, *arguments: str) -> dict[str, Any]:
        """Run it while others are answered, and return what it tells."""
        return (await self.said(*arguments)).facts

    def file(self, what: object, name: str = "") -> str:
        """Write something into a file, and return its name."""
        (path := self.folder / (name or f"{secrets.token_hex(8)}.json")).write_text(json.dumps(what))
        return path.name

    def key(self, key: Key) -> str:
        """Return the name of a file that holds the public half of a key."""
        return self.file(jwk_of(key))

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[World]:
        """Have the platform run within this process."""
        async with open_world(self.folder / "data", WallClock()) as world:
            yield world

    def _named(self, argument: str) -> str:
        """Return what an argument stands for: the authority, or a file in the folder."""
        if argument.endswith(".json"):
            return str(self.folder / argument)
        return self.authority if argument == "AUTHORITY" else argument


def set_up(folder: Path, environment: Mapping[str, str]) -> Platform:
    """Return a platform in a folder, and what operators were sent."""
    platform = Platform(*installed(folder, environment), environment)
    key = new_p256()
    platform.file(jwk_of(key), "key.json")
    platform.file(ECAlgorithm.to_jwk(key, as_dict=True), "private.json")  # type: ignore[call-overload]
    platform.file({**new_key()[1], "d": encode(bytes(32))}, "private-ed25519.json")
    platform.file({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "rsa.json")
    platform.file({**jwk_of(key), "x": "AAAA"}, "broken.json")
    platform.file([jwk_of(key)], "list.json")
    (folder / "text.json").write_text("no JSON")
    return platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return a platform that is a trial."""
    return set_up(tmp_path_factory.mktemp("portals"), {})


@pytest.fixture(scope="module")
def in_earnest(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return a platform that is no trial."""
    return set_up(tmp_path_factory.mktemp("portals"), IN_EARNEST)


# What is registered


def test_what_was_registered_is_told_shown_and_listed(platform: Platform) -> None:
    key = new_p256()
    more = ("--claim", "given_name", "--claim", "documents", "--purpose", "Wohngeld", "--key", platform.key(key))

    added = platform.sk(*TO_PORTAL, *more).facts

    expected = {
        "name": "Serviceportal",
        "authority": platform.authority,
        "redirect_uris": [BACK],
        "sector": "portal.example",
        "claims": ["given_name", "documents"],
        "purpose": "Wohngeld",
        "logout_uris": [],
        "backchannel_logout_uri": "",
        "keys": [public_jwk(jwk_of(key))["kid"]],
        "strict": True,
        "disabled": False,
    }
    assert {**added, **expected} == added
    assert platform.sk("show", added["client_id"]).facts == added
    assert added in [json.loads(line) for line in platform.sk("list").out.splitlines()]
    assert f"{added['client_id']}  Serviceportal\n" in platform.sk("list", as_json=False).out
    assert f"\nredirect_uris           {BACK}\n" in platform.sk("show", added["client_id"], as_json=False).out


def test_each_portal_has_a_name_of_its_own(platform: Platform) -> None:
    first, second = platform.sk(*WITH_KEY).facts, platform.sk(*WITH_KEY).facts

    assert first["client_id"] != second["client_id"]
    assert first == {**second, "client_id": first["client_id"]}


def test_where_nothing_is_registered_nothing_is_listed(tmp_path: Path) -> None:
    listed = run_sk(tmp_path, {}, "portal", "list", "--data", "data")

    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")


async def test_everything_that_is_said_stands_on_the_card(platform: Platform) -> None:
    own = ("--jwks-uri", "https://portal.example/keys", "--backchannel-logout-uri", "https://portal.example/ende")
    led = ("--logout-uri", "https://portal.example/a", "--logout-uri", "https://portal.example/b", "--plain")
    more = ("--redirect-uri", "https://portal.example/zwei", "--claim", "email", "--purpose", "um zu antworten")

    added = await platform.told(*TO_PORTAL, *own, *led, *more)
    async with platform.opened() as world:
        card = await registered_portal(added["client_id"], world.web)

    assert added["keys"] == "https://portal.example/keys"
    assert card == PortalCard(
        portal=added["client_id"],
        name="Serviceportal",
        authority=platform.authority,
        redirect_uris=(BACK, "https://portal.example/zwei"),
        sector="portal.example",
        claims=("email",),
        purpose="um zu antworten",
        jwks_uri="https://portal.example/keys",
        logout_uris=("https://portal.example/a", "https://portal.example/b"),
        backchannel_logout_uri="https://portal.example/ende",
        is_strict=False,
    )


def test_a_portal_beside_a_trial_may_speak_http(platform: Platform) -> None:
    for host in ("localhost:9999", "127.0.0.1:9999", "[::1]:9999"):
        added = platform.sk(*ADD, "--redirect-uri", f"http://{host}/zurueck", "--key", "key.json").facts
        assert added["redirect_uris"] == [f"http://{host}/zurueck"]


# What is refused

ONE_OF = "say one of --key, --jwks-uri and --secret"
HTTPS = "must begin with https:// and name a host"
KEYS = ("--jwks-uri", "https://portal.example/keys")
A_LINE = "a name is one line of at most 200 characters"


def to(address: str) -> list[str]:
    """Return the command that registers a portal to which people are led back at an address."""
    return [*ADD, "--redirect-uri", address, "--key", "key.json"]


REFUSED: dict[str, tuple[list[str], str]] = {
    "no key": (TO_PORTAL, ONE_OF),
    "a key and an address": ([*WITH_KEY, *KEYS], ONE_OF),
    "a key and a secret": ([*WITH_KEY, "--secret"], ONE_OF),
    "an address and a secret": ([*TO_PORTAL, *KEYS, "--secret"], ONE_OF),
    "all three": ([*WITH_KEY, *KEYS, "--secret"], ONE_OF),
    "a file that is missing": ([*TO_PORTAL, "--key", "missing.json"], "missing.json cannot be read as a JWK"),
    "a file that is no JSON": ([*TO_PORTAL, "--key", "text.json"], "text.json cannot be read as a JWK"),
    "a list of keys": ([*TO_PORTAL, "--key", "list.json"], "it holds no JSON object"),
    "a private key": ([*TO_PORTAL, "--key", "private.json"], "this is a private key; register the public half"),
    "another private key": ([*TO_PORTAL, "--key", "private-ed25519.json"], "this is a private key"),
    "a key of another kind": ([*TO_PORTAL, "--key", "rsa.json"], "must be an Ed25519 (OKP) or P-256 (EC) key"),
    "a broken key": ([*TO_PORTAL, "--key", "broken.json"], "the key cannot be read"),
    "an unknown authority": (
        ["add", "Portal", "--authority", "nobody", "--redirect-uri", BACK, "--key", "key.json"],
        "there is no authority nobody, or it is disabled",
    ),
    "an unknown claim": ([*WITH_KEY, "--claim", "shoe_size"], "'shoe_size' is not one of"),
    "nowhere to go back to": ([*ADD, "--key", "key.json"], "--redirect-uri"),
    "several hosts": ([*WITH_KEY, "--redirect-uri", THERE], "addresses on several hosts need --sector-uri"),
    "no name": (["add", "", *WITH_KEY[2:]], A_LINE),
    "a name of two lines": (["add", "Portal\nzwei", *WITH_KEY[2:]], A_LINE),
    "a purpose that is long": ([*WITH_KEY, "--purpose", "x" * 201], A_LINE),
    "a purpose that turns around": ([*WITH_KEY, "--purpose", "\u202eWohngeld"], A_LINE),
    "a fragment": (to(f"{BACK}#x"), "must have neither a fragment nor blanks"),
    "an empty fragment": (to(f"{BACK}#"), "must have neither a fragment nor blanks"),
    "a blank": (to(f"{BACK}?a b"), "must have neither a fragment nor blanks"),
    "another scheme": (to("app://zurueck"), HTTPS),
    "a script": (to("javascript:alert(1)"), HTTPS),
    "no host": (to("https:///zurueck"), HTTPS),
    "a path": (to("/zurueck"), HTTPS),
    "a name and a password": (to("https://a:b@portal.example/"), HTTPS),
    "a host that is none": (to("https://[portal/"), "https://[portal/ is no address"),
    "a port that is none": (to("https://portal.example:x/"), "https://portal.example:x/ is no address"),
    "letters that are not ASCII": (to("https://pörtal.example/"), HTTPS),
    "a long address": (to(f"https://portal.example/{'x' * 1000}"), HTTPS),
    "http elsewhere": (to("http://portal.example/"), HTTPS),
    "http on a host that only begins like ours": (to("http://localhost.portal.example/"), HTTPS),
    "http to log out": ([*WITH_KEY, "--logout-uri", "http://portal.example/"], HTTPS),
    "a fragment to log out": ([*WITH_KEY, "--logout-uri", f"{BACK}#x"], "must have neither a fragment nor blanks"),
    "http for keys": ([*TO_PORTAL, "--jwks-uri", "http://portal.example/"], HTTPS),
    "http behind": ([*WITH_KEY, "--backchannel-logout-uri", "http://10.0.0.1/"], HTTPS),
    "http for the list": ([*WITH_KEY, "--sector-uri", "http://portal.example/"], HTTPS),
    "an option that there is not": ([*WITH_KEY, "--strict"], "No such option"),
    "a portal that there is not": (["show", "nobody"], "there is no portal nobody"),
    "changing what there is not": (["change", "nobody", "--enable"], "there is no portal nobody"),
    "disabling what there is not": (["disable", "nobody"], "there is no portal nobody"),
    "a key for what there is not": (["rotate-key", "nobody", "--key", "key.json"], "there is no portal nobody"),
    "a rotation without a key": (["rotate-key", "nobody"], "--key"),
    "a rotation to a key and a secret": (["rotate-key", "nobody", "--key", "key.json", "--secret"], "--secret"),
    "a rotation that keeps a secret": (["rotate-key", "nobody", "--secret", "--keep-old"], "--keep-old is for keys"),
    "a rotation to a private key": (["rotate-key", "nobody", "--key", "private.json"], "this is a private key"),
}


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said_in_one_sentence(platform: Platform, arguments: list[str], says: str) -> None:
    before = platform.sk("list").out

    assert says in platform.sk(*arguments).sentence
    assert platform.sk("list").out == before


@pytest.mark.parametrize(
    "arguments",
    [
        to("http://localhost:9999/zurueck"),
        to("http://127.0.0.1:9999/zurueck"),
        [*WITH_KEY, "--backchannel-logout-uri", "http://localhost:9999/"],
        [*TO_PORTAL, "--jwks-uri", "http://[::1]:9999/"],
    ],
    ids=["on this machine", "by its number", "to hear of logouts", "for keys"],
)
def test_in_earnest_no_portal_speaks_http(in_earnest: Platform, arguments: list[str]) -> None:
    done = in_earnest.sk(*arguments)

    assert HTTPS in done.sentence


@pytest.mark.parametrize("name", sorted(portal.commands))
def test_every_command_explains_itself_by_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["portal", name, "--help"])

    said = capsys.readouterr().out
    assert f"Example: sk portal {name}" in said


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["portal", "--help"])

    said = capsys.readouterr().out
    assert {"add", "change", "disable", "list", "rotate-key", "show"} <= {*portal.commands}
    assert [name for name in portal.commands if f"\n  {name} " not in said] == []


# What is changed

TWO = f"{BACK}/zwei"


async def test_what_is_said_takes_the_place_of_what_was_and_all_else_stays(platform: Platform) -> None:
    key = new_p256()
    added = await platform.told(*TO_PORTAL, "--key", platform.key(key), "--claim", "email", "--purpose", "Wohngeld")
    async with platform.opened() as world:
        portal_of = await software(world, added["client_id"], key)
        tab = await open_tab(world, await world.citizen("frida"))
        before = await portal_of.tokens(tab, scope="openid email")
        wider = ("--claim", "email", "--claim", "postbox_handle", "--redirect-uri", TWO, "--redirect-uri", BACK)
        changed = await platform.told("change", added["client_id"], *wider)
        after = await portal_of.tokens(tab, claims='{"userinfo": {"postbox_handle": null}}', scope="openid email")
        told = [(await portal_of.person(tokens["access_token"])).json() for tokens in (before, after)]
        narrowed = await platform.told("change", added["client_id"], "--no-claims", "--purpose", "", "--name", "Portal")
        left = (await portal_of.person(after["access_token"])).json()

    assert changed == {**added, "claims": ["email", "postbox_handle"], "redirect_uris": [TWO, BACK]}
    assert narrowed == {**changed, "claims": [], "purpose": "", "name": "Portal"}
    assert await platform.told("show", added["client_id"]) == narrowed
    assert [person["sub"] for person in told] == [left["sub"]] * 2
    mail = {"email", "email_verified"}
    assert [{*person} - {"sub"} for person in (*told, left)] == [mail, {*mail, "postbox_handle"}, set()]


def test_a_portal_that_was_disabled_by_mistake_is_enabled_again(platform: Platform) -> None:
    added = platform.sk(*WITH_KEY).facts
    assert platform.sk("disable", added["client_id"]).facts["disabled"]

    assert platform.sk("change", added["client_id"], "--enable").facts == added


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ([], "say what is to change"),
        (["--claim", "email", "--no-claims"], "say --claim or --no-claims"),
        (["--redirect-uri", THERE], "on another host people would be strangers to it; register it anew"),
        (
            ["--sector-uri", THERE, "--name", "Portal"],
            "say --sector-uri with the --redirect-uri that stand in its list",
        ),
        (["--redirect-uri", BACK, "--redirect-uri", THERE], "addresses on several hosts need --sector-uri"),
        (["--logout-uri", "http://portal.example/"], HTTPS),
        (["--backchannel-logout-uri", "http://10.0.0.1/"], HTTPS),
        (["--redirect-uri", f"{BACK}#x"], "must have neither a fragment nor blanks"),
        (["--name", "Portal\nzwei"], A_LINE),
        (["--purpose", "x" * 201], A_LINE),
    ],
)
def test_what_cannot_be_changed_is_said_and_stays(platform: Platform, change: list[str], says: str) -> None:
    added = platform.sk(*WITH_KEY).facts

    assert says in platform.sk("change", added["client_id"], *change).sentence
    assert platform.sk("show", added["client_id"]).facts == added


# A list of addresses


@asynccontextmanager
async def listing(text: str, status: int = 200) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve a list of addresses, and tell who has asked for what."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(text=text, status=status, headers=headers)

    app = web.Application()
    app.router.add_get("/{path}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/list")), asked


SEVERAL = [*WITH_KEY, "--redirect-uri", THERE]


async def test_portals_on_several_hosts_are_one_sector_if_a_list_names_all_addresses(platform: Platform) -> None:
    async with listing(json.dumps(["https://other.example/", THERE, BACK])) as (uri, asked):
        added = await platform.told(*SEVERAL, "--sector-uri", uri)

    assert (added["redirect_uris"], added["sector"]) == ([BACK, THERE], "127.0.0.1")
    assert asked == ["/list"]


async def test_a_portal_on_several_hosts_is_changed_within_its_list(platform: Platform) -> None:
    async with listing(json.dumps(["https://other.example/", THERE, BACK])) as (uri, _):
        added = await platform.told(*SEVERAL, "--sector-uri", uri)
        named = await platform.told("change", added["client_id"], "--name", "Portale")
        listed = ("--redirect-uri", "https://other.example/", "--sector-uri", uri)
        moved = await platform.told("change", added["client_id"], *listed)
        refused = await platform.said("change", added["client_id"], "--redirect-uri", BACK)

    assert named == {**added, "name": "Portale"}
    assert moved == {**named, "redirect_uris": ["https://other.example/"]}
    assert "on another host people would be strangers to it" in refused.sentence


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        (json.dumps([BACK]), 200, "does not list every --redirect-uri"),
        (json.dumps([BACK, f"{THERE}/"]), 200, "does not list every --redirect-uri"),
        (json.dumps({BACK: 1, THERE: 1}), 200, "does not list every --redirect-uri"),
        (json.dumps(f"{BACK} {THERE}"), 200, "does not list every --redirect-uri"),
        ("<html>", 200, "is no list of addresses in JSON"),
        ("[" * 60_000, 200, "is no list of addresses in JSON"),
        (json.dumps([BACK, THERE, "x" * MAX_BYTES]), 200, "answer is too long"),
        (json.dumps([BACK, THERE]), 302, "answers 302"),
        (json.dumps([BACK, THERE]), 404, "answers 404"),
    ],
    ids=[
        "one is missing",
        "one is spelled otherwise",
        "no list",
        "a text",
        "no JSON",
        "nested",
        "long",
        "elsewhere",
        "missing",
    ],
)
async def test_a_list_that_does_not_name_all_addresses_makes_no_sector(
    platform: Platform, text: str, status: int, says: str
) -> None:
    async with listing(text, status) as (uri, asked):
        done = await platform.said(*SEVERAL, "--sector-uri", uri)

    assert says in done.sentence
    assert asked == ["/list"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_in_earnest_a_list_is_not_asked_for_on_this_machine(in_earnest: Platform, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        done = in_earnest.sk(*SEVERAL, "--sector-uri", f"https://{host}:{listening.getsockname()[1]}/list")
        with pytest.raises(TimeoutError):
            listening.accept()

    assert "does not answer" in done.sentence


# Keys, secrets and the end


async def software(world: World, client_id: str, key: Key | None = None, secret: str = "") -> Software:
    """Return the software of a portal that was registered by a command."""
    card = await registered_portal(client_id, world.web)
    return Software(world, card, key or new_p256(), secret=secret)


def statuses(answers: list[Answer]) -> list[tuple[int, str]]:
    """Return how some answers to pushed requests have come out."""
    return [(answer.status, answer.json().get("error", "")) for answer in answers]


async def test_a_secret_is_printed_once_and_works(platform: Platform) -> None:
    added = await platform.told(*TO_PORTAL, "--secret", "--claim", "email")
    shown = await platform.told("show", added["client_id"])
    async with platform.opened() as world:
        portal_of = await software(world, added["client_id"], secret=added["client_secret"])
        wrong = await software(world, added["client_id"], secret=f"{added['client_secret'][:-1]}!")
        tab = await open_tab(world, await world.citizen("erika"))
        tokens = await portal_of.tokens(tab, scope="openid email")
        told = (await portal_of.person(tokens["access_token"])).json()
        refused = await wrong.refresh(tokens["refresh_token"])

    assert len(added["client_secret"]) == 43
    assert shown == {name: value for name, value in added.items() if name != "client_secret"}
    assert (shown["strict"], shown["keys"]) == (False, [])
    assert (tokens["token_type"], told["email"]) == ("Bearer", "erika@example.org")
    assert statuses([refused]) == [(401, "invalid_client")]
    kept = [*files_below(platform.folder / "data"), *rows_of(platform.folder / "data/store.db")]
    assert search(kept, {}, {"secret": added["client_secret"].encode()}) == []


async def test_a_new_key_takes_the_place_of_the_old_one_at_once(platform: Platform) -> None:
    old, new = new_p256(), new_p256()
    client_id = (await platform.told(*TO_PORTAL, "--key", platform.key(old)))["client_id"]
    async with platform.opened() as world:
        before = [await (await software(world, client_id, key)).push() for key in (old, new)]
        rotated = await platform.told("rotate-key", client_id, "--key", platform.key(new))
        after = [await (await software(world, client_id, key)).push() for key in (old, new)]

    refused, taken = (401, "invalid_client"), (201, "")
    assert (statuses(before), statuses(after)) == ([taken, refused], [refused, taken])
    assert rotated["keys"] == [public_jwk(jwk_of(new))["kid"]]


async def test_the_old_key_is_kept_beside_the_new_one_until_the_operator_says_otherwise(platform: Platform) -> None:
    old, new = new_p256(), new_p256()
    client_id = (await platform.told(*TO_PORTAL, "--key", platform.key(old)))["client_id"]
    async with platform.opened() as world:
        kept = await platform.told("rotate-key", client_id, "--key", platform.key(new), "--keep-old")
        again = await platform.told("rotate-key", client_id, "--key", platform.key(new), "--keep-old")
        during = [await (await software(world, client_id, key)).push() for key in (old, new)]
        ended = await platform.told("rotate-key", client_id, "--key", platform.key(new))
        after = [await (await software(world, client_id, key)).push() for key in (old, new)]

    kids = [public_jwk(jwk_of(key))["kid"] for key in (new, old)]
    assert (kept["keys"], again["keys"], ended["keys"]) == (kids, kids, kids[:1])
    assert statuses(during) == [(201, ""), (201, "")]
    assert statuses(after) == [(401, "invalid_client"), (201, "")]


async def test_a_portal_that_gets_a_key_shows_its_secret_no_more(platform: Platform) -> None:
    added, key = await platform.told(*TO_PORTAL, "--secret"), new_p256()
    async with platform.opened() as world:
        by_secret = await software(world, added["client_id"], secret=added["client_secret"])
        before = await by_secret.push()
        await platform.told("rotate-key", added["client_id"], "--key", platform.key(key))
        after = [await by_secret.push(), await (await software(world, added["client_id"], key)).push()]

    assert statuses([before, *after]) == [(201, ""), (401, "invalid_client"), (201, "")]


async def test_a_new_secret_takes_the_place_of_the_old_one_at_once_and_of_no_key(platform: Platform) -> None:
    added = await platform.told(*TO_PORTAL, "--secret")
    with_key = await platform.told(*TO_PORTAL, "--key", platform.key(new_p256()))
    async with platform.opened() as world:
        renewed = await platform.told("rotate-key", added["client_id"], "--secret")
        secrets_of = [one["client_secret"] for one in (added, renewed)]
        answers = [await (await software(world, added["client_id"], secret=one)).push() for one in secrets_of]
    refused = (await platform.said("rotate-key", with_key["client_id"], "--secret")).sentence

    assert statuses(answers) == [(401, "invalid_client"), (201, "")]
    assert refused == "this portal has no secret, and what it has is better"


def test_addresses_for_a_logout_are_taken_away_by_saying_none(platform: Platform) -> None:
    there = "https://portal.example/abgemeldet"
    added = platform.sk(*TO_PORTAL, "--secret", "--logout-uri", there, "--backchannel-logout-uri", there).facts

    changed = platform.sk("change", added["client_id"], "--logout-uri", "", "--backchannel-logout-uri", "").facts

    assert (added["logout_uris"], added["backchannel_logout_uri"]) == ([there], there)
    assert (changed["logout_uris"], changed["backchannel_logout_uri"]) == ([], "")


def test_the_key_of_a_portal_that_publishes_its_own_is_not_for_the_operator_to_change(platform: Platform) -> None:
    added = platform.sk(*TO_PORTAL, *KEYS).facts

    refused = platform.sk("rotate-key", added["client_id"], "--key", "key.json").sentence

    assert refused == "this portal publishes its keys itself, at https://portal.example/keys"
    assert platform.sk("show", added["client_id"]).facts == added


async def test_a_portal_that_was_disabled_has_nobody_log_in_and_is_told_nothing(platform: Platform) -> None:
    key = new_p256()
    added = await platform.told(*TO_PORTAL, "--key", platform.key(key), "--claim", "email")
    async with platform.opened() as world:
        portal_of = await software(world, added["client_id"], key)
        tab = await open_tab(world, await world.citizen("otto"))
        tokens = await portal_of.tokens(tab, scope="openid email")
        disabled = await platform.told("disable", added["client_id"])
        answers = [await portal_of.push(), await portal_of.refresh(tokens["refresh_token"])]
        told = await portal_of.person(tokens["access_token"])
        page = await tab.get(f"/oauth/authorize?client_id={added['client_id']}")

    assert disabled == {**added, "disabled": True}
    assert await platform.told("show", added["client_id"]) == disabled
    assert statuses(answers) == [(401, "invalid_client")] * 2
    assert statuses([told]) == [(401, "invalid_token")]
    assert page.status == 400
    listed = await asyncio.to_thread(platform.sk, "list", as_json=False)
    assert f"{added['client_id']}  Serviceportal  disabled\n" in listed.out


def test_an_authority_that_was_disabled_gets_no_portal(platform: Platform) -> None:
    added = run_sk(platform.folder, {}, "authority", "add", "Dorf", "--key", "key.json", "--json", "--data", "data")
    village = json.loads(added.stdout)["client_id"]
    assert run_sk(platform.folder, {}, "authority", "disable", village, "--data", "data").returncode == 0

    refused = platform.sk("add", "Portal", "--authority", village, "--redirect-uri", BACK, "--key", "key.json").sentence

    assert refused == f"there is no authority {village}, or it is disabled"


async def test_a_card_that_somebody_has_tampered_with_is_said_to_be_damaged(platform: Platform) -> None:
    added = await platform.told(*WITH_KEY)
    async with platform.opened() as world:
        stored = await world.web.store.get(Portal, added["client_id"])
        right, stored.card = stored.card, f"{stored.card[:-4]}AAAA"
        await world.web.store.save(stored)
        try:
            refused = [await platform.said("show", added["client_id"]), await platform.said("list")]
        finally:
            stored.card = right
            await world.web.store.save(stored)

    for done in refused:
        assert "something that is stored does not open" in done.sentence
