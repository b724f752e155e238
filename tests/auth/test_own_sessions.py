"""The sessions of an account: its owner sees and ends them, and logs in once more for what is important."""

import pytest

from sk.auth.sessions import (
    end_other_sessions,
    end_session_of,
    is_fresh,
    list_sessions,
)
from sk.errors import NotFound
from sk.web.user_agent import label_of
from tests.auth.visitors import begin_session, log_in, session_of
from tests.fakes import FakeClock
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import World


async def test_the_owner_sees_all_sessions_and_which_one_this_is(world: World, clock: FakeClock) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    await log_in(world, "erika", erika.password)
    await log_in(world, "mallory", mallory.password)
    clock.advance(minutes=3)

    async with world.browser(erika) as browser:
        page = await browser.open("/konto/sicherheit")

    words = words_of(page.text)
    assert "Firefox, Linux Angemeldet: Montag, 23. November 2026, 10:00 Uhr (Passwort)" in words
    assert words.count("Angemeldet:") == 2
    assert words.count("Diese Sitzung") == 1


async def test_the_owner_ends_one_session_or_all_others(world: World) -> None:
    erika = await world.citizen()
    own, *others = [await session_of(world, erika) for _ in range(4)]

    await end_session_of(erika.account.id, others[0].session_id, world.web)
    assert len(await list_sessions(erika.account.id, world.web)) == 3
    assert await end_other_sessions(own, world.web) == 2

    assert [listed.id for listed in await list_sessions(erika.account.id, world.web)] == [own.session_id]


async def test_nobody_ends_the_session_of_somebody_else(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    hers, tab = await session_of(world, erika), await open_tab(world, mallory)

    with pytest.raises(NotFound):
        await end_session_of(mallory.account.id, hers.session_id, world.web)
    answer = await tab.post(f"/konto/sicherheit/sitzungen/{hers.session_id}/beenden")

    assert answer.status == 404
    assert len(await list_sessions(erika.account.id, world.web)) == 1


async def test_the_buttons_of_the_page_do_it(world: World) -> None:
    erika = await world.citizen()
    for _ in range(3):
        await log_in(world, "erika", erika.password)
    async with world.browser(erika) as browser:
        page = await browser.open("/konto/sicherheit")
        page = await browser.send(page.form("Sitzung beenden"))
        assert page.text.count("Angemeldet:") == 3
        page = await browser.send(page.form("Alle anderen Sitzungen beenden"))
        assert page.text.count("Angemeldet:") == 1
        assert (await browser.open("/postfach")).status == 200


async def test_a_session_that_went_idle_is_listed_no_more(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    await session_of(world, erika)

    clock.advance(minutes=30)

    assert await list_sessions(erika.account.id, world.web) == []


async def test_more_sessions_than_are_read_at_once_end_as_well(world: World) -> None:
    erika = await world.citizen()
    for _ in range(120):
        await begin_session(erika.account, "low", "password", world.web)
    own = await session_of(world, erika)

    assert await end_other_sessions(own, world.web) == 120


async def test_a_log_in_is_fresh_for_five_minutes(world: World, clock: FakeClock) -> None:
    own = await session_of(world, await world.citizen())

    clock.advance(minutes=5)
    assert is_fresh(own, clock.now())
    clock.advance(seconds=1)
    assert not is_fresh(own, clock.now())


async def test_what_changes_a_way_in_asks_for_the_password_again_and_leads_back(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        await browser.open("/konto/sicherheit/passwort")
        clock.advance(minutes=6)

        asked = await browser.open("/konto/sicherheit/passwort")
        wrong = await browser.send(asked.form("Weiter"), password="another one, which is wrong")
        back = await browser.send(wrong.form("Weiter"), password=erika.password)

    assert (asked.url, wrong.status, back.url) == ("/anmelden/erneut", 422, "/konto/sicherheit/passwort")
    assert back.form("Passwort speichern").action == "/konto/sicherheit/passwort"


async def test_a_form_that_was_open_too_long_leads_back_to_its_page(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    tab = await open_tab(world, erika)
    clock.advance(minutes=6)

    led = {
        path: (await tab.post(path)).headers["Location"]
        for path in (
            "/konto/sicherheit/passwort",
            "/konto/sicherheit/app/aus",
            "/konto/sicherheit/passkeys/x/entfernen",
        )
    }

    again = "/anmelden/erneut?weiter=/konto/sicherheit"
    assert [*led.values()] == [f"{again}/passwort", f"{again}/app", f"{again}/passkeys"]


async def test_whoever_comes_without_a_session_gets_back_to_where_they_wanted(world: World) -> None:
    notice = await world.delivered()
    async with world.browser() as browser:
        asked = await browser.open(f"/postfach/{notice.notice_id}")
        who = notice.citizen
        shown = await browser.send(asked.form("Anmelden"), username=who.username, password=who.password)

    assert (asked.url, shown.url) == ("/anmelden", f"/postfach/{notice.notice_id}")


@pytest.mark.parametrize(
    ("sent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_of_a_browser_only_words_of_ours_are_kept(sent: str, label: str) -> None:
    assert label_of(sent) == label
