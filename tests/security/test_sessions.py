"""Sessions: whose they are, when they end, and what a browser may do with their cookie."""

import asyncio
from dataclasses import replace
from http.cookies import Morsel, SimpleCookie
from statistics import median
from time import process_time

import aiohttp
import pytest

from sk.auth.account import Account
from sk.auth.sessions import current_log_in, end_session
from tests.fakes import FakeClock
from tests.security.alarms import Alarms
from tests.security.serving import serving
from tests.security.tab import Tab, open_tab
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
    planted = _session(await _log_in(world, mallory)).value

    token = _session(await _log_in(world, erika, session=planted)).value

    assert await _is_in(world, token)
    assert not await _is_in(world, planted)


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
    ("base_url", "name", "secure"),
    [("http://localhost:8080", "session", False), ("https://konto.example", "__Host-session", True)],
    ids=["http", "https"],
)
async def test_the_cookie_is_for_this_server_and_no_script(
    world: World, base_url: str, name: str, *, secure: bool
) -> None:
    erika = await world.citizen()
    async with serving(replace(world.web, base_url=base_url)) as address:
        answer = await _log_in(world, erika, address=address)

    cookie = SimpleCookie(answer.headers["Set-Cookie"])[name]
    assert (bool(cookie["httponly"]), cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert (bool(cookie["secure"]), cookie["max-age"], cookie["expires"]) == (secure, "", "")


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


@pytest.mark.parametrize("cookie", [b"\xff\xfe", b"\xed\xa0\x80", b"a" * 5000, b'"', b"\xc3\xa4", b"$Path=/"])
async def test_a_cookie_may_hold_any_bytes(world: World, alarms: Alarms, cookie: bytes) -> None:
    host, _, port = world.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    request = b"GET /postfach HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: session=" + cookie
    writer.write(request + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 303 ")
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


async def _log_in(world: World, who: Citizen, *, address: str = "", **cookies: str) -> aiohttp.ClientResponse:
    url = f"{address or world.base_url}/anmelden"
    async with world.http.post(url, data=_form(who), cookies=cookies, allow_redirects=False) as answer:
        return answer


async def _try(world: World, username: str, password: str) -> tuple[int, str]:
    form = {"username": username, "password": password}
    async with world.http.post(f"{world.base_url}/anmelden", data=form) as answer:
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
    return {"username": who.username, "password": who.password}


def _session(answer: aiohttp.ClientResponse) -> "Morsel[str]":
    return answer.cookies["session"]
