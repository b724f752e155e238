"""By BundID in Chromium, which shows none of our cookies with a form of another site, and leads on by our rules."""

import socket
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from sk.auth.account import Account
from tests.auth.bund import BY_ELSTER, BY_NAME, ERIKA, Bund, Person, world_with_bundid
from tests.auth.people import newest_path
from tests.auth.test_cards import notice_for
from tests.fakes import FakeClock
from tests.saml.provider import taken
from tests.world import World

WAYS: dict[str, Person] = {"Online-Ausweis": ERIKA, "ELSTER-Zertifikat": BY_ELSTER, "Benutzername": BY_NAME}
WORLD = web.AppKey("world", World)
routes = web.RouteTableDef()


@routes.get("/idp/profile/SAML2/Redirect/SSO")
async def sign_on(request: web.Request) -> web.Response:
    """Take the request as it came, and let its user choose how to log in; each answer is a form."""
    bund = Bund(request.app[WORLD])
    address = f"http://{request.host}{request.raw_path}"
    asked = taken(address, await bund.metadata())
    forms = "".join(_form(bund.world.base_url, bund.answer(asked, person).fields, how) for how, person in WAYS.items())
    return web.Response(text=f"<!doctype html><title>BundID</title><h1>BundID</h1>{forms}", content_type="text/html")


def _form(base_url: str, fields: dict[str, str], how: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(said)}">' for name, said in fields.items())
    return f'<form method="post" action="{base_url}/bundid/antwort">{hidden}<button>{how}</button></form>'


@pytest.fixture
async def world(tmp_path: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Return a platform, and beside it an identity provider, which is another site to browsers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sign_on = f"http://localhost:{listening.getsockname()[1]}/idp/profile/SAML2/Redirect/SSO"
        async with world_with_bundid(tmp_path, clock, sign_on=sign_on) as opened:
            app = web.Application()
            app[WORLD] = opened
            app.add_routes(routes)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.SockSite(runner, listening).start()
            yield opened
            await runner.cleanup()


async def show(screen: Page, how: str) -> None:
    """Choose at BundID how to log in."""
    await expect(screen.get_by_role("heading", name="BundID", exact=True)).to_be_visible()
    await screen.get_by_role("button", name=how).click()


async def test_from_no_account_to_a_notice_that_demands_a_high_level(screen: Page, world: World) -> None:
    await screen.goto(f"{world.base_url}/registrieren")
    await screen.get_by_role("button", name="Mit BundID anlegen").click()
    await show(screen, "ELSTER-Zertifikat")
    await expect(screen.get_by_role("heading", name="Das haben wir von BundID bekommen")).to_be_visible()
    await screen.get_by_label("E-Mail-Adresse", exact=True).fill("erika@example.org")
    await screen.get_by_role("button", name="Weiter").click()
    await screen.get_by_role("button", name="Konto anlegen").click()
    await world.settle()
    await screen.goto(f"{world.base_url}{newest_path(world)}")
    await screen.get_by_role("button", name="Konto bestätigen").click()

    await screen.goto(f"{world.base_url}/anmelden")
    await screen.get_by_role("button", name="Mit BundID anmelden").click()
    await show(screen, "Benutzername")
    await expect(screen).to_have_url(f"{world.base_url}/postfach")
    await screen.goto(f"{world.base_url}/konto")
    await screen.get_by_role("button", name="Angaben neu von BundID holen").click()
    await show(screen, "Online-Ausweis")
    await screen.get_by_role("button", name="Übernehmen").click()
    await expect(screen.get_by_text("Das Vertrauensniveau Ihres Kontos ist „hoch“.")).to_be_visible()

    [id_] = await world.web.store.scan(Account)
    notice_id = await notice_for(world, await world.web.store.get(Account, id_))
    await screen.get_by_role("button", name="Abmelden").click()
    await screen.goto(f"{world.base_url}/postfach/{notice_id}")
    await screen.get_by_role("button", name="Mit BundID anmelden").click()
    await show(screen, "Benutzername")
    await expect(screen.get_by_text("Dafür brauchen Sie eine sicherere Anmeldung")).to_be_visible()
    await screen.get_by_role("button", name="Mit BundID anmelden").click()
    await show(screen, "Online-Ausweis")
    await screen.get_by_role("button", name="Nachricht öffnen").click()
    await expect(screen.get_by_text("anbei Ihr Bescheid")).to_be_visible()
