"""Visiting pages: somebody in front of a browser who goes from state to state, and shows each to whoever looks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.async_api import Page, Response

from tests.auth.bund import world_with_bundid
from tests.auth.visitors import begin_session
from tests.fakes import FakeClock
from tests.rendering import open_renderer
from tests.world import Citizen, World

Look = Callable[["Visit", str], Awaitable[None]]
"""Looks at the state that a visit has come to, which has a name."""
SAFE_MAX = 10_000_000
"""How many bytes a safe holds on the platform that is visited."""


@asynccontextmanager
async def open_pages(folder: Path) -> AsyncIterator[World]:
    """Open the platform that is visited: it makes previews, and people can log in by BundID."""
    async with (
        open_renderer(folder) as socket,
        world_with_bundid(folder, FakeClock(), render=socket, safe_max_bytes=SAFE_MAX) as world,
    ):
        yield world


@dataclass
class Visit:
    """Somebody in front of a browser. Forms are found by where they lead, so that no language matters."""

    world: World
    page: Page
    look: Look
    answer: Response | None = None
    """The newest page, as it came."""

    def __post_init__(self) -> None:
        """Keep what comes."""
        self.page.on("response", self._keep)

    async def open(self, path: str) -> None:
        """Open an address."""
        await self.page.goto(urljoin(self.world.base_url, path))

    async def send(self, action: str, **fields: str) -> None:
        """Fill in a form and send it off."""
        form = self.page.locator(f'main form[action="{action}"]').first
        for name, value in fields.items():
            field = form.locator(f"[name={name}]").first
            if await field.evaluate("field => field.tagName") == "SELECT":
                await field.select_option(value)
            elif await field.get_attribute("type") in ("radio", "checkbox"):
                await form.locator(f'[name={name}][value="{value}"]').check()
            else:
                await field.fill(value)
        await form.evaluate("form => { form.noValidate = true; document.body.dataset.left = '' }")
        is_upload = await form.get_attribute("data-upload") is not None
        await form.locator("button").last.click()
        if is_upload:  # a script sends it, and shows the answer in place of this page or goes where it leads
            await self.page.locator("body:not([data-left])").wait_for()
        await self.page.wait_for_load_state()

    async def forget(self, cookie: str) -> None:
        """Forget a cookie, as a browser does that was closed."""
        await self.page.context.clear_cookies(name=cookie)

    async def seen(self, name: str) -> None:
        """Show the state to whoever looks."""
        await self.look(self, name)

    async def see(self, pages: Mapping[str, str]) -> None:
        """Open pages, and show the state of each, which has a name."""
        for path, name in pages.items():
            await self.open(path)
            await self.seen(name)

    async def log_in(self, citizen: Citizen) -> None:
        """Log in with the password."""
        await self.open("/anmelden")
        await self.send("/anmelden", username=citizen.username, password=citizen.password)

    async def log_in_strongly(self, citizen: Citizen) -> None:
        """Be logged in by a passkey, as whoever acts for an authority has to be."""
        token = await begin_session(citizen.account, "low", "passkey", self.world.web)
        await self.page.context.add_cookies([{"name": "session", "value": token, "url": self.world.base_url}])

    def _keep(self, response: Response) -> None:
        is_page = response.request.is_navigation_request() or response.request.resource_type == "xhr"
        if is_page and response.headers.get("content-type", "").startswith("text/html"):
            self.answer = response
