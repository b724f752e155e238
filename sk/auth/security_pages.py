"""The page about what keeps an account safe: its ways in, and the sessions that are open."""

from aiohttp import web

from sk.auth.password_change import change_password
from sk.auth.second_factor_change import ABOUT as APP
from sk.auth.second_factor_change import begin_enrolment, enrolment, renew_codes, switch_off, switch_on
from sk.auth.sessions import end_other_sessions, end_session_of, list_sessions
from sk.auth.totp import qr_code, spelled
from sk.errors import Invalid, NotFound
from sk.web.cookies import delete_cookie, read_cookie, set_cookie
from sk.web.forms import errors_of, fields_of
from sk.web.keys import LOG_IN, PASSWORDS, SERVICES
from sk.web.own import own_credentials
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, CITIZEN, FRESH_CITIZEN, RouteTable
from sk.web.visits import device_of, let_in

routes = RouteTable()
HERE = "/konto/sicherheit"
PAGE_OF_APP = f"{HERE}/app"


@routes.get("/.well-known/change-password", allow=ANYBODY)
async def lead_to_password(_: web.Request) -> web.Response:
    """Lead password managers to where a password is changed (W3C, A Well-Known URL for Changing Passwords)."""
    return see_other(HERE)


@routes.get("/konto/sicherheit", allow=CITIZEN)
async def show_security(request: web.Request) -> web.Response:
    """Show the ways into the account, and its sessions."""
    log_in = request[LOG_IN]
    sessions = await list_sessions(log_in.account_id, request.app[SERVICES])
    return page(request, "security.html", credentials=await own_credentials(request), sessions=sessions)


@routes.post("/konto/sicherheit/sitzungen/{id}/beenden", allow=CITIZEN)
async def end_one(request: web.Request) -> web.Response:
    """End one of the sessions of the account."""
    await end_session_of(request[LOG_IN].account_id, request.match_info["id"], request.app[SERVICES])
    return see_other(HERE)


@routes.post("/konto/sicherheit/sitzungen/beenden", allow=CITIZEN)
async def end_others(request: web.Request) -> web.Response:
    """End all sessions but this one."""
    await end_other_sessions(request[LOG_IN], request.app[SERVICES])
    return see_other(HERE)


@routes.get("/konto/sicherheit/passwort", allow=FRESH_CITIZEN)
async def show_password_form(request: web.Request) -> web.Response:
    """Show the form for a new password."""
    return await _password_form(request, None)


@routes.post("/konto/sicherheit/passwort", allow=FRESH_CITIZEN)
async def take_password(request: web.Request) -> web.Response:
    """Change the password; the other sessions end."""
    services, password = request.app[SERVICES], (await fields_of(request))["password"]
    try:
        entered = await change_password(request[LOG_IN], password, device_of(request), request.app[PASSWORDS], services)
    except Invalid as refused:
        return await _password_form(request, refused)
    return let_in(request, entered, HERE)


@routes.get("/konto/sicherheit/app", allow=FRESH_CITIZEN)
async def show_app(request: web.Request) -> web.Response:
    """Show whether a code is asked for, and, once begun, the secret for the app."""
    return await _app(request, None)


@routes.post("/konto/sicherheit/app", allow=FRESH_CITIZEN)
async def begin_app(request: web.Request) -> web.Response:
    """Make a secret for the app."""
    try:
        errand = await begin_enrolment(request[LOG_IN], request.app[SERVICES])
    except Invalid as refused:
        return await _app(request, refused)
    response = see_other(PAGE_OF_APP)
    set_cookie(request, response, APP, errand.token)
    return response


@routes.post("/konto/sicherheit/app/bestaetigen", allow=FRESH_CITIZEN)
async def confirm_app(request: web.Request) -> web.Response:
    """Switch the second factor on with a first code, and show the recovery codes."""
    services, form = request.app[SERVICES], await fields_of(request)
    try:
        errand = await enrolment(read_cookie(request, APP), request[LOG_IN], services)
        codes = await switch_on(errand, form["code"], services)
    except NotFound:
        return see_other(PAGE_OF_APP)
    except Invalid as refused:
        return await _app(request, refused)
    response = page(request, "recovery_codes.html", codes=codes)
    delete_cookie(request, response, APP)
    return response


@routes.post("/konto/sicherheit/app/aus", allow=FRESH_CITIZEN)
async def end_app(request: web.Request) -> web.Response:
    """Switch the second factor off."""
    await switch_off(request[LOG_IN], request.app[SERVICES])
    return see_other(HERE)


@routes.post("/konto/sicherheit/app/codes", allow=FRESH_CITIZEN)
async def give_new_codes(request: web.Request) -> web.Response:
    """Show new recovery codes in the place of the old ones."""
    return page(request, "recovery_codes.html", codes=await renew_codes(request[LOG_IN], request.app[SERVICES]))


async def _password_form(request: web.Request, refused: Invalid | None) -> web.Response:
    credentials = await own_credentials(request)
    return page(request, "password.html", errors=errors_of(refused), credentials=credentials)


async def _app(request: web.Request, refused: Invalid | None) -> web.Response:
    services, credentials = request.app[SERVICES], await own_credentials(request)
    try:
        secret = (await enrolment(read_cookie(request, APP), request[LOG_IN], services)).content.secret
    except NotFound:
        secret = ""
    picture = qr_code(secret, credentials.username, services.settings.operator) if secret else ""
    return page(
        request,
        "totp.html",
        errors=errors_of(refused),
        here=PAGE_OF_APP,
        secret=spelled(secret),
        picture=picture,
        credentials=credentials,
    )
