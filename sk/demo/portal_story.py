"""The demo's third story: a portal, a form that is filled in already, and the Bescheid in the postbox."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import aiohttp

from sk.demo.browser import Browser, Page
from sk.demo.portal import NAME, SUBJECT
from sk.demo.story import ADDRESS, CITIZEN, PATIENCE_SECONDS, Failed, expect, step


class PortalStory:
    """The story as it is played. `tell` hears of every step that went well."""

    def __init__(self, base_url: str, portal_url: str, tell: Callable[[str], None]) -> None:
        """Play against a running platform and its portal."""
        self._base_url = base_url
        self._portal_url = portal_url
        self._tell = tell

    async def play(self, username: str, password: str) -> None:
        """Play it, with a browser of its own."""
        jar = aiohttp.CookieJar(unsafe=True)  # the portal has an address for a name
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            await self._play(http, username, password)

    async def _play(self, http: aiohttp.ClientSession, username: str, password: str) -> None:
        account, portal = Browser(http, self._base_url), Browser(http, self._portal_url)
        with step("the portal has the citizen log in"):
            form = await portal.open("/anmelden")
            expect(form.url == "/anmelden", f"the portal led to {form.url}")
            consent = await account.send(form.form("Anmelden"), username=username, password=password)
            expect(NAME in consent.text and CITIZEN.split()[1] in consent.text, "the page does not say what is told")
        self._tell(f"{NAME} leads to the log-in, and the citizen sees what it would be told")
        with step("the citizen agrees"):
            filled_in = await self._lead_back(await account.send(consent.form("Zustimmen und weiter")), http)
            expect(all(line in filled_in.text for line in (CITIZEN, *ADDRESS)), "the form is not filled in")
            expect("vom Ausweis bestätigt" in filled_in.text, "the portal does not know that the name is the card's")
        self._tell("agreed: the portal's form is filled in")
        with step("the citizen sends the form off"):
            sent = await portal.send(filled_in.form("Antrag absenden"))
            expect("bewilligt" in sent.text, f"the portal answered {sent.status}")
            await self._until_in_postbox(account)
        self._tell("sent off: the Bescheid is in the postbox")
        with step("the citizen withdraws the consent"):
            page = await account.open("/konto/dienste")
            await account.send(page.form("Widerrufen"))
            await self._until_logged_out(portal)
        self._tell("withdrawn: the portal was told, and has logged the citizen out")

    async def _lead_back(self, page: Page, http: aiohttp.ClientSession) -> Page:
        """Go where a page leads that is on the way to the portal."""
        expect(page.status == HTTPStatus.OK and "Weiter" in page.links, f"the answer was {page.status}")
        return await Browser(http, "").open(page.links["Weiter"])

    async def _until_in_postbox(self, account: Browser) -> None:
        for _ in range(PATIENCE_SECONDS * 4):
            if (await account.open("/postfach")).text.count(SUBJECT) > 1:
                return
            await asyncio.sleep(0.25)
        raise Failed("the Bescheid did not arrive in time")

    async def _until_logged_out(self, portal: Browser) -> None:
        for _ in range(PATIENCE_SECONDS * 4):
            if "Sie sind abgemeldet." in (await portal.open("/antrag")).text:
                return
            await asyncio.sleep(0.25)
        raise Failed("the portal did not log the citizen out in time")
