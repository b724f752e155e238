"""A tour through the pages of a log-in to an online service: asked, led back, looked at, ended."""

from urllib.parse import urlencode

from playwright.async_api import Route

from tests.auth.portals import BYE, EVERYTHING, Software, a_portal
from tests.auth.vollmachten import named
from tests.pages.visit import Visit
from tests.safe.documents import put

HERE = "/konto/dienste"
HIGH = "http://eidas.europa.eu/LoA/high"
HIGH_ONLY = f'{{"id_token": {{"acr": {{"essential": true, "value": "{HIGH}"}}}}}}'
DOCUMENTS = '{"userinfo": {"documents": {"kinds": ["Mietvertrag", "Einkommensnachweis"]}}}'


async def portals(visit: Visit) -> None:
    """Log in to an online service, be asked for more, and let it be told nothing more."""
    world = visit.world
    erika = await named(world, await world.citizen(trust="low"), "Erika", "Mustermann")
    await put(world, erika, "Mietvertrag 2024.txt")
    await visit.page.route("https://portal.example/**", _stay)
    portal = await a_portal(
        world, claims=(*EVERYTHING, "documents"), purpose="um Ihren Antrag auf Wohngeld auszufüllen"
    )
    await visit.see({"/oauth/authorize?client_id=niemand": "portal-unknown"})
    await visit.log_in(erika)
    await visit.see({HERE: "consents-none"})
    path = await _sent_off(visit, portal, scope="openid profile email address postbox", claims=DOCUMENTS)
    await visit.seen("portal-consent")
    await visit.page.locator('main button[value="ja"]').click()
    await visit.seen("portal-leave")
    await visit.see({path: "portal-over", HERE: "consents"})
    await _sent_off(visit, await a_portal(world, name="Bibliothek Musterstadt"), scope="openid")
    await visit.seen("portal-consent-nothing")
    await _sent_off(visit, portal, claims=HIGH_ONLY)
    await visit.seen("portal-level")
    await _sent_off(visit, portal, acr_values=HIGH)
    await visit.seen("portal-level-wished")
    asked = urlencode({"client_id": portal.id, "post_logout_redirect_uri": BYE})
    await visit.see({f"/oauth/logout?{asked}": "portal-logout"})
    await visit.open(HERE)
    await visit.send(f"{HERE}/{portal.id}/widerrufen")
    await visit.seen("consents-withdrawn")


async def _sent_off(visit: Visit, portal: Software, **said: str | None) -> str:
    await visit.open(await portal.address(**said))
    return visit.page.url.removeprefix(visit.world.base_url)


async def _stay(route: Route) -> None:
    """Keep the browser on the page that leads to a portal: nobody is there."""
    await route.fulfill(status=204)
