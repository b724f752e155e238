"""A tab in somebody's browser that sends what it is told to, whether a browser would or not."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from sk.auth.sessions import current_log_in
from sk.auth.trust import Means, TrustLevel
from tests.auth.visitors import begin_session
from tests.world import Citizen, World

FORM_TOKEN = "x" * 43
"""What a form for people without a session brings along, and the browser's cookie as well: any 43 letters will do."""


@dataclass(frozen=True)
class Answer:
    """What came back; redirects are not followed."""

    path: str
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()


@dataclass(frozen=True)
class Tab:
    """A tab with somebody's session."""

    http: aiohttp.ClientSession
    base_url: str
    token: str
    csrf: str

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Send a request."""
        cookies = {"session": self.token, "form": FORM_TOKEN}
        url = self.base_url + path
        async with self.http.request(method, url, cookies=cookies, allow_redirects=False, **more) as answer:
            return Answer(path, answer.status, answer.headers, await answer.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """Open an address."""
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, **more: Any) -> Answer:
        """Send the form off, as its page has it."""
        return await self.ask("POST", path, data={"csrf": self.csrf}, **more)


async def open_tab(
    world: World, citizen: Citizen, level: TrustLevel = "high", base_url: str = "", means: Means = "password"
) -> Tab:
    """Log somebody in and return a tab of theirs."""
    token = await begin_session(citizen.account, level, means, world.web)
    log_in = await current_log_in(token, world.web)
    assert log_in
    return Tab(world.http, base_url or world.base_url, token, log_in.csrf)
