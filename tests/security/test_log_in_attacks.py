"""Attacks on the log-in, each by its name. The word lists and the clock are the attacker's; the accounts are not."""

import re
from statistics import median
from time import process_time

import pytest

from sk.auth.errands import StoredErrand
from sk.crypto.context import Context
from sk.crypto.sign import encode
from sk.demo.browser import Browser
from sk.errors import Invalid
from sk.web.app import all_routes
from sk.web.back import safe_back
from sk.web.routes import Multipart, Route, dialect_of
from tests.auth.authenticator import Authenticator, Lies
from tests.auth.factors import code_of, enter_with, switched_on, with_passkey
from tests.auth.visitors import ELSEWHERE, WRONG, InstantPasswords, journal, letters, refused, visit
from tests.fakes import FakeClock
from tests.security.tab import FORM_TOKEN, Tab, open_tab
from tests.security.watched import watched
from tests.world import World

PASSWORD = "vier Kisten voller Regenschirme"
TOKENS = re.compile(r'name="csrf" value="[^"]*"')
EVERYTHING = {
    "username": "erika",
    "password": PASSWORD,
    "code": "123456",
    "answer": "{}",
    "name": "x",
    "email": "mallory@example.org",
    "weiter": "/postfach",
    "purpose": "log-in",
}
"""What any of the forms may ask for, beside the token."""
REGISTRATION = {
    "password": PASSWORD,
    "email": "somebody@example.org",
    "given_names": "Max",
    "family_names": "Muster",
    "date_of_birth": "1980-01-01",
    "street": "Weg 1",
    "postal_code": "12345",
    "city": "Ort",
    "country": "DE",
}


