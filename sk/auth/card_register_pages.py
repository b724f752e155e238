"""The page on which somebody registers with their ID card: what was read, and what no card knows."""

from aiohttp import web

from sk.auth.card_pages import own_errand, was_read
from sk.auth.cards import CardRead
from sk.auth.profile import NAMES
from sk.auth.register import ABOUT, draft_by_card
from sk.errors import Invalid
from sk.web.cookies import set_cookie
from sk.web.forms import NO_ERRORS, Errors, Fields, errors_of, fields, fields_of, refuse_stale
from sk.web.keys import SERVICES
from sk.web.render import form_page, see_other
from sk.web.routes import ANYBODY, RouteTable

routes = RouteTable()


@routes.get("/registrieren/ausweis", allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show what was read, and ask for what no card knows."""
    return _form(request, await _read(request), fields({}))


@routes.post("/registrieren/ausweis", allow=ANYBODY)
async def take_form(request: web.Request) -> web.Response:
    """Take an e-mail address, and show all of it once more."""
    services, form = request.app[SERVICES], await fields_of(request)
    read = await _read(request)
    try:
        refuse_stale(request, form)
    except Invalid as refused:
        return _form(request, read, form, errors_of(refused))
    drafted = await draft_by_card(form, read, services)
    if drafted.errand is None:
        return _form(request, read, form, drafted.errors)
    await services.store.save(drafted.errand.to_save(services))
    response = see_other("/registrieren/pruefen")
    set_cookie(request, response, ABOUT, drafted.errand.token)
    return response


async def _read(request: web.Request) -> CardRead:
    """Return what was read; whoever was only asked who they are, as BundID is at a log-in, is sent back to be asked."""
    read = was_read(await own_errand(request))
    if not read.values:
        raise web.HTTPSeeOther("/ausweis/neu")
    return read


def _form(request: web.Request, read: CardRead, entered: Fields, errors: Errors = NO_ERRORS) -> web.Response:
    lines = [(name, read.values[name]) for name in NAMES if read.values.get(name)]
    return form_page(request, "register_card.html", errors=errors, entered=entered, lines=lines, card=read.card)
