"""A forgotten password in the browser: ask for a mail, and choose a new one with the link in it."""

from aiohttp import web

from sk.auth.password_change import ask_for_reset, find_reset, reset_password
from sk.errors import Invalid
from sk.web.cookies import delete_cookie
from sk.web.forms import errors_of, fields_of, refuse_stale
from sk.web.keys import PASSWORDS, SERVICES
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, RouteTable
from sk.web.source import source_of

routes = RouteTable()


@routes.get("/passwort-vergessen", allow=ANYBODY)
async def show_ask(request: web.Request) -> web.Response:
    """Show the form."""
    return _ask(request, None)


@routes.post("/passwort-vergessen", allow=ANYBODY)
async def take_ask(request: web.Request) -> web.Response:
    """Send a mail if there is such an account; what follows is the same whether there is one or not."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        await ask_for_reset(form["username"], source_of(request), request.app[SERVICES])
    except Invalid as refused:
        return _ask(request, refused)
    return see_other("/passwort-vergessen/unterwegs")


@routes.get("/passwort-vergessen/unterwegs", allow=ANYBODY)
async def show_asked(request: web.Request) -> web.Response:
    """Say that a mail is on its way if there is such an account."""
    return page(request, "forgotten_mail.html")


@routes.get("/passwort-vergessen/neu", allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show the form for a new password to whoever comes from the mail. Looking changes nothing."""
    return await _form(request, request.query.get("code", ""), None)


@routes.post("/passwort-vergessen/neu", allow=ANYBODY)
async def take_password(request: web.Request) -> web.Response:
    """Set the new password. Nobody is logged in by it."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        await reset_password(form["code"], form["password"], request.app[PASSWORDS], request.app[SERVICES])
    except Invalid as refused:
        return await _form(request, form["code"], refused)
    response = page(request, "forgotten_done.html")
    delete_cookie(request, response, "session")
    return response


def _ask(request: web.Request, refused: Invalid | None) -> web.Response:
    return form_page(request, "forgotten.html", errors=errors_of(refused))


async def _form(request: web.Request, code: str, refused: Invalid | None) -> web.Response:
    errors = errors_of(refused)
    try:
        await find_reset(code, request.app[SERVICES])
    except Invalid as gone:
        errors = {**errors, **errors_of(gone)}
    return form_page(request, "forgotten_new.html", errors=errors, code=code)
