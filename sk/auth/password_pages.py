"""A forgotten password in the browser: ask for a mail, and choose a new one with the link in it."""

from aiohttp import web

from sk.auth.password_change import ask_for_reset, find_reset, reset_password
from sk.errors import Invalid
from sk.web.cookies import delete_cookie, form_token_matches
from sk.web.keys import PASSWORDS, SERVICES
from sk.web.problems import status_of
from sk.web.render import form_page
from sk.web.routes import ANYBODY, RouteTable
from sk.web.source import source_of

routes = RouteTable()


@routes.get("/passwort-vergessen", allow=ANYBODY)
async def show_ask(request: web.Request) -> web.Response:
    """Show the form."""
    return _ask(request, None)


@routes.post("/passwort-vergessen", allow=ANYBODY)
async def take_ask(request: web.Request) -> web.Response:
    """Say that a mail is on its way if there is such an account, whether there is one or not."""
    services, form = request.app[SERVICES], await request.post()
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return _ask(request, "stale-form")
    try:
        await ask_for_reset(str(form.get("username", "")), source_of(request), services)
    except Invalid as refused:
        return _ask(request, refused)
    return form_page(request, "forgotten_mail.html")


@routes.get("/passwort-vergessen/neu", allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show the form for a new password to whoever comes from the mail. Looking changes nothing."""
    return await _form(request, request.query.get("code", ""), None)


@routes.post("/passwort-vergessen/neu", allow=ANYBODY)
async def take_password(request: web.Request) -> web.Response:
    """Set the new password. Nobody is logged in by it."""
    services, form = request.app[SERVICES], await request.post()
    code, password = str(form.get("code", "")), str(form.get("password", ""))
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return await _form(request, code, "stale-form")
    try:
        await reset_password(code, password, request.app[PASSWORDS], services)
    except Invalid as refused:
        return await _form(request, code, refused)
    response = form_page(request, "forgotten_done.html")
    delete_cookie(request, response, "session")
    return response


def _ask(request: web.Request, trouble: Invalid | str | None) -> web.Response:
    return form_page(request, "forgotten.html", status=status_of(trouble), trouble=trouble)


async def _form(request: web.Request, code: str, trouble: Invalid | str | None) -> web.Response:
    try:
        await find_reset(code, request.app[SERVICES])
    except Invalid as refused:
        trouble = trouble if isinstance(trouble, str) else refused
    return form_page(request, "forgotten_new.html", status=status_of(trouble), trouble=trouble, code=code)
