"""Sessions: whose they are, when they end, and what a browser may do with their cookie."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http.cookies import Morsel, SimpleCookie
from statistics import median
from time import process_time

import aiohttp
import pytest

from sk.auth.account import Account
from sk.auth.sessions import current_log_in, end_session
from sk.demo.browser import Page
from sk.web.app import all_routes
from sk.web.routes import Multipart, dialect_of
from tests.fakes import FakeClock
from tests.security.alarms import Alarms
from tests.security.serving import serving
from tests.security.tab import FORM_TOKEN, Tab, open_tab
from tests.world import Citizen, World

WRONG = "not the password of anybody"


async def test_a_cookie_that_was_there_before_is_not_adopted(world: World) -> None:
    erika = await world.citizen()

    token = _session(await _log_in(world, erika, session="chosen by somebody else")).value

    assert token != "chosen by somebody else"
    assert await _is_in(world, token)
    assert not await _is_in(world, "chosen by somebody else")


async def test_a_log_in_ends_the_session_that_the_browser_had_before(world: World) -> None:
    mallory, erika = await world.citizen("mallory"), await world.citizen()
    planted = await open_tab(world, mallory)

    token = _session(await _log_in(world, erika, csrf=planted.csrf, session=planted.token)).value

    assert token != planted.token
    assert await _is_in(world, token)
    assert not await _is_in(world, planted.token)


async def test_every_log_in_has_a_session_of_its_own(world: World) -> None:
    erika = await world.citizen()

    tokens = [_session(await _log_in(world, erika)).value for _ in range(2)]

    assert tokens[0] != tokens[1]
    assert [await _is_in(world, token) for token in tokens] == [True, True]


async def test_a_log_out_ends_the_session_on_the_server(world: World) -> None:
    tab = await open_tab(world, await world.citizen())

    answer = await tab.post("/abmelden")

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert not await _is_in(world, tab.token)


async def test_a_log_out_ends_the_session_also_while_another_window_uses_it(world: World, clock: FakeClock) -> None:
    tab = await open_tab(world, await world.citizen())
    log_in = await current_log_in(tab.token, world.web)
    assert log_in
    clock.advance(minutes=2)

    await asyncio.gather(tab.get("/postfach"), end_session(log_in.session_id, world.web), tab.get("/postfach"))

    assert not await _is_in(world, tab.token)


async def test_a_form_of_another_page_logs_nobody_out(world: World) -> None:
    tab = await open_tab(world, await world.citizen())

    assert (await tab.ask("POST", "/abmelden")).status == 403
    assert await _is_in(world, tab.token)


async def test_a_session_ends_when_nobody_has_used_it_for_half_an_hour(world: World, clock: FakeClock) -> None:
    tab = await open_tab(world, await world.citizen())

    clock.advance(minutes=29, seconds=59)
    assert await _is_in(world, tab.token)
    clock.advance(minutes=29, seconds=59)
    assert await _is_in(world, tab.token)
    clock.advance(minutes=30)
    assert not await _is_in(world, tab.token)


async def test_a_session_ends_after_ten_hours_however_much_it_is_used(world: World, clock: FakeClock) -> None:
    tab = await open_tab(world, await world.citizen())
    for _ in range(23):
        clock.advance(minutes=26)
        assert await _is_in(world, tab.token)

    clock.advance(minutes=2)

    assert not await _is_in(world, tab.token)


async def test_nothing_is_left_of_a_session_after_its_end(world: World, clock: FakeClock) -> None:
    tab = await open_tab(world, await world.citizen())

    clock.advance(hours=10)
    await world.settle()

    clock.advance(hours=-10)
    assert not await _is_in(world, tab.token)


async def test_locking_an_account_ends_its_sessions_and_lets_nobody_in(world: World) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)

    await _lock(world, erika)

    assert not await _is_in(world, tab.token)
    assert (await _log_in(world, erika)).status == 422


@pytest.mark.parametrize(
    ("base_url", "prefix", "secure"),
    [("http://localhost:8080", "", False), ("https://konto.example", "__Host-", True)],
    ids=["http", "https"],
)
async def test_the_cookies_are_for_this_server_and_no_script(
    world: World, base_url: str, prefix: str, *, secure: bool
) -> None:
    erika = await world.citizen()
    async with serving(replace(world.web, base_url=base_url)) as address:
        logged_in = await _log_in(world, erika, address=address, **{f"{prefix}form": FORM_TOKEN})
        form = await Tab(world.http, address, "", "").get("/anmelden")

    for name, headers in (("session", logged_in.headers), ("form", form.headers)):
        cookie = SimpleCookie(headers["Set-Cookie"])[prefix + name]
        there = (bool(cookie["httponly"]), cookie["samesite"], cookie["path"], cookie["domain"])
        assert there == (True, "Lax", "/", "")
        assert (bool(cookie["secure"]), cookie["max-age"], cookie["expires"]) == (secure, "", "")


FORMS_NOT_OURS: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "neither": ({}, {}),
    "no cookie": ({}, {"csrf": FORM_TOKEN}),
    "no field": ({"form": FORM_TOKEN}, {}),
    "another": ({"form": FORM_TOKEN}, {"csrf": FORM_TOKEN[:-1] + "y"}),
    "empty": ({"form": ""}, {"csrf": ""}),
    "not as we make it": ({"form": "x"}, {"csrf": "x"}),
}


@pytest.mark.parametrize(("cookies", "brought"), FORMS_NOT_OURS.values(), ids=FORMS_NOT_OURS)
async def test_a_form_that_this_browser_did_not_get_from_us_logs_nobody_in_and_comes_again(
    world: World, cookies: Mapping[str, str], brought: Mapping[str, str]
) -> None:
    erika = await world.citizen()
    url, filled_in = f"{world.base_url}/anmelden", {"username": erika.username, "password": erika.password}

    async with world.http.post(url, data={**filled_in, **brought}, cookies=cookies, allow_redirects=False) as answer:
        page = Page(answer.status, answer.url.path, await answer.text())
        given = {name: cookie.value for name, cookie in answer.cookies.items()}

    assert (page.status, list(given)) == (403, ["form"])
    assert "Diese Seite war zu lange offen." in page.text
    again = {**page.form("Anmelden").fields, "password": erika.password}
    async with world.http.post(url, data=again, cookies=given, allow_redirects=False) as answer:
        assert (answer.status, again["username"]) == (303, erika.username)


async def test_every_form_for_people_without_a_session_is_refused_unless_we_gave_it_out(world: World) -> None:
    stranger = Tab(world.http, world.base_url, "", "")
    forms = {  # one that takes files does not even read what is sent in another way
        route.path: 415 if isinstance(route.body, Multipart) else 403
        for route in all_routes(trial=True)
        if (route.method, route.allow.who, dialect_of(route.path)) == ("POST", "anybody", "pages")
        and not route.allow.from_elsewhere
    }

    assert {path: (await stranger.ask("POST", path)).status for path in forms} == forms
    assert {"/anmelden", "/aktivieren"} <= set(forms)


async def test_what_a_form_brings_along_is_no_session_and_ends_with_the_log_in(world: World) -> None:
    erika = await world.citizen()

    answer = await _log_in(world, erika)

    assert _session(answer).value != FORM_TOKEN
    assert not await _is_in(world, FORM_TOKEN)
    assert (answer.cookies["form"].value, answer.cookies["form"]["max-age"]) == ("", "0")


async def test_two_windows_of_a_browser_do_not_spoil_each_others_forms(world: World) -> None:
    erika = await world.citizen()
    async with world.browser() as browser:
        first = await browser.open("/anmelden")
        await browser.open("/aktivieren")

        listed = await browser.send(first.form("Anmelden"), username=erika.username, password=erika.password)

    assert listed.url == "/postfach"


async def test_two_browsers_get_forms_of_their_own(world: World) -> None:
    tokens = set()
    for _ in range(2):
        async with world.browser() as browser:
            tokens.add((await browser.open("/anmelden")).form("Anmelden").fields["csrf"])

    assert len(tokens) == 2


async def test_an_unknown_user_a_wrong_password_and_a_locked_account_get_the_same_answer(world: World) -> None:
    erika, locked = await world.citizen("citizen-a"), await world.citizen("citizen-b")
    await _lock(world, locked)
    tries = [
        ("citizen-a", WRONG),
        ("citizen-b", locked.password),
        ("citizen-b", WRONG),
        ("citizen-c", WRONG),
        ("citizen-c", erika.password),
        ("citizen-c", ""),
    ]

    answers = [await _try(world, username, password) for username, password in tries]

    pages = {text.replace(username, "") for (username, _), (_, text) in zip(tries, answers, strict=True)}
    assert ({status for status, _ in answers}, len(pages)) == ({422}, 1)


async def test_an_unknown_user_costs_the_server_as_much_as_a_wrong_password(world: World) -> None:
    await world.citizen()
    costs: dict[str, list[float]] = {"erika": [], "nobody": []}
    for _ in range(7):
        for username, spent in costs.items():
            before = process_time()  # of this process alone, so that busy neighbours do not count
            await _try(world, username, WRONG)
            spent.append(process_time() - before)

    assert 0.5 < median(costs["erika"]) / median(costs["nobody"]) < 2


@pytest.mark.parametrize(
    ("path", "name", "status"), [(b"/postfach", b"session", b"303"), (b"/anmelden", b"form", b"200")]
)
@pytest.mark.parametrize("cookie", [b"\xff\xfe", b"\xed\xa0\x80", b"a" * 5000, b'"', b"\xc3\xa4", b"$Path=/"])
async def test_a_cookie_may_hold_any_bytes(
    world: World, alarms: Alarms, path: bytes, name: bytes, status: bytes, cookie: bytes
) -> None:
    host, _, port = world.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: %b=%b" % (path, name, cookie)
    writer.write(request + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 %b " % status)
    assert (alarms.raised(), alarms.failures()) == ([], [])


@pytest.mark.parametrize("where", ["https://page.example/", "//page.example", "/\\page.example", "javascript:alert(1)"])
async def test_nobody_is_led_to_another_site(world: World, where: str) -> None:
    erika = await world.citizen()
    aims = dict.fromkeys(("next", "url", "redirect", "return", "continue", "vor"), where)
    tab, stranger = await open_tab(world, erika), Tab(world.http, world.base_url, "", "")

    answers = [
        await stranger.ask("POST", "/anmelden", params=aims, data={**_form(erika), **aims}),
        await stranger.ask("GET", "/postfach", params=aims),
        await tab.ask("GET", "/anmelden", params=aims),
        await tab.ask("GET", "/postfach", params=aims),
        await tab.ask("GET", f"//{where}/postfach"),
    ]

    led = [answer.headers["Location"] for answer in answers if "Location" in answer.headers]
    assert led == ["/postfach", "/anmelden"]
    assert where not in "".join(answer.text for answer in answers)


async def _log_in(
    world: World, who: Citizen, *, address: str = "", csrf: str = FORM_TOKEN, **cookies: str
) -> aiohttp.ClientResponse:
    url, form = f"{address or world.base_url}/anmelden", {**_form(who), "csrf": csrf}
    sent = {"form": FORM_TOKEN, **cookies}
    async with world.http.post(url, data=form, cookies=sent, allow_redirects=False) as answer:
        return answer


async def _try(world: World, username: str, password: str) -> tuple[int, str]:
    form = {"username": username, "password": password, "csrf": FORM_TOKEN}
    async with world.http.post(f"{world.base_url}/anmelden", data=form, cookies={"form": FORM_TOKEN}) as answer:
        return answer.status, await answer.text()


async def _is_in(world: World, token: str) -> bool:
    tab = Tab(world.http, world.base_url, token, "")
    return (await tab.get("/postfach")).status == 200


async def _lock(world: World, who: Citizen) -> None:
    account = await world.web.store.get(Account, who.account.id)
    standing = account.standing(world.web.keys.signers).model_copy(update={"log_in_locked": True})
    account.change(standing, world.web.keys.signer("sign-web"))
    await world.web.store.save(account)


def _form(who: Citizen) -> dict[str, str]:
    return {"username": who.username, "password": who.password, "csrf": FORM_TOKEN}


def _session(answer: aiohttp.ClientResponse) -> "Morsel[str]":
    return answer.cookies["session"]
