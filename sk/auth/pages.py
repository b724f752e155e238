"""Log-in in the browser: with a password and perhaps a code, once more for what is important, and out again."""

from aiohttp import web

from sk.auth.account import Account
from sk.auth.enter import enter
from sk.auth.log_in import Known, check_log_in, password_stands
from sk.auth.registry import activate
from sk.auth.second_factor import ABOUT as SECOND_FACTOR
from sk.auth.second_factor import begin_second_factor, half_way, try_code
from sk.auth.sessions import end_session
from sk.errors import Invalid, NotFound
from sk.web.back import HOME, safe_back
from sk.web.cookies import delete_cookie, form_token_matches, read_cookie, set_cookie
from sk.web.keys import LOG_IN, PASSWORDS, SERVICES
from sk.web.problems import status_of
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, CITIZEN, RouteTable
from sk.web.visits import let_in, visit_of

routes = RouteTable()
STALE = "stale-form"


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
    services, form = request.app[SERVICES], await request.post()
    username, password = str(form.get("username", "")), str(form.get("password", ""))
    back = str(form.get("weiter", ""))
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return log_in_form(request, STALE, back=back, username=username)
    try:
        known = await check_log_in(username, password, visit_of(request), request.app[PASSWORDS], services)
        return await _go_on(request, known, safe_back(back, HOME))
    except Invalid as refused:
        return log_in_form(request, refused, back=back, username=username)


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
    services, form = request.app[SERVICES], await request.post()
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return _code_form(request, STALE)
    try:
        errand = await half_way(read_cookie(request, SECOND_FACTOR), services)
        entered = await try_code(errand, str(form.get("code", "")), visit_of(request), services)
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
    services, form = request.app[SERVICES], await request.post()
    password, back = str(form.get("password", "")), str(form.get("weiter", ""))
    account = await services.store.get(Account, request[LOG_IN].account_id)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    if not credentials.password_hash:
        return await _once_more(request, None, back=back)
    try:
        visit = visit_of(request)
        known = await check_log_in(credentials.username, password, visit, request.app[PASSWORDS], services)
        return await _go_on(request, known, safe_back(back, HOME))
    except Invalid as refused:
        return await _once_more(request, refused, back=back)


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
    services, form = request.app[SERVICES], await request.post()
    code, password = str(form.get("code", "")), str(form.get("password", ""))
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return _activation_form(request, STALE, code=code)
    try:
        await activate(code, password, request.app[PASSWORDS], services)
    except Invalid as refused:
        return _activation_form(request, refused, code=code)
    return page(request, "activate.html", trouble=None, done=True)


def log_in_form(
    request: web.Request, trouble: Invalid | str | None, *, back: str = "", username: str = ""
) -> web.Response:
    """Return the form, with what was wrong. Where it leads afterwards is a page of ours."""
    status, wanted = status_of(trouble), safe_back(back, "")
    return form_page(request, "log_in.html", status=status, trouble=trouble, back=wanted, username=username)


async def _go_on(request: web.Request, known: Known, back: str) -> web.Response:
    services = request.app[SERVICES]
    if known.credentials.totp is None:
        visit, account_id = visit_of(request), known.account.id
        return let_in(request, await enter(account_id, "password", visit, services, spend=password_stands(known)), back)
    errand = await begin_second_factor(known, back, services)
    response = see_other("/anmelden/code")
    set_cookie(request, response, SECOND_FACTOR, errand.token)
    return response


def _activation_form(request: web.Request, trouble: Invalid | str | None, *, code: str = "") -> web.Response:
    return form_page(request, "activate.html", status=status_of(trouble), trouble=trouble, code=code, done=False)


def _code_form(request: web.Request, trouble: Invalid | str | None) -> web.Response:
    return form_page(request, "log_in_code.html", status=status_of(trouble), trouble=trouble)


async def _once_more(request: web.Request, trouble: Invalid | None, *, back: str) -> web.Response:
    services, wanted = request.app[SERVICES], safe_back(back, "")
    account = await services.store.get(Account, request[LOG_IN].account_id)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    return form_page(
        request, "log_in_again.html", status=status_of(trouble), trouble=trouble, back=wanted, credentials=credentials
    )
