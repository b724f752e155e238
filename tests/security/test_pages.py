"""Pages: what every answer forbids the browser, and what strangers' words can do on them, which is nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sk.client import File
from sk.web.app import all_routes
from sk.web.assets import KEPT, address
from tests.security.serving import serving
from tests.security.tab import FORM_TOKEN, Answer, Tab, open_tab
from tests.web.pages import BIDI, HOSTILE, OURS, Reader
from tests.world import World, a_notice

EXPECTED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


async def test_every_answer_carries_the_headers_that_protect(world: World) -> None:
    async for answer in _every_answer(world):
        is_ours = answer.path.startswith(address()) and answer.status == 200
        kept = {"Cache-Control": KEPT} if is_ours else {}
        assert {name: answer.headers.get(name) for name in EXPECTED} == {**EXPECTED, **kept}
        assert answer.headers["X-Request-ID"]
        assert "Server" not in answer.headers


async def test_no_page_may_run_or_load_anything_that_is_not_ours(world: World) -> None:
    async for answer in _every_answer(world):
        if answer.headers.get("Content-Disposition"):
            continue  # a file, which is saved and not shown
        policy = _policy(answer)
        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        allowed = {source for sources in policy.values() for source in sources}
        assert allowed <= {"'none'", "'self'", "data:"}
        assert "data:" not in policy["script-src"]


async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(world: World) -> None:
    read = 0
    async for answer in _every_answer(world):
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page, read = Reader.of(answer.text), read + 1
            assert "style" not in page.tags
            assert page.scripts_without_source == 0
            assert [name for name in page.attributes if name == "style" or name.startswith("on")] == []
            assert [link for link in page.links if not OURS.match(link)] == []
    assert read >= 10


async def test_where_the_address_is_https_it_stays_so(world: World) -> None:
    async with serving(replace(world.web, base_url="https://konto.example")) as address:
        answer = await Tab(world.http, address, "", "").get("/")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in (await Tab(world.http, world.base_url, "", "").get("/")).headers


async def test_strangers_words_are_shown_as_they_are_and_do_nothing(world: World) -> None:
    authority, erika = await world.authority(HOSTILE), await world.citizen()
    hostile = {"subject": f"subject {HOSTILE}", "text": f"text {HOSTILE}{BIDI}", "case": f"case {HOSTILE}"}
    file = File(f"file {HOSTILE.replace('/', '∕')}", b"%PDF-1.7")  # noqa: RUF001 - a name holds no real slash
    status, answer = await authority.post(a_notice(erika.handle, **hostile), [file])
    assert status == 202, answer
    await world.settle()
    tab = await open_tab(world, erika)

    listed, unread = await tab.get("/postfach"), await tab.get(f"/postfach/{answer['id']}")
    await tab.post(f"/postfach/{answer['id']}")
    opened, mails = await tab.get(f"/postfach/{answer['id']}"), await tab.get("/dev/mail")

    for page, words in (
        (listed, [HOSTILE, hostile["subject"]]),
        (unread, [HOSTILE, hostile["subject"]]),
        (opened, [HOSTILE, *hostile.values(), file.name]),
        (mails, []),
    ):
        read = Reader.of(page.text)
        assert ({"img", "b"} & read.tags, read.scripts_without_source) == (set(), 0)
        assert [said for said in words if said not in read.isolated] == []
        assert not any(BIDI in said for said in read.words - read.isolated)


async def test_a_user_name_that_was_refused_does_nothing_on_its_page(world: World) -> None:
    form = {"username": HOSTILE, "csrf": FORM_TOKEN}
    answer = await Tab(world.http, world.base_url, "", "").ask("POST", "/anmelden", data=form)

    page = Reader.of(answer.text)
    assert answer.status == 422
    assert {"img", "b"}.isdisjoint(page.tags)
    assert (page.scripts, page.scripts_without_source) == ([f"{address()}/passkeys.js"], 0)
    assert HOSTILE in page.values


@pytest.mark.parametrize("name", ["subject", "case", "reference"])
async def test_words_that_turn_the_line_around_are_refused(world: World, name: str) -> None:
    authority, erika = await world.authority(), await world.citizen()

    status, answer = await authority.post(a_notice(erika.handle, **{name: f"Bescheid {BIDI}"}))

    assert (status, answer["field"]) == (422, name)


async def _every_answer(world: World) -> AsyncIterator[Answer]:
    """Yield every page, to somebody who is logged in and to a stranger, and errors of every kind."""
    notice = await world.delivered()
    await world.delivered()
    mine, stranger = await open_tab(world, notice.citizen), Tab(world.http, world.base_url, "", "")
    paths = {route.path.replace("{id}", notice.notice_id) for route in all_routes(trial=True) if route.method == "GET"}
    for tab in (stranger, mine):
        for path in sorted(path.replace("{number}", "1").replace("{handle}", "x") for path in paths):
            yield await tab.get(path)
        yield await tab.ask("POST", f"/postfach/{notice.notice_id}")
        yield await tab.ask("POST", "/anmelden", data={"username": "x", "password": "x"})
        yield await tab.ask("POST", "/anmelden", data={"username": "x", "password": "x", "csrf": FORM_TOKEN})
        yield await tab.ask("POST", "/anmelden", data={"username": "x" * 100_000})
        yield await tab.ask("POST", "/anmelden", headers={"Sec-Fetch-Site": "cross-site"})
        yield await tab.ask("POST", "/oauth/token", data={"grant_type": "x"})
        yield await tab.ask("DELETE", "/postfach")
        yield await tab.get("/static/")
        yield await tab.get(f"/static/{'x' * 3000}")
        yield await tab.get("/there/is/no/such/page")
    yield await mine.post(f"/postfach/{notice.notice_id}")
    yield await mine.get(f"/postfach/{notice.notice_id}")
    yield await mine.get(f"{address()}/sk.css")


def _policy(answer: Answer) -> dict[str, list[str]]:
    rules = [rule.split() for rule in answer.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in rules}
