"""Cards that are not read, or not at once: whoever comes back without a result is told why."""

import pytest

from tests.auth.showing import begin_at, log_in_by_card, show, show_card
from tests.fakes import FakeClock
from tests.world import World


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("cancel", "Sie haben abgebrochen"),
        ("wrong-pin", "Der Ausweis konnte nicht gelesen werden"),
        ("denied", "Mit dieser Art von Ausweis geht es nicht"),
    ],
)
async def test_whoever_comes_back_without_a_result_is_told_why_and_can_try_again(
    world: World, choice: str, words: str
) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice=choice)
        assert words in page.text
        again = await show_card(browser, page, "Noch einmal versuchen")

    assert again.url == "/ausweis/neu"


@pytest.mark.parametrize("choice", ["expired", "blocked"])
async def test_a_card_that_has_expired_or_is_blocked_is_said_to_be_that(world: World, choice: str) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice=choice)

    assert "Er ist abgelaufen oder gesperrt" in page.text


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        ("getResult#invalidDocument", "Dieser Ausweis wird nicht angenommen"),
        ("getResult#deniedDocument", "Mit dieser Art von Ausweis geht es nicht"),
        ("getResult#invalidSession", "Das hat zu lange gedauert"),
        ("getResult#invalidCounter", "Das hat zu lange gedauert"),
        ("common#internalError", "Gerade lassen sich keine Ausweise lesen"),
        ("common#schemaViolation", "Gerade lassen sich keine Ausweise lesen"),
    ],
)
async def test_whatever_the_eid_server_says_is_told_in_words(world: World, minor: str, words: str) -> None:
    async with world.browser() as browser:
        simulator = await browser.open(await begin_at(browser, "/anmelden"))
        page = await show(browser, simulator, minor=minor)

    assert words in page.text


async def test_a_result_that_comes_late_is_waited_for(world: World) -> None:
    async with world.browser() as browser:
        page = await log_in_by_card(browser, choice="late")
        for _ in range(3):
            if "Einen Moment noch" not in page.text:
                break
            page = await browser.open(page.url)

    assert page.url == "/ausweis/neu"


async def test_what_was_begun_too_long_ago_is_over(world: World, clock: FakeClock) -> None:
    async with world.browser() as browser:
        simulator = await browser.open(await begin_at(browser, "/anmelden"))
        clock.advance(minutes=20)
        page = await show(browser, simulator)

    assert page.status == 404
