"""The demo's second story: the document goes into the safe, is shared with an authority, fetched, and taken back."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import aiohttp

from sk.client import AuthorityClient, File
from sk.demo.browser import Browser, Page
from sk.demo.story import AUTHORITY, PATIENCE_SECONDS, Cast, Failed, expect, step

PURPOSE = "Verlängerung der Erlaubnis"
ISSUED = f"Von {AUTHORITY}, in Ihrem Postfach seit"


class SafeStory:
    """The story as it is played, after the notice was read. `tell` hears of every step that went well."""

    def __init__(self, base_url: str, players: Cast, tell: Callable[[str], None]) -> None:
        """Play against a running platform."""
        self._base_url = base_url
        self._players = players
        self._tell = tell

    async def play(
        self, citizen: aiohttp.ClientSession, http: aiohttp.ClientSession, notice_id: str, bescheid: File
    ) -> None:
        """Play it: the citizen is logged in."""
        players, browser = self._players, Browser(citizen, self._base_url)
        authority = AuthorityClient(http, self._base_url, players.client_id, players.key, players.kid)
        with step("the document goes into the safe"):
            notice = await browser.open(f"/postfach/{notice_id}")
            document = await browser.send(notice.form("In den Safe legen"))
            await self._until_proven(browser, document.url)
        self._tell(f"kept in the safe, which has verified that {AUTHORITY} has issued it")
        with step("the citizen shares the document"):
            share_id = await self._share(browser, document)
        self._tell("shared with the authority: for a purpose, until a day, to be fetched once")
        with step("the authority fetches the document"):
            status, fetched = await authority.download(f"/api/v1/shares/{share_id}/1")
            expect((status, fetched) == (HTTPStatus.OK, bescheid.data), f"what came is not the document ({status})")
        with step("the authority fetches it once more than it may"):
            await self._expect_gone(authority, share_id)
        self._tell("fetched, byte for byte; once more than was granted it is refused")
        with step("the citizen ends the share"):
            page = await browser.open(f"/safe/freigaben/{share_id}/beenden")
            await browser.send(page.form("Freigabe beenden"))
            await self._expect_gone(authority, share_id)
        self._tell("ended by the citizen: nothing can be fetched any more")

    async def _share(self, browser: Browser, document: Page) -> str:
        """Share a document with the authority, to be fetched once, and return the number of the share."""
        form = await browser.open(f"/safe/freigaben/neu?dokument={document.url.rpartition('/')[2]}")
        wanted = {"recipient": self._players.client_id, "purpose": PURPOSE, "fetches": "1"}
        check = await browser.send(form.form("Weiter"), **wanted)
        shared = await browser.send(check.form("Freigeben"))
        expect(shared.status == HTTPStatus.OK, f"the form was answered {shared.status}")
        return shared.url.rpartition("/")[2]

    async def _expect_gone(self, authority: AuthorityClient, share_id: str) -> None:
        status, _ = await authority.get(f"/api/v1/shares/{share_id}/1")
        expect(status == HTTPStatus.GONE, f"it was answered {status}")

    async def _until_proven(self, browser: Browser, path: str) -> None:
        """Wait until the page says who has issued the document: the log needs a moment for what was stated last."""
        for _ in range(PATIENCE_SECONDS * 4):
            page = await browser.open(path)
            if ISSUED in " ".join(page.text.replace("<bdi>", "").replace("</bdi>", "").split()):
                return
            await asyncio.sleep(0.25)
        raise Failed("the safe does not say where the document comes from")
