"""A tour along the way to BundID and back: to an account, to nothing, to a surer one."""

from playwright.async_api import Route

from tests.auth.bund import BY_ELSTER, BY_NAME, ERIKA, Bund, Person
from tests.auth.people import newest_path
from tests.pages.visit import Visit
from tests.saml.provider import SIGN_ON, Taken, taken

SEND = """([address, fields]) => {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = address
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement('input')
        field.type = 'hidden'
        field.name = name
        field.value = value
        form.append(field)
    }
    document.body.append(form)
    form.submit()
}"""
"""Sends a form as the page of BundID does."""


async def by_bundid(visit: Visit) -> None:
    """Register and log in by BundID, break off, and connect it more surely."""
    await visit.page.route(f"{SIGN_ON}**", _stay)
    await visit.open("/anmelden")
    asked = await leave(visit)
    await visit.seen("bundid-leave")
    await come_back(visit, asked, BY_NAME)
    await visit.seen("bundid-unknown")
    await come_back(visit, await leave(visit), BY_NAME)
    await visit.seen("bundid-failed")
    await come_back(visit, await leave(visit), BY_ELSTER)
    await visit.seen("register-bundid")
    await visit.send("/registrieren/ausweis", email="erika@example.org")
    await visit.seen("register-check-bundid")
    await visit.send("/registrieren/pruefen")
    await visit.world.settle()
    await visit.open(newest_path(visit.world))
    await visit.send("/registrieren/bestaetigen")
    await visit.open("/anmelden")
    asked = await leave(visit)
    await come_back(visit, asked, BY_NAME)
    await visit.open("/konto")
    await visit.seen("account-bundid")
    await come_back(visit, await leave(visit), ERIKA)
    await visit.seen("bundid-compare")
    await visit.send("/ausweis/abgleich")
    await come_back(visit, asked, BY_NAME)
    await visit.seen("bundid-answer-again")
    await visit.see({"/anmelden/erneut": "log-in-again-bundid", "/konto/sicherheit": "security-bundid"})


async def leave(visit: Visit) -> Taken:
    """Press the button; return what BundID is asked for."""
    await visit.send("/bundid")
    address = await visit.page.locator(f'main a[href^="{SIGN_ON}"]').get_attribute("href")
    return taken(address or "", await Bund(visit.world).metadata())


async def come_back(visit: Visit, asked: Taken, person: Person) -> None:
    """Have BundID answer."""
    form = Bund(visit.world).answer(asked, person)
    async with visit.page.expect_navigation():
        await visit.page.evaluate(SEND, [form.action, form.fields])
    await visit.page.wait_for_load_state()


async def _stay(route: Route) -> None:
    """Keep the browser on the page that leads to BundID: nobody is there."""
    await route.fulfill(status=204)
