"""Log-in, log-out and activation in the browser."""

from typing import Any

from aiohttp import web

from sk.auth.log_in import log_in
from sk.auth.registry import activate
from sk.auth.sessions import current_log_in, end_session
from sk.errors import Invalid
from sk.web.cookies import delete_cookie, form_token, form_token_matches, read_session_cookie, set_cookie
from sk.web.keys import LOG_IN, PASSWORDS, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, CITIZEN, RouteTable

routes = RouteTable()


@routes.get("/", allow=ANYBODY)
async def show_home(request: web.Request) -> web.Response:
    """Say what this is, and where to go on."""
    return page(request, "home.html")


@routes.get("/anmelden", allow=ANYBODY)
async def show_log_in(request: web.Request) -> web.Response:
    """Show the form."""
    return _form(request, "log_in.html", error="", username="")


@routes.post("/anmelden", allow=ANYBODY)
async def do_log_in(request: web.Request) -> web.Response:
    """Log in, under a fresh session, whatever session there was before."""
    services, form = request.app[SERVICES], await request.post()
    username, password = str(form.get("username", "")), str(form.get("password", ""))
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return _form(request, "log_in.html", status=403, error="stale-form", username=username)
    try:
        token = await log_in(username, password, request.app[PASSWORDS], services)
    except Invalid as refused:
        return _form(request, "log_in.html", status=422, error=refused.problem, username=username)
    if before := await current_log_in(read_session_cookie(request), services):
        await end_session(before.session_id, services)
    response = see_other("/postfach")
    set_cookie(request, response, "session", token)
    delete_cookie(request, response, "form")
    return response


@routes.post("/abmelden", allow=CITIZEN)
async def do_log_out(request: web.Request) -> web.Response:
    """End the session at once."""
    await end_session(request[LOG_IN].session_id, request.app[SERVICES])
    response = see_other("/")
    delete_cookie(request, response, "session")
    return response


@routes.get("/aktivieren", allow=ANYBODY)
async def show_activation(request: web.Request) -> web.Response:
    """Show the form."""
    return _form(request, "activate.html", error="", code="", done=False)


@routes.post("/aktivieren", allow=ANYBODY)
async def do_activation(request: web.Request) -> web.Response:
    """Turn a code into a password."""
    services, form = request.app[SERVICES], await request.post()
    code, password = str(form.get("code", "")), str(form.get("password", ""))
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return _form(request, "activate.html", status=403, error="stale-form", code=code, done=False)
    try:
        await activate(code, password, request.app[PASSWORDS], services)
    except Invalid as refused:
        return _form(request, "activate.html", status=422, error=refused.problem, code=code, done=False)
    return page(request, "activate.html", error="", code="", done=True)


def _form(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """Return a page with a form for people without a session, and the cookie that goes with it."""
    token = form_token(request)
    response = page(request, template, status=status, csrf=token, **values)
    set_cookie(request, response, "form", token)
    return response