async def test_fixation_a_session_that_somebody_has_planted_is_never_anybodys(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    own = await open_tab(world, mallory)
    for planted, csrf in (("chosen by mallory", FORM_TOKEN), (own.token, own.csrf)):
        form = {"username": "erika", "password": erika.password, "csrf": csrf}
        tab = Tab(world.http, world.base_url, planted, "")
        logged_in = await tab.ask("POST", "/anmelden", data=form)
        given = logged_in.headers.getall("Set-Cookie")

        assert logged_in.status == 303
        assert not any(planted in cookie for cookie in given)
        assert (await tab.get("/postfach")).status == 303


async def test_fixation_at_the_second_factor_neither(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    async with world.browser() as browser:
        await browser.log_in("erika", erika.password)
        half_way = await browser.open("/anmelden/code")
        await browser.send(half_way.form("Anmelden"), code=code_of(secret, clock))

        assert (await browser.open("/anmelden/code")).url == "/anmelden"  # what led to it is spent


def forms() -> list[Route]:
    """Return every form of people: no machine's, and none of the tools of a trial."""
    return [
        route
        for route in all_routes(trial=True)
        if route.method == "POST"
        and dialect_of(route.path) == "pages"
        and route.allow.who in ("anybody", "citizen")
        and not route.allow.from_elsewhere
    ]


def filled(path: str, id: str) -> str:
    """Return the path of a route with values in the place of its parameters."""
    return path.replace("{id}", id).replace("{client_id}", id).replace("{number}", "1")


@pytest.mark.parametrize(
    "brought", ["", "of another session", FORM_TOKEN[:-1] + "y"], ids=["none", "mallory's", "made up"]
)
async def test_csrf_no_form_is_taken_that_we_did_not_give_to_this_browser(world: World, brought: str) -> None:
    notice, mallory = await world.delivered(), await world.citizen("mallory")
    own, foreign = await open_tab(world, notice.citizen), await open_tab(world, mallory)
    token = foreign.csrf if brought == "of another session" else brought
    before = [row async for row in world.web.store.everything()]

    statuses = {}
    for route in forms():
        path = filled(route.path, notice.notice_id)
        fields = {**EVERYTHING, **({"csrf": token} if token else {})}
        statuses[route.path] = (await own.ask("POST", path, data=fields)).status

    files = {route.path for route in forms() if isinstance(route.body, Multipart)}
    assert {path: status for path, status in statuses.items() if status != 403} == dict.fromkeys(files, 415)
    assert len(statuses) >= 25
    assert [row async for row in world.web.store.everything()] == before


async def test_csrf_nor_one_that_another_site_sends_with_whatever_token(world: World) -> None:
    notice = await world.delivered()
    own = await open_tab(world, notice.citizen)
    before = [row async for row in world.web.store.everything()]
    headers = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]

    for route in forms():
        path = filled(route.path, notice.notice_id)
        token = own.csrf if route.allow.who == "citizen" else FORM_TOKEN
        for sent in [*headers, {"Origin": "https://page.example"}, {"Origin": "null"}]:
            answer = await own.ask("POST", path, data={**EVERYTHING, "csrf": token}, headers=sent)
            assert answer.status == 403, path
    assert [row async for row in world.web.store.everything()] == before


TRICKS = [
    "https://page.example/", "//page.example", "///page.example", "/\\page.example", "\\\\page.example", "postfach", "",
    "/", "/%5Cpage.example", "/%2F/page.example", "/postfach@page.example", "/postfach/..//page.example", "/.page",
    "/postfach//page.example", "javascript:alert(1)", "data:text/html,x", "/postfach\r\nLocation: https://page.example",
    "/postfach\n", " /postfach", "/\t/page.example", "/postfach\x00", "/postfach?next=//page.example", "/POSTFACH",
    "/postfach?a=%0d%0aX: y", "/postfach#//page.example", "/api/v1/notices", "/oauth/token", "/log/vkey", "/abmelden",
    "/static/sk.css", "/dev/mail", "/anmelden/erneut", "/postfach/\u2025/x", "/konto/\uff0f\uff0fpage.example",
    "/postfach/a/b/c/d", "/postfach/a/dateien/1", "/postfach/a/nachweis.pdf", "/postfach/..", "/postfach/../konto",
]  # fmt: skip
WAYS = [
    "/postfach", "/postfach?vor=1.a", "/postfach/0a1b-c_d", "/postfach/a/dateien/1/ansehen?ab=6", "/konto/sicherheit",
    "/konto/sicherheit/passwort",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_open_redirect_what_is_no_page_of_ours_is_no_way_back(trick: str) -> None:
    assert safe_back(trick, "/default") == "/default"


@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_ours_is_a_way_back(way: str) -> None:
    assert safe_back(way, "/default") == way


def test_a_way_back_is_no_place_to_keep_things() -> None:
    assert safe_back("/postfach?a=" + "x" * 480, "")
    assert safe_back("/postfach?a=" + "x" * 490, "/default") == "/default"


@pytest.mark.parametrize("way", ["https://page.example/", "x" * 60_000, "/postfach?a=" + "x" * 60_000])
async def test_what_is_no_way_back_is_not_kept_while_somebody_shows_a_passkey_or_a_card(world: World, way: str) -> None:
    tab = Tab(world.http, world.base_url, "", "")
    for path, fields in {"/anmelden/passkey/optionen": {}, "/ausweis": {"purpose": "log-in"}}.items():
        await tab.ask("POST", path, data={"csrf": FORM_TOKEN, "weiter": way, **fields})

    stored = await world.web.store.get_many(StoredErrand, await world.web.store.scan(StoredErrand))
    vault = world.web.keys.lock_key("vault")
    opened = [vault.unlock(Context("errand", "", one.id), one.locked).decode() for one in stored.values()]
    assert len(opened) == 2
    assert not [text for text in opened if way in text]


async def test_open_redirect_no_log_in_leads_to_another_site(world: World) -> None:
    erika = await world.citizen()
    for trick in TRICKS[::3]:
        tab = await open_tab(world, erika)
        form = {"username": "erika", "password": erika.password, "csrf": tab.csrf, "weiter": trick}
        answers = [
            await tab.ask("POST", "/anmelden", data=form),
            await tab.ask("GET", "/anmelden", params={"weiter": trick}),
        ]
        assert answers[0].headers["Location"] == "/postfach"
        assert 'name="weiter" value=""' in answers[1].text
        tab = await open_tab(world, erika)
        again = {"password": erika.password, "csrf": tab.csrf, "weiter": trick}
        assert (await tab.ask("POST", "/anmelden/erneut", data=again)).headers["Location"] == "/postfach"


async def test_enumeration_by_text_a_name_that_exists_gets_the_answers_of_one_that_does_not(
    world: World, clock: FakeClock
) -> None:
    await world.citizen("citizen-a")
    seen = {}
    for username in ("citizen-a", "citizen-x"):
        said = [await _page(world, "/anmelden", username=username, password=WRONG) for _ in range(8)]
        clock.advance(seconds=1)
        said.append(await _page(world, "/anmelden", username=username, password=WRONG))
        said.append(await _page(world, "/passwort-vergessen", username=username))
        said.append(await _page(world, "/registrieren", **REGISTRATION, username=username))
        said += await _registered(world, username)
        seen[username] = [text.replace(username, "") for text in said]

    assert seen["citizen-a"] == seen["citizen-x"]
    assert "Es gab zu viele Versuche" in seen["citizen-a"][7]


async def test_enumeration_by_time_a_name_that_exists_costs_as_much_as_one_that_does_not(world: World) -> None:
    await world.citizen("citizen-a")
    async with watched(world.web) as platform:
        work = {}
        for username in ("citizen-a", "citizen-x"):
            done = [await platform.ask("/anmelden", username=username, password=WRONG) for _ in range(8)]
            done.append(await platform.ask("/passwort-vergessen", username=username))
            done.append(await platform.ask("/registrieren", **REGISTRATION, username=username))
            work[username] = [(answer.status, calls, runs) for answer, calls, runs in done]

    assert work["citizen-a"] == work["citizen-x"]
    assert [runs for _, _, runs in work["citizen-a"]] == [1] * 6 + [0] * 3 + [1]


@pytest.mark.parametrize("path", ["/anmelden", "/passwort-vergessen"])
async def test_enumeration_by_time_on_the_clock_neither(world: World, path: str) -> None:
    await world.citizen("citizen-a")
    costs: dict[str, list[float]] = {"citizen-a": [], "citizen-x": []}
    async with watched(world.web) as platform:
        for _ in range(5 if path == "/anmelden" else 20):
            for username, spent in costs.items():
                before = process_time()  # of this process alone, so that busy neighbours do not count
                await platform.ask(path, username=username, password=WRONG)
                spent.append(process_time() - before)

    assert 0.4 < median(costs["citizen-a"]) / median(costs["citizen-x"]) < 2.5


async def test_password_spraying_one_password_at_all_names_is_slow_from_one_place(
    world: World, clock: FakeClock
) -> None:
    tried, began = 0, clock.now()
    while (clock.now() - began).total_seconds() < 600:
        said = await refused(world, f"citizen-{tried}", visit(ELSEWHERE), PASSWORD, InstantPasswords())
        if said.problem == "too-many-tries":
            clock.advance(seconds=int(said.more["seconds"]))
        else:
            tried += 1

    assert tried <= 50 + 7 + 10  # what is free, while the wait grows, and then one a minute


async def test_password_spraying_from_everywhere_at_one_name_is_slow_as_well(world: World, clock: FakeClock) -> None:
    tried, began = 0, clock.now()
    while (clock.now() - began).total_seconds() < 24 * 3600:
        said = await refused(world, "erika", visit(f"2001:db8::{tried}"), PASSWORD, InstantPasswords())
        if said.problem == "too-many-tries":
            clock.advance(seconds=int(said.more["seconds"]))
        else:
            tried += 1

    assert tried <= 6 + 10 + 96


async def test_totp_reuse_a_code_that_somebody_has_looked_at_is_worth_nothing(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, _ = await switched_on(world, clock, erika)
    code = code_of(secret, clock)

    async with world.browser() as owner, world.browser() as thief:
        assert await _with_code(owner, erika.password, code) == (200, "/postfach")
        assert await _with_code(thief, erika.password, code) == (422, "/anmelden/code")


async def test_recovery_code_reuse_neither(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)

    async with world.browser() as owner, world.browser() as thief:
        assert await _with_code(owner, erika.password, codes[0]) == (200, "/postfach")
        assert await _with_code(thief, erika.password, codes[0]) == (422, "/anmelden/code")


async def test_a_passkey_of_another_account_opens_no_account_but_that(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    hers, own = await with_passkey(world, erika), await with_passkey(world, mallory)
    as_hers: dict[str, tuple[Authenticator, Lies]] = {
        "her handle": (own, Lies(user_handle=hers.user_handle)),
        "her passkey": (own, Lies(credential_id=hers.id)),
        "her passkey and handle": (own, Lies(credential_id=hers.id, user_handle=hers.user_handle)),
        "her passkey, no signature": (own, Lies(credential_id=hers.id, user_handle=hers.user_handle, signature=b"")),
    }

    for device, lies in as_hers.values():
        with pytest.raises(Invalid) as said:
            await enter_with(world, device, lies)
        assert said.value.problem == "passkey-refused"
    assert (await enter_with(world, own)).account_id == mallory.account.id
    assert encode(own.user_handle) != encode(hers.user_handle)


async def test_a_stranger_cannot_lock_the_owner_out(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as owner, world.browser() as stranger:
        await owner.send((await owner.open("/postfach")).form("Abmelden"))
        for _ in range(5):
            await stranger.log_in("erika", WRONG)
        for _ in range(12):
            assert (await stranger.log_in("erika", WRONG)).status == 422
            assert (await stranger.log_in("erika", erika.password)).status == 429
            clock.advance(minutes=16)
        assert (await stranger.log_in("erika", WRONG)).status == 422

        assert (await owner.log_in("erika", erika.password)).url == "/postfach"


async def test_a_stolen_session_changes_no_way_in_once_the_log_in_is_old(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    thief = await open_tab(world, erika)
    clock.advance(minutes=6)
    fresh = [route for route in all_routes(trial=True) if route.allow.fresh]

    for route in fresh:
        answer = await thief.ask(route.method, filled(route.path, "x"), data={**EVERYTHING, "csrf": thief.csrf})
        assert answer.headers["Location"].startswith("/anmelden/erneut?weiter=/konto"), route.path
    assert len(fresh) >= 11
    assert await letters(world) == []
    assert await journal(world, erika) == []


async def _page(world: World, path: str, **fields: str) -> str:
    answer = await Tab(world.http, world.base_url, "", "").ask("POST", path, data={"csrf": FORM_TOKEN, **fields})
    return f"{answer.status} {answer.headers.get('Location')} {TOKENS.sub('', answer.text)}"


async def _registered(world: World, username: str) -> list[str]:
    async with world.browser() as browser:
        form = (await browser.open("/registrieren")).form("Weiter")
        checked = await browser.send(form, **REGISTRATION, username=username)
        done = await browser.send(checked.form("Konto anlegen"))
    return [f"{page.status} {page.url} {TOKENS.sub('', page.text)}" for page in (checked, done)]


async def _with_code(browser: Browser, password: str, code: str) -> tuple[int, str]:
    asked = await browser.log_in("erika", password)
    page = await browser.send(asked.form("Anmelden"), code=code)
    return page.status, page.url
