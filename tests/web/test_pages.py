"""What the citizen's pages say about a Bescheid, its Frist, and what to do."""

from datetime import UTC, datetime

import aiohttp
import pytest

from tests.auth.visitors import begin_session
from tests.fakes import FakeClock
from tests.web.pages import html_of
from tests.world import Delivered, World, a_notice

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
"""The fourth day after it is a Sunday, and the law leaves open whether the Bekanntgabe moves."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(WEDNESDAY)


async def opened(world: World, notice: Delivered) -> str:
    """Open a notice as its citizen; return the words of the page, as one line."""
    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).forms[-1])
        return html_of(await browser.open(f"/postfach/{notice.notice_id}"))


async def test_a_bescheid_says_until_when_one_can_object_and_where_it_stands_how(world: World) -> None:
    page = await opened(world, await world.delivered(rechtsbehelf="widerspruch-vwgo"))

    assert "Sie können bis Dienstag, 29. Dezember 2026 Widerspruch einlegen." in page
    assert "Wie Sie Widerspruch einlegen, steht in der Rechtsbehelfsbelehrung im Bescheid." in page


async def test_a_bescheid_without_belehrung_does_not_send_the_citizen_to_one(world: World) -> None:
    page = await opened(world, await world.delivered(belehrung=False))

    assert "Sie können bis Montag, 29. November 2027 Klage erheben." in page
    assert "steht in der Rechtsbehelfsbelehrung" not in page
    assert "Deshalb haben Sie ein Jahr Zeit." in page


async def test_a_bescheid_without_rechtsbehelf_says_so_and_states_no_frist(world: World) -> None:
    page = await opened(world, await world.delivered(rechtsbehelf="none"))

    assert "Die Behörde nennt keinen Rechtsbehelf" in page
    assert "<dt>Ende der Frist</dt>" not in page


async def test_a_message_is_not_called_a_bescheid(world: World) -> None:
    page = await opened(world, await world.delivered(kind="message", law=None, rechtsbehelf=None, belehrung=None))

    assert "Das ist ein Bescheid" not in page
    assert "Frist" not in page


async def test_where_the_law_is_open_the_earlier_last_day_comes_first_and_the_other_is_explained(world: World) -> None:
    page = await opened(world, await world.delivered())

    assert "<dd>Dienstag, 29. Dezember 2026, 24&nbsp;Uhr</dd>" in page
    assert "<li>Dann endet die Frist am Mittwoch, 30.12.2026, 24 Uhr</li>" in page


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (34, "Sie können bis Dienstag, 29. Dezember 2026 Klage erheben."),
        (35, "Nach anderer Rechtsauffassung geht es noch bis Mittwoch, 30. Dezember 2026."),
        (36, "Diese Frist ist vorbei."),
    ],
)
async def test_the_page_says_when_a_frist_is_over(world: World, clock: FakeClock, days: int, says: str) -> None:
    notice = await world.delivered()
    clock.advance(days=days)

    assert says in await opened(world, notice)


async def test_an_unread_bescheid_says_that_its_frist_runs_all_the_same(world: World) -> None:
    notice = await world.delivered()

    async with world.browser(notice.citizen) as browser:
        page = html_of(await browser.open(f"/postfach/{notice.notice_id}"))

    assert "Die Frist bis Dienstag, 29. Dezember 2026 läuft auch dann, wenn Sie ihn nicht öffnen." in page


async def test_a_notice_that_demands_a_safer_log_in_says_so_in_the_list_and_says_what_to_do(world: World) -> None:
    notice = await world.delivered(minimum_trust="high")
    token = await begin_session(notice.citizen.account, "low", "password", world.web)

    async with aiohttp.ClientSession(cookies={"session": token}) as http:
        listed = await (await http.get(f"{world.base_url}/postfach")).text()
        refused = await http.get(f"{world.base_url}/postfach/{notice.notice_id}")
        page = await refused.text()

    assert "Zum Öffnen brauchen Sie eine sicherere Anmeldung" in listed
    assert refused.status == 403
    assert "Dafür brauchen Sie eine sicherere Anmeldung" in page
    assert "Haben Sie keinen Online-Ausweis? Dann bitten Sie die Behörde, Ihnen anders zu schreiben." in page


async def test_older_notices_are_reached_page_by_page_and_the_newest_from_everywhere(world: World) -> None:
    authority, erika = await world.authority(), await world.citizen()
    for number in range(1, 41):
        await authority.post(a_notice(erika.handle, subject=f"Nummer {number}"))
    await world.settle()

    async with world.browser(erika) as browser:
        first = await browser.open("/postfach")
        second = await browser.open(first.links["Ältere anzeigen"])
        third = await browser.open(second.links["Ältere anzeigen"])

    labels = [form.label for page in (first, second, third) for form in page.forms if form.label.startswith("Nummer")]
    assert sorted(labels) == sorted(f"Nummer {number}" for number in range(1, 41))
    assert "Neueste anzeigen" not in first.links
    assert third.links["Neueste anzeigen"] == "/postfach"
    assert "Ältere anzeigen" not in third.links
