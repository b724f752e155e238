"""Log-in in the browser: with a password and perhaps a code, once more for what is important, and out again."""

from aiohttp import web

from sk.auth.activation import activate
from sk.auth.enter import enter
from sk.auth.log_in import check_log_in, password_stands
from sk.auth.second_factor import ABOUT as SECOND_FACTOR
from sk.auth.second_factor import begin_second_factor, half_way, try_code
from sk.auth.sessions import end_session
from sk.errors import Invalid, NotFound
from sk.web.back import HOME, safe_back
from sk.web.cookies import delete_cookie, read_cookie, set_cookie
from sk.web.forms import Fields, errors_of, fields_of, refuse_stale
from sk.web.keys import LOG_IN, PASSWORDS, SERVICES
from sk.web.own import own_credentials
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, CITIZEN, RouteTable
from sk.web.visits import let_in, visit_of

routes = RouteTable()


@routes.get("/", allow=ANYBODY)
async def show_home(request: web.Request) -> web.Response:
    """Say what this is, and where to go on."""
    return page(request, "home.html")


@routes.get("/anmelden", allow=ANYBODY)
async def show_log_in(request: web.Request) -> web.Response:
    """Show the form."""
    return log_in_form(request, None, back=request.query.get("weiter", ""))


@routes.post("/anmelden", allow=ANYBODY)
async def do_log_in(request: web.Request) -> web.Response:
    """Log in, under a fresh session, whatever session there was before; or ask for a code first."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        return await _check(request, form["username"], form)
    except Invalid as refused:
        return log_in_form(request, refused, back=form["weiter"], username=form["username"])


@routes.get("/anmelden/code", allow=ANYBODY)
async def show_code_form(request: web.Request) -> web.Response:
    """Ask for a code; whoever has not shown their password does that first."""
    try:
        await half_way(read_cookie(request, SECOND_FACTOR), request.app[SERVICES])
    except NotFound:
        return see_other("/anmelden")
    return _code_form(request, None)


@routes.post("/anmelden/code", allow=ANYBODY)
async def take_code(request: web.Request) -> web.Response:
    """Log in with what an app shows, or with a recovery code."""
    services, form = request.app[SERVICES], await fields_of(request)
    try:
        refuse_stale(request, form)
        errand = await half_way(read_cookie(request, SECOND_FACTOR), services)
        entered = await try_code(errand, form["code"], visit_of(request), services)
    except NotFound:
        return see_other("/anmelden")
    except Invalid as refused:
        return _code_form(request, refused)
    response = let_in(request, entered, errand.content.back)
    delete_cookie(request, response, SECOND_FACTOR)
    return response


@routes.get("/anmelden/erneut", allow=CITIZEN)
async def show_once_more(request: web.Request) -> web.Response:
    """Ask somebody who is logged in to show once more who they are."""
    return await _once_more(request, None, back=request.query.get("weiter", ""))


@routes.post("/anmelden/erneut", allow=CITIZEN)
async def do_once_more(request: web.Request) -> web.Response:
    """Begin a fresh session in the place of the one that has been going on for a while."""
    form, credentials = await fields_of(request), await own_credentials(request)
    if not credentials.password_hash:
        return await _once_more(request, None, back=form["weiter"])
    try:
        return await _check(request, credentials.username, form)
    except Invalid as refused:
        return await _once_more(request, refused, back=form["weiter"])


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
    return _activation_form(request, None)


@routes.post("/aktivieren", allow=ANYBODY)
async def do_activation(request: web.Request) -> web.Response:
    """Turn a code into a password."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        await activate(form["code"], form["password"], request.app[PASSWORDS], request.app[SERVICES])
    except Invalid as refused:
        return _activation_form(request, refused, code=form["code"])
    return page(request, "activate.html", done=True)


def log_in_form(request: web.Request, refused: Invalid | None, *, back: str = "", username: str = "") -> web.Response:
    """Return the form, with what was wrong. Where it leads afterwards is a page of ours."""
    wanted = safe_back(back, "")
    return form_page(request, "log_in.html", errors=errors_of(refused), back=wanted, username=username)


async def _check(request: web.Request, username: str, form: Fields) -> web.Response:
    """Go on with whoever has shown their password: into their account, or to the second factor."""
    services, visit, back = request.app[SERVICES], visit_of(request), safe_back(form["weiter"], HOME)
    known = await check_log_in(username, form["password"], visit, request.app[PASSWORDS], services)
    if known.credentials.totp is None:
        entered = await enter(known.account.id, "password", visit, services, spend=password_stands(known))
        return let_in(request, entered, back)
    errand = await begin_second_factor(known, back, services)
    response = see_other("/anmelden/code")
    set_cookie(request, response, SECOND_FACTOR, errand.token)
    return response


def _activation_form(request: web.Request, refused: Invalid | None, *, code: str = "") -> web.Response:
    return form_page(request, "activate.html", errors=errors_of(refused), code=code, done=False)


def _code_form(request: web.Request, refused: Invalid | None) -> web.Response:
    return form_page(request, "log_in_code.html", errors=errors_of(refused))


async def _once_more(request: web.Request, refused: Invalid | None, *, back: str) -> web.Response:
    credentials, wanted = await own_credentials(request), safe_back(back, "")
    return page(request, "log_in_again.html", errors=errors_of(refused), back=wanted, credentials=credentials)
