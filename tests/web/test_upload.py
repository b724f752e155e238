"""Forms with files, sent by script: how far it is, breaking off, and what comes back, as without the script."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.fakes import FakeClock
from tests.postbox.replies import TEXT, asked, replies_of
from tests.web.screens import screen
from tests.world import A_FILE, Delivered, World, open_world

MEGABYTE = 1_000_000
BYTES_MAX = 2 * MEGABYTE
SLOW = 400_000
"""Bytes a second."""
TOO_LARGE = "Die Datei „Scan.pdf“ ist leer oder zu groß."
LISTEN = """() => {
    window.heard = []
    const status = document.querySelector("[role=status]")
    new MutationObserver(() => window.heard.push(status.textContent)).observe(status, {childList: true})
}"""


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform that takes two files of two megabytes."""
    async with open_world(tmp_path, clock, attachment_max_bytes=BYTES_MAX, attachments_max=2) as opened:
        yield opened


class Reply(NamedTuple):
    """The form of a reply with a text in it, in a browser."""

    page: Page
    notice: Delivered
    world: World

    async def choose(self, name: str = "Scan.pdf", size: int = 1000, count: int = 1) -> None:
        """Choose files to be sent."""
        file = FilePayload(name=name, mimeType="x/x", buffer=A_FILE.data.ljust(size, b" "))
        await self.page.get_by_label("Dateien").set_input_files([file] * count)

    async def slow_down(self) -> None:
        """Have the network be slow from now on for what is sent."""
        network = await self.page.context.new_cdp_session(self.page)
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
        await network.send("Network.emulateNetworkConditions", limits)

    async def press(self, name: str = "Antwort senden") -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name).click()

    async def is_refused(self, words: str) -> None:
        """See that an alert says why, has the focus, and that nothing of the form is lost."""
        alert = self.page.get_by_role("alert")
        await expect(alert).to_contain_text(words)
        await expect(alert).to_be_focused()
        await expect(self.page.get_by_role("progressbar")).to_be_hidden()
        await expect(self.page.get_by_label("Ihre Antwort")).to_have_value(TEXT)
        await expect(self.page.get_by_label("Ihre Antwort")).to_be_editable()

    async def is_sent(self) -> None:
        """See that one has landed at the notice, and that the reply has arrived, once."""
        await self.page.wait_for_url(f"**/postfach/{self.notice.notice_id}")
        await expect(self.page.get_by_text("Antwort 1, gesendet")).to_be_visible()
        await self.world.settle()
        assert len(await replies_of(self.world, self.notice)) == 1


@pytest.fixture
async def reply(chromium: Browser, world: World) -> AsyncIterator[Reply]:
    """Open the form of a reply, with a text in it."""
    notice, tab = await asked(world)
    async with screen(chromium, tab, f"/postfach/{notice.notice_id}/antwort") as page:
        await page.get_by_label("Ihre Antwort").fill(TEXT)
        yield Reply(page, notice, world)


