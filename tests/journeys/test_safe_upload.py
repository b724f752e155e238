"""Uploading into the safe in a browser: with a script or without, several at once, and over a network that is gone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, Request, Route, ViewportSize, expect

from sk.safe.safe import open_safe
from sk.safe.upload_steps import give_up
from tests.fakes import FakeClock
from tests.journeys.conftest import WIDTHS
from tests.journeys.people import log_in
from tests.safe.network import Network, network
from tests.safe.safes import put, put_folder
from tests.safe.uploads import bytes_of, kept_in, objects_in
from tests.security.tab import open_tab
from tests.web.screens import screen as shown
from tests.world import Citizen, World, open_world

MEGABYTE = 1_000_000
SLOW = 400_000
"""Bytes a second."""
AGAIN = "Gerade geht es nicht weiter. Wir versuchen es von selbst noch einmal."
LISTEN = """() => {
    window.heard = []
    const status = document.querySelector("[data-said]")
    new MutationObserver(() => window.heard.push(status.textContent)).observe(status, {childList: true})
}"""


def a_file(name: str, size: int = 1000) -> FilePayload:
    """Return a file with other bytes than any of another name."""
    return FilePayload(name=name, mimeType="x/x", buffer=(name.encode() * size)[:size])


async def test_somebody_uploads_two_files_and_finds_them_in_the_safe(screen: Page, world: World) -> None:
    erika, files = await world.citizen(), [a_file("Zeugnis.pdf"), a_file("Führerschein.jpg", MEGABYTE)]
    await log_in(screen, world.base_url, erika)
    await screen.get_by_role("link", name="Safe", exact=True).click()
    await expect(screen.get_by_text("Ihr Safe ist leer.")).to_be_visible()
    await screen.get_by_label("Dateien hochladen").set_input_files(files)

    await screen.get_by_role("button", name="Hochladen", exact=True).click()

    for file in files:
        await expect(screen.get_by_role("link", name=file["name"])).to_be_visible()
        assert await bytes_of(world, erika, file["name"]) == file["buffer"]
    await expect(screen.get_by_text("jetzt im Safe.")).to_be_visible()


async def test_a_file_that_is_empty_is_refused_and_the_other_one_stays(screen: Page, world: World) -> None:
    erika = await world.citizen()
    await log_in(screen, world.base_url, erika)
    await screen.get_by_role("link", name="Safe", exact=True).click()
    await screen.get_by_label("Dateien hochladen").set_input_files([a_file("leer.txt", 0), a_file("Zeugnis.pdf")])

    await screen.get_by_role("button", name="Hochladen", exact=True).click()

    await expect(screen.get_by_role("link", name="Zeugnis.pdf")).to_be_visible()
    await expect(screen.get_by_text("leer.txt").first).to_be_visible()
    await expect(screen.get_by_text("Die Datei ist leer oder größer als 1,07 GB.").first).to_be_visible()
    assert list(await kept_in(world, erika)) == ["Zeugnis.pdf"]


class Safe(NamedTuple):
    """An open safe, and what its script asks of the server."""

    page: Page
    world: World
    owner: Citizen
    asked: list[Request]
    network: Network

    async def upload(self, *files: FilePayload | Path) -> None:
        """Choose files and have them uploaded."""
        await self.page.get_by_label("Dateien hochladen").set_input_files(files)  # type: ignore[arg-type]
        await self.page.get_by_role("button", name="Hochladen", exact=True).press("Enter")

    async def slow_down(self) -> None:
        """Have the browser be slow from now on at what it sends."""
        session = await self.page.context.new_cdp_session(self.page)
        limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
        await session.send("Network.emulateNetworkConditions", limits)

    async def is_under_way(self, name: str) -> None:
        """Wait until a part of a file has been sent."""
        await expect(self.page.get_by_role("progressbar", name=f"Gesendet: {name}")).to_be_visible()
        await expect(self.line(name)).to_contain_text("Prozent: 0,")

    def line(self, name: str) -> Locator:
        """Return what is said of a file that is being uploaded."""
        return self.page.locator("[data-uploads] li").filter(has_text=name)

    async def is_kept(self, *files: FilePayload) -> None:
        """See that files are listed and that all their bytes are there, and that no upload is left."""
        for file in files:
            await expect(self.page.get_by_role("link", name=file["name"])).to_be_visible(timeout=20_000)
            assert await bytes_of(self.world, self.owner, file["name"]) == file["buffer"]

    def sent(self, method: str, header: str = "upload-offset") -> list[str]:
        """Return what the requests of a kind said in a header."""
        return [request.headers.get(header, "") for request in self.asked if request.method == method]


@pytest.fixture
async def safe(chromium: Browser, world: World) -> AsyncIterator[Safe]:
    """Open a safe on a phone, in which there is one document."""
    erika, asked = await world.citizen(), list[Request]()
    await put(world, erika, "Alt.pdf")
    view = ViewportSize(width=WIDTHS["phone"], height=800)
    async with (
        network(world.base_url) as opened,
        shown(chromium, await open_tab(world, erika, base_url=opened.url), "/safe", viewport=view) as page,
    ):
        page.on("request", lambda request: asked.append(request) if "/safe/tus" in request.url else None)
        yield Safe(page, world, erika, asked, opened)
        assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]


async def test_somebody_sees_and_hears_how_far_it_is_and_keeps_the_focus(safe: Safe) -> None:
    page, scan = safe.page, a_file("Scan.pdf", MEGABYTE)
    await page.evaluate(LISTEN)
    await safe.slow_down()

    await safe.upload(scan)

    bar = page.get_by_role("progressbar", name="Gesendet: Scan.pdf")
    await expect(page.get_by_role("status")).to_have_text("50 Prozent sind gesendet.")
    await expect(safe.line("Scan.pdf")).to_contain_text("von 1 MB")
    assert 50 <= await bar.evaluate("bar => bar.value") < 75
    await expect(page.get_by_role("status")).to_have_text("Eine Datei ist jetzt im Safe.")
    assert [said for said in await page.evaluate("window.heard") if said] == [
        *(f"{percent} Prozent sind gesendet." for percent in (0, 25, 50, 75, 100)),
        "Eine Datei ist jetzt im Safe.",
    ]
    await safe.is_kept(scan)
    await expect(page.get_by_role("button", name="Hochladen", exact=True)).to_be_focused()
    await expect(safe.line("Scan.pdf")).to_be_hidden()


async def test_two_files_are_sent_at_a_time_and_the_others_wait(safe: Safe) -> None:
    files = [a_file(f"Scan {number}.pdf", MEGABYTE) for number in (1, 2, 3)]
    await safe.slow_down()

    await safe.upload(*files)

    await safe.is_under_way("Scan 1.pdf")
    await safe.is_under_way("Scan 2.pdf")
    await expect(safe.line("Scan 3.pdf")).to_contain_text("Wartet.")
    more = a_file("Später.pdf")
    await safe.upload(more)  # chosen while the others are under way
    await safe.is_kept(*files, more)
    await expect(safe.page.get_by_role("status")).to_have_text("4 Dateien sind jetzt im Safe.")
    assert safe.sent("PATCH") == ["0"] * 4


async def test_what_somebody_breaks_off_leaves_nothing_and_the_others_go_on(safe: Safe) -> None:
    first, second, third = (a_file(f"Scan {number}.pdf", MEGABYTE) for number in (1, 2, 3))
    before = await objects_in(safe.world)
    await safe.slow_down()
    await safe.upload(first, second, third)
    await safe.is_under_way("Scan 1.pdf")

    for name in ("Scan 3.pdf", "Scan 1.pdf"):  # one that waits, one that is under way
        await safe.page.get_by_role("button", name=f"Abbrechen: {name}").press("Enter")
        await expect(safe.line(name)).to_contain_text("Abgebrochen.")
        await expect(safe.page.get_by_label("Dateien hochladen")).to_be_focused()

    await safe.is_kept(second)
    await safe.world.settle()
    assert sorted(await kept_in(safe.world, safe.owner)) == ["Alt.pdf", "Scan 2.pdf"]
    assert len(await objects_in(safe.world)) == len(before) + 1
    assert len(safe.sent("DELETE")) == 1


async def test_when_the_network_is_gone_it_goes_on_by_itself_where_it_broke_off(safe: Safe) -> None:
    scan = a_file("Scan.pdf", MEGABYTE)
    await safe.slow_down()
    await safe.upload(scan)
    await safe.is_under_way("Scan.pdf")
    safe.network.go()
    await expect(safe.line("Scan.pdf")).to_contain_text(AGAIN)

    safe.network.come_back()

    await safe.is_kept(scan)
    first, *others = map(int, safe.sent("PATCH"))
    assert first == 0
    assert others
    assert all(0 < offset < MEGABYTE for offset in others)


async def test_after_the_page_was_left_the_same_file_goes_on_once_it_is_chosen_again(
    safe: Safe, tmp_path: Path
) -> None:
    page, scan = safe.page, a_file("Scan.pdf", MEGABYTE)
    (tmp_path / "Scan.pdf").write_bytes(scan["buffer"])
    await safe.slow_down()
    await safe.upload(tmp_path / "Scan.pdf")
    await safe.is_under_way("Scan.pdf")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()

    await safe.upload(tmp_path / "Scan.pdf")

    await safe.is_kept(scan)
    assert 0 < int(safe.sent("PATCH")[-1]) < MEGABYTE
    assert len(safe.sent("POST")) == 1
    assert "Scan" not in str(await page.evaluate("JSON.stringify(sessionStorage)"))


async def test_when_the_server_cannot_it_is_tried_again(safe: Safe) -> None:
    refused = list[str]()

    async def refuse_once(route: Route) -> None:
        if route.request.method == "PATCH" and not refused:
            refused.append(route.request.url)
            await route.fulfill(status=503, body="down")
        else:
            await route.continue_()

    await safe.page.route("**/safe/tus/**", refuse_once)
    await safe.upload(a_file("Scan.pdf"))

    await expect(safe.line("Scan.pdf")).to_contain_text(AGAIN)
    await safe.is_kept(a_file("Scan.pdf"))


async def test_an_upload_that_is_not_there_any_more_begins_anew(safe: Safe) -> None:
    scan = a_file("Scan.pdf", MEGABYTE)
    await safe.slow_down()
    await safe.upload(scan)
    await safe.is_under_way("Scan.pdf")
    safe.network.go()
    await expect(safe.line("Scan.pdf")).to_contain_text(AGAIN)
    account_id = safe.owner.account.id
    [upload_id] = (await open_safe(account_id, safe.world.web)).contents.coming
    await give_up(upload_id, account_id, safe.world.web)

    safe.network.come_back()

    await safe.is_kept(scan)
    assert len(safe.sent("POST")) == 2


async def test_whoever_was_logged_out_meanwhile_goes_on_after_logging_in_again(safe: Safe, tmp_path: Path) -> None:
    page, scan = safe.page, a_file("Scan.pdf", MEGABYTE)
    (tmp_path / "Scan.pdf").write_bytes(scan["buffer"])
    await safe.slow_down()
    await safe.upload(tmp_path / "Scan.pdf")
    await safe.is_under_way("Scan.pdf")
    safe.network.go()
    await expect(safe.line("Scan.pdf")).to_contain_text(AGAIN)
    await page.context.clear_cookies(name="session")
    safe.network.come_back()
    await expect(safe.line("Scan.pdf")).to_contain_text("Sie sind nicht mehr angemeldet.")
    await expect(page.get_by_role("status")).to_have_text(
        "Eine Datei ist nicht im Safe. Der Grund steht bei der Datei."
    )

    tab = await open_tab(safe.world, safe.owner)
    await page.context.add_cookies([{"name": "session", "value": tab.token, "url": tab.base_url}])
    await page.reload()
    await safe.upload(tmp_path / "Scan.pdf")

    await safe.is_kept(scan)
    assert 0 < int(safe.sent("PATCH")[-1]) < MEGABYTE
    assert len(safe.sent("POST")) == 1


async def test_the_list_is_renewed_only_when_nobody_is_in_it(safe: Safe) -> None:
    await safe.slow_down()
    await safe.upload(a_file("Scan.pdf", MEGABYTE))
    await safe.is_under_way("Scan.pdf")
    old = safe.page.get_by_role("link", name="Alt.pdf")
    await old.focus()
    await expect(safe.page.get_by_role("status")).to_have_text("Eine Datei ist jetzt im Safe.")
    await safe.page.wait_for_load_state("networkidle")

    await expect(old).to_be_focused()
    assert await safe.page.get_by_role("link", name="Scan.pdf").count() == 0
    await safe.page.get_by_label("In Ihrem Safe suchen").focus()
    await expect(safe.page.get_by_role("link", name="Scan.pdf")).to_be_visible()
    await expect(safe.page.get_by_label("In Ihrem Safe suchen")).to_be_focused()


async def test_what_the_server_would_refuse_is_refused_before_its_bytes_are_sent(
    chromium: Browser, tmp_path: Path, clock: FakeClock
) -> None:
    async with open_world(tmp_path / "data", clock, safe_max_bytes=2000, safe_file_max_bytes=1500) as world:
        erika, asked = await world.citizen(), list[Request]()
        folder = await put_folder(world, erika, "Steuer")
        async with (
            network(world.base_url) as opened,
            shown(chromium, await open_tab(world, erika, base_url=opened.url), f"/safe/ordner/{folder}") as page,
        ):
            page.on("request", lambda request: asked.append(request) if "/safe/tus" in request.url else None)
            safe = Safe(page, world, erika, asked, opened)
            await safe.upload(a_file("Passt.pdf", 1000), a_file("Groß.pdf", 1501), a_file("Voll.pdf", 1001))
            await expect(safe.line("Groß.pdf")).to_contain_text("Die Datei ist leer oder größer als 2 KB.")
            await expect(safe.line("Voll.pdf")).to_contain_text("In Ihrem Safe ist dafür kein Platz mehr.")
            await safe.is_kept(a_file("Passt.pdf", 1000))

        assert (await kept_in(world, erika))["Passt.pdf"].folder == folder
        assert len(safe.sent("PATCH")) == 1