async def test_somebody_sees_and_hears_how_far_it_is_and_lands_where_the_server_leads(reply: Reply) -> None:
    page, posts = reply.page, list[str]()
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    await reply.choose(size=MEGABYTE)
    await page.evaluate(LISTEN)
    await reply.slow_down()

    await reply.press()

    await expect(page.get_by_role("progressbar", name="Gesendet")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("50 Prozent sind gesendet.")
    await expect(page.get_by_text("von 1 MB")).to_contain_text("Prozent: 0,")
    assert 50 <= await page.locator("progress").evaluate("bar => bar.value") < 75
    await expect(page.get_by_role("button", name="Antwort senden")).to_be_focused()
    await page.keyboard.press("Enter")  # once more, which does nothing
    heard = await page.evaluate("window.heard")
    await reply.is_sent()
    assert len(posts) == 1
    assert heard == [f"{percent} Prozent sind gesendet." for percent in (0, 25, 50)]


async def test_a_text_alone_is_sent_too(reply: Reply) -> None:
    await reply.press()

    await reply.is_sent()


async def test_whoever_breaks_off_keeps_text_and_files_and_can_send_them_afterwards(reply: Reply) -> None:
    await reply.choose(size=MEGABYTE)
    await reply.slow_down()
    await reply.press()
    await expect(reply.page.get_by_text("von 1 MB")).to_contain_text("Prozent: 0,")

    await reply.press("Abbrechen")

    await reply.is_refused("Sie haben abgebrochen. Was Sie eingegeben haben, steht noch hier.")
    assert await replies_of(reply.world, reply.notice) == []
    assert await reply.page.get_by_label("Dateien").evaluate("field => field.files[0].name") == "Scan.pdf"
    await reply.press()
    await reply.is_sent()


async def test_without_a_network_somebody_is_told_and_sends_it_again_when_there_is_one(reply: Reply) -> None:
    await reply.choose()
    await reply.page.context.set_offline(True)
    await reply.press()

    await reply.is_refused("Die Verbindung ist abgebrochen, oder bei uns ist etwas schiefgegangen.")

    await reply.page.context.set_offline(False)
    await reply.press()
    await reply.is_sent()


async def test_when_the_server_fails_the_form_stays_as_it_was(reply: Reply) -> None:
    await reply.page.route("**/antwort", lambda route: route.fulfill(status=503, body="down"))
    await reply.press()

    await reply.is_refused("oder bei uns ist etwas schiefgegangen.")


@pytest.mark.parametrize("size", [1000, MEGABYTE])
async def test_what_the_server_refuses_is_said_in_its_summary_which_has_the_focus(reply: Reply, size: int) -> None:
    await reply.choose("programm.exe", size)

    await reply.press()

    await reply.is_refused("Bitte prüfen Sie diese Angabe")
    await expect(reply.page).to_have_title(re.compile("^Fehler: Antworten"))
    await expect(
        reply.page.get_by_text("Die Datei „programm.exe“ ist von einer Art, die hier nicht geht")
    ).to_be_visible()
    await reply.choose()
    await reply.press()  # the script is at work on the new page as well
    await expect(reply.page.get_by_role("heading", name="Ihre Antworten")).to_be_visible()
    await reply.is_sent()


async def test_what_is_too_large_is_refused_before_it_is_sent_in_the_words_of_the_server(reply: Reply) -> None:
    page, sent = reply.page, list[str]()
    page.on("request", lambda request: sent.append(request.method))
    await reply.choose(size=BYTES_MAX + 1)
    await reply.press()
    await reply.is_refused(TOO_LARGE)
    await reply.choose(count=3)
    await reply.press()
    await reply.is_refused("Das sind zu viele Dateien.")
    assert sent == []

    await page.evaluate(
        "document.querySelectorAll('[data-upload]').forEach(form => form.replaceWith(form.cloneNode(1)))"
    )
    await page.get_by_label("Ihre Antwort").fill(TEXT)
    await reply.choose(size=BYTES_MAX + 1)
    await reply.press()  # without the script now
    await expect(page.get_by_text(TOO_LARGE)).to_be_visible()


async def test_whoever_was_logged_out_meanwhile_lands_at_the_log_in(reply: Reply) -> None:
    await reply.page.context.clear_cookies(name="session")

    await reply.press()

    await reply.page.wait_for_url(re.compile("/anmelden\\?weiter=/postfach/.*/antwort"))


@pytest.mark.parametrize("js", [True, False], ids=["script", "no-script"])
async def test_evidence_is_verified_with_and_without_the_script(chromium: Browser, world: World, *, js: bool) -> None:
    page = await (await chromium.new_context(java_script_enabled=js)).new_page()
    await page.goto(f"{world.base_url}/nachweis-pruefen")
    await page.get_by_label("Nachweis-Datei").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    )

    await page.get_by_role("button", name="Prüfen").click()

    await expect(page.get_by_role("alert")).to_contain_text("Unlesbar")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.context.close()


async def test_evidence_that_is_too_large_is_not_sent(chromium: Browser, world: World) -> None:
    page, sent = await (await chromium.new_context()).new_page(), list[str]()
    await page.goto(f"{world.base_url}/nachweis-pruefen")
    page.on("request", lambda request: sent.append(request.method))
    await page.get_by_label("Nachweis-Datei").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b" " * (2**20 + 1)}
    )

    await page.get_by_role("button", name="Prüfen").click()

    await expect(page.get_by_role("alert")).to_contain_text("Eine Nachweis-Datei hat höchstens 1 MiB")
    assert sent == []
    await page.context.close()
